//! Keystroke to echo: through the whole of Maestro, and through a bare `tmux attach`, turn by
//! turn in one run.
//!
//! Both type into a `cat` whose terminal echoes, on the same tmux server. The bare client is
//! what a person has without Maestro: `tmux attach` on a PTY.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::Outcome;
use crate::http;
use crate::instance::Instance;
use crate::socket::Viewer;

const KEYS: usize = 500;
const SCRIPT: &str = "printf 'ready> '; exec cat";
/// Nothing takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Times of the whole path and of the bare client.
pub(crate) async fn measure(instance: &Instance) -> Outcome<(Vec<Duration>, Vec<Duration>)> {
    let watched = http::create(instance, "whole path", SCRIPT).await?;
    let attached = http::create(instance, "bare client", SCRIPT).await?;
    let mut viewer = Viewer::open(instance, &watched).await?;
    viewer.shows(b"ready> ").await?;
    let mut bare = Bare::attach(&instance.tmux_socket(), &attached)?;
    let (mut whole, mut alone) = (Vec::new(), Vec::new());
    for number in 0..KEYS {
        let key = b'a' + u8::try_from(number % 26)?;
        let begin = Instant::now();
        viewer.key(key).await?;
        viewer.shows(&[key]).await?;
        whole.push(begin.elapsed());
        alone.push(tokio::task::block_in_place(|| bare.echo(key))?);
        if number % 64 == 63 {
            // A new line, so that neither side measures line wrapping.
            viewer.key(b'\r').await?;
            viewer.shows(b"\n").await?;
            tokio::task::block_in_place(|| bare.echo(b'\r'))?;
        }
    }
    Ok((whole, alone))
}

struct Bare {
    keys: Box<dyn std::io::Write + Send>,
    output: Receiver<Vec<u8>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
}

impl Bare {
    fn attach(socket: &Path, agent: &str) -> Outcome<Self> {
        let size = PtySize { rows: 32, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new("tmux");
        command.arg("-S");
        command.arg(socket);
        command.args(["attach", "-t", &format!("={agent}")]);
        command.env("TERM", "xterm-256color");
        let child = pty.slave.spawn_command(command)?;
        let keys = pty.master.take_writer()?;
        let mut reader = pty.master.try_clone_reader()?;
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let _master = pty.master;
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut bare = Self { keys, output, child };
        bare.until(|bytes| bytes.windows(6).any(|window| window == b"ready>"))?;
        Ok(bare)
    }

    fn echo(&mut self, key: u8) -> Outcome<Duration> {
        // What tmux still draws of the key before is not this key's echo.
        while self.output.try_recv().is_ok() {}
        let begin = Instant::now();
        self.keys.write_all(&[key])?;
        self.keys.flush()?;
        let wanted = if key == b'\r' { b'\n' } else { key };
        self.until(|bytes| bytes.contains(&wanted))?;
        Ok(begin.elapsed())
    }

    fn until(&mut self, seen: impl Fn(&[u8]) -> bool) -> Outcome<()> {
        let mut all = Vec::new();
        while !seen(&all) {
            all.extend(self.output.recv_timeout(PATIENCE)?);
        }
        Ok(())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It ends with tmux anyway.
        let _already_gone = self.child.kill();
    }
}
