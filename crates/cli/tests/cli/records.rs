//! Records as a server sends them.

use serde_json::{Value, json};

pub(crate) const ID: &str = "01jd5m0w3v8k2q4r6s8t0v2x4z";
pub(crate) const OTHER_ID: &str = "01jd5m0w3v8k2q4r6s8t0v2x50";
/// 2023-11-14 22:13:20 UTC
pub(crate) const MADE_MS: i64 = 1_700_000_000_000;

/// The settings of an agent of this name, with nothing set that need not be.
pub(crate) fn settings(name: &str) -> Value {
    json!({
        "name": name, "label": "", "avatar": "", "persona": "", "program": "claude",
        "args": ["--continue", "a b\n"], "folder": "/srv/ledger", "env": [],
        "note": "first\n\u{1b}[2Jsecond", "tags": ["night", "x"], "colour": "group",
        "favourite": false, "autostart": false,
    })
}

/// The agent of this id and name, with the shell that every new agent has.
pub(crate) fn agent(id: &str, name: &str, state: &Value) -> Value {
    let terminals = json!([{ "number": 1, "name": "Shell", "state": { "kind": "hibernated" } }]);
    let record = json!({
        "id": id, "version": 3, "state": state, "terminals": terminals, "created_at_ms": MADE_MS,
    });
    with(settings(name), &record)
}

/// The record with these fields in place of its own.
pub(crate) fn with(mut record: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

pub(crate) fn running() -> Value {
    agent(ID, "payments-ledger-fix", &json!({ "kind": "running", "since_ms": 5 }))
}

pub(crate) fn failed() -> Value {
    let failed = agent(OTHER_ID, "docs", &json!({ "kind": "exited", "code": 2, "at_ms": 6 }));
    with(failed, &json!({ "tags": [] }))
}

/// The agent as it lies in the trash.
pub(crate) fn trashed(id: &str, name: &str) -> Value {
    let agent = agent(id, name, &json!({ "kind": "hibernated" }));
    with(agent, &json!({ "trashed_at_ms": MADE_MS + 1000 }))
}

pub(crate) fn success(data: &Value) -> String {
    json!({ "success": true, "data": data }).to_string()
}

pub(crate) fn failure(code: &str, message: &str) -> String {
    json!({ "success": false, "error": { "code": code, "message": message } }).to_string()
}

pub(crate) fn list(agents: &[Value]) -> String {
    success(&json!({ "revision": 3, "agents": agents }))
}

/// A name, and its agent's record or the code and sentence of a refusal.
pub(crate) type Outcome<'a> = (&'a str, Result<Value, (&'a str, &'a str)>);

/// The answer to a request about many: what became of each.
pub(crate) fn outcomes(outcomes: &[Outcome<'_>]) -> String {
    let one = |(name, result): &Outcome<'_>| match result {
        Ok(agent) => json!({ "name": name, "agent": agent }),
        Err((code, message)) => {
            json!({ "name": name, "error": { "code": code, "message": message } })
        }
    };
    success(&json!({ "outcomes": outcomes.iter().map(one).collect::<Vec<_>>() }))
}
