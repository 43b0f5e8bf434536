//! Tokens of scripts. Their secrets come and stay as SHA-256 hashes; times are milliseconds since
//! the Unix epoch.

use protocol::access::Role;
use sqlx::sqlite::SqliteConnection;

use crate::database::Store;
use crate::error::StoreError;
use crate::instance;
use crate::logins::TokenHash;
use crate::seal::{self, Sealed, sealed_table};

sealed_table! {
    struct TokenRow of "tokens" by id {
        id: String,
        name: String,
        token_hash: Vec<u8>,
        role: String,
        created_at_ms: i64,
        expires_at_ms: Option<i64>,
        last_used_at_ms: Option<i64>,
        prefix: String,
    }
}

/// A script's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Names it; opens nothing.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Hash of its secret.
    pub token_hash: TokenHash,
    /// What it may do: never what only an owner may.
    pub role: Role,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it stops working, if it does.
    pub expires_at_ms: Option<i64>,
    /// When it was last used, if it was.
    pub last_used_at_ms: Option<i64>,
    /// Its first characters, to find it again in a leak.
    pub prefix: String,
}

impl Token {
    /// Whether it has stopped working.
    pub fn is_expired(&self, now_ms: i64) -> bool {
        self.expires_at_ms.is_some_and(|expires_at_ms| now_ms >= expires_at_ms)
    }
}

/// Tokens of scripts.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    pub(crate) store: &'a Store,
}

impl Tokens<'_> {
    /// Stores a new token; its name must be free.
    pub async fn create(self, token: &Token) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = create(&mut change, token).await;
        change.finish(outcome).await
    }

    /// All of them, newest first; expired ones too.
    pub async fn all(self) -> Result<Vec<Token>, StoreError> {
        let rows: Vec<Sealed<TokenRow>> =
            sqlx::query_as("SELECT * FROM tokens ORDER BY created_at_ms DESC, id DESC")
                .fetch_all(&self.store.read)
                .await?;
        rows.into_iter().map(|Sealed(row)| row.token()).collect()
    }

    /// The token with this secret, expired or not: the caller asks [`Token::is_expired`].
    pub async fn by_hash(self, token_hash: &TokenHash) -> Result<Option<Token>, StoreError> {
        let row: Option<Sealed<TokenRow>> =
            sqlx::query_as("SELECT * FROM tokens WHERE token_hash = ?")
                .bind(token_hash.as_slice())
                .fetch_optional(&self.store.read)
                .await?;
        row.map(|Sealed(row)| row.token()).transpose()
    }

    /// Ends the token; returns what it was.
    pub async fn revoke(self, id: &str) -> Result<Token, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = revoke(&mut change, id).await;
        change.finish(outcome).await
    }

    /// Notes that the token was used; one that is gone stays gone.
    pub async fn touch(self, id: &str, now_ms: i64) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = touch(&mut change, id, now_ms).await;
        change.finish(outcome).await
    }
}

impl TokenRow {
    fn token(self) -> Result<Token, StoreError> {
        Ok(Token {
            token_hash: self.token_hash.try_into().map_err(|_| StoreError::Damaged {
                what: format!("tokens {}: its hash makes no sense", self.id),
            })?,
            id: self.id,
            name: self.name,
            role: Role::stored(&self.role),
            created_at_ms: self.created_at_ms,
            expires_at_ms: self.expires_at_ms,
            last_used_at_ms: self.last_used_at_ms,
            prefix: self.prefix,
        })
    }
}

async fn load(connection: &mut SqliteConnection, id: &str) -> Result<Option<TokenRow>, StoreError> {
    let row: Option<Sealed<TokenRow>> = sqlx::query_as("SELECT * FROM tokens WHERE id = ?")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|Sealed(row)| row))
}

async fn create(connection: &mut SqliteConnection, token: &Token) -> Result<(), StoreError> {
    let same_name: Option<i64> = sqlx::query_scalar("SELECT 1 FROM tokens WHERE name = ?")
        .bind(&token.name)
        .fetch_optional(&mut *connection)
        .await?;
    if same_name.is_some() {
        return Err(StoreError::TokenNameTaken { name: token.name.clone() });
    }
    let row = TokenRow {
        id: token.id.clone(),
        name: token.name.clone(),
        token_hash: token.token_hash.to_vec(),
        role: token.role.word().into(),
        created_at_ms: token.created_at_ms,
        expires_at_ms: token.expires_at_ms,
        last_used_at_ms: token.last_used_at_ms,
        prefix: token.prefix.clone(),
    };
    seal::insert(connection, &row).await?;
    instance::claim(connection, token.created_at_ms).await
}

async fn revoke(connection: &mut SqliteConnection, id: &str) -> Result<Token, StoreError> {
    let row = load(connection, id).await?.ok_or(StoreError::NoSuchToken)?;
    sqlx::query("DELETE FROM tokens WHERE id = ?").bind(id).execute(connection).await?;
    row.token()
}

async fn touch(connection: &mut SqliteConnection, id: &str, now_ms: i64) -> Result<(), StoreError> {
    if let Some(row) = load(connection, id).await? {
        let last_used_at_ms = row.last_used_at_ms.max(Some(now_ms));
        seal::update(connection, &TokenRow { last_used_at_ms, ..row }).await?;
    }
    Ok(())
}
