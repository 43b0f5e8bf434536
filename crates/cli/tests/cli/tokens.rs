//! Tokens of scripts.

use serde_json::{Value, json};

use crate::records::{MADE_MS, OTHER_ID, success, with};
use crate::{Exit, Home, check};

fn token(name: &str) -> Value {
    json!({
        "id": OTHER_ID, "name": name, "role": "operator", "prefix": "mt_abcd",
        "created_at_ms": MADE_MS, "expires_at_ms": MADE_MS + 86_400_000, "last_used_at_ms": null,
    })
}

#[test]
fn a_secret_stands_alone_on_stdout() {
    let made = json!({ "token": token("ci"), "secret": "mt_abcdefgh" });
    let home = Home::with(&[(200, &success(&made)), (200, &success(&made))]);
    let line = ["token", "create", "ci", "--role", "operator", "--days", "1"];
    let outcome = home.run(&line);
    check(
        &outcome,
        Exit::Ok,
        "mt_abcdefgh\n",
        "This is the secret of token “ci”, which may act as operator until 2023-11-15 22:13:20 \
         UTC. It is shown this once: keep it where only the script can read it.\n",
    );
    assert_eq!(outcome.lines(), ["POST /api/tokens"]);
    assert_eq!(outcome.sent(), json!({ "name": "ci", "role": "operator", "days": 1 }));
    let outcome = home.run(&["token", "create", "ci", "--json"]);
    assert_eq!(outcome.data(), made);
    assert_eq!(outcome.sent(), json!({ "name": "ci", "role": "viewer" }));
}

#[test]
fn tokens_are_a_table_without_secrets() {
    let forever = with(token("a b"), &json!({ "expires_at_ms": null, "last_used_at_ms": MADE_MS }));
    let tokens = json!([token("ci"), forever]);
    let home = Home::with(&[(200, &success(&tokens)), (200, &success(&json!([])))]);
    let outcome = home.run(&["token", "list"]);
    let expected = format!(
        "NAME  ROLE      SECRET    MADE (UTC)        EXPIRES (UTC)     LAST USED (UTC)   ID\n\
         ci    operator  mt_abcd…  2023-11-14 22:13  2023-11-15 22:13  never             {OTHER_ID}\n\
         a b   operator  mt_abcd…  2023-11-14 22:13  never             2023-11-14 22:13  {OTHER_ID}\n"
    );
    check(&outcome, Exit::Ok, &expected, "");
    let none = "There are no tokens. `maestro token create` makes one.\n";
    check(&home.run(&["token", "list"]), Exit::Ok, none, "");
}

#[test]
fn a_token_is_revoked_by_its_name() {
    let tokens = success(&json!([token("ci")]));
    let home = Home::with(&[(200, &tokens), (200, &success(&Value::Null))]);
    let outcome = home.run_answering(&["token", "revoke", "ci"], "y\n");
    let question = "Revoke token “ci”? Whatever still uses the secret is refused. [y/N] ";
    check(&outcome, Exit::Ok, "Revoked token “ci”.\n", question);
    let request = format!("DELETE /api/tokens/{OTHER_ID}");
    assert_eq!(outcome.lines(), ["GET /api/tokens", request.as_str()]);
}
