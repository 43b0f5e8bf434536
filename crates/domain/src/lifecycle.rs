//! How an agent's state follows what happens to its session.
//!
//! | state \ event | Started | Hibernated | Exited | Lost |
//! |---------------|---------|------------|--------|------|
//! | Hibernated    | Running | Hibernated | Hibernated | Hibernated |
//! | Running       | Running, since the same time | Hibernated | Exited | Lost |
//! | Exited        | Running | Hibernated | the first exit | the first exit |
//! | Lost          | Running | Hibernated | Exited | the first loss |
//!
//! Events come late and twice. So a repeated one changes nothing, hibernation outlasts the end
//! that it causes, and a known end replaces an unknown one.

use protocol::agents::AgentState;

/// Something that happened to an agent's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleEvent {
    /// Its program runs.
    Started,
    /// Its owner ended its session.
    Hibernated,
    /// Its program ended by itself.
    Exited {
        /// Exit code; absent when a signal ended it.
        code: Option<i32>,
    },
    /// Its session is gone and nobody ended it.
    Lost,
}

/// The state after an event that happened at `now_ms`, milliseconds since the Unix epoch.
#[must_use]
pub fn step(state: AgentState, event: LifecycleEvent, now_ms: i64) -> AgentState {
    match (state, event) {
        (AgentState::Running { .. }, LifecycleEvent::Started)
        | (
            AgentState::Hibernated | AgentState::Exited { .. },
            LifecycleEvent::Exited { .. } | LifecycleEvent::Lost,
        )
        | (AgentState::Lost { .. }, LifecycleEvent::Lost) => state,
        (_, LifecycleEvent::Started) => AgentState::Running { since_ms: now_ms },
        (_, LifecycleEvent::Hibernated) => AgentState::Hibernated,
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
        let hibernated = AgentState::Hibernated;
        let running = AgentState::Running { since_ms: 100 };
        let failed = AgentState::Exited { code: Some(2), at_ms: 100 };
        let lost = AgentState::Lost { at_ms: 100 };

        let runs_now = AgentState::Running { since_ms: NOW };
        let killed_now = AgentState::Exited { code: None, at_ms: NOW };
        let lost_now = AgentState::Lost { at_ms: NOW };

        let events = [
            LifecycleEvent::Started,
            LifecycleEvent::Hibernated,
            LifecycleEvent::Exited { code: None },
            LifecycleEvent::Lost,
        ];
        let table = [
            (hibernated, [runs_now, hibernated, hibernated, hibernated]),
            (running, [running, hibernated, killed_now, lost_now]),
            (failed, [runs_now, hibernated, failed, failed]),
            (lost, [runs_now, hibernated, killed_now, lost]),
        ];
        for (state, after) in table {
            for (event, expected) in events.into_iter().zip(after) {
                assert_eq!(step(state, event, NOW), expected, "{state:?} + {event:?}");
                assert_eq!(step(expected, event, NOW + 1), expected, "{event:?} twice");
            }
        }
    }
}
