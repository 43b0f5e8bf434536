//! What a command needs from the process around it; tests hand in their own.

use std::io::{BufRead, IsTerminal, StderrLock, StdinLock, StdoutLock, Write};
use std::path::PathBuf;

/// Where a command runs and whom it talks to.
pub struct Context<'a> {
    /// Data folder of the Maestro that is meant.
    pub home: PathBuf,
    /// The folder that relative ones start from.
    pub working_folder: PathBuf,
    /// Whether somebody can be asked.
    pub interactive: bool,
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
            interactive: self.input.is_terminal() && self.err.is_terminal(),
            input: &mut self.input,
            out: &mut self.out,
            err: &mut self.err,
        }
    }
}
