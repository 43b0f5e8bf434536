//! Every row of the matrix against every kind of caller, and every action of an operator done by
//! a viewer: what the table says is what happens, and nothing else does.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use domain::logins::{ABSOLUTE_MS, FRESH_MS, IDLE_MS, LoginTimes};
use protocol::access::Role;
use protocol::access::devices::Entrance;
use protocol::agents::{Agent, AgentState};
use protocol::error::ErrorCode;
use protocol::events::Topic;
use protocol::message::{ClientMessage, Subscribe};
use protocol::terminals::TerminalSize;
use serde_json::{Value, json};
use server::access::matrix::{self, Proof, Row, Who};
use sha2::{Digest as _, Sha256};
use store::Store;

use crate::world::http::{Answer, Request};
use crate::world::{Browser, World};

/// Somebody who asks.
enum Caller {
    Nobody,
    /// With a bearer token; `Some` role if it stands for a script.
    Bearer(String, Standing),
    Page(Browser, Standing),
}

/// What somebody may do, as the test knows it from how the credential was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Unknown, expired, revoked, or of a session that is over.
    None,
    CommandLine,
    Script(Role),
    /// Somebody was there within five minutes, or not.
    Device(Role, Fresh),
    Session,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fresh {
    Yes,
    No,
}

/// What the table promises this caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promise {
    /// It gets past the gates.
    In,
    /// 401, or 429 after many; a page sends to the login.
    Unknown,
    /// 403.
    TooLittle,
    /// 401 with the code that asks for another login link.
    Stale,
}

/// Read off the table's own explanation, not off the code that enforces it.
fn promise(row: &Row, standing: Standing, own: bool) -> Promise {
    let Who::Least(least) = row.who else { return Promise::In };
    let enough = |role: Role| if role >= least { Promise::In } else { Promise::TooLittle };
    match standing {
        Standing::None => Promise::Unknown,
        Standing::CommandLine => Promise::In,
        Standing::Session if row.own && own => Promise::In,
        Standing::Session => Promise::TooLittle,
        Standing::Script(_) if row.proof == Proof::Fresh => Promise::TooLittle,
        Standing::Script(role) => enough(role),
        Standing::Device(role, fresh) => match enough(role) {
            Promise::In if row.proof == Proof::Fresh && fresh == Fresh::No => Promise::Stale,
            promise => promise,
        },
    }
}

fn routes() -> impl Iterator<Item = &'static Row> {
    // Those two end the login that asks, or hold their answer back.
    let apart = ["/api/logout", "/api/pair/wait"];
    matrix::rows().iter().filter(move |row| {
        !["FRAME", "CLI"].contains(&&*row.method) && !apart.contains(&&*row.path)
    })
}

fn concrete(path: &str, id: &str) -> String {
    path.replace("{id}", id)
        .replace("{agent}", id)
        .replace("{tab}", "history")
        .replace("{file}", "nothing.js")
        .replace("{*path}", "maestro.css")
}

fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Puts records of the past into the database of a stopped server.
async fn remember(world: &World, cookie_name: &str) -> Vec<(&'static str, Caller)> {
    let now = now_ms();
    let store = Store::open(&world.home().join("maestro.db")).await.unwrap().store;
    let mut callers = Vec::new();
    let begun = LoginTimes::begun_at(now);
    for (name, times, standing) in [
        ("idle", LoginTimes { last_seen_at_ms: now - IDLE_MS, ..begun }, Standing::None),
        ("old", LoginTimes { created_at_ms: now - ABSOLUTE_MS, ..begun }, Standing::None),
        (
            "stale",
            LoginTimes { fresh_at_ms: now - FRESH_MS, ..begun },
            Standing::Device(Role::Owner, Fresh::No),
        ),
    ] {
        let (token, secret) = (format!("{name}-cookie"), format!("{name}-secret"));
        let login = store::logins::Login {
            id: format!("01jd5m0w3v8k2q4r6s8t0{name}"),
            token_hash: hash(&token),
            secret_hash: hash(&secret),
            times,
            user_agent: String::new(),
            role: Role::Owner,
            name: name.into(),
            entrance: Entrance::Link,
            address: String::new(),
        };
        store.logins().create(&login).await.unwrap();
        let browser = Browser { cookie: format!("{cookie_name}={token}"), secret };
        callers.push((name, Caller::Page(browser, standing)));
    }
    let secret = format!("mst_{}", "7".repeat(64));
    let expired = store::tokens::Token {
        id: "01jd5m0w3v8k2q4r6s8texpire".into(),
        name: "expired".into(),
        token_hash: hash(&secret),
        role: Role::Operator,
        created_at_ms: now - 2,
        expires_at_ms: Some(now - 1),
        last_used_at_ms: None,
        prefix: "mst_7777".into(),
    };
    store.tokens().create(&expired).await.unwrap();
    store.close().await;
    callers.push(("an expired token", Caller::Bearer(secret, Standing::None)));
    callers
}

async fn device_id(world: &World, browser: &Browser) -> String {
    let caller = world.page(browser, "GET", "/api/self").send().await;
    caller.body()["data"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_caller_gets_exactly_what_each_row_promises() {
    let mut world = World::start().await;
    let name = world.log_in().await.cookie.split('=').next().unwrap().to_owned();
    world.down().await;
    let mut callers = remember(&world, &name).await;
    world.up().await;

    callers.push(("nobody", Caller::Nobody));
    callers.push(("a made-up token", Caller::Bearer("mst_0000".into(), Standing::None)));
    callers.push((
        "the command line",
        Caller::Bearer(world.token().to_owned(), Standing::CommandLine),
    ));
    for (role, page, script) in [
        (Role::Viewer, "a viewer", Some("a viewer's script")),
        (Role::Operator, "an operator", Some("an operator's script")),
        (Role::Owner, "the owner", None),
    ] {
        let browser = world.log_in_as(role).await;
        callers.push((page, Caller::Page(browser, Standing::Device(role, Fresh::Yes))));
        if let Some(script) = script {
            let token = world.script_token(role.word(), role).await.secret;
            callers.push((script, Caller::Bearer(token, Standing::Script(role))));
        }
    }
    let revoked = world.log_in().await;
    let id = device_id(&world, &revoked).await;
    let _null: Value = world.ask("DELETE", &format!("/api/devices/{id}"), None).await;
    callers.push(("a revoked device", Caller::Page(revoked, Standing::None)));
    let token = world.script_token("revoked", Role::Operator).await;
    let _null: Value = world.ask("DELETE", &format!("/api/tokens/{}", token.token.id), None).await;
    callers.push(("a revoked token", Caller::Bearer(token.secret, Standing::None)));
    let [own, other, ended] = [
        world.script("own", "cat").await,
        world.script("other", "cat").await,
        world.script("ended", "cat").await,
    ];
    let session = world.session_token(&own.id);
    callers.push(("a session", Caller::Bearer(session, Standing::Session)));
    let session = world.session_token(&ended.id);
    let path = format!("/api/agents/{}/hibernate", ended.id);
    let _agent: Agent = world.ask("POST", &path, None).await;
    callers.push(("a session that is over", Caller::Bearer(session, Standing::None)));

    let mut wrong = Vec::new();
    for row in routes() {
        for (who, caller) in &callers {
            // Only reading is tried on what exists: what is allowed must not end the next caller.
            let reads = row.method == "GET";
            let nothing = "01jd5m0w3v8k2q4r6s8t0v2x4z";
            let ids = [own.id.as_str(), other.id.as_str(), nothing];
            // What a browser asks for by itself must not open another door.
            let kinds = if reads { &["*/*", "text/html"][..] } else { &["*/*"] };
            for id in ids.into_iter().filter(|id| reads || *id == nothing) {
                for kind in kinds {
                    let path = concrete(&row.path, id);
                    let (request, standing) = asked(&world, caller, &row.method, &path);
                    let about_own = id == own.id.as_str() || !row.path.contains("{id}");
                    let expected = promise(row, standing, about_own);
                    let request = request.header("accept", kind);
                    let request = if reads { request } else { request.json(&json!({})) };
                    let answer = request.send().await;
                    let found = outcome(&answer);
                    let open = row.who == Who::Anonymous && found != Promise::TooLittle;
                    if found != expected && !open {
                        let (method, path) = (&row.method, &row.path);
                        wrong.push(format!(
                            "{who}: {method} {path} ({id}, {kind}): {expected:?}, not {found:?}"
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} promises are broken:\n{}", wrong.len(), wrong.join("\n"));
}

fn asked(world: &World, caller: &Caller, method: &str, path: &str) -> (Request, Standing) {
    match caller {
        Caller::Nobody => {
            (world.request(method, path).header("origin", world.origin()), Standing::None)
        }
        Caller::Bearer(token, standing) => (world.bearer(token, method, path), *standing),
        Caller::Page(browser, standing) => (world.page(browser, method, path), *standing),
    }
}

fn outcome(answer: &Answer) -> Promise {
    match answer.status {
        401 if answer.text().contains("\"stale\"") => Promise::Stale,
        401 | 429 => Promise::Unknown,
        303 if answer.header("location") == Some("/login") => Promise::Unknown,
        403 => Promise::TooLittle,
        _ => Promise::In,
    }
}

/// All that a viewer could have changed, as the command line sees it.
async fn state(world: &World, agent: &Agent) -> Vec<Value> {
    let output = format!("/api/terminals/{}/output", agent.id);
    let mut facts = Vec::new();
    for path in
        ["/api/agents", "/api/trash", "/api/devices", "/api/tokens", "/api/pairings", &output]
    {
        let mut fact: Value = world.ask("GET", path, None).await;
        forget(&mut fact, &["last_seen_at_ms", "last_used_at_ms", "sockets"]);
        facts.push(fact);
    }
    facts
}

/// Takes out what being there at all changes.
fn forget(fact: &mut Value, names: &[&str]) {
    match fact {
        Value::Array(items) => items.iter_mut().for_each(|item| forget(item, names)),
        Value::Object(fields) => {
            fields.retain(|name, _| !names.contains(&name.as_str()));
            fields.values_mut().for_each(|value| forget(value, names));
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_viewer_asks_for_changes_anything() {
    let world = World::start().await;
    let agent = world.script("watched", "stty -echo; echo ready; exec cat").await;
    let viewer = world.log_in_as(Role::Viewer).await;
    let script = world.script_token("watcher", Role::Viewer).await.secret;
    let mut owner = world.socket().await;
    owner.open(1, &agent.id).await;
    owner.shows(1, "ready").await;
    let before = (state(&world, &agent).await, owner.terminals[&1].data.clone());

    let bodies = [
        json!({}),
        json!({ "name": "taken over", "program": "sh", "folder": "/", "role": "owner" }),
        json!({ "agents": [agent.id], "action": "hibernate", "role": "owner" }),
    ];
    for row in routes().filter(|row| matches!(row.who, Who::Least(least) if least > Role::Viewer)) {
        for id in [agent.id.to_string(), format!("{}-1", agent.id)] {
            for body in &bodies {
                let path = concrete(&row.path, &id);
                let path = format!("{path}?role=owner");
                let page = world.page(&viewer, &row.method, &path).json(body).send().await;
                assert_eq!(page.status, 403, "{row:?}: {}", page.text());
                let bearer = world.bearer(&script, &row.method, &path).json(body).send().await;
                assert_eq!(bearer.status, 403, "{row:?}: {}", bearer.text());
            }
        }
    }
    let mut sockets = [world.page_socket(&viewer).await, world.socket_of(&script).await];
    for row in matrix::rows().iter().filter(|row| row.method == "FRAME") {
        if matches!(row.who, Who::Least(least) if least <= Role::Viewer) {
            continue;
        }
        for socket in &mut sockets {
            socket.open(1, &agent.id).await;
            let errors = socket.errors.len();
            match &*row.path {
                "INPUT" => {
                    for (seq, keys) in (1..).zip(["x", "rm -rf /\r", "\u{3}", "\u{4}", "\u{1b}[A"])
                    {
                        let bytes = Bytes::copy_from_slice(keys.as_bytes());
                        socket.send(ClientMessage::Input { channel: 1, seq, bytes }).await;
                    }
                    socket.until("five refusals", |socket| socket.errors.len() == errors + 5).await;
                }
                "SUBSCRIBE/pairings" => {
                    let topics = vec![Topic::Pairings];
                    socket.send(ClientMessage::Subscribe(Subscribe { topics })).await;
                    socket.until("a refusal", |socket| socket.errors.len() == errors + 1).await;
                }
                // Not an error: a viewer's window has a size, it just does not count.
                "RESIZE/drive" => {
                    let size = TerminalSize { cols: 33, rows: 11 };
                    socket.send(ClientMessage::Resize(1, size)).await;
                    socket.send(ClientMessage::Ping(7)).await;
                    socket.until("an answer behind it", |socket| socket.pongs.contains(&7)).await;
                }
                frame => panic!("say here how a viewer tries {frame}"),
            }
            let refused = socket.errors[errors..].iter();
            assert!(refused.clone().all(|(_, error)| error.code == ErrorCode::Forbidden));
        }
    }
    // What an owner types afterwards is all that comes back.
    owner.send(ClientMessage::Ping(1)).await;
    owner.until("all that came before", |socket| socket.pongs.contains(&1)).await;
    assert_eq!((state(&world, &agent).await, owner.terminals[&1].data.clone()), before);
    assert!(owner.terminals[&1].sizes.is_empty(), "a viewer changed the size");
    owner.type_in(1, "only this\r").await;
    owner.until("the line", |socket| socket.terminals[&1].data.ends_with(b"this\r\n")).await;
    assert_eq!(owner.terminals[&1].data[before.1.len()..], *b"only this\r\n");
    let running = |agent: &Agent| matches!(agent.state, AgentState::Running { .. });
    assert!(world.agents().await.iter().all(running));
}
