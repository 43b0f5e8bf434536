//! The task behind one running terminal: carries its output to the terminal and settles its end.

use std::sync::Arc;
use std::time::Duration;

use protocol::terminals::TerminalId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::adopt::{self, Seed};
use crate::config::TmuxConfig;
use crate::control::{Control, Incarnation, Keeper};
use crate::error::TmuxError;
use crate::pane::{Ending, look};
use crate::platform::{Process, remind_of_children};
use crate::quote::shell_path;
use crate::registry::{Grave, Registry};
use crate::server::TmuxEvent;
use crate::taps::{TapStream, Taps};
use crate::terminal::Screen;

/// A tap that was told that nothing more comes ends by itself; this long it may take.
const DRAIN_WITHIN: Duration = Duration::from_secs(5);
/// A program has ended and its tap has carried nothing for this long: then it may be stuck.
const STUCK_AFTER: Duration = Duration::from_secs(2);
/// Waits before a tap that ended is replaced: doubling from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LAST_WAIT: Duration = Duration::from_secs(5);

/// How often tmux is reminded of an ended program, and the wait that grows with each time.
const REMINDERS: u32 = 10;
const REMIND_AGAIN: Duration = Duration::from_millis(5);

/// What others know about the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The pane is dead; the exit code, unless a signal ended the program.
    Died(Option<i32>),
    /// The whole server is gone.
    Lost,
}

impl Signal {
    /// How it is reported.
    pub(crate) fn event(self, terminal: TerminalId, epoch: u64) -> TmuxEvent {
        match self {
            Self::Died(code) => TmuxEvent::Exited { terminal, epoch, code },
            Self::Lost => TmuxEvent::Lost { terminal, epoch },
        }
    }
}

/// What sessions share.
pub(crate) struct Services {
    pub(crate) config: Arc<TmuxConfig>,
    pub(crate) control: Control,
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) taps: Taps,
    pub(crate) registry: Arc<Registry>,
    /// The limit that programs get; Maestro and tmux have a higher one.
    pub(crate) open_files: Option<u64>,
}

impl Services {
    /// The command behind `pipe-pane`.
    pub(crate) fn tap_command(&self, terminal: &TerminalId, epoch: u64) -> String {
        let exe = shell_path(&self.config.maestro_exe);
        let socket = shell_path(&self.config.tap_socket());
        format!("exec {exe} tap {socket} {terminal} {epoch}")
    }

    /// Captures a pane and opens a new tap at that byte.
    pub(crate) async fn follow(
        &self,
        terminal: &TerminalId,
        pane: u32,
        epoch: u64,
    ) -> Result<(Seed, TapStream), TmuxError> {
        let expected = self.taps.expect(terminal, epoch);
        let command = self.tap_command(terminal, epoch);
        let seed = self.capture(pane, Some(&command)).await?;
        Ok((seed, expected.stream(terminal).await?))
    }

    /// Captures a pane and, given a command, pipes its output there from that very byte on.
    pub(crate) async fn capture(&self, pane: u32, pipe: Option<&str>) -> Result<Seed, TmuxError> {
        match adopt::capture(&self.config, pane, pipe).await {
            Err(TmuxError::Refused { .. }) if self.keeper.mend().await => {
                adopt::capture(&self.config, pane, pipe).await
            }
            captured => captured,
        }
    }

    /// Makes sure that tmux notices the end of the program. Returns how it ended, once all its
    /// output is in the tap too.
    ///
    /// Where tmux keeps login records (libutempter), it is deaf to its children for some
    /// milliseconds whenever a pane opens or closes, and one that ends just then stays unnoticed
    /// for ever. The process itself tells its end, so tmux can be reminded.
    pub(crate) async fn remind(&self, server: Incarnation, pane: u32) -> Option<Ending> {
        for attempt in 0..REMINDERS {
            let facts = look(&self.control, server, pane).await.ok()??;
            if facts.ending.is_some() {
                return facts.ended();
            }
            remind_of_children(facts.server);
            tokio::time::sleep(REMIND_AGAIN * attempt).await;
        }
        None
    }
}

/// One running terminal.
pub(crate) struct Session {
    pub(crate) services: Arc<Services>,
    pub(crate) terminal: TerminalId,
    pub(crate) epoch: u64,
    pub(crate) server: Incarnation,
    pub(crate) pane: u32,
    pub(crate) pid: i32,
    pub(crate) screen: Arc<Screen>,
}

impl Session {
    /// Runs until the program has ended and every byte of it is in the terminal.
    pub(crate) async fn run(self, mut tap: TapStream, mut signals: mpsc::Receiver<Signal>) {
        let mut wait = FIRST_WAIT;
        let mut torn = false;
        let mut process = Running::Until(Process::open(self.pid));
        let end = loop {
            let head = self.screen.facts().head;
            if let Some(signal) = self.carry(&mut tap, &mut signals, &mut process, &mut torn).await
            {
                break signal;
            }
            if let Some(signal) = self.inspect(&mut signals).await {
                break signal;
            }
            // Somebody ended the tap of a living pane.
            if self.screen.facts().head > head {
                wait = FIRST_WAIT;
            }
            tracing::warn!(terminal = %self.terminal, "the tap ended early; opening another one");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LAST_WAIT);
            match self.services.follow(&self.terminal, self.pane, self.epoch).await {
                Ok((seed, stream)) => {
                    self.screen.reseed(seed.size, &seed.bytes);
                    tap = stream;
                    torn = false;
                }
                Err(error) => tracing::warn!(terminal = %self.terminal, %error, "no new tap"),
            }
        };
        if torn && matches!(end, Signal::Died(_)) {
            // tmux has seen what the tap did not carry.
            if let Ok(seed) = self.services.capture(self.pane, None).await {
                self.screen.reseed(seed.size, &seed.bytes);
            }
        }
        self.finish(end).await;
    }

    /// Moves output to the terminal until the tap ends. Returns the end of the program if it was
    /// signalled; then everything it wrote has been moved, unless the stream is `torn`.
    async fn carry(
        &self,
        tap: &mut TapStream,
        signals: &mut mpsc::Receiver<Signal>,
        process: &mut Running,
        torn: &mut bool,
    ) -> Option<Signal> {
        let mut buffer = vec![0; 64 * 1024];
        let mut end: Option<(Signal, Instant)> = None;
        let mut quiet: Option<Instant> = None;
        loop {
            let deadline = end.map_or_else(Instant::now, |(_, deadline)| deadline);
            tokio::select! {
                read = tap.read(&mut buffer) => match read {
                    Ok(length) if length > 0 => {
                        self.services.control.counters().output(length);
                        quiet = quiet.map(|_| Instant::now());
                        self.screen.feed(&buffer[..length]);
                    }
                    _ => break,
                },
                Some(signal) = signals.recv(), if end.is_none() => {
                    end = Some((signal, Instant::now() + DRAIN_WITHIN));
                    // The pane died after its last byte went into the tap, which ends when it
                    // knows that there will be no more. An error means that it has ended.
                    let _told = tap.shutdown().await;
                }
                () = process.ended() => {
                    *process = Running::No;
                    match self.services.remind(self.server, self.pane).await {
                        Some(ending) if end.is_none() => {
                            let signal = Signal::Died(ending.code());
                            end = Some((signal, Instant::now() + DRAIN_WITHIN));
                            let _told = tap.shutdown().await;
                        }
                        _ => quiet = Some(Instant::now()),
                    }
                }
                () = tokio::time::sleep_until(quiet.unwrap_or_else(Instant::now) + STUCK_AFTER),
                    if quiet.is_some() && end.is_none() => quiet = self.unstick(tap, torn).await,
                () = tokio::time::sleep_until(deadline), if end.is_some() => {
                    tracing::warn!(terminal = %self.terminal, "the tap did not end with its program");
                    *torn = true;
                    break;
                }
            }
        }
        end.map(|(signal, _)| signal)
    }

    /// tmux does not close the pane of an ended program before its tap has taken everything. One
    /// that takes nothing is killed. Returns since when to wait again, if that makes sense.
    async fn unstick(&self, tap: &TapStream, torn: &mut bool) -> Option<Instant> {
        match look(&self.services.control, self.server, self.pane).await {
            Ok(Some(facts)) if facts.is_clogged() => {
                tracing::warn!(terminal = %self.terminal, "ending a tap that does not read");
                let pid = tap.get_ref().peer_cred().ok().and_then(|peer| peer.pid());
                if let Some(tap) = pid.and_then(Process::open) {
                    tap.signal(rustix::process::Signal::KILL);
                    *torn = true;
                }
                None
            }
            Ok(_) => None,
            Err(_) => Some(Instant::now()),
        }
    }

    /// Why the tap ended: the end of the program, or `None` if its pane is alive.
    async fn inspect(&self, signals: &mut mpsc::Receiver<Signal>) -> Option<Signal> {
        loop {
            if let Ok(signal) = signals.try_recv() {
                return Some(signal);
            }
            match look(&self.services.control, self.server, self.pane).await {
                Ok(facts) => {
                    let Some(facts) = facts.filter(|facts| facts.pid == self.pid) else {
                        return Some(signals.try_recv().unwrap_or(Signal::Lost));
                    };
                    return Some(Signal::Died(facts.ended()?.code()));
                }
                // Either the client comes back, or the signal that the server is gone.
                Err(error) => {
                    tracing::warn!(terminal = %self.terminal, %error, "cannot tell why output ended");
                    tokio::time::sleep(FIRST_WAIT).await;
                }
            }
        }
    }

    async fn finish(self, end: Signal) {
        let Self { services, terminal, epoch, server, pane, screen, .. } = self;
        let code = match end {
            Signal::Died(code) => {
                services.registry.dig(&terminal, Grave { epoch, server, pane });
                code
            }
            Signal::Lost => None,
        };
        screen.end(code);
        services.registry.finish(terminal, epoch, end).await;
    }
}

/// Whether the end of the program is still to come.
enum Running {
    /// Without a process it has come before anybody looked.
    Until(Option<Process>),
    No,
}

impl Running {
    async fn ended(&self) {
        match self {
            Self::Until(Some(process)) => process.ended().await,
            Self::Until(None) => {}
            Self::No => std::future::pending().await,
        }
    }
}
