//! A tmux server for one test, and a viewer that waits for what it expects.

use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::terminals::{TerminalId, TerminalSize};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tmux::{Cursor, Launch, Output, Terminal, Tmux, TmuxConfig, TmuxEvent};
use tokio::sync::mpsc;

/// Nothing here takes this long on a working system.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const SIZE: TerminalSize = TerminalSize { cols: 80, rows: 24 };
pub(crate) const HELPER: &str = env!("CARGO_BIN_EXE_tmux-helper");

pub(crate) async fn within<F: Future>(what: F) -> F::Output {
    tokio::time::timeout(PATIENCE, what).await.expect("it happens in time")
}

/// A private tmux server, ended with the test.
pub(crate) struct Host {
    pub(crate) folder: TempDir,
    pub(crate) tmux: Tmux,
    pub(crate) events: mpsc::Receiver<TmuxEvent>,
    run_dir: PathBuf,
}

impl Host {
    pub(crate) async fn start() -> Self {
        Self::start_in("run").await
    }

    /// Uses a run folder of this name.
    pub(crate) async fn start_in(name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("mt").tempdir_in("/tmp").unwrap();
        let run_dir = folder.path().join(name);
        let (tmux, events) = Tmux::start(config(&run_dir)).await.unwrap();
        Self { folder, tmux, events, run_dir }
    }

    /// Another handle to the same server, as after a restart of Maestro.
    pub(crate) async fn restart(&mut self) {
        self.restart_around(async || {}).await;
    }

    /// The same, with something that happens while no Maestro runs.
    pub(crate) async fn restart_around(&mut self, meanwhile: impl AsyncFnOnce()) {
        self.tmux.clone().shutdown().await;
        meanwhile().await;
        let (tmux, events) = Tmux::start(config(&self.run_dir)).await.unwrap();
        self.tmux = tmux;
        self.events = events;
    }

    /// tmux on this server.
    pub(crate) fn tmux_command(&self, args: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new("tmux");
        command.arg("-S").arg(self.socket()).args(args);
        command
    }

    /// What tmux prints on this server.
    pub(crate) async fn tmux_says(&self, args: &[&str]) -> String {
        let output = self.tmux_command(args).output().await.unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `sh -c script` in a new session.
    pub(crate) async fn sh(&self, terminal: &TerminalId, script: &str) -> Terminal {
        self.tmux.spawn(self.launch(terminal, "/bin/sh", &["-c", script]), SIZE).await.unwrap()
    }

    pub(crate) fn launch(&self, terminal: &TerminalId, program: &str, args: &[&str]) -> Launch {
        Launch {
            terminal: terminal.clone(),
            program: program.into(),
            args: args.iter().map(ToString::to_string).collect(),
            folder: self.folder.path().into(),
            env: Vec::new(),
        }
    }

    /// The tmux server.
    pub(crate) fn server_pid(&self) -> Option<Pid> {
        let text = std::fs::read_to_string(self.run_dir.join("tmux-0.pid")).ok()?;
        Pid::from_raw(text.split(' ').next()?.parse().ok()?)
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.run_dir.join("tmux-0.sock")
    }

    /// Sends a signal to the tmux server.
    pub(crate) fn signal_server(&self, what: Signal) {
        signal(self.server_pid().unwrap(), what);
    }

    pub(crate) async fn event(&mut self) -> TmuxEvent {
        within(self.events.recv()).await.expect("an event")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // By number: a test may have stopped the server or deleted its socket.
        if let Some(pid) = self.server_pid() {
            let _gone_already = kill_process(pid, Signal::KILL);
        }
    }
}

/// Sends a signal to a process that a test has started.
pub(crate) fn signal(pid: Pid, signal: Signal) {
    kill_process(pid, signal).unwrap();
}

/// The process with this number, as text.
pub(crate) fn pid(text: &str) -> Pid {
    Pid::from_raw(text.trim().parse().unwrap()).unwrap()
}

/// Whether it has ended; its parent may still have to notice.
pub(crate) fn has_ended(pid: Pid) -> bool {
    let status = format!("/proc/{}/status", pid.as_raw_pid());
    let status = std::fs::read_to_string(status).unwrap_or_default();
    status.is_empty() || status.contains("zombie")
}

/// The tap of this terminal: the process whose last argument is its epoch.
pub(crate) fn tap_of(terminal: &Terminal) -> Pid {
    let epoch = terminal.epoch().to_string();
    let mut taps = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let pid: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let last = line.split(|&byte| byte == 0).rfind(|word| !word.is_empty())?;
        (last == epoch.as_bytes()).then_some(pid)
    });
    Pid::from_raw(taps.next().unwrap()).unwrap()
}

fn config(run_dir: &Path) -> TmuxConfig {
    TmuxConfig { run_dir: run_dir.into(), maestro_exe: HELPER.into(), tmux_program: "tmux".into() }
}

/// The terminal of the agent with this number.
pub(crate) fn id(number: u32) -> TerminalId {
    format!("{number:0>26}").parse().unwrap()
}

/// What is told when this terminal's program ends.
pub(crate) fn exited(terminal: &Terminal, id: TerminalId, code: Option<i32>) -> TmuxEvent {
    TmuxEvent::Exited { terminal: id, epoch: terminal.epoch(), code }
}

/// What is told when this terminal's session disappears.
pub(crate) fn lost(terminal: &Terminal, id: TerminalId) -> TmuxEvent {
    TmuxEvent::Lost { terminal: id, epoch: terminal.epoch() }
}

/// What a viewer has received since it attached.
pub(crate) struct Viewer {
    pub(crate) cursor: Cursor,
    /// Snapshots and data, one after the other.
    pub(crate) bytes: Vec<u8>,
    pub(crate) outputs: Vec<Output>,
}

impl Viewer {
    pub(crate) fn attach(terminal: &Terminal) -> Self {
        Self { cursor: terminal.attach(None), bytes: Vec::new(), outputs: Vec::new() }
    }

    pub(crate) async fn next(&mut self) -> Output {
        let output = within(self.cursor.next(4096)).await;
        match &output {
            Output::Snapshot { bytes, .. } | Output::Data { bytes, .. } => self.bytes.extend(bytes),
            Output::Size { .. } | Output::Exit { .. } => {}
        }
        self.outputs.push(output.clone());
        output
    }

    pub(crate) async fn until(&mut self, text: &str) {
        while !contains(&self.bytes, text.as_bytes()) {
            let output = self.next().await;
            assert!(!matches!(output, Output::Exit { .. }), "ended before {text:?}");
        }
    }

    pub(crate) async fn exit(&mut self) -> Option<i32> {
        loop {
            if let Output::Exit { code, .. } = self.next().await {
                return code;
            }
        }
    }
}

pub(crate) fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
