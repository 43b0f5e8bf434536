//! Talks HTTP to a running Maestro: that of a data folder, on loopback, or that of the
//! environment, with a token.
//!
//! What can be asked stands beside this file, by noun.

mod access;
mod agents;
mod audit;
mod credential;
mod host;
mod place;
mod run_files;
mod terminals;
mod transport;
mod trash;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use protocol::envelope::{Failure, Success};
use protocol::error::{ApiError, ErrorCode};
use protocol::host::Diagnostics;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Method, Request, Response, header};
use ureq::{AsSendBody, Body};

use crate::exit::{Exit, Refusal};
use credential::Credential;
use place::Place;

pub use credential::Environment;
pub(crate) use credential::Source;

/// How long an ordinary request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A list of many agents with long notes fits.
const ANSWER_BYTES: u64 = 256 * 1024 * 1024;

/// A running Maestro.
pub struct Client {
    http: ureq::Agent,
    place: Place,
    authorization: String,
    source: Source,
}

/// The Maestro of a data folder, asked by its owner about itself.
pub struct Local {
    client: Client,
    address: SocketAddr,
}

impl Local {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the server finds out about its machine and itself.
    pub fn diagnostics(&self) -> Result<Diagnostics, Refusal> {
        self.client.get("/api/diagnostics")
    }
}

impl Client {
    /// The Maestro whose data is in `home`, whatever the environment says.
    pub fn connect(home: &Path) -> Result<Local, Refusal> {
        let client = Self::choose(home, &Environment::default())?;
        let address = run_files::address(home, &client.place.absent)?;
        Ok(Local { client, address })
    }

    /// The Maestro that the environment names, else the one whose data is in `home`; asked with
    /// the environment's token, else as its owner.
    pub fn choose(home: &Path, environment: &Environment) -> Result<Self, Refusal> {
        let absent = format!(
            "Maestro is not running for {}. Start it with `maestro`, or name its folder with \
             --home.",
            home.display()
        );
        let Credential { token, source } = Credential::find(home, environment, &absent)?;
        // The owner's token stays on this machine, whatever the environment says.
        let named = match source {
            Source::DataFolder => None,
            Source::Variable | Source::File(_) => Place::of_environment(environment)?,
        };
        let place = named.map_or_else(|| Place::of_folder(home, absent), Ok)?;
        let http = transport::agent(place.authority.as_deref())?;
        Ok(Self { http, place, authorization: format!("Bearer {token}"), source })
    }

    /// Scheme, host and port of it.
    pub(crate) fn origin(&self) -> &str {
        &self.place.origin
    }

    /// Where the credential came from with which it is asked.
    pub(crate) fn source(&self) -> &Source {
        &self.source
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
        body: impl AsSendBody,
        patience: Duration,
    ) -> Result<T, Refusal> {
        let request = self.request(method, path, body)?;
        let request = self.http.configure_request(request).timeout_global(Some(patience)).build();
        let no_answer = |error: ureq::Error| self.no_answer(&error, patience);
        let mut response = self.http.run(request).map_err(no_answer)?;
        if !response.status().is_success() {
            return Err(self.refused(response, patience));
        }
        let answer = whole(&mut response).map_err(no_answer)?;
        let answer: Success<T> =
            serde_json::from_slice(&answer).map_err(|_| self.not_understood())?;
        Ok(answer.data)
    }

    /// Asks for what is too much to hold at once. `patience` is for each part of it.
    fn stream(&self, path: &str, patience: Duration) -> Result<Response<Body>, Refusal> {
        let request = self.request(Method::GET, path, ())?;
        let request = self
            .http
            .configure_request(request)
            .timeout_connect(Some(patience))
            .timeout_recv_response(Some(patience))
            .timeout_per_read(Some(patience))
            .build();
        let response = self.http.run(request).map_err(|error| self.no_answer(&error, patience))?;
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(self.refused(response, patience))
        }
    }

    fn request<B>(&self, method: Method, path: &str, body: B) -> Result<Request<B>, Refusal> {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.place.origin))
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|_| self.not_understood())
    }

    /// Why the server refused, and with which credential it was asked if it is not the owner's.
    fn refused(&self, mut response: Response<Body>, patience: Duration) -> Refusal {
        let answer = match whole(&mut response) {
            Ok(answer) => answer,
            Err(error) => return self.no_answer(&error, patience),
        };
        let Ok(Failure { mut error, .. }) = serde_json::from_slice(&answer) else {
            return self.not_understood();
        };
        if self.source != Source::DataFolder {
            let place = self.source.place();
            match error.code {
                ErrorCode::Unauthenticated => {
                    error.message = format!(
                        "Maestro does not accept the token in {place}: it is wrong, expired or \
                         revoked. `maestro token create` makes another one."
                    );
                }
                ErrorCode::Forbidden | ErrorCode::Stale => {
                    error.message = format!("{} This was asked with {place}.", error.message);
                }
                _ => {}
            }
        }
        error.into()
    }

    fn no_answer(&self, error: &ureq::Error, patience: Duration) -> Refusal {
        Refusal::unreachable(match error {
            ureq::Error::Timeout(_) => format!(
                "Maestro did not answer within {} seconds and may still be at it. Look at \
                 `maestro agent list`, then try again.",
                patience.as_secs()
            ),
            error if transport::untrusted(error) => format!(
                "The certificate at {origin} is not trusted. Fetch {origin}/ca.pem, compare its \
                 fingerprint with `maestro access show` on that machine, and name the file with \
                 MAESTRO_CA_FILE.",
                origin = self.place.origin
            ),
            _ => self.place.absent.clone(),
        })
    }

    fn not_understood(&self) -> Refusal {
        let error = ApiError::new(ErrorCode::Internal, self.place.foreign.clone());
        Refusal { exit: Exit::Other, error }
    }
}

fn whole(response: &mut Response<Body>) -> Result<Vec<u8>, ureq::Error> {
    response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec()
}
