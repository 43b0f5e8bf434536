//! Login links and logins. Tokens come and stay as SHA-256 hashes; times are milliseconds since
//! the Unix epoch; how long things live is the rule of [`domain::logins`].

use domain::logins::{ABSOLUTE_MS, IDLE_MS, LinkTimes, LoginTimes, Validity};

use sqlx::sqlite::SqliteConnection;

use crate::database::Store;
use crate::error::StoreError;
use crate::seal::{self, Sealed, sealed_table};

sealed_table! {
    struct LinkRow of "login_links" by token_hash {
        token_hash: Vec<u8>,
        created_at_ms: i64,
        expires_at_ms: i64,
        used_at_ms: Option<i64>,
    }
}

sealed_table! {
    struct LoginRow of "logins" by id {
        id: String,
        token_hash: Vec<u8>,
        secret_hash: Vec<u8>,
        created_at_ms: i64,
        last_seen_at_ms: i64,
        user_agent: String,
    }
}

/// SHA-256 of a random token.
pub type TokenHash = [u8; 32];

/// A browser that is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Public id, for lists and for revoking; it opens nothing.
    pub id: String,
    /// Hash of the cookie's token.
    pub token_hash: TokenHash,
    /// Hash of the secret that only the page's own origin holds.
    pub secret_hash: TokenHash,
    /// When it began and when it was last used.
    pub times: LoginTimes,
    /// What the browser called itself.
    pub user_agent: String,
}

/// Login links and logins.
#[derive(Clone, Copy, Debug)]
pub struct Logins<'a> {
    pub(crate) store: &'a Store,
}

impl Logins<'_> {
    /// Stores a link made now; returns when it expires.
    pub async fn create_link(self, token_hash: &TokenHash, now_ms: i64) -> Result<i64, StoreError> {
        let LinkTimes { expires_at_ms, used_at_ms } = LinkTimes::issued_at(now_ms);
        let token_hash = token_hash.to_vec();
        let row = LinkRow { token_hash, created_at_ms: now_ms, expires_at_ms, used_at_ms };
        let mut change = self.store.change().await?;
        let outcome = seal::insert(&mut change, &row).await;
        change.finish(outcome).await?;
        Ok(expires_at_ms)
    }

    /// Uses the link up. Of any number of simultaneous calls exactly one succeeds.
    pub async fn redeem_link(self, token_hash: &TokenHash, now_ms: i64) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = redeem_link(&mut change, token_hash, now_ms).await;
        change.finish(outcome).await
    }

    /// Stores a new login.
    pub async fn create(self, login: &Login) -> Result<(), StoreError> {
        let row = LoginRow {
            id: login.id.clone(),
            token_hash: login.token_hash.to_vec(),
            secret_hash: login.secret_hash.to_vec(),
            created_at_ms: login.times.created_at_ms,
            last_seen_at_ms: login.times.last_seen_at_ms,
            user_agent: login.user_agent.clone(),
        };
        let mut change = self.store.change().await?;
        let outcome = seal::insert(&mut change, &row).await;
        change.finish(outcome).await
    }

    /// The login of a cookie, expired or not: the caller asks [`LoginTimes::validity`].
    pub async fn by_token_hash(self, token_hash: &TokenHash) -> Result<Option<Login>, StoreError> {
        let row: Option<Sealed<LoginRow>> =
            sqlx::query_as("SELECT * FROM logins WHERE token_hash = ?")
                .bind(token_hash.as_slice())
                .fetch_optional(&self.store.read)
                .await?;
        row.map(|Sealed(row)| row.login()).transpose()
    }

    /// Notes that the login was used; one that is gone stays gone.
    pub async fn touch(self, id: &str, now_ms: i64) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = touch(&mut change, id, now_ms).await;
        change.finish(outcome).await
    }

    /// Ends the login; one that is gone already is fine.
    pub async fn delete(self, id: &str) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let deleted =
            sqlx::query("DELETE FROM logins WHERE id = ?").bind(id).execute(&mut *change).await;
        let outcome = deleted.map(drop).map_err(StoreError::from);
        change.finish(outcome).await
    }

    /// Removes links and logins that are over; returns how many.
    pub async fn purge_expired(self, now_ms: i64) -> Result<u64, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = purge_expired(&mut change, now_ms).await;
        change.finish(outcome).await
    }
}

impl LoginRow {
    pub(crate) fn login(self) -> Result<Login, StoreError> {
        let hash = |hash: Vec<u8>| {
            hash.try_into().map_err(|_| StoreError::Damaged {
                what: format!("logins {}: a hash makes no sense", self.id),
            })
        };
        Ok(Login {
            token_hash: hash(self.token_hash)?,
            secret_hash: hash(self.secret_hash)?,
            id: self.id,
            times: LoginTimes {
                created_at_ms: self.created_at_ms,
                last_seen_at_ms: self.last_seen_at_ms,
            },
            user_agent: self.user_agent,
        })
    }
}

async fn redeem_link(
    connection: &mut SqliteConnection,
    token_hash: &TokenHash,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row: Option<Sealed<LinkRow>> =
        sqlx::query_as("SELECT * FROM login_links WHERE token_hash = ?")
            .bind(token_hash.as_slice())
            .fetch_optional(&mut *connection)
            .await?;
    let Some(Sealed(row)) = row else { return Err(StoreError::LinkUnknown) };
    let times = LinkTimes { expires_at_ms: row.expires_at_ms, used_at_ms: row.used_at_ms };
    if let Validity::Expired(reason) = times.validity(now_ms) {
        return Err(StoreError::LinkExpired(reason));
    }
    seal::update(connection, &LinkRow { used_at_ms: Some(now_ms), ..row }).await?;
    Ok(())
}

async fn touch(connection: &mut SqliteConnection, id: &str, now_ms: i64) -> Result<(), StoreError> {
    let row: Option<Sealed<LoginRow>> = sqlx::query_as("SELECT * FROM logins WHERE id = ?")
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    if let Some(Sealed(row)) = row {
        let last_seen_at_ms = row.last_seen_at_ms.max(now_ms);
        seal::update(connection, &LoginRow { last_seen_at_ms, ..row }).await?;
    }
    Ok(())
}

async fn purge_expired(connection: &mut SqliteConnection, now_ms: i64) -> Result<u64, StoreError> {
    let links = sqlx::query("DELETE FROM login_links WHERE expires_at_ms <= ?")
        .bind(now_ms)
        .execute(&mut *connection)
        .await?;
    let logins = sqlx::query("DELETE FROM logins WHERE created_at_ms <= ? OR last_seen_at_ms <= ?")
        .bind(now_ms.saturating_sub(ABSOLUTE_MS))
        .bind(now_ms.saturating_sub(IDLE_MS))
        .execute(connection)
        .await?;
    Ok(links.rows_affected() + logins.rows_affected())
}
