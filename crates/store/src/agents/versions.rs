//! Versions of settings: one row for each change, bounded per agent.

use protocol::agents::AgentId;
use protocol::agents::versions::AgentVersion;
use sqlx::sqlite::SqliteConnection;

use super::rows::VersionRow;
use crate::error::StoreError;
use crate::seal::{self, Sealed};

/// Versions that are kept of each agent; the oldest go.
pub const VERSIONS: i64 = 200;

/// Adds one.
pub(crate) async fn add(
    connection: &mut SqliteConnection,
    row: &VersionRow,
) -> Result<(), StoreError> {
    seal::insert(connection, row).await?;
    sqlx::query("DELETE FROM agent_versions WHERE agent = ? AND version <= ?")
        .bind(&row.agent)
        .bind(row.version - VERSIONS)
        .execute(connection)
        .await?;
    Ok(())
}

/// Newest first.
pub(crate) async fn all(
    connection: &mut SqliteConnection,
    agent: &AgentId,
) -> Result<Vec<AgentVersion>, StoreError> {
    let rows: Vec<Sealed<VersionRow>> =
        sqlx::query_as("SELECT * FROM agent_versions WHERE agent = ? ORDER BY version DESC")
            .bind(agent.as_str())
            .fetch_all(connection)
            .await?;
    rows.iter().map(|Sealed(row)| row.read()).collect()
}

/// One of them, if it is still kept.
pub(crate) async fn one(
    connection: &mut SqliteConnection,
    agent: &AgentId,
    version: u32,
) -> Result<Option<AgentVersion>, StoreError> {
    let row: Option<Sealed<VersionRow>> =
        sqlx::query_as("SELECT * FROM agent_versions WHERE agent = ? AND version = ?")
            .bind(agent.as_str())
            .bind(version)
            .fetch_optional(connection)
            .await?;
    row.map(|Sealed(row)| row.read()).transpose()
}
