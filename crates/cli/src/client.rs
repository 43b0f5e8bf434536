//! Talks HTTP to the Maestro of one data folder: on loopback, with the token that it left there.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use protocol::agents::{Agent, AgentId, AgentList, CreateAgent};
use protocol::envelope::{Failure, Success};
use protocol::error::{ApiError, ErrorCode};
use protocol::logins::LoginLink;
use serde::de::DeserializeOwned;
use ureq::http::{Method, Request, header};

use crate::exit::{Exit, Refusal};

/// Written by the server at its start, readable by its owner only.
const TOKEN_FILE: &str = "run/cli-token";
/// Written by the server at its start, such as `127.0.0.1:23000`.
const ADDRESS_FILE: &str = "run/address";
const TIMEOUT: Duration = Duration::from_secs(10);
/// A list of many agents with long notes fits.
const ANSWER_BYTES: u64 = 256 * 1024 * 1024;

/// A running Maestro.
pub struct Client {
    http: ureq::Agent,
    address: SocketAddr,
    authorization: String,
    not_running: String,
}

impl Client {
    /// The Maestro whose data is in `home`.
    pub fn connect(home: &Path) -> Result<Self, Refusal> {
        let not_running = format!(
            "Maestro is not running for {}. Start it with `maestro`, or name its folder with \
             --home.",
            home.display()
        );
        let read = |file: &str| read_run_file(&home.join(file), &not_running);
        let token = read(TOKEN_FILE)?;
        let address: SocketAddr = read(ADDRESS_FILE)?
            .parse()
            .ok()
            .filter(|address: &SocketAddr| address.ip().is_loopback())
            .ok_or_else(|| {
                Refusal::unreachable(format!(
                    "{} does not hold an address of this machine. Restart Maestro.",
                    home.join(ADDRESS_FILE).display()
                ))
            })?;
        // The token must reach nobody else: no proxy from the environment, no redirects.
        let http = ureq::Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("maestro/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { http, address, authorization: format!("Bearer {token}"), not_running })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All agents, ordered by name.
    pub fn agents(&self) -> Result<Vec<Agent>, Refusal> {
        let list: AgentList = self.ask(Method::GET, "/api/agents", ())?;
        Ok(list.agents)
    }

    /// Creates an agent.
    pub fn create(&self, new: &CreateAgent) -> Result<Agent, Refusal> {
        let body = serde_json::to_vec(new).expect("strings and a bool are valid JSON");
        self.ask(Method::POST, "/api/agents", body.as_slice())
    }

    /// Starts an agent.
    pub fn start(&self, id: &AgentId) -> Result<Agent, Refusal> {
        self.ask(Method::POST, &format!("/api/agents/{id}/start"), ())
    }

    /// Stops an agent.
    pub fn stop(&self, id: &AgentId) -> Result<Agent, Refusal> {
        self.ask(Method::POST, &format!("/api/agents/{id}/stop"), ())
    }

    /// Deletes an agent.
    pub fn delete(&self, id: &AgentId) -> Result<(), Refusal> {
        self.ask(Method::DELETE, &format!("/api/agents/{id}"), ())
    }

    /// Makes a login link.
    pub fn login_link(&self) -> Result<LoginLink, Refusal> {
        self.ask(Method::POST, "/api/login-links", ())
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: impl ureq::AsSendBody,
    ) -> Result<T, Refusal> {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|_| self.not_understood())?;
        let mut response = self.http.run(request).map_err(|error| self.no_answer(&error))?;
        let succeeded = response.status().is_success();
        let answer = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES)
            .read_to_vec()
            .map_err(|error| self.no_answer(&error))?;
        if succeeded {
            let answer: Success<T> =
                serde_json::from_slice(&answer).map_err(|_| self.not_understood())?;
            return Ok(answer.data);
        }
        let failure: Failure =
            serde_json::from_slice(&answer).map_err(|_| self.not_understood())?;
        Err(failure.error.into())
    }

    fn no_answer(&self, error: &ureq::Error) -> Refusal {
        Refusal::unreachable(match error {
            ureq::Error::Timeout(_) => format!(
                "Maestro did not answer within {} seconds and may still be at it. Look at \
                 `maestro agent list`, then try again.",
                TIMEOUT.as_secs()
            ),
            _ => self.not_running.clone(),
        })
    }

    fn not_understood(&self) -> Refusal {
        Refusal {
            exit: Exit::Other,
            error: ApiError::new(
                ErrorCode::Internal,
                format!(
                    "What answers at {} does not speak like this Maestro. Restart Maestro, so \
                     that both are of one version.",
                    self.address
                ),
            ),
        }
    }
}

/// A file in `run/`; one that others can read holds no secret any more.
fn read_run_file(path: &Path, not_running: &str) -> Result<String, Refusal> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Refusal::unreachable(not_running),
        _ => Refusal::from(ApiError::new(
            ErrorCode::Forbidden,
            format!("{} cannot be read: {error}. Run this as Maestro's owner.", path.display()),
        )),
    };
    let shared = fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o077 != 0;
    if shared && path.ends_with(TOKEN_FILE) {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            format!(
                "Others on this machine can read {}. Restart Maestro, which makes a new token.",
                path.display()
            ),
        )
        .into());
    }
    Ok(fs::read_to_string(path).map_err(unreadable)?.trim().to_owned())
}
