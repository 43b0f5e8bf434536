//! Bytes that change on the disk are found before anything is served or written.

use std::fs;
use std::path::{Path, PathBuf};

use domain::throttle::Throttle;
use protocol::access::Role;
use protocol::agents::AgentState;
use protocol::agents::history::HistoryEvent;
use protocol::terminals::ScreenText;
use store::{Store, StoreError, backups};
use tempfile::TempDir;

use crate::samples::{
    self, T, access, agent, event, id, insert, link, login, settings, terminal, token,
};

/// xorshift: the same bytes in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }
}

async fn fill(store: &Store) {
    store.instance().id_or("abcd2345").await.unwrap();
    store.instance().set_boot_id("5f0c").await.unwrap();
    store.logins().create_link(&[7; 32], &link(Role::Owner), T).await.unwrap();
    let events: Vec<_> = (1..=60).map(event).collect();
    store.audit().append(&events).await.unwrap();
    for number in 1..=12 {
        store.logins().create(&login(number)).await.unwrap();
        store.tokens().create(&token(number)).await.unwrap();
        let of = terminal(usize::from(number), 0);
        store.session_tokens().put(&of, &[number; 32], T).await.unwrap();
        let throttle = Throttle { failures: number.into(), blocked_until_ms: T, last_ms: T };
        store.throttle().save(&[(format!("account {number}"), throttle)]).await.unwrap();
    }
    for number in 0..12 {
        insert(store, &agent(number, &format!("payments-{number}"))).await;
        let edited = HistoryEvent::Edited { version: 2, fields: vec!["label".into()] };
        let new = settings(&format!("ledger-{number}"));
        store.agents().edit(&id(number), &new, 1, None, &edited, T).await.unwrap();
        let rows = (0..5).map(|row| format!("row {row} of {number}")).collect();
        let screen = ScreenText { rows };
        store.terminals().save_screen(&terminal(number, 1), &screen).await.unwrap();
    }
    store.agents().trash(&id(3), T).await.unwrap();
}

/// All that can be read, as text.
async fn content(store: &Store) -> Result<String, StoreError> {
    Ok(samples::content(store).await? + &access(store).await?)
}

/// A database that was closed in order, and its content.
async fn closed() -> (TempDir, PathBuf, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    let store = Store::open(&path).await.unwrap().store;
    fill(&store).await;
    let content = content(&store).await.unwrap();
    store.close().await;
    (folder, path, content)
}

fn wal(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

#[tokio::test]
async fn a_changed_byte_in_the_file_is_found_or_does_no_harm() {
    let (folder, path, truth) = closed().await;
    let whole = fs::read(&path).unwrap();
    let copy = folder.path().join("copy.db");
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut found = 0;
    for round in 0..400 {
        // Every byte of the header, then anywhere.
        let at = if round < 100 { round } else { dice.roll(whole.len()) };
        let mut flipped = whole.clone();
        flipped[at] ^= u8::try_from(1 + dice.roll(255)).unwrap();
        fs::write(&copy, &flipped).unwrap();
        match Store::open(&copy).await {
            Ok(opened) => {
                let served = content(&opened.store).await.unwrap();
                assert_eq!(served, truth, "byte {at}");
                assert!(!opened.lost_write);
                opened.store.close().await;
            }
            Err(refusal) => {
                found += 1;
                let said = refusal.to_string();
                // Where the number of its schema stands, it may look newer than it is.
                let way_out = ["It was left as it is", "Install that version again"];
                assert!(way_out.iter().any(|way| said.contains(way)), "byte {at}: {said}");
                assert_eq!(fs::read(&copy).unwrap(), flipped, "byte {at}");
                assert!(!wal(&copy).exists() && !copy.with_extension("db-shm").exists());
            }
        }
        for side in ["db-wal", "db-shm"] {
            let _none = fs::remove_file(copy.with_extension(side));
        }
    }
    assert!(found > 100, "found {found}");
}

#[tokio::test]
async fn a_changed_byte_in_the_log_is_found_or_does_no_harm() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    let store = Store::open(&path).await.unwrap().store;
    fill(&store).await;
    let before_last = content(&store).await.unwrap();
    store.agents().record(&id(1), &HistoryEvent::Rejoined, T).await.unwrap();
    let truth = content(&store).await.unwrap();
    // What a killed process leaves.
    let (database, log) = (fs::read(&path).unwrap(), fs::read(wal(&path)).unwrap());
    let copy = folder.path().join("copy.db");
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut refused, mut lost) = (0, 0);
    for round in 0..300 {
        let at = match round {
            0..32 => round,
            32..250 => dice.roll(log.len()),
            _ => log.len() - 1 - dice.roll(8_000),
        };
        let mut flipped = log.clone();
        flipped[at] ^= u8::try_from(1 + dice.roll(255)).unwrap();
        fs::write(&copy, &database).unwrap();
        fs::write(wal(&copy), &flipped).unwrap();
        match Store::open(&copy).await {
            Ok(opened) => {
                let served = content(&opened.store).await.unwrap();
                if opened.lost_write {
                    lost += 1;
                    assert_eq!(served, before_last, "byte {at}");
                } else {
                    assert_eq!(served, truth, "byte {at}");
                }
                opened.store.close().await;
            }
            Err(refusal) => {
                refused += 1;
                assert!(matches!(refusal, StoreError::Corrupt { .. }), "byte {at}: {refusal}");
                assert_eq!(fs::read(&copy).unwrap(), database);
                assert_eq!(fs::read(wal(&copy)).unwrap(), flipped);
                assert!(!copy.with_extension("db-shm").exists());
            }
        }
        for side in ["db-wal", "db-shm"] {
            let _none = fs::remove_file(copy.with_extension(side));
        }
    }
    assert!(refused > 100 && lost > 10, "refused {refused}, lost {lost}");
    store.close().await;
}

#[tokio::test]
async fn a_log_that_ends_in_the_middle_of_a_write_is_no_loss() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("maestro.db");
    let store = Store::open(&path).await.unwrap().store;
    fill(&store).await;
    let truth = content(&store).await.unwrap();
    let acknowledged = fs::read(wal(&path)).unwrap().len();
    store.agents().set_state(&id(1), AgentState::Lost { at_ms: 1 }, None, T).await.unwrap();
    let (database, log) = (fs::read(&path).unwrap(), fs::read(wal(&path)).unwrap());
    let copy = folder.path().join("copy.db");
    for length in [acknowledged, acknowledged + 10, acknowledged + 24, log.len() - 1] {
        fs::write(&copy, &database).unwrap();
        fs::write(wal(&copy), &log[..length]).unwrap();
        let opened = Store::open(&copy).await.unwrap();
        assert!(!opened.lost_write, "{length} of {}", log.len());
        assert_eq!(content(&opened.store).await.unwrap(), truth);
        opened.store.close().await;
    }
    store.close().await;
}

#[tokio::test]
async fn a_refusal_names_the_backup_to_go_back_to() {
    let (folder, path, _) = closed().await;
    let damage = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let name = bytes.windows(8).position(|bytes| bytes == b"ledger-7").unwrap();
        bytes[name] ^= 1;
        fs::write(path, &bytes).unwrap();
    };
    let backups = backups::folder_of(&path);
    let refused = async || Store::open(&path).await.expect_err("refused");

    let store = Store::open(&path).await.unwrap().store;
    let good = store.back_up(&backups, 1_795_261_832_000).await.unwrap();
    let newest = store.back_up(&backups, 1_795_261_833_000).await.unwrap();
    store.close().await;
    damage(&path);
    damage(Path::new(&newest.path));
    let refusal = refused().await;
    let said = refusal.to_string();
    let end = "It was left as it is. Run `maestro restore latest` to go back to the backup of \
               2026-11-21 11:50:32 UTC.";
    assert!(said.starts_with(&format!("The database {} cannot be used: ", path.display())));
    assert!(said.ends_with(end), "{said}");
    let StoreError::Corrupt { newest_good, problem, .. } = refusal else { panic!("{said}") };
    assert_eq!(newest_good, Some(PathBuf::from(&good.path)));
    assert!(!problem.is_empty());

    damage(Path::new(&good.path));
    let said = refused().await.to_string();
    assert!(said.contains("There is no good backup in"), "{said}");

    for state in ["missing", "empty"] {
        match state {
            "empty" => fs::write(&path, "").unwrap(),
            _ => fs::remove_file(&path).unwrap(),
        }
        let said = refused().await.to_string();
        let expected = format!(
            "cannot be used: it is {state}, but there are backups of it (to begin anew, move {} \
             away)",
            backups.display()
        );
        assert!(said.contains(&expected), "{said}");
    }
    fs::write(&path, "#!/bin/sh\n").unwrap();
    let said = refused().await.to_string();
    assert!(said.contains("it is not a Maestro database any more"), "{said}");
    drop(folder);
}
