//! The commands against a server that answers from a script.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod access;
mod agents;
mod audit;
mod create;
mod credentials;
mod edit;
mod encrypted;
mod fake_server;
mod host;
mod life;
mod pairing;
mod past;
mod records;
mod refusals;
mod terminals;
mod tokens;
mod trash;

use std::io::Cursor;
use std::path::Path;

use clap::Parser;
use cli::client::Environment;
use cli::{ClientCommand, Context, Exit};
use fake_server::{FakeServer, Received};
use serde_json::Value;
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

impl Outcome {
    /// Method and path of each request.
    fn lines(&self) -> Vec<&str> {
        self.requests.iter().map(|request| request.line.as_str()).collect()
    }

    /// The body of the last request.
    fn sent(&self) -> Value {
        serde_json::from_str(&self.requests.last().unwrap().body).unwrap()
    }

    /// The data in the envelope on standard output, which is one line.
    fn data(&self) -> Value {
        assert_eq!(self.out.matches('\n').count(), 1, "{}{}", self.out, self.err);
        let envelope: Value = serde_json::from_str(&self.out).unwrap();
        assert_eq!(envelope["success"], true);
        envelope["data"].clone()
    }
}

/// What people read: standard output, standard error, and how the process ends.
#[track_caller]
fn check(outcome: &Outcome, exit: Exit, out: &str, err: &str) {
    assert_eq!((outcome.out.as_str(), outcome.err.as_str()), (out, err));
    assert_eq!(outcome.exit, exit);
}

/// Who is at the other end of the command, and where it runs.
#[derive(Default)]
struct Talk<'a> {
    input: &'a str,
    interactive: bool,
    environment: Environment,
    working_folder: Option<&'a Path>,
}

/// A data folder as a running server leaves it, and the server.
struct Home {
    folder: TempDir,
    server: FakeServer,
}

impl Home {
    /// A server that gives these answers, one after the other: status and body.
    fn with(answers: &[(u16, &str)]) -> Self {
        Self::of(FakeServer::start(answers))
    }

    /// A server that breaks off within its only answer.
    fn with_cut(body: &str) -> Self {
        Self::of(FakeServer::breaking_off(body))
    }

    fn of(server: FakeServer) -> Self {
        let folder = TempDir::new().unwrap();
        fake_server::write_run_files(folder.path(), &server.address);
        Self { folder, server }
    }

    /// Runs a command line without a terminal.
    fn run(&self, line: &[&str]) -> Outcome {
        self.start(line, &Talk::default())
    }

    /// Runs a command line into which something is piped.
    fn run_piped(&self, line: &[&str], input: &str) -> Outcome {
        self.start(line, &Talk { input, ..Default::default() })
    }

    /// Runs a command line where somebody gives this answer when asked.
    fn run_answering(&self, line: &[&str], answer: &str) -> Outcome {
        self.start(line, &Talk { input: answer, interactive: true, ..Default::default() })
    }

    fn start(&self, line: &[&str], talk: &Talk<'_>) -> Outcome {
        let typed = Maestro::try_parse_from([&["maestro"], line].concat()).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = cli::execute(
            typed.command,
            Context {
                home: self.folder.path().to_owned(),
                working_folder: talk.working_folder.map_or("/home/ada".into(), Into::into),
                environment: talk.environment.clone(),
                interactive: talk.interactive,
                on_screen: talk.interactive,
                pause: |_| (),
                input: &mut Cursor::new(talk.input),
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
