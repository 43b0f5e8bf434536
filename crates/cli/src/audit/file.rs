//! Checks an exported trail by itself, without a server.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use domain::audit::{BEGIN, Entry, Event, Hash, Verifier, hex};
use protocol::access::audit::{AuditEntry, AuditReport, BrokenChain};
use protocol::error::{ApiError, ErrorCode};

use crate::context::Context;
use crate::exit::Refusal;
use crate::output::{Report, audit as say};

/// No entry that Maestro writes is longer, with every character of its texts escaped.
const LINE_BYTES: u64 = 256 * 1024;

/// Checks the chain in the file.
pub(super) fn verify(file: &Path, context: &Context<'_>) -> Result<Report, Refusal> {
    let path = context.working_folder.join(file);
    let unreadable = |error: io::Error| {
        let shown = path.display();
        let (code, message) = match error.kind() {
            io::ErrorKind::NotFound => (ErrorCode::NotFound, format!("There is no file {shown}.")),
            _ => (ErrorCode::Invalid, format!("{shown} cannot be read: {error}.")),
        };
        Refusal::from(ApiError::new(code, message))
    };
    let lines = BufReader::new(File::open(&path).map_err(unreadable)?);
    check(lines).map(|report| say::verified(&report)).map_err(unreadable)
}

/// Reads line by line up to the first entry that is not as it was written.
fn check(mut lines: impl BufRead) -> io::Result<AuditReport> {
    let mut verifier = Verifier::default();
    let mut line = Vec::new();
    let broken = loop {
        line.clear();
        if lines.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
            break None;
        }
        let expected = verifier.last().saturating_add(1);
        let Some(entry) = entry(&line) else {
            let problem = "The line where it belongs is no entry of a trail.".to_owned();
            break Some(BrokenChain { seq: expected, problem });
        };
        if let Err(bad) = verifier.check(&entry) {
            break Some(BrokenChain { seq: bad.seq, problem: bad.to_string() });
        }
    };
    let head = if verifier.head() == BEGIN { String::new() } else { hex(&verifier.head()) };
    let entries = u64::try_from(verifier.last()).unwrap_or_default();
    Ok(AuditReport { entries, head, broken })
}

/// The entry on this line, if it is a whole line that holds one.
fn entry(line: &[u8]) -> Option<Entry> {
    let line = line.strip_suffix(b"\n")?;
    let AuditEntry { seq, at_ms, who, how, action, object, outcome, detail, hash } =
        serde_json::from_slice(line).ok()?;
    let event = Event { at_ms, who, how, action, object, outcome, detail };
    Some(Entry { seq, event, hash: bytes(&hash)? })
}

/// A hash from lower-case hexadecimal; any other form was not written by Maestro.
fn bytes(text: &str) -> Option<Hash> {
    let mut hash = BEGIN;
    if text.len() != 2 * hash.len() {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    (hex(&hash) == text).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hexadecimal_as_maestro_writes_it_is_a_hash() {
        let good = "00ff".repeat(16);
        assert_eq!(hex(&bytes(&good).unwrap()), good);
        for text in [good.to_uppercase(), good[1..].to_owned(), "+f".repeat(32), "é".repeat(32)] {
            assert_eq!(bytes(&text), None, "{text}");
        }
    }
}
