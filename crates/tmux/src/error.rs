//! What can go wrong between Maestro and tmux, in sentences for the person at the screen.

use std::path::PathBuf;

use protocol::agents::AgentId;

/// A failure of the terminal layer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TmuxError {
    /// The run folder cannot be used as it is.
    #[error("the folder {path:?} cannot hold Maestro's sockets: {reason}")]
    RunDir {
        /// The folder.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// A file or socket of Maestro's own cannot be used.
    #[error("Maestro cannot {action} {path:?}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// There is no tmux.
    #[error("tmux could not be run as {program:?}: {reason}. Install tmux 3.3 or newer")]
    NoTmux {
        /// What was run.
        program: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// tmux lacks what Maestro needs.
    #[error("tmux {0} is too old. Install tmux 3.3 or newer")]
    TooOld(String),
    /// The control client could not connect.
    #[error("Maestro could not reach its tmux server: {0}. It keeps trying; try again in a moment")]
    Unreachable(String),
    /// tmux answered with an error.
    #[error("tmux refused `{command}`: {reason}")]
    Refused {
        /// First word of the command.
        command: String,
        /// What tmux said.
        reason: String,
    },
    /// No answer within five seconds.
    #[error(
        "tmux did not answer `{0}` within 5 seconds. Try again; restart Maestro if it persists"
    )]
    Timeout(String),
    /// The tmux server that ran this agent is gone.
    #[error("the tmux server that ran this agent ended. Start the agent again")]
    ServerGone,
    /// There is no such session.
    #[error("agent {0} has no session. Start it first")]
    NoSession(AgentId),
    /// There is a session already.
    #[error("agent {0} runs already. Stop it first")]
    Running(AgentId),
    /// The program ended.
    #[error("the program of this terminal has ended. Start the agent again")]
    Ended,
    /// A launch that no system call could take.
    #[error("the agent cannot be started: {0}")]
    Launch(String),
    /// The process that carries the output did not report.
    #[error(
        "the output of agent {0} did not arrive within 5 seconds. Check that Maestro's own \
         program file is still in place, then start the agent again"
    )]
    TapSilent(AgentId),
}

impl TmuxError {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
