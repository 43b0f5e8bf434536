//! The handle to Maestro's tmux server.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use protocol::agents::AgentId;
use protocol::terminals::TerminalSize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::adopt;
use crate::config::TmuxConfig;
use crate::control::{self, Commands, Connection, Control, Incarnation};
use crate::error::TmuxError;
use crate::exits;
use crate::launch::Launch;
use crate::pane::{PANE_FORMAT, Pane, PaneFacts, all_panes, kill_session, panes_of};
use crate::platform::Process;
use crate::registry::{Entry, Registry};
use crate::session::{Services, Session, Signal};
use crate::taps::{TapStream, Taps};
use crate::terminal::{Screen, Terminal};

/// Events that may wait for their receiver.
const EVENTS: usize = 4096;
/// A program that was asked to end has this long, then it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// A killed session's last output is in the terminal within this time.
const SETTLE_WITHIN: Duration = Duration::from_secs(5);

/// What happens without being asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TmuxEvent {
    /// A program ended by itself; all its output is in its terminal.
    Exited {
        /// Which.
        agent: AgentId,
        /// Exit code; absent when a signal ended it.
        code: Option<i32>,
    },
    /// A session disappeared.
    Lost {
        /// Which.
        agent: AgentId,
    },
    /// The tmux server is gone; a `Lost` for each of its agents follows.
    ServerGone,
    /// A tmux server runs again and takes new agents.
    ServerBack,
}

/// Handle to the tmux server. Clones share it; when the last one is dropped, Maestro lets go of
/// the server and the agents go on.
#[derive(Clone)]
pub struct Tmux {
    services: Arc<Services>,
    version: Arc<str>,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

impl Tmux {
    /// Starts the server, or joins the one that runs already.
    pub async fn start(config: TmuxConfig) -> Result<(Self, mpsc::Receiver<TmuxEvent>), TmuxError> {
        let config = Arc::new(config.prepare()?);
        let version = installed_version(&config.tmux_program).await?;
        let (events, receiver) = mpsc::channel(EVENTS);
        let registry = Arc::new(Registry::new(events));
        let taps = Taps::default();
        let listener = Taps::bind(&config.tap_socket())?;
        let connection = Connection::open(&config).await?;
        let (control, requests) = Control::channel();

        let mut tasks = JoinSet::new();
        tasks.spawn(taps.clone().serve(listener));
        tasks.spawn(control::drive(
            Arc::clone(&config),
            connection,
            requests,
            Arc::clone(&registry),
        ));
        tasks.spawn(exits::watch(Arc::clone(&config), control.clone(), Arc::clone(&registry)));

        let services = Arc::new(Services { config, control, taps, registry });
        let tasks = Arc::new(Mutex::new(tasks));
        Ok((Self { services, version: version.into(), tasks }, receiver))
    }

    /// The version of tmux, such as `3.3a`.
    pub fn version(&self) -> String {
        self.version.to_string()
    }

    /// Agents that have a session, ended or not, whether this process looks after them or not.
    pub async fn running(&self) -> Result<Vec<AgentId>, TmuxError> {
        let (panes, _) = all_panes(&self.services.control).await?;
        let agents: BTreeSet<AgentId> = panes.into_iter().map(|facts| facts.agent).collect();
        Ok(agents.into_iter().collect())
    }

    /// Runs a program in a new session of this size (clamped to the allowed ones).
    pub async fn spawn(&self, launch: Launch, size: TerminalSize) -> Result<Terminal, TmuxError> {
        let size = size.clamped();
        let agent = launch.agent.clone();
        let (life, signals) = self.begin(&agent)?;
        let spec = launch.write(&self.services.config.launch_dir())?;
        let started = self.start_session(&life, &spec.to_string_lossy(), size).await;
        if started.is_err() {
            // The launcher removes what it read; this is for the one that never ran.
            let _absent = std::fs::remove_file(&spec);
        }
        let (facts, server, tap) = started?;
        let screen = Screen::new(life.epoch, size, &[]);
        Ok(self.look_after(life, &facts, server, screen, tap, signals))
    }

    async fn start_session(
        &self,
        life: &Life<'_>,
        spec: &str,
        size: TerminalSize,
    ) -> Result<(PaneFacts, Incarnation, TapStream), TmuxError> {
        let agent = life.agent.as_str();
        let window = format!("={agent}:");
        let exe = self.services.config.maestro_exe.to_string_lossy();
        let expected = self.services.taps.expect(life.agent, life.epoch);
        let tap = self.services.tap_command(life.agent, life.epoch);
        // One list: the tap is there before the first byte. More than one word after the options
        // makes tmux execute them without a shell.
        let commands = Commands::new("new-session")
            .args(["-d", "-P", "-F", PANE_FORMAT, "-s", agent, "-n", "agent"])
            .size(size)
            .args(["--", &exe, "launch", spec])
            .then("pipe-pane")
            .args(["-O", "-t", &window, &tap])
            // Pins the size of this window; the global option for that crashes tmux 3.3a.
            .then("resize-window")
            .args(["-t", &window])
            .size(size);
        let answer = self.services.control.run(commands).await.map_err(|error| match error {
            TmuxError::Refused { reason, .. } if reason.starts_with("duplicate session") => {
                TmuxError::Running(life.agent.clone())
            }
            error => error,
        })?;
        let facts = answer.bodies.first().and_then(|body| PaneFacts::parse_all(body).pop());
        let Some(facts) = facts else {
            return Err(TmuxError::Refused {
                command: "new-session".into(),
                reason: "its answer could not be read".into(),
            });
        };
        // The registry's entry is ours alone and fresh: it cannot have a pane yet.
        let _fresh = life.pane.set(facts.pane);
        match expected.stream(life.agent).await {
            Ok(tap) => Ok((facts, answer.incarnation, tap)),
            Err(error) => {
                kill_session(&self.services.control, life.agent).await?;
                Err(error)
            }
        }
    }

    /// Takes up a session that survived a restart of Maestro. If its program ended meanwhile, the
    /// terminal shows the last screen and [`TmuxEvent::Exited`] follows.
    pub async fn adopt(&self, agent: &AgentId) -> Result<Terminal, TmuxError> {
        let (life, signals) = self.begin(agent)?;
        let (mut facts, server) = self.pane_of(agent).await?;
        if facts.is_unsettled() {
            self.services.remind(agent, facts.pane).await;
            (facts, _) = self.pane_of(agent).await?;
        }
        let _fresh = life.pane.set(facts.pane);
        let Some(ending) = facts.ended() else {
            let (seed, tap) = self.services.follow(agent, facts.pane, life.epoch).await?;
            let screen = Screen::new(life.epoch, seed.size, &seed.bytes);
            return Ok(self.look_after(life, &facts, server, screen, tap, signals));
        };
        let seed = adopt::capture(&self.services.config, facts.pane, None).await?;
        kill_session(&self.services.control, agent).await?;
        let screen = Screen::new(life.epoch, seed.size, &seed.bytes);
        let code = ending.code();
        screen.end(code);
        drop(life);
        self.services.registry.tell(TmuxEvent::Exited { agent: agent.clone(), code }).await;
        Ok(self.terminal(Arc::new(screen), server, facts.pane))
    }

    /// The oldest pane of an agent's session, which is the program's own.
    async fn pane_of(&self, agent: &AgentId) -> Result<(PaneFacts, Incarnation), TmuxError> {
        let (panes, server) = panes_of(&self.services.control, agent).await?;
        let oldest = panes.into_iter().next();
        Ok((oldest.ok_or_else(|| TmuxError::NoSession(agent.clone()))?, server))
    }

    /// Reserves the agent's place under a new epoch.
    fn begin<'a>(
        &'a self,
        agent: &'a AgentId,
    ) -> Result<(Life<'a>, mpsc::Receiver<Signal>), TmuxError> {
        let epoch = getrandom::u64()
            .map_err(|error| TmuxError::Launch(format!("no random number: {error}")))?;
        let (sender, signals) = mpsc::channel(1);
        let pane = Arc::new(OnceLock::new());
        let entry = Entry { epoch, pane: Arc::clone(&pane), signals: sender };
        self.services.registry.reserve(agent, entry)?;
        let registry = &self.services.registry;
        Ok((Life { registry, agent, epoch, pane, kept: false }, signals))
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
            agent: life.agent.clone(),
            epoch: life.epoch,
            pane: facts.pane,
            pid: facts.pid,
            screen: Arc::clone(&screen),
        };
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // Forgets the tasks of sessions that ended.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(session.run(tap, signals));
        drop(tasks);
        self.terminal(screen, server, facts.pane)
    }

    fn terminal(&self, screen: Arc<Screen>, server: Incarnation, pane: u32) -> Terminal {
        let pane = Pane::new(self.services.control.clone(), server, pane);
        Terminal::new(screen, Arc::new(pane))
    }

    /// Ends an agent's session; none is fine. A program that ignores the hang-up is killed with
    /// its process group after two seconds. No event follows.
    pub async fn kill(&self, agent: &AgentId) -> Result<(), TmuxError> {
        let (panes, _) = panes_of(&self.services.control, agent).await?;
        let entry = self.services.registry.remove(agent);
        let processes: Vec<Process> = panes
            .iter()
            .filter(|facts| facts.ending.is_none())
            .filter_map(|facts| Process::open(facts.pid))
            .collect();
        kill_session(&self.services.control, agent).await?;
        let deadline = Instant::now() + GRACE;
        for process in &processes {
            if !process.ends_within(deadline.saturating_duration_since(Instant::now())).await {
                process.kill_group();
                // What survives SIGKILL sleeps in the kernel and cannot be helped.
                process.ends_within(GRACE).await;
            }
        }
        if let Some(entry) = entry {
            // The session's task drops its receiver when the last byte is in the terminal.
            let _settled = tokio::time::timeout(SETTLE_WITHIN, entry.signals.closed()).await;
        }
        Ok(())
    }

    /// Lets go of the server; the agents go on.
    pub async fn shutdown(self) {
        let mut tasks = {
            let mut shared = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *shared)
        };
        tasks.shutdown().await;
    }
}

/// An agent's reserved place. Dropping it gives the place up, unless a session keeps it.
struct Life<'a> {
    registry: &'a Registry,
    agent: &'a AgentId,
    epoch: u64,
    pane: Arc<OnceLock<u32>>,
    kept: bool,
}

impl Drop for Life<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.registry.remove_life(self.agent, self.epoch);
        }
    }
}

/// The version of the tmux that is installed as `program`, such as `3.3a`; an error says what to
/// install when there is none or it is too old.
pub async fn installed_version(program: &Path) -> Result<String, TmuxError> {
    let no_tmux = |reason: String| TmuxError::NoTmux { program: program.to_owned(), reason };
    let output = tokio::process::Command::new(program)
        .arg("-V")
        .output()
        .await
        .map_err(|error| no_tmux(error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let version = said.strip_prefix("tmux ").ok_or_else(|| no_tmux(format!("it says {said:?}")))?;
    if is_too_old(version) {
        return Err(TmuxError::TooOld(version.to_owned()));
    }
    Ok(version.to_owned())
}

/// Before 3.3 panes do not tell the signal that ended a program. Versions without numbers are builds of the newest source.
fn is_too_old(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .split(|c: char| !c.is_ascii_digit())
        .map(|number| number.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), minor) => (major, minor.unwrap_or(0)) < (3, 3),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_before_3_3_are_refused() {
        for (version, too_old) in [
            ("3.3a", false),
            ("3.3", false),
            ("4.0", false),
            ("3.2a", true),
            ("3.1c", true),
            ("2.9", true),
            ("next-3.6", false),
            ("master", false),
        ] {
            assert_eq!(is_too_old(version), too_old, "{version}");
        }
    }
}
