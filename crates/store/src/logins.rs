//! Login links and logins. Tokens come and stay as SHA-256 hashes; times are milliseconds since
//! the Unix epoch; how long things live is the rule of [`domain::logins`].

use domain::devices::device_name;
use domain::logins::{ABSOLUTE_MS, IDLE_MS, LinkTimes, LoginTimes, Validity};
use protocol::access::Role;
use protocol::access::devices::Entrance;
use sqlx::sqlite::SqliteConnection;

use crate::database::Store;
use crate::error::StoreError;
use crate::instance;
use crate::seal::{self, Sealed, sealed_table};

sealed_table! {
    struct LinkRow of "login_links" by token_hash {
        token_hash: Vec<u8>,
        created_at_ms: i64,
        expires_at_ms: i64,
        used_at_ms: Option<i64>,
        role: String,
        made_by: Option<String>,
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
        role: String,
        name: String,
        how: String,
        fresh_at_ms: i64,
        address: String,
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
    /// When it began, when it was last used, and when it last proved who it is.
    pub times: LoginTimes,
    /// What the browser called itself.
    pub user_agent: String,
    /// What it may do.
    pub role: Role,
    /// What people call it.
    pub name: String,
    /// How it came in.
    pub entrance: Entrance,
    /// Where it came in from; empty for logins of versions that did not note it.
    pub address: String,
}

/// What a login link is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What a login by it may do.
    pub role: Role,
    /// The login that made it; none for the command line.
    pub made_by: Option<String>,
}

/// Login links and logins.
#[derive(Clone, Copy, Debug)]
pub struct Logins<'a> {
    pub(crate) store: &'a Store,
}

impl Logins<'_> {
    /// Stores a link made now; returns when it expires.
    pub async fn create_link(
        self,
        token_hash: &TokenHash,
        link: &Link,
        now_ms: i64,
    ) -> Result<i64, StoreError> {
        let LinkTimes { expires_at_ms, used_at_ms } = LinkTimes::issued_at(now_ms);
        let row = LinkRow {
            token_hash: token_hash.to_vec(),
            created_at_ms: now_ms,
            expires_at_ms,
            used_at_ms,
            role: link.role.word().into(),
            made_by: link.made_by.clone(),
        };
        let mut change = self.store.change().await?;
        let outcome = seal::insert(&mut change, &row).await;
        change.finish(outcome).await?;
        Ok(expires_at_ms)
    }

    /// What a link is good for that could be used now. Does not use it up.
    pub async fn find_link(self, token_hash: &TokenHash, now_ms: i64) -> Result<Link, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        Ok(find_link(&mut connection, token_hash, now_ms).await?.link())
    }

    /// Uses the link up; returns what it is good for. Of any number of simultaneous calls exactly
    /// one succeeds.
    pub async fn redeem_link(
        self,
        token_hash: &TokenHash,
        now_ms: i64,
    ) -> Result<Link, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = redeem_link(&mut change, token_hash, now_ms).await;
        change.finish(outcome).await
    }

    /// Stores a new login.
    pub async fn create(self, login: &Login) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = create(&mut change, login).await;
        change.finish(outcome).await
    }

    /// All logins, last used first; expired ones too: the caller asks [`LoginTimes::validity`].
    pub async fn all(self) -> Result<Vec<Login>, StoreError> {
        let rows: Vec<Sealed<LoginRow>> =
            sqlx::query_as("SELECT * FROM logins ORDER BY last_seen_at_ms DESC, id DESC")
                .fetch_all(&self.store.read)
                .await?;
        rows.into_iter().map(|Sealed(row)| row.login()).collect()
    }

    /// Gives the login another name; returns it as it is now.
    pub async fn rename(self, id: &str, name: &str) -> Result<Login, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = alter(&mut change, id, |row| name.clone_into(&mut row.name)).await;
        change.finish(outcome).await
    }

    /// Gives the login another role; returns it as it is now. The last owner that can still log
    /// in stays one. One that may do less from now on loses the links that it made, and one that
    /// may do more has to prove anew who it is.
    pub async fn set_role(self, id: &str, role: Role, now_ms: i64) -> Result<Login, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = set_role(&mut change, id, role, now_ms).await;
        change.finish(outcome).await
    }

    /// Notes that the login proved now who it is.
    pub async fn set_fresh(self, id: &str, now_ms: i64) -> Result<Login, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = alter(&mut change, id, |row| row.fresh_at_ms = now_ms).await;
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

    /// Ends the login, and the links that it made; one that is gone already is fine.
    pub async fn delete(self, id: &str) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = delete(&mut change, id).await;
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
    fn new(login: &Login) -> Self {
        let LoginTimes { created_at_ms, last_seen_at_ms, fresh_at_ms } = login.times;
        let how = match login.entrance {
            Entrance::Link => "link",
            Entrance::Paired => "paired",
        };
        Self {
            id: login.id.clone(),
            token_hash: login.token_hash.to_vec(),
            secret_hash: login.secret_hash.to_vec(),
            created_at_ms,
            last_seen_at_ms,
            user_agent: login.user_agent.clone(),
            role: login.role.word().into(),
            name: login.name.clone(),
            how: how.into(),
            fresh_at_ms,
            address: login.address.clone(),
        }
    }

    pub(crate) fn login(self) -> Result<Login, StoreError> {
        let damaged = |what| StoreError::Damaged {
            what: format!("logins {}: {what} makes no sense", self.id),
        };
        let entrance = match self.how.as_str() {
            "link" => Entrance::Link,
            "paired" => Entrance::Paired,
            _ => return Err(damaged("how")),
        };
        let hash = |hash: Vec<u8>| hash.try_into().map_err(|_| damaged("a hash"));
        Ok(Login {
            token_hash: hash(self.token_hash)?,
            secret_hash: hash(self.secret_hash)?,
            id: self.id,
            times: LoginTimes {
                created_at_ms: self.created_at_ms,
                last_seen_at_ms: self.last_seen_at_ms,
                fresh_at_ms: self.fresh_at_ms,
            },
            user_agent: self.user_agent,
            role: Role::stored(&self.role),
            name: self.name,
            entrance,
            address: self.address,
        })
    }
}

/// Names the logins of a version that had no names.
pub(crate) async fn name_all(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let logins: Vec<(String, String)> =
        sqlx::query_as("SELECT id, user_agent FROM logins").fetch_all(&mut *connection).await?;
    for (id, user_agent) in logins {
        sqlx::query("UPDATE logins SET name = ? WHERE id = ?")
            .bind(device_name(&user_agent))
            .bind(id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

impl LinkRow {
    fn link(&self) -> Link {
        Link { role: Role::stored(&self.role), made_by: self.made_by.clone() }
    }
}

async fn find_link(
    connection: &mut SqliteConnection,
    token_hash: &TokenHash,
    now_ms: i64,
) -> Result<LinkRow, StoreError> {
    let row: Option<Sealed<LinkRow>> =
        sqlx::query_as("SELECT * FROM login_links WHERE token_hash = ?")
            .bind(token_hash.as_slice())
            .fetch_optional(connection)
            .await?;
    let Some(Sealed(row)) = row else { return Err(StoreError::LinkUnknown) };
    let times = LinkTimes { expires_at_ms: row.expires_at_ms, used_at_ms: row.used_at_ms };
    match times.validity(now_ms) {
        Validity::Valid => Ok(row),
        Validity::Expired(reason) => Err(StoreError::LinkExpired(reason)),
    }
}

async fn redeem_link(
    connection: &mut SqliteConnection,
    token_hash: &TokenHash,
    now_ms: i64,
) -> Result<Link, StoreError> {
    let row = find_link(connection, token_hash, now_ms).await?;
    let row = LinkRow { used_at_ms: Some(now_ms), ..row };
    seal::update(connection, &row).await?;
    Ok(row.link())
}

async fn create(connection: &mut SqliteConnection, login: &Login) -> Result<(), StoreError> {
    seal::insert(connection, &LoginRow::new(login)).await?;
    instance::claim(connection, login.times.created_at_ms).await
}

async fn delete(connection: &mut SqliteConnection, id: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM logins WHERE id = ?").bind(id).execute(&mut *connection).await?;
    delete_links(connection, id).await
}

/// Ends the links that this login made and nobody used.
async fn delete_links(connection: &mut SqliteConnection, made_by: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM login_links WHERE made_by = ? AND used_at_ms IS NULL")
        .bind(made_by)
        .execute(connection)
        .await?;
    Ok(())
}

async fn load(connection: &mut SqliteConnection, id: &str) -> Result<Option<LoginRow>, StoreError> {
    let row: Option<Sealed<LoginRow>> = sqlx::query_as("SELECT * FROM logins WHERE id = ?")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|Sealed(row)| row))
}

async fn alter(
    connection: &mut SqliteConnection,
    id: &str,
    alter: impl FnOnce(&mut LoginRow) + Send,
) -> Result<Login, StoreError> {
    let mut row = load(connection, id).await?.ok_or(StoreError::NoSuchDevice)?;
    alter(&mut row);
    seal::update(connection, &row).await?;
    row.login()
}

async fn set_role(
    connection: &mut SqliteConnection,
    id: &str,
    role: Role,
    now_ms: i64,
) -> Result<Login, StoreError> {
    let before = load(connection, id).await?.ok_or(StoreError::NoSuchDevice)?.login()?;
    if before.role == Role::Owner && role != Role::Owner {
        let owners: Vec<Sealed<LoginRow>> =
            sqlx::query_as("SELECT * FROM logins WHERE role = ? AND id <> ?")
                .bind(Role::Owner.word())
                .bind(id)
                .fetch_all(&mut *connection)
                .await?;
        let mut stays = false;
        for Sealed(other) in owners {
            stays |= other.login()?.times.validity(now_ms) == Validity::Valid;
        }
        if !stays {
            return Err(StoreError::LastOwner { name: before.name });
        }
    }
    if role < before.role {
        delete_links(connection, id).await?;
    }
    alter(connection, id, |row| {
        row.role = role.word().into();
        if role > before.role {
            row.fresh_at_ms = LoginTimes::NEVER_FRESH_MS;
        }
    })
    .await
}

async fn touch(connection: &mut SqliteConnection, id: &str, now_ms: i64) -> Result<(), StoreError> {
    if let Some(row) = load(connection, id).await? {
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
