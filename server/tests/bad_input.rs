//! Bad input over HTTP: the right status and one sentence that says what to do.

use serde_json::{Value, json};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_paths_and_methods_get_one_sentence_each() {
    let world = World::start().await;
    let post =
        |kind: &str, body: &[u8]| world.command("POST", "/api/agents").body(kind, body).send();
    let check = |answer: crate::world::http::Answer, status: u16, code: &str, words: &str| {
        let (seen, sentence) = answer.error();
        assert_eq!((answer.status, seen.as_str()), (status, code), "{sentence}");
        assert!(sentence.contains(words), "“{sentence}” lacks “{words}”");
    };
    let json = "application/json";
    check(post(json, b"{").await, 422, "invalid", "cannot be read");
    check(post(json, b"[]").await, 422, "invalid", "cannot be read");
    check(post(json, b"{\"name\":\"x\"}").await, 422, "invalid", "missing field `program`");
    check(post(json, b"\xff\xfe").await, 422, "invalid", "cannot be read");
    check(post("text/plain", b"{}").await, 422, "invalid", "application/json");
    let unknown = json!({ "name": "x", "program": "sh", "folder": "/", "hue": "red" });
    check(world.create(unknown).await, 422, "invalid", "unknown field `hue`");

    check(world.command("GET", "/api/agents/nope").send().await, 404, "not_found", "26 digits");
    let missing = "/api/agents/00000000000000000000000000";
    for (method, path) in
        [("GET", missing.into()), ("DELETE", missing.into()), ("POST", format!("{missing}/wake"))]
    {
        check(world.command(method, &path).send().await, 404, "not_found", "There is no agent");
    }
    check(world.command("GET", "/api/nothing").send().await, 404, "not_found", "/api/nothing");
    check(world.command("PUT", "/api/agents").send().await, 404, "not_found", "/api/agents");

    let large = vec![b' '; protocol::limits::BODY_AFTER_LOGIN + 1];
    check(post(json, &large).await, 413, "too_large", "larger than Maestro takes");
    let stranger = world
        .request("POST", "/api/login")
        .header("origin", world.origin())
        .body(json, &vec![b' '; protocol::limits::BODY_BEFORE_LOGIN + 1]);
    check(stranger.send().await, 413, "too_large", "larger than Maestro takes");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_field_of_a_new_agent_is_refused_by_name() {
    let world = World::start().await;
    let work = world.work();
    let check = async |change: Value, field: &str, words: &str| {
        let mut new = json!({ "name": "x", "program": "sh", "folder": work, "start": false });
        for (key, value) in change.as_object().unwrap() {
            new[key] = value.clone();
        }
        let body = world.create(new).await.body();
        assert_eq!(body["error"]["field"], field, "{body}");
        let sentence = body["error"]["message"].as_str().unwrap();
        assert!(sentence.contains(words), "“{sentence}” lacks “{words}”");
    };
    check(json!({ "name": "" }), "name", "name").await;
    check(json!({ "name": "x".repeat(101) }), "name", "100").await;
    check(json!({ "name": "me@host" }), "name", "@").await;
    check(json!({ "name": "-rf" }), "name", "-").await;
    check(json!({ "program": "no-such-program" }), "program", "not installed").await;
    check(json!({ "program": "./relative" }), "program", "path").await;
    check(json!({ "folder": "relative" }), "folder", "absolute").await;
    check(json!({ "folder": "/no/such/folder" }), "folder", "Create it first").await;
    check(json!({ "args": ["a\u{0}b"] }), "args", "NUL").await;
    check(json!({ "note": "x".repeat(64 * 1024 + 1) }), "note", "65536").await;
}
