//! `maestro agent …` against a running server: output, errors, exit codes.

use serde_json::Value;
use tokio::process::Command;

use crate::world::{World, executable};

struct Outcome {
    code: i32,
    out: String,
    err: String,
}

impl World {
    async fn maestro(&self, arguments: &[&str]) -> Outcome {
        let output = Command::new(executable())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.home())
            .current_dir(self.work())
            .arg("--home")
            .arg(self.home())
            .args(arguments)
            .output()
            .await
            .unwrap();
        Outcome {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_whole_life_on_the_command_line() {
    let world = World::start().await;
    let created = world
        .maestro(&["agent", "create", "docs-site", "--program", "cat", "--dir", ".", "--json"])
        .await;
    assert_eq!(created.code, 0, "{}", created.err);
    let envelope: Value = serde_json::from_str(&created.out).unwrap();
    assert_eq!(envelope["success"], true);
    assert_eq!(envelope["data"]["state"]["kind"], "running");
    let work = world.work().canonicalize().unwrap();
    assert_eq!(envelope["data"]["folder"], work.to_str().unwrap());

    let list = world.maestro(&["agent", "list"]).await;
    assert!(list.out.contains("docs-site") && list.out.contains("Running"), "{}", list.out);
    for (verb, word) in [("hibernate", "hibernated"), ("wake", "running"), ("show", "running")] {
        let outcome = world.maestro(&["agent", verb, "docs-site", "--json"]).await;
        let envelope: Value = serde_json::from_str(&outcome.out).unwrap();
        assert_eq!(envelope["data"]["state"]["kind"], word, "{verb}");
    }
    let trashed = world.maestro(&["agent", "trash", "docs-site", "--json"]).await;
    assert_eq!(trashed.code, 0, "{}", trashed.err);
    assert!(world.agents().await.is_empty());
    let restored = world.maestro(&["trash", "restore", "docs-site"]).await;
    assert_eq!(restored.code, 0, "{}", restored.err);
    assert_eq!(world.agents().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_have_a_sentence_on_standard_error_and_a_stable_exit_code() {
    let mut world = World::start().await;
    world.script("taken", "exec cat").await;
    let create = |name: &'static str, program: &'static str, folder: &'static str| {
        ["agent", "create", name, "--program", program, "--dir", folder]
    };
    for (arguments, code, words) in [
        (&create("x", "no-such-program", ".")[..], 8, "is not installed"),
        (&create("x", "cat", "/no/such/folder"), 5, "There is no folder"),
        (&create("taken", "cat", "."), 6, "exists already"),
        (&create("a@b", "cat", "."), 5, "@"),
        (&["agent", "show", "nobody"], 4, "nobody"),
        (&["agent", "create"], 2, "--program"),
    ] {
        let outcome = world.maestro(arguments).await;
        assert_eq!(outcome.code, code, "{arguments:?}: {}", outcome.err);
        assert!(outcome.err.contains(words), "{arguments:?}: {}", outcome.err);
        assert_eq!(outcome.out, "", "{arguments:?}");
    }
    let json = world.maestro(&["agent", "show", "nobody", "--json"]).await;
    let envelope: Value = serde_json::from_str(&json.err).unwrap();
    assert_eq!(
        (&envelope["success"], &envelope["error"]["code"]),
        (&false.into(), &"not_found".into())
    );

    let link = world.maestro(&["login-link"]).await;
    assert!(link.out.contains("/login#t="), "{}", link.out);

    world.down().await;
    let outcome = world.maestro(&["agent", "list"]).await;
    assert_eq!(outcome.code, 3);
    assert!(outcome.err.contains("is not running"), "{}", outcome.err);
}
