//! What somebody without a credential tries, and what somebody with a small one tries to make of
//! it: refused each time, in the same words, and nothing secret lies where others find it.

use std::path::Path;
use std::process::Stdio;

use protocol::access::Role;
use protocol::agents::Agent;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;

use crate::world::{World, executable};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_any_other_shape_is_no_token() {
    let world = World::start().await;
    let right = world.running().access.logins.create_link(Role::Owner).await.unwrap();
    let right = right.url.split("#t=").nth(1).unwrap().to_owned();
    let upper = right.to_uppercase();
    let wrong = [
        json!({}),
        json!([]),
        json!(null),
        json!(right),
        json!({ "token": null }),
        json!({ "token": true }),
        json!({ "token": 0 }),
        json!({ "token": [] }),
        json!({ "token": {} }),
        json!({ "token": [right] }),
        json!({ "token": { "$ne": null } }),
        json!({ "token": right, "role": "owner" }),
        json!({ "Token": right }),
    ];
    let log_in = |body: Value| {
        world.request("POST", "/api/login").header("origin", world.origin()).json(&body).send()
    };
    for body in wrong {
        let answer = log_in(body.clone()).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        assert!(answer.header("set-cookie").is_none());
    }
    let mut sentences = Vec::new();
    for token in ["", "null", &right[..63], &format!("{right}0"), &upper] {
        let answer = log_in(json!({ "token": token })).await;
        assert_eq!(answer.status, 401, "{token}: {}", answer.text());
        assert!(answer.header("set-cookie").is_none());
        sentences.push(answer.error());
    }
    sentences.dedup();
    assert_eq!(sentences.len(), 1, "an answer tells how close a guess came: {sentences:?}");
    assert_eq!(log_in(json!({ "token": right })).await.status, 200, "none of that used it up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_counts_by_its_value_not_by_being_there() {
    let world = World::start().await;
    let browser = world.log_in().await;
    let (name, token) = browser.cookie.split_once('=').unwrap();
    let own = |headers: &[(&str, &str)]| {
        let request = world.request("GET", "/api/agents").header("origin", world.origin());
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
    };
    let secret = ("x-maestro-secret", browser.secret.as_str());
    let cookies = [
        format!("{name}="),
        format!("{name}=undefined"),
        format!("{name}=\"{token}\""),
        format!("{}={token}", name.to_uppercase()),
        format!("x{name}={token}"),
        format!("maestro_aaaaaaaa={token}"),
        format!("{name}=; {name}={token}"),
        format!("{name}[]={token}"),
    ];
    for cookie in &cookies {
        let answer = own(&[("cookie", cookie), secret]).await;
        assert_eq!(answer.status, 401, "{cookie}: {}", answer.text());
    }
    for sent in ["", "null", "undefined", "true", "[object Object]"] {
        let answer = own(&[("cookie", &browser.cookie), ("x-maestro-secret", sent)]).await;
        assert_eq!(answer.status, 401, "{sent}: {}", answer.text());
    }
    let command = world.token();
    for bearer in [
        "Bearer".to_owned(),
        format!("bearer{command}"),
        format!("Basic {command}"),
        format!("Token {command}"),
        command.to_owned(),
    ] {
        let answer = own(&[("authorization", &bearer)]).await;
        assert_eq!(answer.status, 401, "{bearer}: {}", answer.text());
        // Beside a cookie that is good, too: what is sent on purpose is what counts.
        let both = own(&[("authorization", &bearer), ("cookie", &browser.cookie), secret]).await;
        assert_eq!(both.status, 401, "{bearer}: {}", both.text());
    }
    assert_eq!(own(&[("cookie", &browser.cookie), secret]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_another_instance_opens_nothing() {
    let (one, other) = (World::start().await, World::start().await);
    let stranger = other.log_in().await;
    let answer = one.page(&stranger, "GET", "/api/agents").send().await;
    assert_eq!(answer.status, 401);
    let own = one.log_in().await;
    let (name, _) = own.cookie.split_once('=').unwrap();
    let (_, token) = stranger.cookie.split_once('=').unwrap();
    let renamed = format!("{name}={token}");
    for path in ["/", "/pkg/maestro.js"] {
        let answer = one.request("GET", path).header("cookie", &renamed).send().await;
        assert_eq!(answer.status, 401, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_itself_more_than_it_is() {
    let world = World::start().await;
    let viewer = world.log_in_as(Role::Viewer).await;
    let claims = [
        ("x-role", "owner"),
        ("x-maestro-role", "owner"),
        ("x-user", "root"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-user", "owner"),
        ("x-real-ip", "127.0.0.1"),
        ("x-original-url", "/healthz"),
        ("x-rewrite-url", "/healthz"),
        ("x-http-method-override", "GET"),
        ("forwarded", "for=127.0.0.1;proto=https"),
    ];
    for path in ["/api/agents?role=owner", "/api/agents?scope=operator.admin", "/api/agents"] {
        let request = world.page(&viewer, "POST", path).json(&json!({ "role": "owner" }));
        let request =
            claims.iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer = request.send().await;
        assert_eq!(answer.status, 403, "{}", answer.text());
    }
    let caller = world.page(&viewer, "GET", "/api/self?role=owner").send().await;
    assert_eq!(caller.body()["data"]["role"], "viewer");
    let id = caller.body()["data"]["id"].as_str().unwrap().to_owned();
    for body in [json!({ "role": "owner" }), json!({ "role": ["viewer", "owner"] })] {
        let path = format!("/api/devices/{id}/role");
        assert_eq!(world.page(&viewer, "PUT", &path).json(&body).send().await.status, 403);
    }
    // Ways of writing a path that a careless gate would take for another one.
    for path in [
        "/API/agents",
        "/api//agents",
        "//api/agents",
        "/api/agents/",
        "/./api/agents",
        "/api/../api/agents",
        "/api/%61gents",
        "/api/agents%00",
        "/api/agents%2f",
        "/api/agents;/healthz",
        "/healthz/../api/agents",
        "/healthz%2f..%2fapi%2fagents",
    ] {
        for method in ["GET", "POST"] {
            let answer = world.request(method, path).header("origin", world.origin()).send().await;
            assert!(
                [400, 401, 404, 405].contains(&answer.status),
                "{method} {path}: {}",
                answer.status
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_session_lies_in_its_file_and_nowhere_else() {
    let world = World::start().await;
    let agent = world.script("holder", "echo ready; exec cat").await;
    let token = world.session_token(&agent.id);
    let file = world.home().join(format!("run/tokens/{}", agent.id));
    let mode = |path: &Path| {
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions())
            & 0o777
    };
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));

    // Arguments and environments of all processes that this user may look into, tmux's own too.
    let mut seen = 0;
    for process in std::fs::read_dir("/proc").unwrap().map_while(Result::ok) {
        for part in ["cmdline", "environ"] {
            // Processes end, and those of others may not be read.
            let Ok(bytes) = std::fs::read(process.path().join(part)) else { continue };
            seen += 1;
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(&token), "{part} of process {:?}", process.file_name());
        }
    }
    assert!(seen > 4, "only {seen} files of processes were read: the check sees nothing");
    let socket = world.home().join("run/tmux-0.sock");
    for words in [&["show-environment", "-g"][..], &["show-options", "-g"], &["list-panes", "-a"]] {
        let tmux = Command::new("tmux").arg("-S").arg(&socket).args(words).output().await.unwrap();
        assert!(!String::from_utf8_lossy(&tmux.stdout).contains(&token), "{words:?}");
    }
    let _agent: Agent =
        world.ask("POST", &format!("/api/agents/{}/hibernate", agent.id), None).await;
    assert!(!file.exists(), "the file outlives the session");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_secret_however_much_it_says() {
    let folder = tempfile::Builder::new().prefix("mst").tempdir_in("/tmp").unwrap();
    let home = folder.path().join("home");
    let mut server = Command::new(executable())
        .args(["--home", home.to_str().unwrap(), "--port", "0"])
        .env("HOME", folder.path())
        .env("MAESTRO_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut greeting = BufReader::new(server.stdout.take().unwrap()).lines();
    let link = loop {
        let line = greeting.next_line().await.unwrap().expect("a greeting with a link");
        if let Some((_, token)) = line.split_once("#t=") {
            break token.to_owned();
        }
    };
    let mut log = server.stderr.take().unwrap();
    let reading = tokio::spawn(async move {
        let mut text = String::new();
        log.read_to_string(&mut text).await.unwrap();
        text
    });

    let address = std::fs::read_to_string(home.join("run/address")).unwrap();
    let address = address.trim().trim_start_matches("http://").to_owned();
    let command = std::fs::read_to_string(home.join("run/cli-token")).unwrap();
    let request = |method: &str, path: &str| {
        crate::world::http::Request::new(&address, method, path)
            .header("origin", &format!("http://{address}"))
    };
    let body = json!({ "token": link });
    let answer = request("POST", "/api/login").json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let secret = answer.body()["data"]["secret"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {}", command.trim());
    let command_line =
        |method: &str, path: &str| request(method, path).header("authorization", &bearer);
    let script = json!({ "name": "ci", "role": "viewer" });
    let script = command_line("POST", "/api/tokens").json(&script).send().await;
    let script = script.body()["data"]["secret"].as_str().unwrap().to_owned();
    let agents = request("GET", "/api/agents").header("cookie", &cookie);
    assert_eq!(agents.header("x-maestro-secret", &secret).send().await.status, 200);
    let guess = "mst_guessed-guessed-guessed";
    let wrong = format!("Bearer {guess}");
    let refused = request("GET", "/api/agents").header("authorization", &wrong).send().await;
    assert_eq!(refused.status, 401);
    let again = request("POST", "/api/login").json(&body).send().await;
    assert_eq!(again.status, 401);
    let offer = command_line("POST", "/api/pairings").json(&json!({})).send().await.body();
    let pairing = offer["data"]["url"].as_str().unwrap().split('#').nth(1).unwrap().to_owned();
    let code = offer["data"]["code"].as_str().unwrap().to_owned();

    let pid = rustix::process::Pid::from_raw(i32::try_from(server.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    server.wait().await.unwrap();
    let log = reading.await.unwrap();
    assert!(log.contains("/api/login"), "the log says nothing at all: {log}");
    let token = cookie.split_once('=').unwrap().1.to_owned();
    for (what, secret) in [
        ("link", link),
        ("cookie", token),
        ("secret of the page", secret),
        ("command line's token", command.trim().to_owned()),
        ("script's token", script),
        ("guess", guess.to_owned()),
        ("pairing's secret", pairing),
        ("pairing's code", code),
    ] {
        assert!(!log.contains(&secret), "the log holds the {what}");
    }
}
