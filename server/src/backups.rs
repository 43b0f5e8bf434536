//! Copies of the database: one a day, one when somebody asks, and the old ones go.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::error::ApiError;
use protocol::host::{Backup, ProblemKind};
use store::{Store, StoreError};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::clock::now_ms;
use crate::health::Health;

/// How old the newest backup may get.
const EVERY: Duration = Duration::from_hours(24);
/// How long until the next look at the clock, and until the next try after a failure. Timers do
/// not go on while a machine sleeps and know nothing of a clock that is set, so the time of day
/// is asked again; since nothing is asked more often, a clock that jumps makes no burst.
const LOOK_AGAIN: Duration = Duration::from_hours(1);

type Outcome = Result<Backup, ApiError>;

/// Makes backups; clones share the work.
#[derive(Clone)]
pub(crate) struct Backups {
    store: Store,
    folder: PathBuf,
    health: Arc<Health>,
    /// The one that is being made.
    running: Arc<Mutex<Option<watch::Receiver<Option<Outcome>>>>>,
}

impl Backups {
    /// Backups of this store, in this folder, which is made when it is needed. Failures are
    /// reported to `health`.
    pub(crate) fn new(store: Store, folder: PathBuf, health: Arc<Health>) -> Self {
        Self { store, folder, health, running: Arc::default() }
    }

    /// Makes one. Who asks while one is being made gets that one. It is finished even if nobody
    /// waits for it any more.
    pub(crate) async fn back_up_now(&self) -> Result<Backup, ApiError> {
        let mut running = self.join_or_begin();
        match running.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            // It panicked; the log has it.
            _ => Err(ApiError::internal()),
        }
    }

    /// All backups, newest first.
    pub(crate) fn list(&self) -> Result<Vec<Backup>, StoreError> {
        store::backups::list(&self.folder)
    }

    /// Keeps a backup from every day until `closing` turns true.
    pub(crate) async fn run(self, mut closing: watch::Receiver<bool>) {
        loop {
            let round = async { sleep(self.look().await).await };
            tokio::select! {
                () = round => {}
                _ = closing.wait_for(|closing| *closing) => return,
            }
        }
    }

    /// Makes one if it is time; says when to look again.
    async fn look(&self) -> Duration {
        let made: Vec<_> = match self.list() {
            Ok(backups) => backups.iter().map(|backup| backup.made_at_ms).collect(),
            // The next line tries, fails and tells.
            Err(_unreadable) => Vec::new(),
        };
        let wait = due(&made, now_ms());
        if !wait.is_zero() {
            return wait.min(LOOK_AGAIN);
        }
        if !(made.is_empty() && self.is_fresh().await) {
            let _told_by_health = self.back_up_now().await;
        }
        LOOK_AGAIN
    }

    /// Whether there is nothing to lose yet.
    async fn is_fresh(&self) -> bool {
        let agents = self.store.agents();
        let none = |found: Result<Vec<_>, StoreError>| found.is_ok_and(|agents| agents.is_empty());
        none(agents.list().await) && none(agents.trashed().await)
    }

    fn join_or_begin(&self) -> watch::Receiver<Option<Outcome>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = &*running
            && running.borrow().is_none()
            && running.has_changed().is_ok()
        {
            return running.clone();
        }
        let (done, waiting) = watch::channel(None);
        let this = self.clone();
        tokio::spawn(async move {
            let outcome = this.make().await;
            done.send_replace(Some(outcome));
        });
        *running = Some(waiting.clone());
        waiting
    }

    async fn make(&self) -> Outcome {
        let now_ms = now_ms();
        match self.store.back_up(&self.folder, now_ms).await {
            Ok(backup) => {
                tracing::info!(path = backup.path, bytes = backup.bytes, "backed up");
                self.health.solved(ProblemKind::Backup);
                if let Err(error) = store::backups::remove_expired(&self.folder, now_ms) {
                    tracing::warn!(%error, "old backups cannot be removed");
                }
                Ok(backup)
            }
            Err(error) => {
                tracing::error!(%error, "no backup could be made");
                self.health.report(
                    ProblemKind::Backup,
                    format!("No backup of Maestro's data could be made. {error}"),
                );
                Err(error.into())
            }
        }
    }
}

/// How long until the next backup is due, when these were made (milliseconds since the Unix
/// epoch, in any order). One from the future says only that the clock was wrong once: it neither
/// holds the next one up, nor does it make one due that another has just settled.
fn due(made_at_ms: &[i64], now_ms: i64) -> Duration {
    let Some(newest) = made_at_ms.iter().filter(|made| **made <= now_ms).max() else {
        return Duration::ZERO;
    };
    let age = u64::try_from(now_ms.saturating_sub(*newest)).unwrap_or_default();
    EVERY.saturating_sub(Duration::from_millis(age))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use protocol::agents::history::HistoryEvent;
    use protocol::agents::{Agent, AgentSettings};

    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn a_backup_is_due_a_day_after_the_newest_whatever_the_clock_did() {
        fn check(made_hours: &[i64], now_hours: i64, expected_hours: u64) {
            let made: Vec<_> = made_hours.iter().map(|hours| hours * HOUR_MS).collect();
            let found = due(&made, now_hours * HOUR_MS);
            assert_eq!(found, Duration::from_hours(expected_hours), "{made_hours:?} {now_hours}");
        }
        check(&[], 0, 0);
        check(&[100], 100, 24);
        check(&[100, 90], 110, 14);
        check(&[90, 100], 124, 0);
        check(&[100], 1_000, 0);
        // Made while the clock was two days ahead: not taken for one that is there.
        check(&[148], 100, 0);
        // And the one that was made since then settles it, instead of one at every look.
        check(&[148, 100], 101, 23);
        // The clock comes to that time: no second one in a row.
        check(&[148, 147], 149, 23);
        assert_eq!(due(&[i64::MIN], i64::MAX), Duration::ZERO);
    }

    async fn store(folder: &Path) -> Store {
        Store::open(&folder.join("maestro.db")).await.unwrap().store
    }

    async fn add_agent(store: &Store) {
        let settings = AgentSettings { name: "a".into(), ..AgentSettings::default() };
        let agent = Agent::new("01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap(), settings, 1);
        let created = HistoryEvent::Created { from: None };
        store.agents().insert(&agent, "c", &created).await.unwrap();
    }

    #[tokio::test]
    async fn the_first_is_made_when_there_is_something_to_lose_and_then_one_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let backups =
            Backups::new(store.clone(), folder.path().join("backups"), Arc::new(Health::default()));
        assert_eq!(backups.look().await, LOOK_AGAIN);
        assert_eq!(backups.list().unwrap(), []);
        add_agent(&store).await;
        for _look in 0..3 {
            assert!(backups.look().await <= LOOK_AGAIN);
            assert_eq!(backups.list().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn those_who_ask_at_the_same_time_get_the_same_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        add_agent(&store).await;
        let backups =
            Backups::new(store, folder.path().join("backups"), Arc::new(Health::default()));
        let (first, second) = tokio::join!(backups.back_up_now(), backups.back_up_now());
        assert_eq!(first.unwrap(), second.unwrap());
        let third = backups.back_up_now().await.unwrap();
        let listed = backups.list().unwrap();
        assert_eq!((listed.len(), &listed[0].path), (2, &third.path));
    }

    #[tokio::test]
    async fn a_failure_is_told_until_one_succeeds() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let target = folder.path().join("backups");
        std::fs::write(&target, "in the way").unwrap();
        let health = Arc::new(Health::default());
        let backups = Backups::new(store, target.clone(), Arc::clone(&health));
        backups.back_up_now().await.unwrap_err();
        let problems = health.now().problems;
        assert_eq!(problems[0].kind, ProblemKind::Backup);
        assert!(problems[0].message.starts_with("No backup of Maestro's data could be made. "));
        std::fs::remove_file(&target).unwrap();
        backups.back_up_now().await.unwrap();
        assert_eq!(health.now().problems, []);
    }

    #[tokio::test]
    async fn it_ends_when_the_server_does() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let (close, closing) = watch::channel(false);
        let backups =
            Backups::new(store, folder.path().join("backups"), Arc::new(Health::default()));
        let running = tokio::spawn(backups.run(closing));
        close.send_replace(true);
        running.await.unwrap();
    }
}
