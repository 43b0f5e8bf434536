//! Talks HTTP to the Maestro of one data folder: on loopback, with the token that it left there.
//!
//! What can be asked stands beside this file, by noun.

mod agents;
mod host;
mod run_files;
mod terminals;
mod trash;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use protocol::envelope::{Failure, Success};
use protocol::error::{ApiError, ErrorCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Method, Request, header};

use crate::exit::{Exit, Refusal};
use run_files::RunFiles;

/// How long an ordinary request may take.
const PATIENCE: Duration = Duration::from_secs(10);
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
        let RunFiles { token, address } = RunFiles::read(home, &not_running)?;
        // The token must reach nobody else: no proxy from the environment, no redirects.
        let http = ureq::Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("maestro/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { http, address, authorization: format!("Bearer {token}"), not_running })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks for what is there.
    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        self.ask(Method::GET, path, (), PATIENCE)
    }

    /// Asks for something to be done that needs no words.
    fn order<T: DeserializeOwned>(&self, method: Method, path: &str) -> Result<T, Refusal> {
        self.ask(method, path, (), PATIENCE)
    }

    /// Asks for something to be done as the body says.
    fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Refusal> {
        self.send_patiently(method, path, body, PATIENCE)
    }

    fn send_patiently<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        patience: Duration,
    ) -> Result<T, Refusal> {
        let body = serde_json::to_vec(body).expect("requests of the protocol are valid JSON");
        self.ask(method, path, body.as_slice(), patience)
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: impl ureq::AsSendBody,
        patience: Duration,
    ) -> Result<T, Refusal> {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|_| self.not_understood())?;
        let request = self.http.configure_request(request).timeout_global(Some(patience)).build();
        let no_answer = |error: ureq::Error| self.no_answer(&error, patience);
        let mut response = self.http.run(request).map_err(no_answer)?;
        let succeeded = response.status().is_success();
        let answer = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES)
            .read_to_vec()
            .map_err(no_answer)?;
        if succeeded {
            let answer: Success<T> =
                serde_json::from_slice(&answer).map_err(|_| self.not_understood())?;
            return Ok(answer.data);
        }
        let failure: Failure =
            serde_json::from_slice(&answer).map_err(|_| self.not_understood())?;
        Err(failure.error.into())
    }

    fn no_answer(&self, error: &ureq::Error, patience: Duration) -> Refusal {
        Refusal::unreachable(match error {
            ureq::Error::Timeout(_) => format!(
                "Maestro did not answer within {} seconds and may still be at it. Look at \
                 `maestro agent list`, then try again.",
                patience.as_secs()
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
