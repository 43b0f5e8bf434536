//! The tap: the process behind `pipe-pane` that carries one pane's output to Maestro.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Longest header line, with its line end.
pub(crate) const HEADER_BYTES: u64 = 128;

/// What a tap says first.
pub(crate) fn header(agent: &str, epoch: &str) -> String {
    format!("maestro-tap/1 {agent} {epoch}\n")
}

/// Body of `maestro tap SOCKET AGENT EPOCH`: copies standard input to the socket until either end
/// closes. Everything it reads is sent on at once.
pub fn run(socket: &Path, agent: &str, epoch: &str) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(header(agent, epoch).as_bytes())?;
    let mut input = io::stdin().lock();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => stream.write_all(&buffer[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
