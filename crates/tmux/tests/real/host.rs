//! A tmux server for one test, and a viewer that waits for what it expects.

use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::agents::AgentId;
use protocol::terminals::TerminalSize;
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
        command.arg("-S").arg(self.run_dir.join("tmux-0.sock")).args(args);
        command
    }

    /// What tmux prints on this server.
    pub(crate) async fn tmux_says(&self, args: &[&str]) -> String {
        let output = self.tmux_command(args).output().await.unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `sh -c script` in a new session.
    pub(crate) async fn sh(&self, agent: &AgentId, script: &str) -> Terminal {
        self.tmux.spawn(self.launch(agent, "/bin/sh", &["-c", script]), SIZE).await.unwrap()
    }

    pub(crate) fn launch(&self, agent: &AgentId, program: &str, args: &[&str]) -> Launch {
        Launch {
            agent: agent.clone(),
            program: program.into(),
            args: args.iter().map(ToString::to_string).collect(),
            folder: self.folder.path().into(),
            env: Vec::new(),
        }
    }

    pub(crate) async fn event(&mut self) -> TmuxEvent {
        within(self.events.recv()).await.expect("an event")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _gone_already = std::process::Command::new("tmux")
            .arg("-S")
            .arg(self.run_dir.join("tmux-0.sock"))
            .arg("kill-server")
            .stderr(std::process::Stdio::null())
            .status();
    }
}

fn config(run_dir: &Path) -> TmuxConfig {
    TmuxConfig { run_dir: run_dir.into(), maestro_exe: HELPER.into(), tmux_program: "tmux".into() }
}

/// The agent with this number.
pub(crate) fn agent(number: u32) -> AgentId {
    format!("{number:0>26}").parse().unwrap()
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
