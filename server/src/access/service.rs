//! Who is asking, and what the owner decides about that.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::throttle::Kind;
use protocol::access::audit::{AuditEntry, AuditQuery, AuditReport};
use protocol::access::devices::{
    Device, DeviceList, Entrance, NewLink, Reach, Reauthenticate, RenameDevice, SetRole,
};
use protocol::access::pairing::{ConfirmPairing, PairingList, PairingOffer};
use protocol::access::tokens::{CreateToken, NewToken, Token};
use protocol::access::{Caller, Role};
use protocol::error::{ApiError, ErrorCode};
use protocol::limits;
use protocol::logins::LoginLink;
use protocol::ports::AccessPort;
use store::logins::Login;
use tokio::sync::broadcast;

use super::about::about;
use super::gatekeeper::Gatekeeper;
use super::logins::{Arrival, Logins, NewLogin, no_such_device};
use super::names;
use super::pairings::Pairings;
use super::principal::{Credential, DeviceProof, Principal, ScriptProof};
use super::tokens::Tokens;
use crate::audit::Trail;
use crate::secrets;

/// Waiting receivers of changes; a socket that misses one looks at its own login again.
const KEPT_CHANGES: usize = 64;

/// Devices, tokens and pairings of this instance.
pub struct Access {
    /// Devices.
    pub logins: Logins,
    /// Tokens of scripts and sessions.
    pub tokens: Arc<Tokens>,
    /// Counts wrong credentials.
    pub gatekeeper: Gatekeeper,
    /// Open pairings.
    pub pairings: Pairings,
    /// Who did what.
    pub trail: Trail,
    /// How other devices reach this host.
    pub reach: Box<dyn Fn() -> Reach + Send + Sync>,
    command_line: [u8; 32],
    changed: broadcast::Sender<String>,
    sockets: Mutex<HashMap<String, usize>>,
}

/// Whether a socket may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As it began.
    Same,
    /// It may do something else by now.
    OtherRole,
    /// Its login or token is over.
    Over,
}

/// Counts one open socket of a device or script until it is dropped.
pub struct SocketSlot {
    access: Arc<Access>,
    record: String,
}

/// The parts of [`Access`].
pub struct Parts {
    /// See [`Access::logins`].
    pub logins: Logins,
    /// See [`Access::tokens`].
    pub tokens: Arc<Tokens>,
    /// See [`Access::gatekeeper`].
    pub gatekeeper: Gatekeeper,
    /// See [`Access::pairings`].
    pub pairings: Pairings,
    /// See [`Access::trail`].
    pub trail: Trail,
    /// See [`Access::reach`].
    pub reach: Box<dyn Fn() -> Reach + Send + Sync>,
}

impl Access {
    /// Puts the parts together.
    pub fn new(parts: Parts, command_line_token: &str) -> Self {
        let Parts { logins, tokens, gatekeeper, pairings, trail, reach } = parts;
        Self {
            logins,
            tokens,
            gatekeeper,
            pairings,
            trail,
            reach,
            command_line: secrets::hash(command_line_token),
            changed: broadcast::channel(KEPT_CHANGES).0,
            sockets: Mutex::default(),
        }
    }

    /// Whose credential this is. An unknown cookie is nobody's; a wrong token is refused, and
    /// those who try many have to wait.
    pub async fn principal(
        &self,
        credential: Credential<'_>,
        from: IpAddr,
    ) -> Result<Principal, ApiError> {
        match credential {
            Credential::None => Ok(Principal::Anonymous),
            Credential::Cookie(token) => {
                let Some(login) = self.logins.by_cookie(token) else {
                    return Ok(Principal::Anonymous);
                };
                self.logins.use_now(&login).await;
                Ok(Principal::Device(DeviceProof {
                    id: login.id,
                    name: login.name,
                    role: login.role,
                    times: login.times,
                    token_hash: login.token_hash,
                    secret_hash: login.secret_hash,
                }))
            }
            Credential::Bearer(token) if self.is_command_line(token) => Ok(Principal::CommandLine),
            Credential::Bearer(token) => {
                if let Some(terminal) = self.tokens.session(token) {
                    return Ok(Principal::Session(terminal));
                }
                if let Some(record) = self.tokens.script(token) {
                    self.tokens.use_now(&record).await;
                    return Ok(Principal::Script(ScriptProof {
                        id: record.id,
                        name: record.name,
                        role: record.role,
                        token_hash: record.token_hash,
                    }));
                }
                self.gatekeeper.wrong(Kind::Bearer, from)?;
                Ok(Principal::Anonymous)
            }
        }
    }

    /// Whether this is the command line's token.
    pub fn is_command_line(&self, token: &str) -> bool {
        secrets::matches(&self.command_line, token)
    }

    /// Whether a principal may go on as it began.
    pub fn standing(&self, principal: &Principal) -> Standing {
        let (before, now) = match principal {
            Principal::CommandLine => return Standing::Same,
            Principal::Anonymous | Principal::Session(_) => return Standing::Over,
            Principal::Device(device) => {
                (device.role, self.logins.by_id(&device.id).map(|login| login.role))
            }
            Principal::Script(script) => {
                (script.role, self.tokens.by_id(&script.id).map(|record| record.role))
            }
        };
        match now {
            None => Standing::Over,
            Some(now) if now == before => Standing::Same,
            Some(_) => Standing::OtherRole,
        }
    }

    /// Swaps a link's token for a login.
    pub async fn redeem(
        &self,
        token: &str,
        user_agent: &str,
        from: IpAddr,
    ) -> Result<NewLogin, ApiError> {
        let arrival = Arrival { user_agent, address: &from.to_string() };
        match self.logins.redeem(token, arrival).await {
            Err(error) if error.code == ErrorCode::Unauthenticated => {
                self.gatekeeper.wrong(Kind::Login, from)?;
                Err(error)
            }
            redeemed => {
                if let Ok(new) = &redeemed {
                    about(&new.id);
                }
                redeemed
            }
        }
    }

    /// Ends a device's login, every socket that it holds and what it began. It is out at once,
    /// also when the disk does not take it, which is an error.
    pub async fn end(&self, id: &str) -> Result<(), ApiError> {
        self.logins.forget(id);
        self.tell(id);
        self.pairings.withdraw(id);
        self.logins.end(id).await
    }

    /// Removes what is over, and ends what the disk did not take before. Never returns.
    pub async fn keep_records(&self) {
        tokio::join!(self.logins.keep(), self.tokens.keep());
    }

    /// Ends pairings in time, and logins that nobody came to collect. Never returns.
    pub async fn keep_pairings(&self) {
        loop {
            for login in self.pairings.keep_time().await {
                if let Err(error) = self.end(&login).await {
                    tracing::warn!(%error, "a login that nobody collected was not ended");
                }
            }
        }
    }

    /// Ids of devices and tokens that ended or may do something else from now on.
    pub fn changes(&self) -> broadcast::Receiver<String> {
        self.changed.subscribe()
    }

    fn tell(&self, id: &str) {
        // No socket may be open.
        let _nobody_listens = self.changed.send(id.to_owned());
    }

    /// Takes one of the sockets of a device or script; `None` when all are in use.
    pub fn socket(self: &Arc<Self>, record: &str) -> Option<SocketSlot> {
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        let open = sockets.entry(record.to_owned()).or_default();
        if *open >= limits::SOCKETS_PER_LOGIN {
            return None;
        }
        *open += 1;
        Some(SocketSlot { access: Arc::clone(self), record: record.to_owned() })
    }

    fn device(&self, login: Login) -> Device {
        let sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        Device {
            sockets: sockets.get(&login.id).copied().unwrap_or_default(),
            id: login.id,
            name: login.name,
            role: login.role,
            entrance: login.entrance,
            created_at_ms: login.times.created_at_ms,
            last_seen_at_ms: login.times.last_seen_at_ms,
            address: login.address,
            user_agent: login.user_agent,
        }
    }
}

impl Drop for SocketSlot {
    fn drop(&mut self) {
        let mut sockets = self.access.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = sockets.get_mut(&self.record) {
            *open -= 1;
            if *open == 0 {
                sockets.remove(&self.record);
            }
        }
    }
}

#[async_trait]
impl AccessPort for Access {
    async fn reach(&self) -> Result<Reach, ApiError> {
        Ok((self.reach)())
    }

    async fn devices(&self, caller: &Caller) -> Result<DeviceList, ApiError> {
        let devices: Vec<Device> =
            self.logins.all().into_iter().map(|login| self.device(login)).collect();
        let current = caller.id.clone().filter(|id| devices.iter().any(|device| device.id == *id));
        Ok(DeviceList { devices, current })
    }

    async fn rename_device(&self, id: &str, new: RenameDevice) -> Result<Device, ApiError> {
        about(id);
        let login = self.logins.rename(id, &names::check(&new.name)?).await?;
        Ok(self.device(login))
    }

    async fn set_role(&self, id: &str, new: SetRole) -> Result<Device, ApiError> {
        about(format!("{id} as {}", new.role));
        let login = self.logins.set_role(id, new.role).await?;
        self.tell(id);
        if login.role < Role::Owner {
            self.pairings.withdraw(id);
        }
        Ok(self.device(login))
    }

    async fn revoke_device(&self, id: &str) -> Result<(), ApiError> {
        about(id);
        if self.logins.by_id(id).is_none() {
            return Err(no_such_device());
        }
        self.end(id).await
    }

    async fn create_link(&self, caller: &Caller, new: NewLink) -> Result<LoginLink, ApiError> {
        let role = new.role.unwrap_or(Role::Owner);
        about(format!("for a new {role}"));
        match &caller.id {
            Some(device) => self.logins.create_link_by(device, role).await,
            None => self.logins.create_link(role).await,
        }
    }

    async fn reauthenticate(&self, caller: &Caller, with: Reauthenticate) -> Result<(), ApiError> {
        let Some(id) = &caller.id else {
            // The command line is always there.
            return Ok(());
        };
        about(id);
        match self.logins.refresh(id, &with.token).await {
            Err(error) if error.code == ErrorCode::Unauthenticated => {
                self.gatekeeper.wrong_by(id)?;
                Err(error)
            }
            refreshed => refreshed,
        }
    }

    async fn tokens(&self) -> Result<Vec<Token>, ApiError> {
        Ok(self.tokens.all())
    }

    async fn create_token(&self, new: CreateToken) -> Result<NewToken, ApiError> {
        let made = self.tokens.create(new).await?;
        about(format!("{} as {}", made.token.id, made.token.role));
        Ok(made)
    }

    async fn revoke_token(&self, id: &str) -> Result<(), ApiError> {
        about(id);
        self.tokens.forget(id)?;
        self.tell(id);
        self.tokens.end(id).await
    }

    async fn offer_pairing(&self, caller: &Caller) -> Result<PairingOffer, ApiError> {
        let reach = (self.reach)();
        let origin = reach.public.unwrap_or(reach.loopback);
        let offer = self.pairings.offer(caller, &origin)?;
        about(&offer.id);
        Ok(offer)
    }

    async fn pairings(&self) -> Result<PairingList, ApiError> {
        Ok(self.pairings.list())
    }

    async fn confirm_pairing(&self, id: &str, how: ConfirmPairing) -> Result<(), ApiError> {
        let visitor = self.pairings.visitor(id)?;
        let origin = &visitor.origin;
        let from = Arrival { user_agent: &origin.user_agent, address: &origin.address };
        let login = self.logins.admit(visitor.name, how.role, Entrance::Paired, from).await?;
        let device = login.id.clone();
        about(format!("{device} as {}", how.role));
        let confirmed = self.pairings.confirm(id, login);
        if confirmed.is_err() {
            // Its two minutes ended meanwhile: nobody will ever use it.
            self.end(&device).await?;
        }
        confirmed
    }

    async fn refuse_pairing(&self, id: &str) -> Result<(), ApiError> {
        about(id);
        self.pairings.refuse(id)
    }

    async fn audit(&self, part: AuditQuery) -> Result<Vec<AuditEntry>, ApiError> {
        self.trail.page(part).await
    }

    async fn verify_audit(&self) -> Result<AuditReport, ApiError> {
        self.trail.verify().await
    }
}
