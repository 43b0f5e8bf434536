//! A database of an older version is brought up to date, whole or not at all.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use domain::logins::{LinkExpiry, LoginTimes};
use protocol::access::Role;
use protocol::agents::history::HistoryQuery;
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentSettings};
use store::{Store, StoreError, backups};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::released::{self, INSTANCE, LINK_TOKEN, LOGIN_TOKEN, OldAgent, USER_AGENT};
use crate::samples::{CREATED, T, content, id, insert, link, settings};
use crate::second;

/// The newest schema version.
const NEWEST: i64 = 3;

/// A database to migrate; set in the process that is killed.
const TO_MIGRATE: &str = "STORE_TEST_MIGRATE";

fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    (folder, path)
}

/// Checks that the store has what the first schema had, in the form of the newest one.
async fn check_content(store: &Store, expected: &[OldAgent]) {
    assert_eq!(store.instance().id_or("zzzz2222").await.unwrap(), INSTANCE);
    assert_eq!(store.instance().boot_id().await.unwrap(), None);
    let mut conversations = HashSet::new();
    for old in expected {
        let agent = store.agents().get(&id(old.number)).await.unwrap();
        let new = Agent::new(id(old.number), old.settings.clone(), old.created_at_ms);
        assert_eq!(agent, Agent { state: old.state, ..new });
        let version = AgentVersion {
            version: 1,
            at_ms: old.created_at_ms,
            from: None,
            settings: old.settings.clone(),
        };
        assert_eq!(store.agents().versions(&agent.id).await.unwrap(), [version]);
        let history = store.agents().history(&agent.id, HistoryQuery::default()).await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!((history[0].at_ms, &history[0].event), (old.created_at_ms, &CREATED));

        let conversation = store.agents().conversation(&agent.id).await.unwrap();
        let form: String = conversation
            .chars()
            .map(|char| if matches!(char, '0'..='9' | 'a'..='f') { 'x' } else { char })
            .collect();
        assert_eq!(form, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
        assert_eq!(&conversation[14..15], "4", "{conversation}");
        assert!("89ab".contains(&conversation[19..20]), "{conversation}");
        conversations.insert(conversation);
    }
    assert_eq!(conversations.len(), expected.len());
    assert_eq!(store.agents().list().await.unwrap().len(), expected.len());
    assert!(store.agents().trashed().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_fixture_holds_what_it_was_made_of() {
    let (_folder, path) = place();
    released::make(&path, &released::agents()).await;
    // A copy: looking at a database makes files beside it.
    let fixture = path.with_file_name("fixture.db");
    fs::copy(released::fixture(), &fixture).unwrap();
    assert_eq!(released::rows(&fixture).await, released::rows(&path).await);
    assert_eq!(released::version(&fixture).await, 1);
}

#[tokio::test]
async fn a_database_of_the_first_schema_keeps_every_row() {
    let (_folder, path) = place();
    fs::copy(released::fixture(), &path).unwrap();
    let opened = Store::open(&path).await.unwrap();
    assert!(!opened.lost_write);
    let store = opened.store;
    check_content(&store, &released::agents()).await;

    let logins = store.logins();
    let login = logins.by_token_hash(&LOGIN_TOKEN).await.unwrap().unwrap();
    assert_eq!((login.id.as_str(), login.user_agent.as_str()), ("login-1", USER_AGENT));
    assert_eq!(login.secret_hash, [0x44; 32]);
    let times = LoginTimes { last_seen_at_ms: T + 5, ..LoginTimes::begun_at(T) };
    assert_eq!(login.times, times);
    assert_eq!((login.role, login.name.as_str()), (Role::Owner, "Browser"));
    let used = logins.redeem_link(&[0x33; 32], T + 9).await.unwrap_err();
    assert!(matches!(used, StoreError::LinkExpired(LinkExpiry::Used)));
    let facts = logins.redeem_link(&LINK_TOKEN, T + 9).await.unwrap();
    assert_eq!(facts, link(Role::Owner));
    assert_eq!(store.instance().claimed_at_ms().await.unwrap(), Some(T));

    // It is used like any other from now on.
    let added = store.terminals().add(&id(2), "second", T).await.unwrap();
    assert_eq!(added.number, 2);
    store.close().await;
    Store::open(&path).await.unwrap().store.close().await;
}

/// Checks that the store has what the second schema had, in the form of the newest one.
async fn check_second(store: &Store) {
    // What the same calls make of a new database.
    let expected = Store::memory().await.unwrap();
    second::fill(&expected).await;
    assert_eq!(content(store).await.unwrap(), content(&expected).await.unwrap());
    assert_eq!(store.instance().id_or("zzzz2222").await.unwrap(), second::INSTANCE);
    assert_eq!(store.instance().boot_id().await.unwrap().as_deref(), Some(second::BOOT));
    assert_eq!(store.logins().all().await.unwrap(), second::logins());
    let began = second::logins().iter().map(|login| login.times.created_at_ms).min();
    assert_eq!(store.instance().claimed_at_ms().await.unwrap(), began);
    assert!(store.tokens().all().await.unwrap().is_empty());
    assert!(store.throttle().load_all().await.unwrap().is_empty());
    assert_eq!(store.audit().last().await.unwrap(), None);
}

#[tokio::test]
async fn a_database_of_the_second_schema_keeps_every_row() {
    let (_folder, path) = place();
    fs::copy(second::fixture(), &path).unwrap();
    assert_eq!(released::version(&path).await, 2);
    let opened = Store::open(&path).await.unwrap();
    assert!(!opened.lost_write);
    let store = opened.store;
    check_second(&store).await;
    let logins = store.logins();
    let used = logins.redeem_link(&second::USED_LINK, T + 9).await.unwrap_err();
    assert!(matches!(used, StoreError::LinkExpired(LinkExpiry::Used)));
    let facts = logins.redeem_link(&second::LINK, T + 9).await.unwrap();
    assert_eq!(facts, link(Role::Owner));

    // It is used like any other from now on, and names given by people stay.
    logins.rename("login-1", "Ada's phone").await.unwrap();
    logins.set_role("login-1", Role::Viewer, T).await.unwrap();
    store.close().await;
    assert_eq!(released::version(&path).await, NEWEST);
    let store = Store::open(&path).await.unwrap().store;
    let login = store.logins().by_token_hash(&[2; 32]).await.unwrap().unwrap();
    assert_eq!((login.role, login.name.as_str()), (Role::Viewer, "Ada's phone"));
    store.close().await;
}

#[tokio::test]
async fn the_old_database_is_backed_up_and_can_be_gone_back_to() {
    let (_folder, path) = place();
    fs::copy(released::fixture(), &path).unwrap();
    let before = released::rows(&path).await;
    Store::open(&path).await.unwrap().store.close().await;
    Store::open(&path).await.unwrap().store.close().await;
    let made = backups::list(&backups::folder_of(&path)).unwrap();
    let [backup] = made.as_slice() else { panic!("{made:?}") };
    assert!(backup.path.ends_with("Z-before-schema-3.db"), "{}", backup.path);
    assert_eq!(released::version(Path::new(&backup.path)).await, 1);
    assert_eq!(released::rows(Path::new(&backup.path)).await, before);

    backups::restore(&path, Path::new(&backup.path), T).await.unwrap();
    assert_eq!(released::version(&path).await, 1);
    let store = Store::open(&path).await.unwrap().store;
    check_content(&store, &released::agents()).await;
    store.close().await;
}

#[tokio::test]
async fn a_new_database_has_the_same_schema_as_a_migrated_one() {
    for fixture in [released::fixture(), second::fixture()] {
        let (_folder, path) = place();
        fs::copy(fixture, &path).unwrap();
        let migrated = Store::open(&path).await.unwrap().store;
        let (_other, path) = place();
        let new = Store::open(&path).await.unwrap().store;
        insert(&new, &Agent::new(id(77), settings("seventy-seven"), T)).await;
        insert(&migrated, &Agent::new(id(77), settings("seventy-seven"), T)).await;
        assert!(content(&migrated).await.unwrap().contains("seventy-seven"));
        migrated.close().await;
        new.close().await;
    }
}

/// Runs in the process that is killed; does nothing in the others.
#[tokio::test]
async fn migrate_until_killed() {
    if let Some(path) = env::var_os(TO_MIGRATE) {
        println!("begins");
        Store::open(Path::new(&path)).await.unwrap().store.close().await;
        println!("is done");
    }
}

async fn migrating(path: &Path) -> (tokio::process::Child, BufReader<tokio::process::ChildStdout>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "migrations::migrate_until_killed", "--nocapture"])
        .env(TO_MIGRATE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("begins") {
        line.clear();
        assert_ne!(output.read_line(&mut line).await.unwrap(), 0, "it ended early");
    }
    (child, output)
}

#[tokio::test]
async fn killed_in_the_middle_it_is_old_or_new() {
    let many: Vec<OldAgent> = (0..600)
        .map(|number| {
            let name = format!("agent-{number}");
            let settings = AgentSettings {
                name,
                program: "sh".into(),
                folder: "/".into(),
                ..Default::default()
            };
            let state = protocol::agents::AgentState::Hibernated;
            OldAgent { number, settings, state, created_at_ms: T }
        })
        .collect();
    let (_made, original) = place();
    released::make(&original, &many).await;

    killed(&original, 1, async |store: &Store| check_content(store, &many).await).await;
    killed(&second::fixture(), 2, check_second).await;
}

/// Kills migrations of copies of a database at this version, at moments all over their time.
async fn killed(original: &Path, from: i64, check: impl AsyncFn(&Store)) {
    let (_folder, path) = place();
    fs::copy(original, &path).unwrap();
    let began = Instant::now();
    let (mut child, _output) = migrating(&path).await;
    assert!(child.wait().await.unwrap().success());
    let whole = began.elapsed();

    let mut cut_off = 0;
    let mut versions = [0; 4];
    for round in 0..20 {
        let (_folder, path) = place();
        fs::copy(original, &path).unwrap();
        let (mut child, _output) = migrating(&path).await;
        // Not to wait for anything: this is the moment of the crash.
        tokio::time::sleep(whole.mul_f64(f64::from(round) / 20.0)).await;
        cut_off += u32::from(child.try_wait().unwrap().is_none());
        child.kill().await.unwrap();

        // As the next start finds it, in a copy: the log is part of it.
        let copy = path.with_file_name("copy.db");
        for end in ["", "-wal"] {
            let from = path.with_file_name(format!("maestro.db{end}"));
            if from.exists() {
                fs::copy(from, copy.with_file_name(format!("copy.db{end}"))).unwrap();
            }
        }
        let version = released::version(&copy).await;
        versions[usize::try_from(version).unwrap()] += 1;
        if from == 1 && version == 1 {
            assert_eq!(released::rows(&copy).await, released::rows(original).await);
        }
        let opened = Store::open(&path).await.unwrap();
        assert!(!opened.lost_write, "round {round}");
        check(&opened.store).await;
        opened.store.close().await;
        assert_eq!(released::version(&path).await, NEWEST);
    }
    assert!(cut_off >= 5, "{cut_off} were cut off");
    let old = usize::try_from(from).unwrap();
    assert!(versions[old] > 0, "{versions:?}");
    assert_eq!(versions[old] + versions[3], 20, "{versions:?}");
}
