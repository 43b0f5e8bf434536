//! Starting and ending the sessions of an agent. Whoever calls holds the agent's turn.

use domain::launch::{self, Conversation};
use domain::lifecycle::LifecycleEvent;
use futures_util::future::{join, join_all};
use protocol::agents::history::HistoryEvent;
use protocol::agents::requests::WakeAgent;
use protocol::agents::{Agent, AgentState};
use protocol::error::{ApiError, ErrorCode};
use protocol::programs::ProgramKind;
use protocol::terminals::TerminalId;
use tmux::{Launch, TmuxError};

use super::service::Agents;
use super::{conversation, environment, folder, programs};

impl Agents {
    /// Starts the program of an agent; one that runs is left as it is.
    pub(super) async fn wake_now(&self, agent: Agent, how: WakeAgent) -> Result<Agent, ApiError> {
        if agent.state.is_running() {
            return Ok(agent);
        }
        let shells: Vec<TerminalId> = agent
            .terminals
            .iter()
            .filter(|terminal| matches!(terminal.state, AgentState::Lost { .. }))
            .map(|terminal| TerminalId { agent: agent.id.clone(), number: terminal.number })
            .collect();
        let resumed = self.start_program(&agent, how).await?;
        let mut agent = self
            .advance(agent, LifecycleEvent::Started, Some(HistoryEvent::Woken { resumed }))
            .await?;
        // What was lost together comes back together.
        for shell in shells {
            match self.start_shell(&agent, &shell).await {
                Ok(started) => agent = started,
                Err(error) => {
                    tracing::warn!(terminal = %shell, %error, "a lost shell was not restored");
                }
            }
        }
        Ok(agent)
    }

    /// Ends the session of its program and those of its other terminals, all at once: a tmux that
    /// does not answer is waited for once. What ended is recorded; the first failure is told after
    /// that.
    pub(super) async fn hibernate_now(&self, agent: Agent) -> Result<Agent, ApiError> {
        let id = agent.id;
        let program = TerminalId::program(id.clone());
        let shells: Vec<TerminalId> = agent
            .terminals
            .iter()
            .map(|record| TerminalId { agent: id.clone(), number: record.number })
            .collect();
        let (ended, shells_ended) = join(
            self.end_session(&program),
            join_all(shells.iter().map(|shell| self.end_session(shell))),
        )
        .await;
        let mut failure = None;
        for (shell, ended) in shells.iter().zip(shells_ended) {
            let recorded = match ended {
                Ok(()) => {
                    self.advance_shell(self.known(&id)?, shell, LifecycleEvent::Hibernated).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = recorded {
                failure.get_or_insert(error);
            }
        }
        ended?;
        // Whatever the record says: after this nothing runs. The ends that follow wait for this
        // turn and then change nothing.
        let slept = Some(HistoryEvent::Hibernated);
        let agent = self.advance(self.known(&id)?, LifecycleEvent::Hibernated, slept).await?;
        failure.map_or(Ok(agent), Err)
    }

    /// Ends the session of its program and starts it again; its other terminals go on.
    pub(super) async fn restart_now(
        &self,
        agent: Agent,
        how: WakeAgent,
    ) -> Result<Agent, ApiError> {
        // What cannot start again is not ended.
        folder::check(&agent.settings.folder).await?;
        programs::find(&agent.settings.program).await?;
        environment::resolve(&agent.settings.env).await?;
        self.end_session(&TerminalId::program(agent.id.clone())).await?;
        let agent =
            self.advance(agent, LifecycleEvent::Hibernated, Some(HistoryEvent::Hibernated)).await?;
        self.wake_now(agent, how).await
    }

    /// Runs the program in a new session; says whether it took up its conversation.
    async fn start_program(&self, agent: &Agent, how: WakeAgent) -> Result<bool, ApiError> {
        let settings = &agent.settings;
        let kind = ProgramKind::of(&settings.program);
        let program = programs::find(&settings.program).await?;
        let folder = folder::check(&settings.folder).await?;
        let mut env = self.environment_of(agent).await?;
        let id = if how.fresh {
            let id = conversation::new_id()?;
            self.store.agents().set_conversation(&agent.id, &id).await?;
            id
        } else {
            self.store.agents().conversation(&agent.id).await?
        };
        let recorded = conversation::is_recorded(kind, &id, &folder, &self.user_home, &env).await;
        let plan = launch::plan(kind, settings, Conversation { id: &id, recorded });
        let terminal = TerminalId::program(agent.id.clone());
        let token = self.tokens.open_session(&terminal).await?;
        env.push(("MAESTRO_TOKEN_FILE".into(), token.to_string_lossy().into_owned()));
        let launch = Launch { terminal: terminal.clone(), program, args: plan.args, folder, env };
        if let Err(error) = self.spawn(launch).await {
            self.tokens.close_session(&terminal).await;
            return Err(error);
        }
        Ok(plan.resumed)
    }

    /// What the programs of an agent find in their environment beside tmux's own.
    pub(super) async fn environment_of(
        &self,
        agent: &Agent,
    ) -> Result<Vec<(String, String)>, ApiError> {
        let mut env = environment::resolve(&agent.settings.env).await?;
        env.push(("MAESTRO_AGENT_ID".into(), agent.id.to_string()));
        env.push(("MAESTRO_AGENT_NAME".into(), agent.settings.name.clone()));
        env.push(("MAESTRO_HOME".into(), self.maestro_home.to_string_lossy().into_owned()));
        Ok(env)
    }

    /// Starts a session and shows it to everybody who looks at this terminal.
    pub(super) async fn spawn(&self, launch: Launch) -> Result<(), ApiError> {
        let id = launch.terminal.clone();
        let size = self.hub.size_for(&id);
        let spawned = match self.tmux.spawn(launch, size).await {
            // It was there all the time and could not be joined before.
            Err(TmuxError::Running(_)) => self.tmux.adopt(&id).await,
            spawned => spawned,
        };
        let terminal = spawned.map_err(|error| {
            tracing::error!(terminal = %id, %error, "a session could not be started");
            let sentence = format!(
                "tmux did not start the session: {error}. Try again, or run `maestro doctor`."
            );
            ApiError::new(ErrorCode::Unavailable, sentence)
        })?;
        self.hub.show(&id, terminal).await;
        Ok(())
    }

    /// Ends one session; none is fine.
    pub(super) async fn end_session(&self, id: &TerminalId) -> Result<(), ApiError> {
        self.tmux.kill(id).await.map_err(|error| {
            tracing::error!(terminal = %id, %error, "a session could not be ended");
            ApiError::new(
                ErrorCode::Unavailable,
                format!("tmux did not end the session: {error}. Try again."),
            )
        })
    }
}
