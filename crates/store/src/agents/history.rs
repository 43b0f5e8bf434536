//! What happened to agents: written with the change that it tells of, bounded per agent.

use protocol::agents::AgentId;
use protocol::agents::history::{HistoryEntry, HistoryEvent, HistoryQuery};
use sqlx::sqlite::SqliteConnection;

use super::rows::HistoryRow;
use crate::error::StoreError;
use crate::seal::{self, Sealed};

/// Entries that are kept of each agent; the oldest go.
pub const ENTRIES: u32 = 1_000;

// The number of an entry is part of what is sealed, so it has to be known before. It is the one
// that AUTOINCREMENT would take.
const NEXT: &str = "SELECT 1 + max(
    ifnull((SELECT max(seq) FROM agent_history), 0),
    ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'agent_history'), 0))";
const FORGET: &str = "DELETE FROM agent_history WHERE agent = ?1 AND seq <=
    (SELECT seq FROM agent_history WHERE agent = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)";
const READ: &str =
    "SELECT * FROM agent_history WHERE agent = ? AND seq < ? ORDER BY seq DESC LIMIT ?";

/// Adds one entry.
pub(crate) async fn record(
    connection: &mut SqliteConnection,
    agent: &AgentId,
    event: &HistoryEvent,
    at_ms: i64,
) -> Result<(), StoreError> {
    let seq: i64 = sqlx::query_scalar(NEXT).fetch_one(&mut *connection).await?;
    seal::insert(connection, &HistoryRow::new(seq, agent, event, at_ms)?).await?;
    sqlx::query(FORGET).bind(agent.as_str()).bind(ENTRIES).execute(connection).await?;
    Ok(())
}

/// Newest first.
pub(crate) async fn read(
    connection: &mut SqliteConnection,
    agent: &AgentId,
    part: HistoryQuery,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let rows: Vec<Sealed<HistoryRow>> = sqlx::query_as(READ)
        .bind(agent.as_str())
        .bind(part.before.unwrap_or(i64::MAX))
        .bind(part.count())
        .fetch_all(connection)
        .await?;
    rows.iter().map(|Sealed(row)| row.read()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[tokio::test]
    async fn no_query_walks_the_history_of_all_agents() {
        let store = Store::memory().await.unwrap();
        for sql in [NEXT, FORGET, READ] {
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
                    .fetch_all(&store.read)
                    .await
                    .unwrap();
            let steps: Vec<&str> = plan.iter().map(|(.., step)| step.as_str()).collect();
            assert!(!steps.iter().any(|step| step.contains("SCAN agent_history")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
            assert!(steps.iter().any(|step| step.contains("SEARCH agent_history")), "{steps:?}");
        }
    }
}
