//! The commands against a server that answers from a script.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod agents;
mod fake_server;
mod refusals;

use std::io::Cursor;

use clap::Parser;
use cli::{ClientCommand, Context, Exit};
use fake_server::{FakeServer, Received};
use tempfile::TempDir;

#[derive(Parser)]
struct Maestro {
    #[command(subcommand)]
    command: ClientCommand,
}

/// What a command did.
struct Outcome {
    exit: Exit,
    out: String,
    err: String,
    requests: Vec<Received>,
}

/// A data folder as a running server leaves it, and the server.
struct Home {
    folder: TempDir,
    server: FakeServer,
}

impl Home {
    /// A server that gives these answers, one after the other: status and body.
    fn with(answers: &[(u16, &str)]) -> Self {
        let server = FakeServer::start(answers);
        let folder = TempDir::new().unwrap();
        fake_server::write_run_files(folder.path(), &server.address);
        Self { folder, server }
    }

    /// Runs a command line without a terminal.
    fn run(&self, line: &[&str]) -> Outcome {
        self.start(line, None)
    }

    /// Runs a command line where somebody gives this answer when asked.
    fn run_answering(&self, line: &[&str], answer: &str) -> Outcome {
        self.start(line, Some(answer))
    }

    fn start(&self, line: &[&str], answer: Option<&str>) -> Outcome {
        let typed = Maestro::try_parse_from([&["maestro"], line].concat()).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = cli::execute(
            typed.command,
            Context {
                home: self.folder.path().to_owned(),
                working_folder: "/home/ada".into(),
                interactive: answer.is_some(),
                input: &mut Cursor::new(answer.unwrap_or_default()),
                out: &mut out,
                err: &mut err,
            },
        );
        Outcome {
            exit,
            out: String::from_utf8(out).unwrap(),
            err: String::from_utf8(err).unwrap(),
            requests: self.server.received(),
        }
    }
}
