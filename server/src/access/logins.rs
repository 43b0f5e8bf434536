//! Devices: browsers that logged in by a single-use link or were paired.
//!
//! All of them are kept in memory, so that finding out who asks costs no read of the database;
//! the store is written first. Only what ends is out of memory before that.
//! Changes come one after the other, so that none brings back what another one ended.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use domain::devices::device_name;
use domain::logins::{LoginTimes, Validity};
use protocol::access::Role;
use protocol::access::devices::Entrance;
use protocol::error::{ApiError, ErrorCode};
use protocol::limits;
use protocol::logins::LoginLink;
use store::logins::{Link, Login};
use store::{Store, StoreError};
use tokio::time::sleep;

use super::endings::{Endings, Of};
use crate::clock::now_ms;
use crate::secrets;

/// How often a login's last use is written down, in milliseconds.
const TOUCH_EVERY_MS: i64 = 60_000;
/// How often what has expired is removed.
const PURGE_EVERY: Duration = Duration::from_hours(24);

/// What a browser gets when it is let in.
pub struct NewLogin {
    /// Names the device; opens nothing.
    pub id: String,
    /// What it may do.
    pub role: Role,
    /// Goes into the cookie.
    pub cookie_token: String,
    /// Goes to the page, which keeps it for its own origin.
    pub secret: String,
}

/// Where a browser comes from.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// What it calls itself.
    pub user_agent: &'a str,
    /// Its network address.
    pub address: &'a str,
}

/// Devices of this instance.
pub struct Logins {
    store: Store,
    instance: String,
    address: String,
    known: RwLock<Known>,
    changes: Endings,
}

#[derive(Default)]
struct Known {
    devices: HashMap<String, Login>,
    by_token: HashMap<[u8; 32], String>,
}

impl Logins {
    /// `address` is the origin that links point to, such as `http://127.0.0.1:23000`.
    pub async fn load(store: Store, instance: &str, address: String) -> Result<Self, ApiError> {
        store.logins().purge_expired(now_ms()).await?;
        let mut known = Known::default();
        for login in store.logins().all().await? {
            known.add(login);
        }
        let changes = Endings::new(store.clone(), Of::Devices);
        let (instance, known) = (instance.to_owned(), RwLock::new(known));
        Ok(Self { store, instance, address, known, changes })
    }

    /// Name of the login cookie: it holds the instance, since cookies do not know ports. Over TLS
    /// its prefix makes browsers keep it to this very host and to TLS.
    pub fn cookie_name(&self, secure: bool) -> String {
        let prefix = if secure { "__Host-" } else { "" };
        format!("{prefix}maestro_{}", self.instance)
    }

    /// Makes a link on this machine. It works once, for ten minutes.
    pub async fn create_link(&self, role: Role) -> Result<LoginLink, ApiError> {
        self.issue(Link { role, made_by: None }).await
    }

    /// Makes a link for a device. It ends with the device, or with what the device may do.
    pub async fn create_link_by(&self, maker: &str, role: Role) -> Result<LoginLink, ApiError> {
        let _one_at_a_time = self.changes.begin().await;
        self.must_know(maker)?;
        self.issue(Link { role, made_by: Some(maker.to_owned()) }).await
    }

    async fn issue(&self, link: Link) -> Result<LoginLink, ApiError> {
        let token = secrets::random_token();
        let expires_at_ms =
            self.store.logins().create_link(&secrets::hash(&token), &link, now_ms()).await?;
        Ok(LoginLink { url: format!("{}/login#t={token}", self.address), expires_at_ms })
    }

    /// Swaps a link's token for a login.
    pub async fn redeem(&self, token: &str, from: Arrival<'_>) -> Result<NewLogin, ApiError> {
        let _one_at_a_time = self.changes.begin().await;
        self.refuse_when_full().await?;
        let hash = secrets::hash(token);
        self.find_link(&hash).await?;
        let link = self.store.logins().redeem_link(&hash, now_ms()).await?;
        let name = device_name(from.user_agent);
        self.let_in(name, link.role, Entrance::Link, from).await
    }

    /// A link that can be used. Those of a device that was revoked or may do less by now cannot,
    /// even while the disk still has them.
    async fn find_link(&self, hash: &[u8; 32]) -> Result<Link, ApiError> {
        let link = self.store.logins().find_link(hash, now_ms()).await?;
        let stands = link
            .made_by
            .as_deref()
            .is_none_or(|maker| self.by_id(maker).is_some_and(|maker| maker.role == Role::Owner));
        if stands { Ok(link) } else { Err(StoreError::LinkUnknown.into()) }
    }

    /// Lets a device in.
    pub async fn admit(
        &self,
        name: String,
        role: Role,
        entrance: Entrance,
        from: Arrival<'_>,
    ) -> Result<NewLogin, ApiError> {
        let _one_at_a_time = self.changes.begin().await;
        self.refuse_when_full().await?;
        self.let_in(name, role, entrance, from).await
    }

    async fn let_in(
        &self,
        name: String,
        role: Role,
        entrance: Entrance,
        from: Arrival<'_>,
    ) -> Result<NewLogin, ApiError> {
        let now = now_ms();
        let new = NewLogin {
            id: ulid::Ulid::new().to_string().to_lowercase(),
            role,
            cookie_token: secrets::random_token(),
            secret: secrets::random_token(),
        };
        let login = Login {
            id: new.id.clone(),
            token_hash: secrets::hash(&new.cookie_token),
            secret_hash: secrets::hash(&new.secret),
            times: match entrance {
                Entrance::Link => LoginTimes::begun_at(now),
                Entrance::Paired => LoginTimes::let_in_at(now),
            },
            user_agent: from.user_agent.chars().take(200).collect(),
            role,
            name,
            entrance,
            address: from.address.to_string(),
        };
        self.store.logins().create(&login).await?;
        self.write().add(login);
        Ok(new)
    }

    async fn refuse_when_full(&self) -> Result<(), ApiError> {
        if self.read().devices.len() < limits::DEVICES {
            return Ok(());
        }
        self.purge().await?;
        if self.read().devices.len() < limits::DEVICES {
            return Ok(());
        }
        Err(ApiError::new(
            ErrorCode::Conflict,
            "Too many devices are logged in. Revoke some with `maestro access revoke`.",
        ))
    }

    /// The login of a cookie, if it has neither ended nor expired.
    pub fn by_cookie(&self, token: &str) -> Option<Login> {
        let known = self.read();
        let id = known.by_token.get(&secrets::hash(token))?;
        known.devices.get(id).filter(|login| is_valid(login)).cloned()
    }

    /// The device, if its login has neither ended nor expired.
    pub fn by_id(&self, id: &str) -> Option<Login> {
        self.read().devices.get(id).filter(|login| is_valid(login)).cloned()
    }

    /// All whose login stands, last used first.
    pub fn all(&self) -> Vec<Login> {
        let mut all: Vec<Login> =
            self.read().devices.values().filter(|login| is_valid(login)).cloned().collect();
        all.sort_by(|one, other| {
            let key = |login: &Login| (login.times.last_seen_at_ms, login.id.clone());
            key(other).cmp(&key(one))
        });
        all
    }

    /// Notes that this login was used, once a minute.
    pub async fn use_now(&self, login: &Login) {
        if now_ms() - login.times.last_seen_at_ms <= TOUCH_EVERY_MS {
            return;
        }
        // A disk that takes no writes must not keep people from reading.
        if let Err(error) = self.touch(&login.id).await {
            tracing::warn!(%error, "the use of a login was not noted");
        }
    }

    /// Notes that somebody works with this login right now.
    pub async fn touch(&self, id: &str) -> Result<(), ApiError> {
        let now = now_ms();
        self.store.logins().touch(id, now).await?;
        if let Some(login) = self.write().devices.get_mut(id) {
            login.times.last_seen_at_ms = login.times.last_seen_at_ms.max(now);
        }
        Ok(())
    }

    /// Removes links and logins that are over.
    async fn purge(&self) -> Result<(), ApiError> {
        self.store.logins().purge_expired(now_ms()).await?;
        self.write().forget_expired();
        Ok(())
    }

    /// Removes what is over each day, and ends what the disk did not take before. Never returns.
    pub async fn keep(&self) {
        let purge = async {
            loop {
                sleep(PURGE_EVERY).await;
                let _one_at_a_time = self.changes.begin().await;
                if let Err(error) = self.purge().await {
                    tracing::warn!(%error, "logins that are over were not removed");
                }
            }
        };
        tokio::join!(self.changes.keep_trying(), purge);
    }

    /// Gives a device another name.
    pub async fn rename(&self, id: &str, name: &str) -> Result<Login, ApiError> {
        let _one_at_a_time = self.changes.begin().await;
        self.must_know(id)?;
        let login = self.store.logins().rename(id, name).await?;
        self.replace(login)
    }

    /// Gives a device another role.
    pub async fn set_role(&self, id: &str, role: Role) -> Result<Login, ApiError> {
        let _one_at_a_time = self.changes.begin().await;
        self.must_know(id)?;
        let login = self.store.logins().set_role(id, role, now_ms()).await?;
        self.replace(login)
    }

    /// Uses a link up to confirm that somebody is there at this device. It comes from elsewhere:
    /// a device that confirms itself would never have to.
    pub async fn refresh(&self, id: &str, token: &str) -> Result<(), ApiError> {
        let _one_at_a_time = self.changes.begin().await;
        let now = now_ms();
        let device = self.must_know(id)?;
        let hash = secrets::hash(token);
        // Before the link is used up.
        let link = self.find_link(&hash).await?;
        if link.made_by.as_deref() == Some(id) {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "Use a link that `maestro login-link` makes on this machine.",
            ));
        }
        if link.role < device.role {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "That link is for a device that may do less. Make one with `maestro login-link`.",
            ));
        }
        self.store.logins().redeem_link(&hash, now).await?;
        let login = self.store.logins().set_fresh(id, now).await?;
        self.replace(login).map(drop)
    }

    /// Lets a device out, whatever the disk says; [`Self::end`] is to follow.
    pub fn forget(&self, id: &str) {
        let mut known = self.write();
        if let Some(login) = known.devices.remove(id) {
            known.by_token.remove(&login.token_hash);
        }
    }

    /// Ends a login; one that is over already is fine. When the disk does not take it, it is over
    /// until the next start.
    pub async fn end(&self, id: &str) -> Result<(), ApiError> {
        self.forget(id);
        self.changes.end(id).await
    }

    /// Takes note of what a device is now, unless it was let out meanwhile.
    fn replace(&self, login: Login) -> Result<Login, ApiError> {
        let mut known = self.write();
        let place = known.devices.get_mut(&login.id).ok_or_else(no_such_device)?;
        *place = login.clone();
        Ok(login)
    }

    fn must_know(&self, id: &str) -> Result<Login, ApiError> {
        self.by_id(id).ok_or_else(no_such_device)
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn forget_expired(&mut self) {
        let Self { devices, by_token } = self;
        devices.retain(|_, login| is_valid(login));
        by_token.retain(|_, id| devices.contains_key(id));
    }

    fn add(&mut self, login: Login) {
        self.by_token.insert(login.token_hash, login.id.clone());
        self.devices.insert(login.id.clone(), login);
    }
}

pub(super) fn no_such_device() -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        "There is no such device. It may have been revoked; list the devices again.",
    )
}

fn is_valid(login: &Login) -> bool {
    login.times.validity(now_ms()) == Validity::Valid
}
