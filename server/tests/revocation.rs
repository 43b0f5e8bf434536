//! What outlasts the devices, the tokens and the database themselves.

use protocol::access::Role;
use protocol::access::audit::{AuditEntry, AuditReport};
use serde_json::{Value, json};
use server::config::Settings;
use server::http::listen::{ListenAddress, ListenSettings, TlsSource};
use server::serve::start;
use store::{Store, backups};
use tokio::process::Command;

use crate::world::{World, executable};

impl World {
    /// A backup as the server makes them, while it is stopped.
    async fn back_up(&self) -> String {
        let database = self.home().join("maestro.db");
        let store = Store::open(&database).await.unwrap().store;
        let folder = backups::folder_of(&database);
        let backup = store.back_up(&folder, 1_795_261_832_000).await.unwrap();
        store.close().await;
        backup.path
    }

    async fn restore(&self, backup: &str) -> Value {
        let output = Command::new(executable())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.home())
            .arg("--home")
            .arg(self.home())
            .args(["restore", backup, "--yes", "--json"])
            .output()
            .await
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}");
        serde_json::from_str(&said).unwrap()
    }

    async fn trail(&self) -> Vec<AuditEntry> {
        self.ask("GET", "/api/audit?limit=1000", None).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_keeps_the_trail_whole_and_stands_in_it() {
    let mut world = World::start().await;
    let agent = world.script("works on", "cat").await;
    let session = world.session_token(&agent.id);
    world.script_token("before", Role::Viewer).await;
    world.down().await;
    let backup = world.back_up().await;
    world.up().await;
    let since = world.script_token("since", Role::Viewer).await;
    let owner = world.log_in().await;
    let before = world.trail().await;
    world.down().await;

    let said = world.restore(&backup).await;
    assert_eq!(said["data"]["left_behind"], Value::Null, "{said}");
    world.up().await;
    let report: AuditReport = world.ask("GET", "/api/audit/verify", None).await;
    assert_eq!(report.broken, None);
    let after = world.trail().await;
    for entry in &before {
        assert!(after.contains(entry), "{entry:?} is lost");
    }
    let noted: Vec<_> = after.iter().filter(|entry| entry.action == "restore").collect();
    let [entry] = noted.as_slice() else { panic!("{noted:?}") };
    assert!(backup.ends_with(&entry.object) && !entry.object.is_empty(), "{entry:?}");

    // Whoever was in is out; the program that still runs goes on.
    let token = world.bearer(&since.secret, "GET", "/api/agents").send().await;
    assert_eq!(token.status, 401);
    assert_eq!(world.page(&owner, "GET", "/api/agents").send().await.status, 401);
    let path = format!("/api/agents/{}", agent.id);
    assert_eq!(world.bearer(&session, "GET", &path).send().await.status, 200);

    // It is said once.
    world.down().await;
    world.up().await;
    let noted = world.trail().await.into_iter().filter(|entry| entry.action == "restore").count();
    assert_eq!(noted, 1);
    let report: AuditReport = world.ask("GET", "/api/audit/verify", None).await;
    assert_eq!(report.broken, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_was_claimed_listens_though_nobody_is_logged_in() {
    let mut world = World::start().await;
    let listen = ListenAddress { ip: [127, 0, 0, 1].into(), port: Some(0) };
    let beyond = ListenSettings {
        listen: Some(listen),
        tls: Some(TlsSource::Own),
        ..ListenSettings::default()
    };
    let settings = Settings { beyond, ..world.settings() };
    world.down().await;
    let refused = start(&settings, executable()).await.err().unwrap().to_string();
    assert!(refused.contains("Nobody has logged in"), "{refused}");

    world.up().await;
    let owner = world.log_in().await;
    let left = world.page(&owner, "POST", "/api/logout").send().await;
    assert_eq!(left.status, 204, "{}", left.text());
    world.down().await;
    start(&settings, executable()).await.unwrap().stop().await;

    let backup = world.back_up().await;
    world.restore(&backup).await;
    start(&settings, executable()).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_does_not_stay_fresh_by_its_own_links() {
    let world = World::start().await;
    let owner = world.log_in().await;
    let link = world.page(&owner, "POST", "/api/login-links").json(&json!({})).send().await;
    assert_eq!(link.status, 201, "{}", link.text());
    let body = link.body();
    let token = body["data"]["url"].as_str().unwrap().split("#t=").nth(1).unwrap();
    let confirm = json!({ "token": token });
    let answer = world.page(&owner, "POST", "/api/reauthenticate").json(&confirm).send().await;
    assert_eq!(answer.status, 403);
    let (_, sentence) = answer.error();
    assert_eq!(sentence, "Use a link that `maestro login-link` makes on this machine.");

    // And the link dies with the device.
    let caller = world.page(&owner, "GET", "/api/self").send().await;
    let path = format!("/api/devices/{}", caller.body()["data"]["id"].as_str().unwrap());
    assert_eq!(world.command("DELETE", &path).send().await.status, 200);
    let log_in = world.request("POST", "/api/login").header("origin", world.origin());
    assert_eq!(log_in.json(&confirm).send().await.status, 401);
}
