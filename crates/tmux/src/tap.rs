//! The tap: the process behind `pipe-pane` that carries one pane's output to Maestro.

use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Longest header line, with its line end.
pub(crate) const HEADER_BYTES: u64 = 128;

/// What a tap says first.
pub(crate) fn header(terminal: &str, epoch: &str) -> String {
    format!("maestro-tap/1 {terminal} {epoch}\n")
}

/// Body of `maestro tap SOCKET TERMINAL EPOCH`: copies standard input to the socket until either
/// end closes. Everything it reads is sent on at once.
///
/// tmux keeps the pipe of a dead pane open and refuses to close it, so the other end of the
/// socket says when nothing more can come: then what is in the pipe is the rest.
///
/// It must never be kept from reading: tmux would keep what the pane prints meanwhile, about
/// 3.5 MB a second in a flood, and nothing tells that it does. One that somebody has stopped is
/// ended when its program ends, not before.
pub fn run(socket: &Path, terminal: &str, epoch: &str) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(header(terminal, epoch).as_bytes())?;
    let input = io::stdin();
    let mut buffer = vec![0; 64 * 1024];
    let mut wanted = true;
    loop {
        let ready = ready(input.as_fd(), &stream, wanted)?;
        wanted = wanted && !ready.closed;
        if !ready.input {
            if wanted {
                continue;
            }
            return Ok(());
        }
        match rustix::io::read(&input, &mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => stream.write_all(&buffer[..length])?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

struct Ready {
    input: bool,
    closed: bool,
}

/// What there is to read. Waits for the first of both while output is `wanted`; afterwards only
/// looks. The socket says nothing but its end.
fn ready(input: BorrowedFd<'_>, stream: &UnixStream, wanted: bool) -> io::Result<Ready> {
    let mut watched =
        [PollFd::from_borrowed_fd(input, PollFlags::IN), PollFd::new(stream, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let (count, limit) = if wanted { (2, None) } else { (1, Some(&at_once)) };
    loop {
        match poll(&mut watched[..count], limit) {
            Err(Errno::INTR) => {}
            polled => break polled.map(drop)?,
        }
    }
    let says = |fd: &PollFd<'_>| !fd.revents().is_empty();
    Ok(Ready { input: says(&watched[0]), closed: wanted && says(&watched[1]) })
}
