//! Login links and logins. Tokens come and stay as SHA-256 hashes; times are milliseconds since
//! the Unix epoch; how long things live is the rule of [`domain::logins`].

use domain::logins::{ABSOLUTE_MS, IDLE_MS, LinkTimes, LoginTimes, Validity};

use crate::database::Store;
use crate::error::StoreError;

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
        let LinkTimes { expires_at_ms, .. } = LinkTimes::issued_at(now_ms);
        sqlx::query(
            "INSERT INTO login_links (token_hash, created_at_ms, expires_at_ms) VALUES (?, ?, ?)",
        )
        .bind(token_hash.as_slice())
        .bind(now_ms)
        .bind(expires_at_ms)
        .execute(&self.store.write)
        .await?;
        Ok(expires_at_ms)
    }

    /// Uses the link up. Of any number of simultaneous calls exactly one succeeds.
    pub async fn redeem_link(self, token_hash: &TokenHash, now_ms: i64) -> Result<(), StoreError> {
        let redeemed = sqlx::query(
            "UPDATE login_links SET used_at_ms = ?1
             WHERE token_hash = ?2 AND used_at_ms IS NULL AND expires_at_ms > ?1",
        )
        .bind(now_ms)
        .bind(token_hash.as_slice())
        .execute(&self.store.write)
        .await?;
        if redeemed.rows_affected() == 1 {
            return Ok(());
        }
        let link: Option<(i64, Option<i64>)> = sqlx::query_as(
            "SELECT expires_at_ms, used_at_ms FROM login_links WHERE token_hash = ?",
        )
        .bind(token_hash.as_slice())
        .fetch_optional(&self.store.write)
        .await?;
        let times = link.map(|(expires_at_ms, used_at_ms)| LinkTimes { expires_at_ms, used_at_ms });
        match times.map(|times| times.validity(now_ms)) {
            Some(Validity::Expired(reason)) => Err(StoreError::LinkExpired(reason)),
            Some(Validity::Valid) | None => Err(StoreError::LinkUnknown),
        }
    }

    /// Stores a new login.
    pub async fn create(self, login: &Login) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO logins
                (id, token_hash, secret_hash, created_at_ms, last_seen_at_ms, user_agent)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&login.id)
        .bind(login.token_hash.as_slice())
        .bind(login.secret_hash.as_slice())
        .bind(login.times.created_at_ms)
        .bind(login.times.last_seen_at_ms)
        .bind(&login.user_agent)
        .execute(&self.store.write)
        .await?;
        Ok(())
    }

    /// The login of a cookie, expired or not: the caller asks [`LoginTimes::validity`].
    pub async fn by_token_hash(self, token_hash: &TokenHash) -> Result<Option<Login>, StoreError> {
        let row: Option<(String, Vec<u8>, i64, i64, String)> = sqlx::query_as(
            "SELECT id, secret_hash, created_at_ms, last_seen_at_ms, user_agent
             FROM logins WHERE token_hash = ?",
        )
        .bind(token_hash.as_slice())
        .fetch_optional(&self.store.read)
        .await?;
        let Some((id, secret_hash, created_at_ms, last_seen_at_ms, user_agent)) = row else {
            return Ok(None);
        };
        Ok(Some(Login {
            id,
            token_hash: *token_hash,
            secret_hash: secret_hash
                .try_into()
                .map_err(|_| StoreError::Damaged { what: "logins.secret_hash" })?,
            times: LoginTimes { created_at_ms, last_seen_at_ms },
            user_agent,
        }))
    }

    /// Notes that the login was used; one that is gone stays gone.
    pub async fn touch(self, id: &str, now_ms: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE logins SET last_seen_at_ms = max(last_seen_at_ms, ?) WHERE id = ?")
            .bind(now_ms)
            .bind(id)
            .execute(&self.store.write)
            .await?;
        Ok(())
    }

    /// Ends the login; one that is gone already is fine.
    pub async fn delete(self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM logins WHERE id = ?").bind(id).execute(&self.store.write).await?;
        Ok(())
    }

    /// Removes links and logins that are over; returns how many.
    pub async fn purge_expired(self, now_ms: i64) -> Result<u64, StoreError> {
        let mut transaction = self.store.write.begin_with("BEGIN IMMEDIATE").await?;
        let links = sqlx::query("DELETE FROM login_links WHERE expires_at_ms <= ?")
            .bind(now_ms)
            .execute(&mut *transaction)
            .await?;
        let logins =
            sqlx::query("DELETE FROM logins WHERE created_at_ms <= ? OR last_seen_at_ms <= ?")
                .bind(now_ms.saturating_sub(ABSOLUTE_MS))
                .bind(now_ms.saturating_sub(IDLE_MS))
                .execute(&mut *transaction)
                .await?;
        transaction.commit().await?;
        Ok(links.rows_affected() + logins.rows_affected())
    }
}
