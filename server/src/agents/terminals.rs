//! The terminals that an agent has beside that of its program: shells in its folder.

use async_trait::async_trait;
use domain::lifecycle::LifecycleEvent;
use domain::settings;
use protocol::agents::{Agent, AgentId};
use protocol::error::{ApiError, ErrorCode};
use protocol::ports::TerminalsPort;
use protocol::terminals::{NameTerminal, OutputQuery, ScreenText, TerminalId};
use tmux::{Launch, TmuxError};

use super::service::Agents;
use super::{folder, programs};
use crate::access::about::about;
use crate::clock::now_ms;

impl Agents {
    /// Runs the owner's shell in a terminal; one that runs is left as it is.
    pub(super) async fn start_shell(
        &self,
        agent: &Agent,
        id: &TerminalId,
    ) -> Result<Agent, ApiError> {
        let record = agent.terminal(id.number).ok_or_else(|| unknown(id))?;
        if record.state.is_running() {
            return Ok(agent.clone());
        }
        let launch = Launch {
            terminal: id.clone(),
            program: programs::shell().await?,
            args: Vec::new(),
            folder: folder::check(&agent.settings.folder).await?,
            env: self.environment_of(agent).await?,
        };
        self.spawn(launch).await?;
        self.advance_shell(agent.clone(), id, LifecycleEvent::Started).await
    }

    /// Whether something runs in a terminal, as far as is known.
    fn runs(&self, id: &TerminalId) -> Result<bool, ApiError> {
        let agent = self.known(&id.agent)?;
        let state = match agent.terminal(id.number) {
            _ if id.is_program() => agent.state,
            Some(record) => record.state,
            None => return Err(unknown(id)),
        };
        Ok(state.is_running())
    }

    fn shell_of(&self, id: &TerminalId) -> Result<Agent, ApiError> {
        let agent = self.known(&id.agent)?;
        if id.is_program() {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                "This is the terminal of the agent's own program. Wake, hibernate or restart the \
                 agent instead.",
            ));
        }
        if agent.terminal(id.number).is_none() {
            return Err(unknown(id));
        }
        Ok(agent)
    }
}

fn unknown(id: &TerminalId) -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        format!("There is no terminal {id}. It may have been closed; look at the agent again."),
    )
}

/// A name that nobody chose: “Shell”, or “Shell 2” and so on.
fn free_name(agent: &Agent) -> String {
    let taken = |name: &str| agent.terminals.iter().any(|terminal| terminal.name == name);
    let numbered = (2..).map(|number| format!("Shell {number}"));
    let mut names = std::iter::once("Shell".to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

#[async_trait]
impl TerminalsPort for Agents {
    async fn screen(&self, id: &TerminalId) -> Result<ScreenText, ApiError> {
        if let Some(screen) = self.hub.screen(id) {
            return Ok(screen);
        }
        // It ended before this server started: its last screen was kept.
        Ok(self.store.terminals().screen(id).await?.unwrap_or_default())
    }

    async fn output(&self, id: &TerminalId, part: OutputQuery) -> Result<ScreenText, ApiError> {
        if self.runs(id)? {
            match self.tmux.output(id, part.count()).await {
                Ok(rows) => return Ok(ScreenText { rows }),
                // It ended while it was asked.
                Err(TmuxError::NoSession(_)) => {}
                Err(_ended) if !self.runs(id)? => {}
                Err(error) => {
                    let sentence = format!("tmux did not give the output: {error}. Try again.");
                    return Err(ApiError::new(ErrorCode::Unavailable, sentence));
                }
            }
        }
        let mut screen = self.screen(id).await?;
        let keep = usize::try_from(part.count()).unwrap_or(usize::MAX);
        screen.rows.drain(..screen.rows.len().saturating_sub(keep));
        Ok(screen)
    }

    async fn open(&self, agent: &AgentId, name: NameTerminal) -> Result<Agent, ApiError> {
        about(agent);
        let _turn = self.turns.take(agent).await;
        let mut agent = self.known(agent)?;
        let name = name.name.unwrap_or_else(|| free_name(&agent));
        settings::check_terminal_name(&name)?;
        folder::check(&agent.settings.folder).await?;
        let record = self.store.terminals().add(&agent.id, &name, now_ms()).await?;
        let id = TerminalId { agent: agent.id.clone(), number: record.number };
        agent.terminals.push(record);
        self.publish(&agent);
        self.start_shell(&agent, &id).await
    }

    async fn start(&self, id: &TerminalId) -> Result<Agent, ApiError> {
        about(id);
        let _turn = self.turns.take(&id.agent).await;
        self.start_shell(&self.shell_of(id)?, id).await
    }

    async fn rename(&self, id: &TerminalId, name: NameTerminal) -> Result<Agent, ApiError> {
        about(id);
        let _turn = self.turns.take(&id.agent).await;
        let mut agent = self.shell_of(id)?;
        let name = name.name.unwrap_or_else(|| free_name(&agent));
        settings::check_terminal_name(&name)?;
        self.store.terminals().rename(id, &name).await?;
        for terminal in agent.terminals.iter_mut().filter(|known| known.number == id.number) {
            terminal.name.clone_from(&name);
        }
        self.publish(&agent);
        Ok(agent)
    }

    async fn close(&self, id: &TerminalId) -> Result<Agent, ApiError> {
        about(id);
        let _turn = self.turns.take(&id.agent).await;
        let mut agent = self.shell_of(id)?;
        self.end_session(id).await?;
        self.store.terminals().remove(id, now_ms()).await?;
        agent.terminals.retain(|terminal| terminal.number != id.number);
        self.publish(&agent);
        self.hub.forget_one(id);
        self.unsaved.forget(id);
        Ok(agent)
    }
}
