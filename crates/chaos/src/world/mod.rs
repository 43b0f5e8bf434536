//! A Maestro of an experiment's own: folder, port, tmux, started and ended by process id.

pub(crate) mod http;
pub(crate) mod panes;
pub(crate) mod process;
pub(crate) mod socket;
pub(crate) mod wait;

use std::ffi::{OsStr, OsString};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use protocol::agents::{Agent, AgentId, AgentList};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::Outcome;
use http::Api;
use panes::Panes;
use process::{Signal, program};
use socket::Socket;

/// Nothing takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A server's folder, and the server while it runs.
pub(crate) struct World {
    folder: PathBuf,
    /// Program and words before the server's own.
    before: Vec<OsString>,
    /// The server.
    pub(crate) binary: PathBuf,
    port: u16,
    environment: Vec<(OsString, OsString)>,
    server: Option<Server>,
    token: String,
}

struct Server {
    child: Child,
    pid: u32,
    link: String,
    _output: Lines<BufReader<ChildStdout>>,
}

impl World {
    /// Makes the folders; nothing runs yet.
    pub(crate) fn new(folder: &Path, binary: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(folder.join("work"))?;
        // Always the same port, since open pages and cookies are for one address.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        Ok(Self {
            folder: folder.to_owned(),
            before: Vec::new(),
            binary: binary.to_owned(),
            port,
            environment: Vec::new(),
            server: None,
            token: String::new(),
        })
    }

    /// From now on the server is started by this program, which gets it as its last arguments.
    pub(crate) fn start_through(&mut self, words: &[&OsStr]) {
        self.before = words.iter().map(|&word| word.to_owned()).collect();
    }

    /// From now on the server gets this variable.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.environment.push((name.into(), value.into()));
    }

    /// The data folder.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.home().join("maestro.db")
    }

    /// Where agents work.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// Around both.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its tmux.
    pub(crate) fn panes(&self) -> Panes {
        Panes::of(self.home().join("run/tmux-0.sock"))
    }

    /// The binary with these arguments and the settings of this world.
    fn command(&self, arguments: &[&OsStr]) -> Command {
        let mut words: Vec<&OsStr> = self.before.iter().map(OsString::as_os_str).collect();
        words.push(self.binary.as_os_str());
        let mut command = program(words[0]);
        command
            .args(&words[1..])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder)
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm-256color")
            .env("NO_COLOR", "1")
            .env("MAESTRO_HOME", self.home())
            .env("MAESTRO_PORT", self.port.to_string())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Starts the server and waits until it accepts requests; how long that took.
    pub(crate) async fn up(&mut self) -> Outcome<Duration> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("server.log"))?;
        let begin = Instant::now();
        let mut child = self.command(&[]).stdout(Stdio::piped()).stderr(log).spawn()?;
        let pid = child.id().ok_or("the server ended at once")?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let link = timeout(PATIENCE, async {
            loop {
                match output.next_line().await {
                    Ok(Some(line)) if line.contains("/login#t=") => return Ok(line),
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => return Err("the server ended before it was ready"),
                }
            }
        });
        let link = link.await.map_err(|_| "the server was not ready within a minute")??;
        let ready_after = begin.elapsed();
        self.token = std::fs::read_to_string(self.seen_from_here(pid, "run/cli-token"))?;
        let link = link.trim().to_owned();
        self.server = Some(Server { child, pid, link, _output: output });
        Ok(ready_after)
    }

    /// A file of the data folder, also when the server has mounted something over it.
    fn seen_from_here(&self, pid: u32, file: &str) -> PathBuf {
        let home = self.home();
        let inside = home.strip_prefix("/").unwrap_or(&home);
        Path::new("/proc").join(pid.to_string()).join("root").join(inside).join(file)
    }

    /// The data folder as the running server sees it.
    pub(crate) fn home_inside(&self) -> Outcome<PathBuf> {
        Ok(self.seen_from_here(self.pid()?, ""))
    }

    /// Runs the binary to its end: a command, or a server that is refused.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Outcome<Output> {
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let output = timeout(PATIENCE, self.command(&arguments).output());
        Ok(output.await.map_err(|_| "the command did not end within a minute")??)
    }

    /// Process id of the server.
    pub(crate) fn pid(&self) -> Outcome<u32> {
        Ok(self.server.as_ref().ok_or("the server does not run")?.pid)
    }

    /// Sends the server a signal.
    pub(crate) fn signal(&self, signal: Signal) -> Outcome<()> {
        process::signal(self.pid()?, signal);
        Ok(())
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Outcome<()> {
        self.end(Signal::KILL).await
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(&mut self) -> Outcome<()> {
        self.end(Signal::TERM).await
    }

    async fn end(&mut self, signal: Signal) -> Outcome<()> {
        let mut server = self.server.take().ok_or("the server does not run")?;
        process::signal(server.pid, signal);
        let ended = timeout(PATIENCE, server.child.wait()).await;
        ended.map_err(|_| "the server did not end within a minute")??;
        Ok(())
    }

    /// The link that it printed.
    pub(crate) fn link(&self) -> Outcome<&str> {
        Ok(&self.server.as_ref().ok_or("the server does not run")?.link)
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Requests with the command line's token.
    pub(crate) fn api(&self) -> Api {
        Api { address: self.address(), token: self.token.clone() }
    }

    /// A socket of the command line that hears of agents and problems.
    pub(crate) async fn socket(&self) -> Outcome<Socket> {
        Socket::open(&self.address(), &self.token).await
    }

    /// What an agent of this world needs.
    pub(crate) fn settings(&self, name: &str, program: &str, args: &[&str]) -> serde_json::Value {
        json!({ "name": name, "program": program, "args": args, "folder": self.work() })
    }

    /// Creates and starts an agent that runs `sh -c SCRIPT`.
    pub(crate) async fn script(&self, name: &str, script: &str) -> Outcome<Agent> {
        self.api()
            .ask("POST", "/api/agents", Some(self.settings(name, "sh", &["-c", script])))
            .await
    }

    /// All agents in use.
    pub(crate) async fn agents(&self) -> Outcome<Vec<Agent>> {
        Ok(self.api().ask::<AgentList>("GET", "/api/agents", None).await?.agents)
    }

    /// The last lines of the terminal of an agent's program.
    pub(crate) async fn output(&self, agent: &AgentId, lines: u32) -> Outcome<Vec<String>> {
        self.api().output(agent, lines).await
    }

    /// The database and its side files, copied where nobody writes them.
    pub(crate) fn copy_database(&self, name: &str) -> Outcome<PathBuf> {
        let home = self.server.as_ref().map(|server| self.seen_from_here(server.pid, ""));
        let from = home.unwrap_or_else(|| self.home());
        let to = self.folder.join(name);
        std::fs::create_dir_all(&to)?;
        for side in ["", "-wal"] {
            let file = format!("maestro.db{side}");
            match std::fs::copy(from.join(&file), to.join(&file)) {
                Err(error) if side.is_empty() => return Err(error.into()),
                _copied_or_not_there => {}
            }
        }
        Ok(to.join("maestro.db"))
    }
}
