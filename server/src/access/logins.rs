//! Logging in: single-use links, browser logins, and the command line's token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::logins::{LoginTimes, Validity};
use protocol::error::ApiError;
use protocol::limits;
use protocol::logins::LoginLink;
use store::Store;
use store::logins::Login;
use tokio::sync::broadcast;

use crate::access::principal::{Credential, Principal};
use crate::clock::now_ms;
use crate::secrets;

/// How often a login's last use is written down, in milliseconds.
const TOUCH_EVERY_MS: i64 = 60_000;
/// Waiting receivers of revocations; a socket that misses one checks again within a minute.
const KEPT_REVOCATIONS: usize = 64;

/// What a browser gets when it logs in.
pub struct NewLogin {
    /// Goes into the cookie.
    pub cookie_token: String,
    /// Goes to the page, which keeps it for its own origin.
    pub secret: String,
}

/// Logins of this instance.
pub struct Logins {
    store: Store,
    cookie_name: String,
    command_line: [u8; 32],
    address: String,
    revoked: broadcast::Sender<String>,
    sockets: Mutex<HashMap<String, usize>>,
}

/// Counts one open socket of a login until it is dropped.
pub struct SocketSlot {
    logins: Arc<Logins>,
    login: String,
}

impl Logins {
    /// `address` is the origin that links point to, such as `http://127.0.0.1:23000`.
    pub fn new(store: Store, instance: &str, command_line_token: &str, address: String) -> Self {
        Self {
            store,
            cookie_name: format!("maestro_{instance}"),
            command_line: secrets::hash(command_line_token),
            address,
            revoked: broadcast::channel(KEPT_REVOCATIONS).0,
            sockets: Mutex::default(),
        }
    }

    /// Name of the login cookie: it holds the instance, since cookies do not know ports.
    pub fn cookie_name(&self) -> &str {
        &self.cookie_name
    }

    /// Makes a link. It works once, for ten minutes.
    pub async fn create_link(&self) -> Result<LoginLink, ApiError> {
        let token = secrets::random_token();
        let expires_at_ms =
            self.store.logins().create_link(&secrets::hash(&token), now_ms()).await?;
        Ok(LoginLink { url: format!("{}/login#t={token}", self.address), expires_at_ms })
    }

    /// Swaps a link's token for a login.
    pub async fn redeem(&self, token: &str, user_agent: &str) -> Result<NewLogin, ApiError> {
        let now = now_ms();
        self.store.logins().redeem_link(&secrets::hash(token), now).await?;
        let login =
            NewLogin { cookie_token: secrets::random_token(), secret: secrets::random_token() };
        self.store
            .logins()
            .create(&store::logins::Login {
                id: ulid::Ulid::new().to_string().to_lowercase(),
                token_hash: secrets::hash(&login.cookie_token),
                secret_hash: secrets::hash(&login.secret),
                times: LoginTimes { created_at_ms: now, last_seen_at_ms: now },
                user_agent: user_agent.chars().take(200).collect(),
            })
            .await?;
        Ok(login)
    }

    /// Whose credential this is. A wrong one is nobody's.
    pub async fn principal(&self, credential: Credential<'_>) -> Result<Principal, ApiError> {
        let token = match credential {
            Credential::Bearer(token) if self.is_command_line(token) => {
                return Ok(Principal::CommandLine);
            }
            Credential::None | Credential::Bearer(_) => return Ok(Principal::Anonymous),
            Credential::Cookie(token) => token,
        };
        let token_hash = secrets::hash(token);
        let Some(login) = self.live(&token_hash).await? else { return Ok(Principal::Anonymous) };
        let now = now_ms();
        if now - login.times.last_seen_at_ms > TOUCH_EVERY_MS {
            // A disk that takes no writes must not keep people from reading.
            if let Err(error) = self.store.logins().touch(&login.id, now).await {
                tracing::warn!(%error, "the use of a login was not noted");
            }
        }
        Ok(Principal::Browser { login: login.id, token_hash, secret_hash: login.secret_hash })
    }

    /// The login of a cookie, if it has neither ended nor expired.
    pub async fn live(&self, token_hash: &[u8; 32]) -> Result<Option<Login>, ApiError> {
        let login = self.store.logins().by_token_hash(token_hash).await?;
        Ok(login.filter(|login| login.times.validity(now_ms()) == Validity::Valid))
    }

    /// Notes that somebody works with this login right now.
    pub async fn touch(&self, login: &str) -> Result<(), ApiError> {
        Ok(self.store.logins().touch(login, now_ms()).await?)
    }

    /// Whether this is the command line's token.
    pub fn is_command_line(&self, token: &str) -> bool {
        secrets::matches(&self.command_line, token)
    }

    /// Ends a login and every socket that it holds.
    pub async fn end(&self, login: &str) -> Result<(), ApiError> {
        self.store.logins().delete(login).await?;
        // No socket of it may be open.
        let _nobody_listens = self.revoked.send(login.to_owned());
        Ok(())
    }

    /// Logins as they end.
    pub fn revocations(&self) -> broadcast::Receiver<String> {
        self.revoked.subscribe()
    }

    /// Takes one of the login's sockets; `None` when all are in use.
    pub fn socket(self: &Arc<Self>, login: &str) -> Option<SocketSlot> {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        let open = sockets.entry(login.to_owned()).or_default();
        if *open >= limits::SOCKETS_PER_LOGIN {
            return None;
        }
        *open += 1;
        Some(SocketSlot { logins: Arc::clone(self), login: login.to_owned() })
    }
}

impl Drop for SocketSlot {
    fn drop(&mut self) {
        let mut sockets = self.logins.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = sockets.get_mut(&self.login) {
            *open -= 1;
            if *open == 0 {
                sockets.remove(&self.login);
            }
        }
    }
}
