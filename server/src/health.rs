//! What is wrong with this host right now, as every open window sees it.

use protocol::host::{HostHealth, Problem, ProblemKind};
use tokio::sync::watch;

use crate::clock::now_ms;

/// The problems of this host. Only the newest word counts, so a slow subscriber misses nothing
/// that is still true.
#[derive(Debug)]
pub struct Health(watch::Sender<HostHealth>);

impl Default for Health {
    fn default() -> Self {
        Self(watch::Sender::new(HostHealth::default()))
    }
}

impl Health {
    /// Something is wrong. The same words again change nothing; other words about the same kind
    /// replace the old ones and keep their time.
    pub fn report(&self, kind: ProblemKind, message: impl Into<String>) {
        let message = message.into();
        self.0.send_if_modified(|health| {
            let known = health.problems.iter_mut().find(|problem| problem.kind == kind);
            match known {
                Some(problem) if problem.message == message => return false,
                Some(problem) => problem.message = message,
                None => health.problems.push(Problem { kind, message, since_ms: now_ms() }),
            }
            health.revision += 1;
            true
        });
    }

    /// It is not wrong any more.
    pub fn solved(&self, kind: ProblemKind) {
        self.0.send_if_modified(|health| {
            let before = health.problems.len();
            health.problems.retain(|problem| problem.kind != kind);
            let changed = health.problems.len() != before;
            health.revision += u64::from(changed);
            changed
        });
    }

    /// What is wrong now.
    pub fn now(&self) -> HostHealth {
        self.0.borrow().clone()
    }

    /// What is wrong now, and word of every change: `borrow_and_update` for the first,
    /// `changed` for the second.
    pub fn subscribe(&self) -> watch::Receiver<HostHealth> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_grow_with_real_changes_only() {
        let health = Health::default();
        let mut seen = health.subscribe();
        let mut check = |revision, problems: &[(ProblemKind, &str)], told| {
            assert_eq!(seen.has_changed().unwrap(), told);
            let now = seen.borrow_and_update().clone();
            assert_eq!(now, health.now());
            assert_eq!(now.revision, revision);
            let words: Vec<_> =
                now.problems.iter().map(|one| (one.kind, one.message.as_str())).collect();
            assert_eq!(words, problems);
        };
        check(0, &[], false);
        health.report(ProblemKind::Tmux, "silent");
        check(1, &[(ProblemKind::Tmux, "silent")], true);
        health.report(ProblemKind::Tmux, "silent");
        check(1, &[(ProblemKind::Tmux, "silent")], false);
        health.report(ProblemKind::Store, "full");
        health.report(ProblemKind::Tmux, "gone");
        check(3, &[(ProblemKind::Tmux, "gone"), (ProblemKind::Store, "full")], true);
        health.solved(ProblemKind::Backup);
        check(3, &[(ProblemKind::Tmux, "gone"), (ProblemKind::Store, "full")], false);
        health.solved(ProblemKind::Tmux);
        check(4, &[(ProblemKind::Store, "full")], true);
    }

    #[test]
    fn other_words_keep_the_time_of_the_first() {
        let health = Health::default();
        health.report(ProblemKind::Store, "full");
        health.0.send_modify(|health| health.problems[0].since_ms = 7);
        health.report(ProblemKind::Store, "failing");
        assert_eq!(health.now().problems[0].since_ms, 7);
    }
}
