//! A Maestro of a test's own: temporary folder, own tmux, own port.

pub(crate) mod http;
pub(crate) mod socket;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::access::Role;
use protocol::access::tokens::NewToken;
use protocol::agents::{Agent, AgentId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server::config::Settings;
use server::home::HomeError;
use server::serve::{Running, StartError, start};
use tempfile::TempDir;
use tokio::runtime::Handle;

use http::{Answer, Request};
use socket::Socket;

/// Nothing in these tests takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The program under test: tmux runs it as launcher and tap, tests run it as command line.
pub(crate) fn executable() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_maestro"))
}

/// A running server and the folder it lives in.
pub(crate) struct World {
    folder: TempDir,
    running: Option<Running>,
    origin: String,
    token: String,
}

/// A browser that logged in.
pub(crate) struct Browser {
    pub(crate) cookie: String,
    pub(crate) secret: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        // Short, since a socket's path must be.
        let folder = tempfile::Builder::new().prefix("mst").tempdir_in("/tmp").unwrap();
        let mut world = Self { folder, running: None, origin: String::new(), token: String::new() };
        world.up().await;
        world
    }

    /// Starts the server again on the same folder.
    pub(crate) async fn up(&mut self) {
        let settings = self.settings();
        let started = async {
            loop {
                match start(&settings, executable()).await {
                    // A process that another test starts in this very moment has a copy of the
                    // last server's lock, until it becomes its program.
                    Err(StartError::Home(HomeError::Locked(_))) => tokio::task::yield_now().await,
                    started => return started,
                }
            }
        };
        let running = tokio::time::timeout(PATIENCE, started).await.unwrap().unwrap();
        self.origin = format!("http://{}", running.address);
        self.token = std::fs::read_to_string(self.home().join("run/cli-token")).unwrap();
        self.running = Some(running);
    }

    /// Stops the server; agents go on.
    pub(crate) async fn down(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            home: self.home(),
            profile: None,
            port: 0,
            beyond: server::http::listen::ListenSettings::default(),
            log: "warn".into(),
            log_format: server::config::LogFormat::Text,
            tmux: "tmux".into(),
            audit_heads: None,
        }
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A folder for agents to work in.
    pub(crate) fn work(&self) -> PathBuf {
        let work = self.folder.path().join("work");
        std::fs::create_dir_all(&work).unwrap();
        work
    }

    /// A file that names an empty home folder: shells must not read the developer's own files.
    fn own_home(&self) -> PathBuf {
        let home = self.folder.path().join("user");
        std::fs::create_dir_all(&home).unwrap();
        let file = self.folder.path().join("user-path");
        std::fs::write(&file, home.to_str().unwrap()).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn host(&self) -> &str {
        self.origin.strip_prefix("http://").unwrap()
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// A request without any credential.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.host(), method, path)
    }

    /// A request of the command line.
    pub(crate) fn command(&self, method: &str, path: &str) -> Request {
        self.bearer(&self.token, method, path)
    }

    /// Opens the owner's login link in a new browser.
    pub(crate) async fn log_in(&self) -> Browser {
        self.log_in_as(Role::Owner).await
    }

    /// Opens a login link for a role in a new browser.
    pub(crate) async fn log_in_as(&self, role: Role) -> Browser {
        let link = self.running().access.logins.create_link(role).await.unwrap();
        let token = link.url.split("#t=").nth(1).unwrap();
        let answer = self
            .request("POST", "/api/login")
            .header("origin", &self.origin)
            .json(&json!({ "token": token }))
            .send()
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.header("set-cookie").unwrap();
        Browser {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            secret: answer.body()["data"]["secret"].as_str().unwrap().to_owned(),
        }
    }

    /// Makes a script's token.
    pub(crate) async fn script_token(&self, name: &str, role: Role) -> NewToken {
        self.ask("POST", "/api/tokens", Some(json!({ "name": name, "role": role }))).await
    }

    /// The token that a running agent's program was given.
    pub(crate) fn session_token(&self, agent: &AgentId) -> String {
        std::fs::read_to_string(self.home().join(format!("run/tokens/{agent}"))).unwrap()
    }

    /// A request with a bearer token.
    pub(crate) fn bearer(&self, token: &str, method: &str, path: &str) -> Request {
        self.request(method, path).header("authorization", &format!("Bearer {token}"))
    }

    /// A request of a logged-in page.
    pub(crate) fn page(&self, browser: &Browser, method: &str, path: &str) -> Request {
        self.request(method, path)
            .header("cookie", &browser.cookie)
            .header("origin", &self.origin)
            .header("x-maestro-secret", &browser.secret)
    }

    /// A request of the command line that must succeed; its data.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> T {
        let request = self.command(method, path);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await;
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.text());
        serde_json::from_value(answer.body()["data"].clone()).unwrap()
    }

    pub(crate) async fn create(&self, new: Value) -> Answer {
        self.command("POST", "/api/agents").json(&new).send().await
    }

    /// Creates and starts an agent that runs `sh -c SCRIPT`.
    pub(crate) async fn script(&self, name: &str, script: &str) -> Agent {
        let answer = self
            .create(json!({
                "name": name, "program": "sh", "args": ["-c", script], "folder": self.work(),
                "env": [{ "name": "HOME", "file": self.own_home() }],
            }))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        serde_json::from_value(answer.body()["data"].clone()).unwrap()
    }

    pub(crate) async fn agents(&self) -> Vec<Agent> {
        let answer = self.command("GET", "/api/agents").send().await;
        serde_json::from_value(answer.body()["data"]["agents"].clone()).unwrap()
    }

    /// A socket of the command line, past AUTH.
    pub(crate) async fn socket(&self) -> Socket {
        self.socket_of(&self.token).await
    }

    /// A socket of whoever has this bearer token, past AUTH.
    pub(crate) async fn socket_of(&self, token: &str) -> Socket {
        let bearer = format!("Bearer {token}");
        let mut socket = Socket::connect(self, &[("authorization", &bearer)]).await.unwrap();
        socket.authenticate(token).await;
        socket
    }

    /// A socket of a logged-in page, past AUTH.
    pub(crate) async fn page_socket(&self, browser: &Browser) -> Socket {
        let headers = [("cookie", browser.cookie.as_str()), ("origin", self.origin())];
        let mut socket = Socket::connect(self, &headers).await.unwrap();
        socket.authenticate(&browser.secret).await;
        socket
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // First the server: it would start another tmux in place of the one that is ended.
        if let Some(running) = self.running.take() {
            tokio::task::block_in_place(|| Handle::current().block_on(running.stop()));
        }
        end_tmux(&self.home());
    }
}

/// Ends the tmux server of one data folder, and with it every agent that a test left behind.
fn end_tmux(home: &Path) {
    let socket = home.join("run/tmux-0.sock");
    if socket.exists() {
        let _already_gone = std::process::Command::new("tmux")
            .arg("-S")
            .arg(socket)
            .arg("kill-server")
            .stderr(std::process::Stdio::null())
            .status();
    }
}
