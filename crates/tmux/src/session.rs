//! The task behind one running agent: carries its output to the terminal and settles its end.

use std::sync::Arc;
use std::time::Duration;

use protocol::agents::AgentId;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::adopt::{self, Seed};
use crate::config::TmuxConfig;
use crate::control::Control;
use crate::error::TmuxError;
use crate::pane::{PaneFacts, kill_session, panes_of};
use crate::platform::{Process, remind_of_children};
use crate::quote::shell_path;
use crate::registry::Registry;
use crate::server::TmuxEvent;
use crate::taps::{TapStream, Taps};
use crate::terminal::Screen;

/// After the session is gone its tap ends by itself; this long it may take.
const DRAIN_WITHIN: Duration = Duration::from_secs(5);
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

/// What sessions share.
pub(crate) struct Services {
    pub(crate) config: Arc<TmuxConfig>,
    pub(crate) control: Control,
    pub(crate) taps: Taps,
    pub(crate) registry: Arc<Registry>,
}

impl Services {
    /// The command behind `pipe-pane`.
    pub(crate) fn tap_command(&self, agent: &AgentId, epoch: u64) -> String {
        let exe = shell_path(&self.config.maestro_exe);
        let socket = shell_path(&self.config.tap_socket());
        format!("exec {exe} tap {socket} {agent} {epoch}")
    }

    /// Captures a pane and opens a new tap at that byte.
    pub(crate) async fn follow(
        &self,
        agent: &AgentId,
        pane: u32,
        epoch: u64,
    ) -> Result<(Seed, TapStream), TmuxError> {
        let expected = self.taps.expect(agent, epoch);
        let command = self.tap_command(agent, epoch);
        let seed = adopt::capture(&self.config, pane, Some(&command)).await?;
        Ok((seed, expected.stream(agent).await?))
    }

    /// Makes sure that tmux notices the end of the program.
    ///
    /// Where tmux keeps login records (libutempter), it is deaf to its children for some
    /// milliseconds whenever a pane opens or closes, and one that ends just then stays unnoticed
    /// for ever. The process itself tells its end, so tmux can be reminded.
    pub(crate) async fn remind(&self, agent: &AgentId, pane: u32) {
        for attempt in 0..REMINDERS {
            let Ok((panes, _)) = panes_of(&self.control, agent).await else {
                return;
            };
            match panes.into_iter().find(|facts| facts.pane == pane) {
                Some(facts) if facts.ending.is_none() => remind_of_children(facts.server),
                _ => return,
            }
            tokio::time::sleep(REMIND_AGAIN * attempt).await;
        }
    }
}

/// One running agent.
pub(crate) struct Session {
    pub(crate) services: Arc<Services>,
    pub(crate) agent: AgentId,
    pub(crate) epoch: u64,
    pub(crate) pane: u32,
    pub(crate) pid: i32,
    pub(crate) screen: Arc<Screen>,
}

impl Session {
    /// Runs until the program has ended and every byte of it is in the terminal.
    pub(crate) async fn run(self, mut tap: TapStream, mut signals: mpsc::Receiver<Signal>) {
        let mut wait = FIRST_WAIT;
        let mut process = Process::open(self.pid);
        if process.is_none() {
            self.services.remind(&self.agent, self.pane).await;
        }
        let end = loop {
            let head = self.screen.facts().head;
            if let Some(signal) = self.carry(&mut tap, &mut signals, &mut process).await {
                break signal;
            }
            if let Some(signal) = self.inspect(&mut signals).await {
                break signal;
            }
            // Somebody ended the tap of a living pane.
            if self.screen.facts().head > head {
                wait = FIRST_WAIT;
            }
            tracing::warn!(agent = %self.agent, "the tap ended early; opening another one");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LAST_WAIT);
            match self.services.follow(&self.agent, self.pane, self.epoch).await {
                Ok((seed, stream)) => {
                    self.screen.reseed(seed.size, &seed.bytes);
                    tap = stream;
                }
                Err(error) => tracing::warn!(agent = %self.agent, %error, "no new tap"),
            }
        };
        self.finish(end).await;
    }

    /// Moves output to the terminal until the tap ends. Returns the end of the program if it was
    /// signalled; then everything it wrote has been moved.
    async fn carry(
        &self,
        tap: &mut TapStream,
        signals: &mut mpsc::Receiver<Signal>,
        process: &mut Option<Process>,
    ) -> Option<Signal> {
        let mut buffer = vec![0; 64 * 1024];
        let mut end: Option<(Signal, Instant)> = None;
        loop {
            let deadline = end.map_or_else(Instant::now, |(_, deadline)| deadline);
            tokio::select! {
                read = tap.read(&mut buffer) => match read {
                    Ok(length) if length > 0 => self.screen.feed(&buffer[..length]),
                    _ => break,
                },
                Some(signal) = signals.recv(), if end.is_none() => {
                    end = Some((signal, Instant::now() + DRAIN_WITHIN));
                    // The pane died after its last byte went into the tap; without the pane the
                    // tap sees its end.
                    if matches!(signal, Signal::Died(_)) {
                        self.end_session().await;
                    }
                }
                () = end_of(process.as_ref()) => {
                    *process = None;
                    self.services.remind(&self.agent, self.pane).await;
                }
                () = tokio::time::sleep_until(deadline), if end.is_some() => {
                    tracing::warn!(agent = %self.agent, "the tap did not end with its session");
                    break;
                }
            }
        }
        end.map(|(signal, _)| signal)
    }

    /// Why the tap ended: the end of the program, or `None` if its pane is alive.
    async fn inspect(&self, signals: &mut mpsc::Receiver<Signal>) -> Option<Signal> {
        loop {
            if let Ok(signal) = signals.try_recv() {
                if matches!(signal, Signal::Died(_)) {
                    self.end_session().await;
                }
                return Some(signal);
            }
            match panes_of(&self.services.control, &self.agent).await {
                Ok((panes, _)) => {
                    let this = |facts: &PaneFacts| (facts.pane, facts.pid) == (self.pane, self.pid);
                    let Some(facts) = panes.into_iter().find(this) else {
                        // A server that was replaced is told by its own signal.
                        return Some(signals.try_recv().unwrap_or(Signal::Lost));
                    };
                    let ending = facts.ended()?;
                    self.end_session().await;
                    return Some(Signal::Died(ending.code()));
                }
                // Either the client comes back, or the signal that the server is gone.
                Err(error) => {
                    tracing::warn!(agent = %self.agent, %error, "cannot tell why output ended");
                    tokio::time::sleep(FIRST_WAIT).await;
                }
            }
        }
    }

    async fn end_session(&self) {
        if let Err(error) = kill_session(&self.services.control, &self.agent).await {
            tracing::warn!(agent = %self.agent, %error, "cannot remove an ended session");
        }
    }

    async fn finish(self, end: Signal) {
        let code = match end {
            Signal::Died(code) => code,
            Signal::Lost => None,
        };
        self.screen.end(code);
        // Who stopped the agent took it out of the registry and knows.
        if self.services.registry.remove_life(&self.agent, self.epoch) {
            let agent = self.agent;
            let event = match end {
                Signal::Died(code) => TmuxEvent::Exited { agent, code },
                Signal::Lost => TmuxEvent::Lost { agent },
            };
            self.services.registry.tell(event).await;
        }
    }
}

async fn end_of(process: Option<&Process>) {
    match process {
        Some(process) => process.ended().await,
        None => std::future::pending().await,
    }
}
