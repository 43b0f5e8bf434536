//! Follows what tmux reports, and stores what follows from it.

use std::time::Duration;

use domain::lifecycle::{self, LifecycleEvent};
use protocol::agents::history::HistoryEvent;
use protocol::agents::{Agent, AgentState};
use protocol::error::{ApiError, ErrorCode};
use protocol::host::ProblemKind;
use protocol::terminals::TerminalId;
use store::StoreError;
use tmux::TmuxEvent;

use super::service::Agents;
use super::unsaved::Pending;
use crate::clock::now_ms;

/// Waits before what could not be stored is tried again: doubling from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LAST_WAIT: Duration = Duration::from_secs(10);

impl Agents {
    /// Applies what tmux reports.
    pub async fn observe(&self, event: TmuxEvent) {
        match event {
            TmuxEvent::Exited { terminal, epoch, code } => {
                if self.ended(&terminal, epoch, LifecycleEvent::Exited { code }).await {
                    self.bury(&terminal, epoch).await;
                } else {
                    // Until it is stored, the dead session is the record of its end.
                    self.unsaved.bury_later(&terminal, epoch);
                }
            }
            TmuxEvent::Lost { terminal, epoch } => {
                self.ended(&terminal, epoch, LifecycleEvent::Lost).await;
            }
            TmuxEvent::ServerGone => {
                tracing::error!("the tmux server is gone; its agents are lost");
            }
            TmuxEvent::ServerBack => tracing::info!("the tmux server is back"),
            TmuxEvent::Silent => {
                tracing::error!("tmux does not answer");
                let sentence = "tmux does not answer. Agents go on, but what you type and ask of \
                                them may not arrive. If it lasts, run `maestro doctor`.";
                self.health.report(ProblemKind::Tmux, sentence);
            }
            TmuxEvent::Answering => {
                tracing::info!("tmux answers again");
                self.health.solved(ProblemKind::Tmux);
            }
        }
    }

    async fn bury(&self, terminal: &TerminalId, epoch: u64) {
        if let Err(error) = self.tmux.bury(terminal, epoch).await {
            tracing::warn!(%terminal, %error, "an ended session was not removed");
        }
    }

    /// Says whether nothing is left to store.
    async fn ended(&self, terminal: &TerminalId, epoch: u64, event: LifecycleEvent) -> bool {
        let _turn = self.turns.take(&terminal.agent).await;
        // The news of an earlier life says nothing about the one that runs now.
        if self.hub.epoch(terminal).is_some_and(|shown| shown != epoch) {
            return true;
        }
        let Some(agent) = self.topic.get(&terminal.agent) else { return true };
        if let Some(screen) = self.hub.screen(terminal)
            && let Err(error) = self.store.terminals().save_screen(terminal, &screen).await
        {
            tracing::warn!(%terminal, %error, "a last screen was not stored");
        }
        let outcome = if terminal.is_program() {
            let entry = match event {
                LifecycleEvent::Exited { code } => Some(HistoryEvent::Exited { code }),
                LifecycleEvent::Lost => Some(HistoryEvent::Lost),
                LifecycleEvent::Started | LifecycleEvent::Hibernated => None,
            };
            self.advance(agent, event, entry).await
        } else {
            self.advance_shell(agent, terminal, event).await
        };
        match outcome {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(%terminal, %error, "a session's end waits to be stored");
                false
            }
        }
    }

    /// Shows and stores the state of an agent that follows from an event. When it cannot be
    /// stored it is shown all the same, kept, and the error returned.
    pub(super) async fn advance(
        &self,
        mut agent: Agent,
        event: LifecycleEvent,
        entry: Option<HistoryEvent>,
    ) -> Result<Agent, ApiError> {
        let state = lifecycle::step(agent.state, event, now_ms());
        if state != agent.state {
            agent.state = state;
            self.publish(&agent);
            let id = TerminalId::program(agent.id.clone());
            if !state.is_running() {
                self.tokens.close_session(&id).await;
            }
            self.save(&id, state, entry).await?;
        }
        Ok(agent)
    }

    /// The same for one of its other terminals.
    pub(super) async fn advance_shell(
        &self,
        mut agent: Agent,
        id: &TerminalId,
        event: LifecycleEvent,
    ) -> Result<Agent, ApiError> {
        let Some(record) = agent.terminals.iter_mut().find(|known| known.number == id.number)
        else {
            return Ok(agent);
        };
        let state = lifecycle::step(record.state, event, now_ms());
        if state != record.state {
            record.state = state;
            self.publish(&agent);
            self.save(id, state, None).await?;
        }
        Ok(agent)
    }

    async fn save(
        &self,
        id: &TerminalId,
        state: AgentState,
        entry: Option<HistoryEvent>,
    ) -> Result<(), ApiError> {
        let now = now_ms();
        // What waits comes first, or the history would tell it in the wrong order.
        if self.unsaved.holds(id) {
            self.unsaved.keep(id, state, entry.map(|entry| (entry, now)));
            return Err(waits_for_the_disk());
        }
        match self.store_state(id, state, entry.as_ref(), now).await {
            Ok(()) | Err(StoreError::NoSuchAgent | StoreError::NoSuchTerminal) => Ok(()),
            Err(error) => {
                self.unsaved.keep(id, state, entry.map(|entry| (entry, now)));
                Err(error.into())
            }
        }
    }

    async fn store_state(
        &self,
        id: &TerminalId,
        state: AgentState,
        entry: Option<&HistoryEvent>,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        if id.is_program() {
            self.store.agents().set_state(&id.agent, state, entry, at_ms).await
        } else {
            self.store.terminals().set_state(id, state).await
        }
    }

    /// Tells everybody when the disk fails, and stores what waits as soon as it takes writes
    /// again. Runs until it is aborted.
    pub async fn store_what_waits(self) {
        let mut trouble = self.store.trouble();
        loop {
            tokio::select! {
                () = self.unsaved.added() => {}
                changed = trouble.changed() => if changed.is_err() { return },
            }
            let mut wait = FIRST_WAIT;
            while let Err(error) = self.store_pending().await {
                self.health.report(ProblemKind::Store, error.to_string());
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LAST_WAIT);
            }
            trouble.mark_unchanged();
            self.health.solved(ProblemKind::Store);
        }
    }

    /// Tries all that waits; one that fails does not hold up the others.
    async fn store_pending(&self) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        for (terminal, pending) in self.unsaved.all() {
            match self.store_one(&terminal, &pending).await {
                Ok(()) | Err(StoreError::NoSuchAgent | StoreError::NoSuchTerminal) => {
                    if let Some(epoch) = self.unsaved.stored(&terminal, &pending) {
                        self.bury(&terminal, epoch).await;
                    }
                }
                Err(error) => outcome = Err(error),
            }
        }
        outcome?;
        self.store.instance().touch().await
    }

    async fn store_one(&self, terminal: &TerminalId, pending: &Pending) -> Result<(), StoreError> {
        let (last, earlier) = match pending.events.split_last() {
            Some((last, earlier)) => (Some(last), earlier),
            None => (None, &[][..]),
        };
        for (event, at_ms) in earlier {
            self.store.agents().record(&terminal.agent, event, *at_ms).await?;
        }
        let at_ms = last.map_or_else(now_ms, |(_, at_ms)| *at_ms);
        self.store_state(terminal, pending.state, last.map(|(event, _)| event), at_ms).await
    }
}

fn waits_for_the_disk() -> ApiError {
    ApiError::new(
        ErrorCode::Unavailable,
        "It was done, but cannot be stored yet: the disk with Maestro's data is full or failing. \
         It is stored as soon as the disk takes it again.",
    )
}
