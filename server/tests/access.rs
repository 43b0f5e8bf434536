//! The gates, from outside: who gets what, and what a stranger gets.

use protocol::frame::close;
use serde_json::json;
use server::access::matrix::{self, Proof, Who};
use tokio_tungstenite::tungstenite;

use crate::world::World;
use crate::world::http::Request;
use crate::world::socket::Socket;

fn concrete(path: &str) -> String {
    path.replace("{id}", "01jd5m0w3v8k2q4r6s8t0v2x4z")
        .replace("{agent}", "01jd5m0w3v8k2q4r6s8t0v2x4z")
        .replace("{*path}", "maestro.css")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_matrix_holds_for_every_kind_of_caller() {
    let world = World::start().await;
    let browser = world.log_in().await;
    for row in matrix::rows() {
        let path = concrete(&row.path);
        let request = |proof: &str| -> Request {
            let request = world.request(&row.method, &path).json(&json!({}));
            let own = request.header("origin", world.origin());
            match proof {
                "nothing" => own,
                "a wrong token" => own.header("authorization", "Bearer 0000"),
                "an empty token" => own.header("authorization", "Bearer "),
                "a wrong cookie" => own.header("cookie", &format!("{}0", browser.cookie)),
                "the cookie" => own.header("cookie", &browser.cookie),
                "a wrong secret" => {
                    own.header("cookie", &browser.cookie).header("x-maestro-secret", "0000")
                }
                _ => world.page(&browser, &row.method, &path).json(&json!({})),
            }
        };
        for proof in ["nothing", "a wrong token", "an empty token", "a wrong cookie"] {
            // Logging in with an empty body is refused for its body, not for the caller.
            let refused = request(proof).send().await.status == 401;
            assert_eq!(refused, row.who == Who::Owner, "{row:?} with {proof}");
        }
        for proof in ["the cookie", "a wrong secret"] {
            let refused = request(proof).send().await.status == 401;
            assert_eq!(refused, row.proof == Proof::Secret, "{row:?} with {proof}");
        }
        if row.path != "/api/logout" {
            let status = request("the whole proof").send().await.status;
            assert!(![401, 403, 421].contains(&status), "{row:?} refuses its owner: {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_hosts_and_origins_are_refused_on_every_route() {
    let world = World::start().await;
    let browser = world.log_in().await;
    for row in matrix::rows() {
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
    for row in matrix::rows().iter().filter(|row| row.method == "POST") {
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
    let link = world.running().logins.create_link().await.unwrap();
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
