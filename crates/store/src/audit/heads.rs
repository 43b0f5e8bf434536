//! Hashes of the trail that were signed. Who signs, and how signatures are checked, is not the
//! store's business.

use domain::audit::Hash;
use sqlx::sqlite::SqliteConnection;

use super::rows::{EntryRow, HeadRow};
use crate::error::StoreError;
use crate::seal::{self, Sealed};

/// A hash of the trail that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the entry with this hash.
    pub seq: i64,
    /// When it was signed, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The entry's hash, which covers all before it.
    pub hash: Hash,
    /// The signature, in the signer's form.
    pub signature: Vec<u8>,
}

pub(super) async fn add(
    connection: &mut SqliteConnection,
    head: &Head,
) -> Result<bool, StoreError> {
    let entry: Option<Sealed<EntryRow>> = sqlx::query_as("SELECT * FROM audit WHERE seq = ?")
        .bind(head.seq)
        .fetch_optional(&mut *connection)
        .await?;
    if entry.is_none_or(|Sealed(row)| row.hash != head.hash) {
        return Err(StoreError::Damaged {
            what: format!("audit {}: its hash is not the one that was signed", head.seq),
        });
    }
    let newest = newest(connection, 1).await?;
    if newest.first().is_some_and(|newest| newest.seq >= head.seq) {
        return Ok(false);
    }
    seal::insert(connection, &HeadRow::new(head)).await?;
    Ok(true)
}

pub(super) async fn newest(
    connection: &mut SqliteConnection,
    limit: u32,
) -> Result<Vec<Head>, StoreError> {
    let rows: Vec<Sealed<HeadRow>> =
        sqlx::query_as("SELECT * FROM audit_heads ORDER BY seq DESC LIMIT ?")
            .bind(limit)
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(|Sealed(row)| row.head()).collect()
}
