//! The trail with a real database: who meddles with it is noticed, and nothing is lost on the way.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use protocol::access::audit::{AuditEntry, AuditQuery, AuditReport, Outcome};
use protocol::host::ProblemKind;
use store::Store;
use store::tampering::{Tampering, fill_disk, free_disk, tamper};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::copy;
use super::writer::WAITING;
use super::{Actor, Carrier, NewEntry, Trail, Way};
use crate::health::Health;
use crate::home::Home;

const WAY: Way =
    Way { carrier: Carrier::Http, from: Some(IpAddr::V4(Ipv4Addr::new(192, 168, 1, 5))) };

/// A data folder and what is open in it.
struct Place {
    folder: TempDir,
    store: Store,
    health: Arc<Health>,
    trail: Trail,
    writer: JoinHandle<()>,
}

impl Place {
    async fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap(), None).await
    }

    async fn at(folder: TempDir, copy: Option<PathBuf>) -> Self {
        let home = Home::at(folder.path().to_owned()).unwrap();
        let store = Store::open(&home.database()).await.unwrap().store;
        let health = Arc::new(Health::default());
        let (trail, writer) =
            Trail::start(store.clone(), &home, "abc", copy, Arc::clone(&health)).unwrap();
        Self { folder, store, health, trail, writer }
    }

    /// With a trail of six entries, of which three and six are signed.
    async fn signed() -> Self {
        let mut place = Self::new().await;
        for _half in 0..2 {
            for _entry in 0..3 {
                place.trail.note(entry("agent.trash")).await;
            }
            place = place.again().await;
        }
        assert_eq!(place.signed_entries(), [3, 6]);
        place
    }

    /// After a clean stop and another start.
    async fn again(self) -> Self {
        Self::at(self.stop().await, None).await
    }

    async fn stop(self) -> TempDir {
        self.trail.close();
        self.writer.await.unwrap();
        self.store.close().await;
        self.folder
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("maestro.db")
    }

    fn copy(&self) -> PathBuf {
        self.folder.path().join("audit-heads.jsonl")
    }

    fn signed_entries(&self) -> Vec<i64> {
        let mut signed = Vec::new();
        copy::read(&self.copy(), |head| signed.push(head.unwrap().seq)).unwrap();
        signed
    }

    async fn all(&self) -> Vec<AuditEntry> {
        let page = AuditQuery { limit: Some(1_000), ..AuditQuery::default() };
        let mut all = self.trail.page(page).await.unwrap();
        all.reverse();
        all
    }

    async fn verify(&self) -> AuditReport {
        self.trail.verify().await.unwrap()
    }

    async fn broken(&self) -> (i64, String) {
        let broken = self.verify().await.broken.expect("something is broken");
        (broken.seq, broken.problem)
    }

    fn problems(&self) -> Vec<String> {
        let problems = self.health.now().problems;
        assert!(problems.iter().all(|problem| problem.kind == ProblemKind::Audit));
        problems.into_iter().map(|problem| problem.message).collect()
    }
}

fn entry(action: &str) -> NewEntry {
    let actor = Actor::Device { name: "ada-phone".into(), id: "01j5".into() };
    NewEntry::new(&actor, WAY, action).on("writer")
}

#[tokio::test]
async fn what_was_noted_is_on_the_disk_and_says_who_did_what() {
    let place = Place::new().await;
    place.trail.note(entry("agent.trash").denied("Viewers may not.")).await;
    let [found] = place.all().await.try_into().unwrap();
    assert_eq!((found.seq, found.outcome), (1, Outcome::Denied));
    assert_eq!(found.who, "device ada-phone (01j5)");
    assert_eq!((found.how.as_str(), found.action.as_str()), ("http 192.168.1.5", "agent.trash"));
    assert_eq!((found.object.as_str(), found.detail.as_str()), ("writer", "Viewers may not."));
    let report = place.verify().await;
    assert_eq!(report, AuditReport { entries: 1, head: found.hash, broken: None });
}

#[tokio::test]
async fn notes_of_a_crowd_are_all_there_without_a_gap() {
    let place = Place::new().await;
    let before = place.store.statistics().writes;
    let notes: Vec<_> = (0..200)
        .map(|number| {
            let trail = place.trail.clone();
            tokio::spawn(async move { trail.note(entry(&format!("x{number}"))).await })
        })
        .collect();
    for note in notes {
        note.await.unwrap();
    }
    let all = place.all().await;
    let actions: BTreeSet<_> = all.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!((all.len(), actions.len()), (200, 200));
    assert!(all.iter().zip(1..).all(|(entry, seq)| entry.seq == seq));
    assert_eq!(place.verify().await.broken, None);
    let writes = place.store.statistics().writes - before;
    assert!(writes < 100, "{writes} transactions for 200 entries");
}

#[tokio::test]
async fn remarks_and_counts_are_written_before_the_end() {
    let place = Place::new().await;
    place.trail.remark(entry("FRAME INPUT"));
    for _knock in 0..1_000 {
        place.trail.remark(entry("POST /api/agents").denied("No."));
    }
    let place = place.again().await;
    let all = place.all().await;
    assert_eq!(all.len(), 1 + 10 + 1);
    assert_eq!(all[11].detail, "990 more attempts like this did not succeed within a minute.");
    assert_eq!((all[11].outcome, all[11].action.as_str()), (Outcome::Denied, "POST /api/agents"));
    assert_eq!(place.signed_entries(), [12]);
}

// Nothing else runs before it awaits: the writer takes none of them meanwhile.
#[tokio::test(flavor = "current_thread")]
async fn remarks_that_find_no_room_are_counted() {
    let place = Place::new().await;
    for _remark in 0..3_000 {
        place.trail.remark(entry("FRAME INPUT"));
    }
    let place = place.again().await;
    let all = lines(&place).await;
    let missed = all.iter().find(|entry| entry.action == "audit.missed").unwrap();
    let expected = "1976 more were not written: they came faster than they could be stored.";
    assert_eq!((missed.who.as_str(), missed.detail.as_str()), ("maestro", expected));
    assert_eq!(place.verify().await.entries, 1_024 + 1);
}

#[tokio::test]
async fn a_row_that_somebody_touched_is_named() {
    for (tampering, seq, problem) in [
        (Tampering::Change(2), 2, "Entry 2 was changed"),
        (Tampering::Change(6), 6, "Entry 6 was changed"),
        (Tampering::Delete(1), 1, "Entry 1 is missing: a head that was signed 2"),
        (Tampering::Delete(4), 4, "Entry 4 is missing: a head that was signed 2"),
        (Tampering::Insert(5), 6, "Entry 6 was changed"),
        (Tampering::Swap(2), 2, "Entry 2 was changed"),
    ] {
        let place = Place::signed().await;
        tamper(&place.database(), tampering).await.unwrap();
        let (found, told) = place.broken().await;
        assert_eq!(found, seq, "{tampering:?}: {told}");
        assert!(told.starts_with(problem), "{tampering:?}: {told}");
    }
}

#[tokio::test]
async fn a_trail_that_was_cut_is_found_by_the_copy_even_after_it_grew_again() {
    let place = Place::signed().await;
    tamper(&place.database(), Tampering::CutAfter(4)).await.unwrap();
    let (seq, problem) = place.broken().await;
    assert_eq!(seq, 5);
    assert!(problem.starts_with("Entry 5 is missing: a head that was signed 2"), "{problem}");
    assert!(problem.ends_with("says that there were 6 entries."), "{problem}");

    for _entry in 0..3 {
        place.trail.note(entry("agent.wake")).await;
    }
    let place = place.again().await;
    assert_eq!(place.verify().await.entries, 7);
    let (seq, problem) = place.broken().await;
    assert_eq!(seq, 6);
    assert!(problem.starts_with("Entry 6 is not the one that was signed"), "{problem}");
}

#[tokio::test]
async fn an_older_database_in_its_place_is_found_by_the_copy() {
    let place = Place::signed().await;
    let heads = place.copy();
    let folder = place.stop().await;
    let newer = fs::read(&heads).unwrap();
    for file in ["maestro.db", "maestro.db-wal", "maestro.db-shm", "audit-heads.jsonl"] {
        let _never_made = fs::remove_file(folder.path().join(file));
    }
    let place = Place::at(folder, None).await;
    for _entry in 0..3 {
        place.trail.note(entry("agent.create")).await;
    }
    fs::write(&heads, newer).unwrap();
    let (seq, problem) = place.broken().await;
    assert_eq!(seq, 3);
    assert!(problem.starts_with("Entry 3 is not the one that was signed"), "{problem}");
}

#[tokio::test]
async fn heads_that_somebody_else_signed_or_wrote_are_told() {
    let place = Place::signed().await;
    let copy = place.copy();
    let good = fs::read_to_string(&copy).unwrap();
    let other = good.replacen("\"seq\":3", "\"seq\":2", 1);
    for (content, seq, problem) in
        [(format!("{good}nonsense\n"), 6, "Line 3 in "), (other, 2, "The head of entry 2 in ")]
    {
        fs::write(&copy, content).unwrap();
        let (found, told) = place.broken().await;
        assert_eq!(found, seq, "{told}");
        assert!(told.starts_with(problem), "{told}");
    }
    fs::write(&copy, &good).unwrap();
    assert_eq!(place.verify().await.broken, None);

    let folder = place.stop().await;
    fs::remove_file(folder.path().join("keys/audit.key")).unwrap();
    fs::remove_file(&copy).unwrap();
    let (_, told) = Place::at(folder, None).await.broken().await;
    assert!(told.ends_with(" was not signed with the key of this host."), "{told}");
}

#[tokio::test]
async fn on_a_full_disk_entries_wait_and_come_later_in_order() {
    let place = Place::new().await;
    fill_disk(&place.store).await.unwrap();
    let mut problems = place.health.subscribe();
    let mut noted = 0;
    while place.problems().is_empty() {
        place.trail.note(entry(&format!("x{noted}")).with("d".repeat(900))).await;
        noted += 1;
    }
    let [told] = place.problems().try_into().unwrap();
    assert!(told.contains("The disk with Maestro's data is full."), "{told}");
    // Nobody waits for the disk.
    for _more in 0..WAITING {
        place.trail.note(entry("more")).await;
    }
    free_disk(&place.store).await.unwrap();
    problems.wait_for(|health| health.problems.is_empty()).await.unwrap();

    let place = place.again().await;
    let all: Vec<AuditEntry> = lines(&place).await;
    let first = all.iter().zip(0..noted).all(|(entry, at)| entry.action == format!("x{at}"));
    assert!(first, "what came first is first");
    let kept = all.len() - 1;
    assert!(kept >= WAITING && kept < WAITING + noted, "{kept} of {}", WAITING + noted);
    let expected = format!("{} more were not written", WAITING + noted - kept);
    assert!(all[kept].detail.starts_with(&expected), "{:?}", all[kept]);
    assert_eq!(place.verify().await.broken, None);
}

async fn lines(place: &Place) -> Vec<AuditEntry> {
    let pieces: Vec<_> = place.trail.export().await.unwrap().try_collect().await.unwrap();
    assert!(pieces.iter().all(|piece| piece.ends_with(b"\n")));
    let text = String::from_utf8(pieces.concat()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn an_export_is_the_trail_as_it_was_when_it_began() {
    let place = Place::new().await;
    assert_eq!(lines(&place).await, []);
    for _entry in 0..700 {
        place.trail.remark(entry("a"));
    }
    place.trail.note(entry("b")).await;
    let export = place.trail.export().await.unwrap();
    place.trail.note(entry("c")).await;
    let pieces: Vec<_> = export.try_collect().await.unwrap();
    assert!(pieces.len() > 7 && pieces.iter().all(|piece| piece.len() < 100_000));
    let text = String::from_utf8(pieces.concat()).unwrap();
    assert_eq!(text.lines().count(), 701);
    let all = lines(&place).await;
    assert_eq!(all.last().map(|entry| entry.action.as_str()), Some("c"));
    assert!(all.iter().zip(1..).all(|(entry, seq)| entry.seq == seq));
}

#[tokio::test]
async fn a_copy_that_cannot_be_written_is_told_until_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = folder.path().join("stick/heads");
    let mut place = Place::at(folder, Some(elsewhere.clone())).await;
    place.trail.note(entry("a")).await;
    let health = Arc::clone(&place.health);
    let folder = place.stop().await;
    let told = &health.now().problems[0].message;
    assert!(told.contains("cannot be copied to ") && told.contains("stick/heads"), "{told}");

    fs::create_dir(elsewhere.parent().unwrap()).unwrap();
    place = Place::at(folder, Some(elsewhere.clone())).await;
    let place_health = Arc::clone(&place.health);
    let _folder = place.stop().await;
    assert_eq!(place_health.now().problems, []);
    let mut copied = Vec::new();
    copy::read(&elsewhere, |head| copied.push(head.unwrap().seq)).unwrap();
    assert_eq!(copied, [1]);
}

#[tokio::test]
async fn nothing_new_is_not_signed_again() {
    let place = Place::signed().await.again().await.again().await;
    assert_eq!(place.signed_entries(), [3, 6]);
    assert_eq!(place.verify().await.broken, None);
}

#[tokio::test]
async fn pages_have_their_limits() {
    let place = Place::new().await;
    for limit in [0, 1_001] {
        let page = AuditQuery { limit: Some(limit), ..AuditQuery::default() };
        let error = place.trail.page(page).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("limit"));
    }
}
