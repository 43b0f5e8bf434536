//! How an agent's state follows what happens to its session.
//!
//! | state \ event | Started | Stopped | Exited | Lost |
//! |---------------|---------|---------|--------|------|
//! | Stopped       | Running | Stopped | Stopped | Stopped |
//! | Running       | Running, since the same time | Stopped | Exited | Lost |
//! | Exited        | Running | Stopped | the first exit | the first exit |
//! | Lost          | Running | Stopped | Exited | the first loss |
//!
//! Events come late and twice. So a repeated one changes nothing, the owner's stop outlasts the
//! end that it causes, and a known end replaces an unknown one.

use protocol::agents::AgentState;

/// Something that happened to an agent's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleEvent {
    /// Its program runs.
    Started,
    /// Its owner stopped it.
    Stopped,
    /// Its program ended by itself.
    Exited {
        /// Exit code; absent when a signal ended it.
        code: Option<i32>,
    },
    /// Its session is gone and nobody stopped it.
    Lost,
}

/// The state after an event that happened at `now_ms`, milliseconds since the Unix epoch.
#[must_use]
pub fn step(state: AgentState, event: LifecycleEvent, now_ms: i64) -> AgentState {
    match (state, event) {
        (AgentState::Running { .. }, LifecycleEvent::Started)
        | (
            AgentState::Stopped | AgentState::Exited { .. },
            LifecycleEvent::Exited { .. } | LifecycleEvent::Lost,
        )
        | (AgentState::Lost { .. }, LifecycleEvent::Lost) => state,
        (_, LifecycleEvent::Started) => AgentState::Running { since_ms: now_ms },
        (_, LifecycleEvent::Stopped) => AgentState::Stopped,
        (_, LifecycleEvent::Exited { code }) => AgentState::Exited { code, at_ms: now_ms },
        (_, LifecycleEvent::Lost) => AgentState::Lost { at_ms: now_ms },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_takes_every_event() {
        const NOW: i64 = 200;
        let stopped = AgentState::Stopped;
        let running = AgentState::Running { since_ms: 100 };
        let failed = AgentState::Exited { code: Some(2), at_ms: 100 };
        let lost = AgentState::Lost { at_ms: 100 };

        let runs_now = AgentState::Running { since_ms: NOW };
        let killed_now = AgentState::Exited { code: None, at_ms: NOW };
        let lost_now = AgentState::Lost { at_ms: NOW };

        let events = [
            LifecycleEvent::Started,
            LifecycleEvent::Stopped,
            LifecycleEvent::Exited { code: None },
            LifecycleEvent::Lost,
        ];
        let table = [
            (stopped, [runs_now, stopped, stopped, stopped]),
            (running, [running, stopped, killed_now, lost_now]),
            (failed, [runs_now, stopped, failed, failed]),
            (lost, [runs_now, stopped, killed_now, lost]),
        ];
        for (state, after) in table {
            for (event, expected) in events.into_iter().zip(after) {
                assert_eq!(step(state, event, NOW), expected, "{state:?} + {event:?}");
                assert_eq!(step(expected, event, NOW + 1), expected, "{event:?} twice");
            }
        }
    }
}
