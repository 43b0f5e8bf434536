//! How terminals begin: a new session, or one that outlived the process that started it.

use std::path::Path;
use std::sync::{Arc, OnceLock, PoisonError};

use protocol::terminals::{TerminalId, TerminalSize};
use tokio::sync::mpsc;

use crate::control::{Commands, Incarnation, Undo};
use crate::error::TmuxError;
use crate::launch::Launch;
use crate::pane::{
    MARK, PANE_FORMAT, Pane, PaneFacts, SIZE_MARK, find, kill_pane, look, size_word,
};
use crate::registry::{Grave, Registry};
use crate::server::{Tmux, TmuxEvent};
use crate::session::{Session, Signal};
use crate::taps::TapStream;
use crate::terminal::{Screen, Terminal};

/// A session that tmux has begun and nobody has taken over yet.
struct Begun<'a> {
    facts: PaneFacts,
    server: Incarnation,
    tap: TapStream,
    undo: Undo<'a>,
}

impl Tmux {
    /// Runs a program in a new session of this size (clamped to the allowed ones). A dead session
    /// of the same terminal makes way; a living one does not.
    ///
    /// A failure leaves no session behind, not even when tmux answers too late or the future is
    /// dropped.
    pub async fn spawn(&self, launch: Launch, size: TerminalSize) -> Result<Terminal, TmuxError> {
        let size = size.clamped();
        let terminal = launch.terminal.clone();
        let (life, signals) = self.begin(&terminal)?;
        let path = launch.write(&self.services, life.epoch)?;
        let spec = Spec(Some(&path));
        let path = path.to_string_lossy();
        let begun = match self.begin_session(&life, &path, size).await {
            Err(TmuxError::Running(_)) => {
                self.clear_dead(&terminal, life.epoch).await?;
                self.begin_session(&life, &path, size).await?
            }
            begun => begun?,
        };
        let Begun { facts, server, tap, undo } = begun;
        undo.keep();
        spec.keep();
        let screen = Screen::new(life.epoch, size, &[]);
        Ok(self.look_after(life, &facts, server, screen, tap, signals))
    }

    async fn begin_session(
        &self,
        life: &Life<'_>,
        spec: &str,
        size: TerminalSize,
    ) -> Result<Begun<'_>, TmuxError> {
        let name = life.terminal.to_string();
        // Tells the session of this call from any other of the same terminal.
        let once = format!("life-{:016x}", life.epoch);
        let window = format!("={name}:");
        let exe = self.services.config.maestro_exe.to_string_lossy();
        let expected = self.services.taps.expect(life.terminal, life.epoch);
        let tap = self.services.tap_command(life.terminal, life.epoch);
        // One list: the tap is there before the first byte. More than one word after the options
        // makes tmux execute them without a shell.
        let commands = Commands::new("new-session")
            .args(["-d", "-s", &name, "-n", &once])
            .size(size)
            .args(["--", &exe, "launch", spec])
            .then("pipe-pane")
            .args(["-O", "-t", &window, &tap])
            .then("set-option")
            .args(["-p", "-t", &window, MARK, &name])
            .then("set-option")
            .args(["-p", "-t", &window, SIZE_MARK, &size_word(size)])
            // Pins the size of this window; the global option for that crashes tmux 3.3a.
            .then("resize-window")
            .args(["-t", &window])
            .size(size)
            .then("display-message")
            .args(["-p", "-t", &window, PANE_FORMAT]);
        let undo = Commands::new("kill-window").args(["-t", &format!("={name}:={once}")]);
        let started = self.services.control.run_or_undo(commands, undo, None).await;
        let (answer, undo) = started.map_err(|error| match error {
            TmuxError::Refused { reason, .. } if reason.starts_with("duplicate session") => {
                TmuxError::Running(life.terminal.clone())
            }
            error => error,
        })?;
        let facts = answer.bodies.last().and_then(|body| PaneFacts::parse_all(body).pop());
        let Some(facts) = facts else {
            return Err(TmuxError::Refused {
                command: "new-session".into(),
                reason: "its answer could not be read".into(),
            });
        };
        // The registry's entry is ours alone and fresh: it cannot have a pane yet.
        let _fresh = life.pane.set(facts.pane);
        let tap = expected.stream(life.terminal).await?;
        Ok(Begun { facts, server: answer.incarnation, tap, undo })
    }

    /// Removes the dead session of a terminal; refuses to touch a living one.
    async fn clear_dead(&self, terminal: &TerminalId, epoch: u64) -> Result<(), TmuxError> {
        let running = || TmuxError::Running(terminal.clone());
        let Some((mut facts, server)) = find(&self.services.control, terminal).await? else {
            // Only what a person opened beside our pane is left of it: that goes on by itself.
            let target = format!("={terminal}");
            let other = format!("kept-{terminal}-{epoch:x}");
            let rename = Commands::new("rename-session").args(["-t", &target, &other]);
            return match self.services.control.run(rename).await {
                // It went meanwhile, which does as well.
                Err(TmuxError::Refused { reason, .. })
                    if reason.starts_with("can't find session") =>
                {
                    Ok(())
                }
                renamed => renamed.map(drop),
            };
        };
        if facts.is_unsettled() {
            self.services.remind(server, facts.pane).await;
            facts = look(&self.services.control, server, facts.pane).await?.ok_or_else(running)?;
        }
        facts.ended().ok_or_else(running)?;
        kill_pane(&self.services.control, server, facts.pane).await
    }

    /// Takes up a session that survived a restart of Maestro. If its program ended meanwhile, the
    /// terminal shows the last screen and [`TmuxEvent::Exited`] follows; the dead session stays
    /// until it is [buried](Self::bury).
    pub async fn adopt(&self, terminal: &TerminalId) -> Result<Terminal, TmuxError> {
        let (life, signals) = self.begin(terminal)?;
        let gone = || TmuxError::NoSession(terminal.clone());
        let (mut facts, server) = find(&self.services.control, terminal).await?.ok_or_else(gone)?;
        if facts.is_unsettled() {
            self.services.remind(server, facts.pane).await;
            facts = look(&self.services.control, server, facts.pane).await?.ok_or_else(gone)?;
        }
        let _fresh = life.pane.set(facts.pane);
        let Some(ending) = facts.ended() else {
            let (seed, tap) = self.services.follow(terminal, facts.pane, life.epoch).await?;
            let screen = Screen::new(life.epoch, seed.size, &seed.bytes);
            return Ok(self.look_after(life, &facts, server, screen, tap, signals));
        };
        let seed = self.services.capture(facts.pane, None).await?;
        let screen = Screen::new(life.epoch, seed.size, &seed.bytes);
        let (epoch, code) = (life.epoch, ending.code());
        screen.end(code);
        let registry = &self.services.registry;
        registry.dig(terminal, Grave { epoch, server, pane: facts.pane });
        drop(life);
        registry.tell(TmuxEvent::Exited { terminal: terminal.clone(), epoch, code }).await;
        Ok(self.terminal(Arc::new(screen), server, facts.pane))
    }

    /// Reserves the terminal's place under a new epoch.
    fn begin<'a>(
        &'a self,
        terminal: &'a TerminalId,
    ) -> Result<(Life<'a>, mpsc::Receiver<Signal>), TmuxError> {
        let epoch = getrandom::u64()
            .map_err(|error| TmuxError::Launch(format!("no random number: {error}")))?;
        let (sender, signals) = mpsc::channel(1);
        let pane = Arc::new(OnceLock::new());
        let registry = &self.services.registry;
        registry.reserve(terminal, epoch, Arc::clone(&pane), sender)?;
        Ok((Life { registry, terminal, epoch, pane, kept: false }, signals))
    }

    fn look_after(
        &self,
        mut life: Life<'_>,
        facts: &PaneFacts,
        server: Incarnation,
        screen: Screen,
        tap: TapStream,
        signals: mpsc::Receiver<Signal>,
    ) -> Terminal {
        life.kept = true;
        let screen = Arc::new(screen);
        let session = Session {
            services: Arc::clone(&self.services),
            terminal: life.terminal.clone(),
            epoch: life.epoch,
            server,
            pane: facts.pane,
            pid: facts.pid,
            screen: Arc::clone(&screen),
        };
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // Forgets the tasks of sessions that ended.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(session.run(tap, signals));
        drop(tasks);
        let terminal = self.terminal(screen, server, facts.pane);
        self.services.registry.attach(life.terminal, life.epoch, terminal.clone());
        terminal
    }

    fn terminal(&self, screen: Arc<Screen>, server: Incarnation, pane: u32) -> Terminal {
        let pane = Pane::new(self.services.control.clone(), server, pane);
        Terminal::new(screen, Arc::new(pane))
    }
}

/// A terminal's reserved place. Dropping it gives the place up, unless a session keeps it.
struct Life<'a> {
    registry: &'a Registry,
    terminal: &'a TerminalId,
    epoch: u64,
    pane: Arc<OnceLock<u32>>,
    kept: bool,
}

impl Drop for Life<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.registry.remove_life(self.terminal, self.epoch);
        }
    }
}

/// A spec file that no launcher has read. It may hold secrets, so it goes with the attempt.
struct Spec<'a>(Option<&'a Path>);

impl Spec<'_> {
    /// The launcher removes it.
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Spec<'_> {
    fn drop(&mut self) {
        let _absent = self.0.map(std::fs::remove_file);
    }
}
