//! What can go wrong between Maestro and tmux, in sentences for the person at the screen.

use std::path::PathBuf;

use protocol::terminals::TerminalId;

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
    /// No answer within five seconds; whether it took effect is unknown.
    #[error(
        "tmux did not answer `{0}` within 5 seconds, so nobody knows whether it was done. Look \
         at the terminal before you try again"
    )]
    Timeout(String),
    /// The tmux server that ran this terminal is gone.
    #[error("the tmux server that ran this terminal ended. Start the terminal again")]
    ServerGone,
    /// There is no such session.
    #[error("terminal {0} has no session. Start it first")]
    NoSession(TerminalId),
    /// There is a session already.
    #[error("terminal {0} runs already. End it first")]
    Running(TerminalId),
    /// The program ended.
    #[error("the program of this terminal has ended. Start the terminal again")]
    Ended,
    /// A launch that no system call could take.
    #[error("the terminal cannot be started: {0}")]
    Launch(String),
    /// The process that carries the output did not report.
    #[error(
        "the output of terminal {0} did not arrive within 5 seconds. Check that Maestro's own \
         program file is still in place, then start the terminal again"
    )]
    TapSilent(TerminalId),
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
