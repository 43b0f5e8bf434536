//! What a command that needs no running server answers: words for people, JSON for programs.

use std::io::{self, Write as _};
use std::process::ExitCode;

use cli::exit::{Exit, Refusal};
use protocol::envelope::{Failure, Success};
use protocol::error::{ApiError, ErrorCode};
use serde::Serialize;

/// What was found or done.
#[derive(Debug)]
pub(crate) struct Report {
    /// Whole lines.
    pub(crate) text: String,
    /// The same in its envelope.
    pub(crate) json: String,
}

impl Report {
    /// For programs `data` in its envelope, for people `text`, whole lines.
    pub(crate) fn new(data: impl Serialize, text: String) -> Self {
        let json = serde_json::to_string(&Success::new(data))
            .expect("records of plain fields are valid JSON");
        Self { text, json }
    }
}

/// A command that was not done, with the exit code that belongs to this kind.
pub(crate) fn refusal(code: ErrorCode, message: impl Into<String>) -> Refusal {
    ApiError::new(code, message).into()
}

/// Says it and gives the exit code.
pub(crate) fn print(outcome: Result<Report, Refusal>, json: bool) -> ExitCode {
    let said = match outcome {
        Ok(report) => {
            let text = if json { report.json + "\n" } else { report.text };
            write_out(&text).map(|()| Exit::Ok)
        }
        Err(refusal) => {
            let text = if json {
                serde_json::to_string(&Failure::new(refusal.error)).unwrap_or_default()
            } else {
                refusal.error.message
            };
            writeln!(io::stderr(), "{text}").map(|()| refusal.exit)
        }
    };
    // Nobody reads on (`… | head`) is fine; any other failure to write is not.
    let unsaid = |error: io::Error| match error.kind() {
        io::ErrorKind::BrokenPipe => Exit::Ok,
        _ => Exit::Other,
    };
    said.unwrap_or_else(unsaid).into()
}

fn write_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
