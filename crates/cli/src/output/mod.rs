//! Everything that the commands print.
//!
//! With `--json` it is one envelope on one line. Without, it is for people: text of users comes
//! out with control characters spelled out, so that no name or note can drive the terminal.

pub(crate) mod access;
pub(crate) mod agents;
pub(crate) mod audit;
pub(crate) mod host;
pub(crate) mod many;
mod moment;
pub(crate) mod pairing;
pub(crate) mod past;
pub(crate) mod revocation;
mod table;
pub(crate) mod terminals;
mod text;
pub(crate) mod tokens;
pub(crate) mod trash;

use std::io;

use protocol::envelope::{Failure, Success};
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Exit, Refusal};

pub(crate) use text::{quoted, typeable, visible};

/// What a command found or did, ready for both kinds of readers.
#[derive(Debug)]
pub(crate) struct Report {
    json: String,
    text: String,
    remarks: Vec<String>,
    exit: Exit,
}

impl Report {
    /// For programs `data` in its envelope, for people `text`, whole lines.
    pub(crate) fn new(data: impl Serialize, text: String) -> Self {
        let json = serde_json::to_string(&Success::new(data))
            .expect("records of the protocol are valid JSON");
        Self { json, text, remarks: Vec::new(), exit: Exit::Ok }
    }

    /// For a command whose whole answer has been written already.
    fn silent() -> Self {
        Self { json: String::new(), text: String::new(), remarks: Vec::new(), exit: Exit::Ok }
    }

    /// With a sentence that people read beside the answer, on standard error.
    pub(crate) fn remark(mut self, remark: String) -> Self {
        self.remarks.push(remark);
        self
    }

    /// With another end than a good one.
    fn ending(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }
}

/// Somebody was asked and did not want it.
pub(crate) fn declined() -> Report {
    Report::new((), "Nothing was changed.\n".to_owned())
}

/// Says what was found or done.
pub(crate) fn report(report: &Report, json: bool, context: &mut Context<'_>) -> io::Result<()> {
    if json {
        if !report.json.is_empty() {
            writeln!(context.out, "{}", report.json)?;
        }
        return context.out.flush();
    }
    context.out.write_all(report.text.as_bytes())?;
    context.out.flush()?;
    for remark in &report.remarks {
        writeln!(context.err, "{remark}")?;
    }
    context.err.flush()
}

/// Says why it was not done.
pub(crate) fn refusal(refusal: &Refusal, json: bool, context: &mut Context<'_>) -> io::Result<()> {
    if json {
        let envelope = serde_json::to_string(&Failure::new(refusal.error.clone()))?;
        writeln!(context.err, "{envelope}")?;
    } else {
        writeln!(context.err, "{}", visible(&refusal.error.message))?;
    }
    context.err.flush()
}
