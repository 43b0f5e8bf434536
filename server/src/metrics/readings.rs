//! What the parts of the server tell of themselves, as plain numbers.

use protocol::agents::AgentState;
use protocol::host::ProblemKind;

/// The numbers of one moment.
#[derive(Clone, Debug)]
pub(crate) struct Readings {
    /// Agents that are not in the trash.
    pub agents: AgentCounts,
    /// Open windows on terminals.
    pub viewers: usize,
    /// Open sockets of browsers.
    pub sockets: usize,
    /// Bytes that people typed or pasted into terminals since the start.
    pub input_bytes: u64,
    /// The way to tmux.
    pub tmux: tmux::Statistics,
    /// The database.
    pub store: store::Statistics,
    /// What is wrong now.
    pub problems: Vec<ProblemKind>,
}

/// How many agents are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AgentCounts {
    hibernated: usize,
    running: usize,
    done: usize,
    failed: usize,
    lost: usize,
}

impl FromIterator<AgentState> for AgentCounts {
    fn from_iter<T: IntoIterator<Item = AgentState>>(states: T) -> Self {
        let mut counts = Self::default();
        for state in states {
            let count = match state {
                AgentState::Hibernated => &mut counts.hibernated,
                AgentState::Running { .. } => &mut counts.running,
                AgentState::Exited { code: Some(0), .. } => &mut counts.done,
                AgentState::Exited { .. } => &mut counts.failed,
                AgentState::Lost { .. } => &mut counts.lost,
            };
            *count += 1;
        }
        counts
    }
}

impl AgentCounts {
    /// Every state with its count; none is left out when it is 0.
    pub(super) fn by_state(&self) -> [(&'static str, u64); 5] {
        [
            ("hibernated", self.hibernated),
            ("running", self.running),
            ("done", self.done),
            ("failed", self.failed),
            ("lost", self.lost),
        ]
        .map(|(state, count)| (state, count as u64))
    }
}

impl Readings {
    /// Every kind of problem, and 1 where there is one now.
    pub(super) fn by_problem(&self) -> [(&'static str, u64); 5] {
        [
            ProblemKind::Store,
            ProblemKind::Tmux,
            ProblemKind::LostWrite,
            ProblemKind::Backup,
            ProblemKind::Audit,
        ]
        .map(|kind| (problem_name(kind), u64::from(self.problems.contains(&kind))))
    }
}

/// As in JSON.
fn problem_name(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Store => "store",
        ProblemKind::Tmux => "tmux",
        ProblemKind::LostWrite => "lost_write",
        ProblemKind::Backup => "backup",
        ProblemKind::Audit => "audit",
    }
}
