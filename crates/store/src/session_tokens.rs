//! Tokens of the sessions in terminals: one per terminal, good as long as its session lives.
//! They come and stay as SHA-256 hashes.

use std::collections::HashSet;

use protocol::terminals::TerminalId;
use sqlx::sqlite::SqliteConnection;

use crate::database::Store;
use crate::error::StoreError;
use crate::logins::TokenHash;
use crate::seal::{self, Sealed, sealed_table};

sealed_table! {
    struct SessionTokenRow of "session_tokens" by terminal {
        terminal: String,
        token_hash: Vec<u8>,
        created_at_ms: i64,
    }
}

/// Tokens of the sessions in terminals.
#[derive(Clone, Copy, Debug)]
pub struct SessionTokens<'a> {
    pub(crate) store: &'a Store,
}

impl SessionTokens<'_> {
    /// Gives the terminal's session this token in place of any that it had.
    pub async fn put(
        self,
        terminal: &TerminalId,
        token_hash: &TokenHash,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let row = SessionTokenRow {
            terminal: terminal.to_string(),
            token_hash: token_hash.to_vec(),
            created_at_ms: now_ms,
        };
        let mut change = self.store.change().await?;
        let outcome = seal::put(&mut change, &row).await;
        change.finish(outcome).await
    }

    /// All tokens, each with the terminal whose session has it.
    pub async fn all(self) -> Result<Vec<(TokenHash, TerminalId)>, StoreError> {
        let rows: Vec<Sealed<SessionTokenRow>> =
            sqlx::query_as("SELECT * FROM session_tokens").fetch_all(&self.store.read).await?;
        let pair = |Sealed(row): Sealed<SessionTokenRow>| {
            let terminal = row.terminal()?;
            let hash = row.token_hash.try_into().map_err(|_| StoreError::Damaged {
                what: format!("session_tokens {}: token_hash makes no sense", row.terminal),
            })?;
            Ok((hash, terminal))
        };
        rows.into_iter().map(pair).collect()
    }

    /// The terminal whose session has this token.
    pub async fn by_hash(self, token_hash: &TokenHash) -> Result<Option<TerminalId>, StoreError> {
        let row: Option<Sealed<SessionTokenRow>> =
            sqlx::query_as("SELECT * FROM session_tokens WHERE token_hash = ?")
                .bind(token_hash.as_slice())
                .fetch_optional(&self.store.read)
                .await?;
        row.map(|Sealed(row)| row.terminal()).transpose()
    }

    /// Ends the token of this terminal; one that is gone already is fine.
    pub async fn remove(self, terminal: &TerminalId) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = remove(&mut change, &terminal.to_string()).await;
        change.finish(outcome).await
    }

    /// Ends the tokens of all terminals but these, as after a start that finds sessions gone;
    /// returns how many.
    pub async fn keep_only(self, terminals: &[TerminalId]) -> Result<u64, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = keep_only(&mut change, terminals).await;
        change.finish(outcome).await
    }
}

impl SessionTokenRow {
    fn terminal(&self) -> Result<TerminalId, StoreError> {
        self.terminal.parse().map_err(|_| StoreError::Damaged {
            what: format!("session_tokens {}: terminal makes no sense", self.terminal),
        })
    }
}

async fn remove(connection: &mut SqliteConnection, terminal: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM session_tokens WHERE terminal = ?")
        .bind(terminal)
        .execute(connection)
        .await?;
    Ok(())
}

async fn keep_only(
    connection: &mut SqliteConnection,
    terminals: &[TerminalId],
) -> Result<u64, StoreError> {
    let kept: HashSet<String> = terminals.iter().map(ToString::to_string).collect();
    let all: Vec<String> = sqlx::query_scalar("SELECT terminal FROM session_tokens")
        .fetch_all(&mut *connection)
        .await?;
    let mut ended = 0;
    for terminal in all.iter().filter(|terminal| !kept.contains(*terminal)) {
        remove(connection, terminal).await?;
        ended += 1;
    }
    Ok(ended)
}
