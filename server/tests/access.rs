//! The gates, from outside: who gets what, and what a stranger gets.

use futures_util::{StreamExt as _, stream};
use protocol::access::Role;
use protocol::frame::close;
use protocol::message::ClientMessage;
use protocol::terminals::TerminalSize;
use serde_json::json;
use server::access::matrix::{self, Proof, Row, Who};
use tokio_tungstenite::tungstenite;

use crate::world::World;
use crate::world::http::Request;
use crate::world::socket::Socket;

fn concrete(path: &str) -> String {
    path.replace("{id}", "01jd5m0w3v8k2q4r6s8t0v2x4z")
        .replace("{agent}", "01jd5m0w3v8k2q4r6s8t0v2x4z")
        .replace("{tab}", "history")
        .replace("{file}", "nothing.js")
        .replace("{*path}", "maestro.css")
}

/// The rows that are routes.
fn routes() -> impl Iterator<Item = &'static Row> {
    matrix::rows().iter().filter(|row| !["FRAME", "CLI"].contains(&&*row.method))
}

/// Rows whose request ends a login that the test goes on with, or holds its answer back.
fn is_apart(row: &Row) -> bool {
    ["/api/logout", "/api/pair/wait"].contains(&&*row.path)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_matrix_holds_for_every_kind_of_caller() {
    let world = World::start().await;
    let browser = world.log_in().await;
    for row in routes().filter(|row| !is_apart(row)) {
        let path = concrete(&row.path);
        let request = |proof: &str| -> Request {
            let request = world.request(&row.method, &path).json(&json!({}));
            let own = request.header("origin", world.origin());
            match proof {
                "nothing" => own,
                "no bearer" => own.header("authorization", "Basic 0000"),
                "a wrong cookie" => own.header("cookie", &format!("{}0", browser.cookie)),
                "the cookie" => own.header("cookie", &browser.cookie),
                "a wrong secret" => {
                    own.header("cookie", &browser.cookie).header("x-maestro-secret", "0000")
                }
                _ => world.page(&browser, &row.method, &path).json(&json!({})),
            }
        };
        for proof in ["nothing", "no bearer", "a wrong cookie"] {
            // What anybody may do is refused for its body, not for the caller.
            let answer = request(proof).send().await;
            let refused = answer.status == 401 && answer.text().contains("not logged in here");
            assert_eq!(refused, row.who != Who::Anonymous, "{row:?} with {proof}");
        }
        for proof in ["the cookie", "a wrong secret"] {
            let answer = request(proof).send().await;
            let refused = answer.status == 401 && answer.text().contains("not logged in here");
            let needs = matches!(row.proof, Proof::Secret | Proof::Fresh);
            assert_eq!(refused, needs, "{row:?} with {proof}");
        }
        let answer = request("the whole proof").send().await;
        let refused = [401, 403, 421].contains(&answer.status) && row.who != Who::Anonymous;
        assert!(!refused, "{row:?} refuses its owner: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_exactly_what_the_matrix_says() {
    let world = World::start().await;
    for role in [Role::Viewer, Role::Operator] {
        let browser = world.log_in_as(role).await;
        let script = world.script_token(role.word(), role).await.secret;
        for row in routes().filter(|row| !is_apart(row)) {
            let Who::Least(least) = row.who else { continue };
            let path = concrete(&row.path);
            let page = world.page(&browser, &row.method, &path).json(&json!({})).send().await;
            let bearer = world.bearer(&script, &row.method, &path).json(&json!({})).send().await;
            assert_eq!(page.status == 403, role < least, "{role} {row:?}: {}", page.text());
            let needs_a_person = row.proof == Proof::Fresh;
            let refused = role < least || needs_a_person;
            assert_eq!(bearer.status == 403, refused, "script {role} {row:?}: {}", bearer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_hosts_and_origins_are_refused_on_every_route() {
    let world = World::start().await;
    let browser = world.log_in().await;
    for row in routes() {
        let path = concrete(&row.path);
        for host in ["evil.test", "0.0.0.0:23000", "localhost.evil.test"] {
            let answer = world.page(&browser, &row.method, &path).host(host).send().await;
            assert_eq!(answer.status, 421, "{row:?} for host {host}");
        }
        for origin in ["http://evil.test", "null", "http://127.0.0.1:1"] {
            let answer = world
                .request(&row.method, &path)
                .header("cookie", &browser.cookie)
                .header("x-maestro-secret", &browser.secret)
                .header("origin", origin)
                .send()
                .await;
            assert_eq!(answer.status, 403, "{row:?} from origin {origin}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_elsewhere_cannot_post_a_plain_form() {
    let world = World::start().await;
    let browser = world.log_in().await;
    for row in routes().filter(|row| row.method == "POST") {
        for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"] {
            let answer = world
                .request("POST", &concrete(&row.path))
                .header("cookie", &browser.cookie)
                .header("origin", "http://localhost:3000")
                .header("sec-fetch-site", "same-site")
                .body(kind, b"name=x")
                .send()
                .await;
            assert_eq!(answer.status, 403, "{row:?} as {kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_link_works_once_and_says_what_to_do_afterwards() {
    let world = World::start().await;
    let link = world.running().access.logins.create_link(Role::Owner).await.unwrap();
    assert!(link.url.starts_with(&format!("{}/login#t=", world.origin())), "{}", link.url);
    let token = link.url.split("#t=").nth(1).unwrap();
    let log_in = || {
        world
            .request("POST", "/api/login")
            .header("origin", world.origin())
            .json(&json!({ "token": token }))
            .send()
    };
    let (one, two) = tokio::join!(log_in(), log_in());
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    let (code, sentence) = log_in().await.error();
    assert_eq!(code, "unauthenticated");
    assert!(sentence.contains("maestro login-link"), "{sentence}");

    let cookie = [&one, &two].into_iter().find_map(|answer| answer.header("set-cookie")).unwrap();
    for part in ["maestro_", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(part), "{cookie} lacks {part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_send_a_stranger_to_the_login_and_files_give_nothing() {
    let world = World::start().await;
    let page = world.request("GET", "/").header("accept", "text/html").send().await;
    assert_eq!((page.status, page.header("location")), (303, Some("/login")));
    let unknown = world.request("GET", "/nowhere").header("accept", "text/html").send().await;
    assert_eq!(unknown.status, 303);
    assert_eq!(world.request("GET", "/pkg/maestro.wasm").send().await.status, 401);
    let login = world.request("GET", "/login").send().await;
    assert_eq!(login.status, 200);
    let policy = login.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("'nonce-"), "{policy}");
    for hole in ["'unsafe-eval'", "script-src 'unsafe-inline'", "script-src 'self'", "*"] {
        assert!(!policy.contains(hole), "{policy} holds {hole}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers_and_a_request_id() {
    let world = World::start().await;
    for answer in [
        world.request("GET", "/healthz").send().await,
        world.request("GET", "/healthz").host("evil.test").send().await,
        world.request("GET", "/api/agents").send().await,
        world.command("GET", "/api/agents").send().await,
    ] {
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "x-request-id",
        ] {
            assert!(answer.header(name).is_some(), "{name} is missing: {}", answer.text());
        }
        assert!(answer.header("access-control-allow-origin").is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_needs_cookie_origin_and_secret() {
    let world = World::start().await;
    let browser = world.log_in().await;
    let cookie = ("cookie", browser.cookie.as_str());
    let own = ("origin", world.origin());
    let refused = async |headers: &[(&str, &str)]| match Socket::connect(&world, headers).await {
        Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => 101,
    };
    assert_eq!(refused(&[]).await, 403);
    assert_eq!(refused(&[own]).await, 401);
    assert_eq!(refused(&[cookie]).await, 403);
    assert_eq!(refused(&[cookie, ("origin", "http://127.0.0.1:1")]).await, 403);
    assert_eq!(refused(&[cookie, ("origin", "null")]).await, 403);
    assert_eq!(refused(&[cookie, own, ("sec-fetch-site", "same-site")]).await, 403);
    assert_eq!(refused(&[cookie, own]).await, 101);

    let mut stolen_cookie = Socket::connect(&world, &[cookie, own]).await.unwrap();
    let guess = protocol::message::Auth { secret: "0".repeat(64) };
    stolen_cookie.send(protocol::message::ClientMessage::Auth(guess)).await;
    assert_eq!(stolen_cookie.end().await, close::UNAUTHENTICATED);

    let mut page = Socket::connect(&world, &[cookie, own]).await.unwrap();
    page.authenticate(&browser.secret).await;
    let left = world.page(&browser, "POST", "/api/logout").send().await;
    assert_eq!(left.status, 204);
    assert_eq!(page.end().await, close::UNAUTHENTICATED, "logging out closes live sockets");
    assert_eq!(world.page(&browser, "GET", "/api/agents").send().await.status, 401);
}

/// Guesses from one address, many at once, loopback not exempt: a handful is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_guesses_at_once_are_two_hundred_guesses() {
    let mut world = World::start().await;
    let browser = world.log_in().await;
    let guess = |number: usize| {
        let token = format!("mst_{number:064x}");
        world.bearer(&token, "GET", "/api/agents").send()
    };
    // More connections at once from one address make room for each other without an answer.
    let answers: Vec<_> = stream::iter(0..200).map(guess).buffer_unordered(100).collect().await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    let put_off = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!(looked_at + put_off, 200);
    assert!((1..=10).contains(&looked_at), "{looked_at} guesses were looked at");
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    assert!(refused.header("retry-after").is_some());
    assert_eq!(refused.error().0, "too_many");

    // Whoever is in stays in, and so does the command line.
    assert_eq!(world.page(&browser, "GET", "/api/agents").send().await.status, 200);
    assert_eq!(world.command("GET", "/api/agents").send().await.status, 200);

    // A restart does not give the guesser another chance.
    world.down().await;
    world.up().await;
    let again = world.bearer(&format!("mst_{:064x}", 7), "GET", "/api/agents").send().await;
    assert_eq!(again.status, 429, "{}", again.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_watches_and_nothing_it_sends_reaches_the_program() {
    let world = World::start().await;
    let agent = world.script("watched", "stty -echo; echo ready; cat").await;
    let viewer = world.log_in_as(Role::Viewer).await;
    let mut owner = world.socket().await;
    owner.open(1, &agent.id).await;
    owner.shows(1, "ready").await;

    let mut socket = world.page_socket(&viewer).await;
    socket.open(1, &agent.id).await;
    socket.shows(1, "ready").await;
    assert!(!socket.terminals[&1].opened[0].driver, "a viewer never sets the size");
    socket.send(ClientMessage::Resize(1, TerminalSize { cols: 33, rows: 11 })).await;
    for seq in 1..=1_000 {
        let bytes = bytes::Bytes::from_static(b"x\n");
        socket.send(ClientMessage::Input { channel: 1, seq, bytes }).await;
    }
    socket.until("a refusal for each", |socket| socket.errors.len() == 1_000).await;
    let (channel, refusal) = &socket.errors[0];
    assert_eq!((*channel, refusal.code), (1, protocol::error::ErrorCode::Forbidden));

    // What the operator types afterwards is all that arrives.
    owner.type_in(1, "only this\n").await;
    owner.shows(1, "only this").await;
    assert!(!owner.terminals[&1].text().contains('x'), "{}", owner.terminals[&1].text());
    assert!(owner.terminals[&1].sizes.is_empty(), "nobody changed the size");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_out_with_all_its_sockets() {
    let world = World::start().await;
    let owner = world.log_in().await;
    let phone = world.log_in_as(Role::Operator).await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(world.page_socket(&phone).await);
    }
    let list = world.page(&phone, "GET", "/api/self").send().await;
    let id = list.body()["data"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/devices/{id}");
    let began = std::time::Instant::now();
    assert_eq!(world.page(&owner, "DELETE", &path).send().await.status, 200);
    for mut socket in sockets {
        assert_eq!(socket.end().await, close::UNAUTHENTICATED);
    }
    println!("five sockets closed within {:?}", began.elapsed());
    assert_eq!(world.page(&phone, "GET", "/api/agents").send().await.status, 401);
    assert_eq!(world.page(&owner, "DELETE", &path).send().await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_takes_effect_at_once() {
    let world = World::start().await;
    let owner = world.log_in().await;
    let phone = world.log_in_as(Role::Viewer).await;
    let mut socket = world.page_socket(&phone).await;
    let caller = world.page(&phone, "GET", "/api/self").send().await;
    let id = caller.body()["data"]["id"].as_str().unwrap().to_owned();
    let role = |role: &str| {
        let path = format!("/api/devices/{id}/role");
        world.page(&owner, "PUT", &path).json(&json!({ "role": role })).send()
    };
    let unknown = role("admin").await;
    assert_eq!(unknown.status, 422, "{}", unknown.text());
    assert_eq!(role("operator").await.status, 200);
    assert_eq!(socket.end().await, close::GOING_AWAY, "it comes back with the new role");
    let created = json!({ "name": "by-phone", "program": "sh", "folder": world.work() });
    let answer = world.page(&phone, "POST", "/api/agents").json(&created).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_session_is_for_its_own_agent_and_ends_with_it() {
    let world = World::start().await;
    let own = world.script("own", "cat").await;
    let other = world.script("other", "cat").await;
    let token = world.session_token(&own.id);
    let show = |agent: &protocol::agents::Agent| {
        world.bearer(&token, "GET", &format!("/api/agents/{}", agent.id)).send()
    };
    assert_eq!(show(&own).await.status, 200);
    assert_eq!(show(&other).await.status, 403);
    let caller = world.bearer(&token, "GET", "/api/self").send().await;
    assert_eq!(caller.body()["data"]["id"], own.id.to_string());
    for row in routes().filter(|row| !is_apart(row) && row.who != Who::Anonymous) {
        let path = row.path.replace("{id}", other.id.as_str());
        let answer = world.bearer(&token, &row.method, &concrete(&path)).send().await;
        let may = row.own && !row.path.contains("{id}");
        assert_eq!(answer.status == 403, !may, "{row:?}: {}", answer.text());
    }
    let _hibernated: protocol::agents::Agent =
        world.ask("POST", &format!("/api/agents/{}/hibernate", own.id), None).await;
    assert_eq!(show(&own).await.status, 401);
    let file = world.home().join(format!("run/tokens/{}", own.id));
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dangerous_asks_for_a_link_again_after_a_while() {
    let world = World::start().await;
    let owner = world.log_in().await;
    let link = world.running().access.logins.create_link(Role::Owner).await.unwrap();
    let viewers = world.running().access.logins.create_link(Role::Viewer).await.unwrap();
    let token = |link: &protocol::logins::LoginLink| json!({ "token": link.url.split("#t=").nth(1).unwrap() });
    let confirm = |body: serde_json::Value| {
        world.page(&owner, "POST", "/api/reauthenticate").json(&body).send()
    };
    let weaker = confirm(token(&viewers)).await;
    assert_eq!(weaker.status, 403, "{}", weaker.text());
    assert_eq!(confirm(token(&link)).await.status, 200);
    assert_eq!(confirm(token(&link)).await.status, 401, "a link works once");
    for bad in [json!({}), json!({ "token": [] }), json!({ "token": null }), json!([])] {
        assert_eq!(confirm(bad).await.status, 422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_trail_says_who_did_what_and_who_was_not_let() {
    let world = World::start().await;
    let viewer = world.log_in_as(Role::Viewer).await;
    let agent = world.script("noted", "cat").await;
    let path = format!("/api/agents/{}", agent.id);
    assert_eq!(world.page(&viewer, "DELETE", &path).send().await.status, 403);
    assert_eq!(world.command("DELETE", &path).send().await.status, 200);
    let lines: Vec<protocol::access::audit::AuditEntry> =
        world.ask("GET", "/api/audit", None).await;
    let line = |outcome: &str| {
        lines
            .iter()
            .find(|line| line.action == "DELETE /api/agents/{id}" && line.outcome.word() == outcome)
            .unwrap_or_else(|| panic!("no {outcome} line in {lines:#?}"))
    };
    assert!(line("denied").who.starts_with("device "), "{:?}", line("denied"));
    assert_eq!(line("denied").object, agent.id.to_string());
    assert_eq!(line("done").who, "command line");
    let text = format!("{lines:?}");
    for secret in [&viewer.secret, &viewer.cookie, world.token()] {
        assert!(!text.contains(secret), "a secret stands in the trail");
    }
    let report: protocol::access::audit::AuditReport =
        world.ask("GET", "/api/audit/verify", None).await;
    assert_eq!(report.broken, None);
    assert!(report.entries >= u64::try_from(lines.len()).unwrap());
}

/// Whoever upgraded before it was revoked must not be let in by its AUTH afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_waited_with_its_auth_is_out_with_its_device() {
    let world = World::start().await;
    let owner = world.log_in().await;
    for change in ["revoked", "made a viewer"] {
        let phone = world.log_in_as(Role::Operator).await;
        let caller = world.page(&phone, "GET", "/api/self").send().await;
        let id = caller.body()["data"]["id"].as_str().unwrap().to_owned();
        let headers = [("cookie", phone.cookie.as_str()), ("origin", world.origin())];
        let mut waiting = Socket::connect(&world, &headers).await.unwrap();
        let request = match change {
            "revoked" => world.page(&owner, "DELETE", &format!("/api/devices/{id}")),
            _ => world
                .page(&owner, "PUT", &format!("/api/devices/{id}/role"))
                .json(&json!({ "role": "viewer" })),
        };
        assert_eq!(request.send().await.status, 200, "{change}");
        let auth = protocol::message::Auth { secret: phone.secret.clone() };
        waiting.send(ClientMessage::Auth(auth)).await;
        let expected = if change == "revoked" { close::UNAUTHENTICATED } else { close::GOING_AWAY };
        assert_eq!(waiting.end().await, expected, "{change}");
    }
}

/// Nobody fills the disk with attempts that come to nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_failures_is_counted_in_the_trail_not_written_one_by_one() {
    let world = World::start().await;
    let knock = |number: usize| {
        let body = if number.is_multiple_of(2) { json!({ "token": "0" }) } else { json!([]) };
        world.request("POST", "/api/login").header("origin", world.origin()).json(&body).send()
    };
    let answers: Vec<_> = stream::iter(0..400).map(knock).buffer_unordered(50).collect().await;
    assert!(answers.iter().all(|answer| [401, 422, 429].contains(&answer.status)));
    let lines: Vec<protocol::access::audit::AuditEntry> =
        world.ask("GET", "/api/audit", None).await;
    let logins = lines.iter().filter(|line| line.action == "POST /api/login").count();
    assert!((1..=20).contains(&logins), "{logins} lines for 400 attempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_another_page_or_for_another_host_is_noted() {
    let world = World::start().await;
    let browser = world.log_in().await;
    world.page(&browser, "GET", "/").host("evil.test").send().await;
    world.request("POST", "/api/login").header("origin", "null").json(&json!({})).send().await;
    // They are not waited for; what is waited for comes after them.
    world.script_token("later", Role::Viewer).await;
    let lines: Vec<protocol::access::audit::AuditEntry> =
        world.ask("GET", "/api/audit", None).await;
    for action in ["request for another host", "request of another page"] {
        assert!(lines.iter().any(|line| line.action == action), "{action}: {lines:?}");
    }
}
