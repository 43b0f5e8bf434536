//! What a command needs from the process around it; tests hand in their own.

use std::io::{BufRead, IsTerminal, StderrLock, StdinLock, StdoutLock, Write};
use std::path::PathBuf;
use std::time::Duration;

use crate::client::Environment;

/// Where a command runs and whom it talks to.
pub struct Context<'a> {
    /// Data folder of the Maestro that is meant.
    pub home: PathBuf,
    /// The folder that relative ones start from.
    pub working_folder: PathBuf,
    /// As whom to ask, and whom, where the environment says it.
    pub environment: Environment,
    /// Whether somebody can be asked.
    pub interactive: bool,
    /// Whether the answer is shown on a screen.
    pub on_screen: bool,
    /// Lets that much time pass.
    pub pause: fn(Duration),
    /// Answers of that somebody.
    pub input: &'a mut dyn BufRead,
    /// For the answer of the command.
    pub out: &'a mut dyn Write,
    /// For errors and questions.
    pub err: &'a mut dyn Write,
}

/// The standard streams of this process, held for one command.
pub struct Streams {
    input: StdinLock<'static>,
    out: StdoutLock<'static>,
    err: StderrLock<'static>,
}

impl Streams {
    /// Locks them.
    pub fn lock() -> Self {
        Self {
            input: std::io::stdin().lock(),
            out: std::io::stdout().lock(),
            err: std::io::stderr().lock(),
        }
    }

    /// The context of this process.
    pub fn context(&mut self, home: PathBuf, working_folder: PathBuf) -> Context<'_> {
        Context {
            home,
            working_folder,
            environment: Environment::of_process(),
            on_screen: self.out.is_terminal(),
            pause,
            interactive: self.input.is_terminal() && self.err.is_terminal(),
            input: &mut self.input,
            out: &mut self.out,
            err: &mut self.err,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person watches this process, which has nothing else to do and no socket to wait on"
)]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
