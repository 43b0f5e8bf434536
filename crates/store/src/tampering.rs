//! What happens to an audit trail when somebody else writes into the file, and what a disk that is
//! full or refuses does: for tests of those who have to notice. Not part of what is shipped.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::database::Store;
use crate::error::StoreError;

/// Something that is done to the trail's table, by the number of an entry. Seals are left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// Another word stands in it.
    Change(i64),
    /// It is gone.
    Delete(i64),
    /// A copy of it stands before it; all later ones move up.
    Insert(i64),
    /// It and the next one stand in each other's place.
    Swap(i64),
    /// All after it are gone, and the signed heads of them.
    CutAfter(i64),
}

/// Writes into the database at `path`, past everything that guards it, and leaves no trace of
/// that but in the rows themselves.
pub async fn tamper(path: &Path, how: Tampering) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
    let mut connection = options.connect().await?;
    let triggers: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .fetch_all(&mut connection)
            .await?;
    let away = triggers.iter().map(|(name, _)| format!("DROP TRIGGER {name}"));
    let back = triggers.iter().map(|(_, sql)| sql.clone());
    for statement in away.chain(statements(how)).chain(back) {
        run(&mut connection, statement).await?;
    }
    connection.close().await?;
    Ok(())
}

/// From now on the database cannot grow, as on a disk that is full.
pub async fn fill_disk(store: &Store) -> Result<(), StoreError> {
    limit(store, 1).await
}

/// It can grow again.
pub async fn free_disk(store: &Store) -> Result<(), StoreError> {
    limit(store, u32::MAX - 1).await
}

/// From now on nothing can be written, as on a disk that was taken away from us.
pub async fn refuse_writes(store: &Store) -> Result<(), StoreError> {
    sqlx::query("PRAGMA query_only = 1").execute(&store.write).await?;
    Ok(())
}

/// It can be written again.
pub async fn take_writes(store: &Store) -> Result<(), StoreError> {
    sqlx::query("PRAGMA query_only = 0").execute(&store.write).await?;
    Ok(())
}

/// Less than there are means as many as there are.
async fn limit(store: &Store, pages: u32) -> Result<(), StoreError> {
    let limit = format!("PRAGMA max_page_count = {pages}");
    sqlx::query(AssertSqlSafe(limit)).execute(&store.write).await?;
    Ok(())
}

fn statements(how: Tampering) -> Vec<String> {
    const COLUMNS: &str = "at_ms, who, how, action, object, outcome, detail, hash, seal";
    match how {
        Tampering::Change(seq) => {
            vec![format!("UPDATE audit SET object = 'another' WHERE seq = {seq}")]
        }
        Tampering::Delete(seq) => vec![format!("DELETE FROM audit WHERE seq = {seq}")],
        Tampering::Insert(seq) => vec![
            format!("UPDATE audit SET seq = -seq - 1 WHERE seq >= {seq}"),
            "UPDATE audit SET seq = -seq WHERE seq < 0".into(),
            format!(
                "INSERT INTO audit (seq, {COLUMNS})
                 SELECT {seq}, {COLUMNS} FROM audit WHERE seq = {seq} + 1"
            ),
        ],
        Tampering::Swap(seq) => vec![
            format!("UPDATE audit SET seq = -1 WHERE seq = {seq}"),
            format!("UPDATE audit SET seq = {seq} WHERE seq = {seq} + 1"),
            format!("UPDATE audit SET seq = {seq} + 1 WHERE seq = -1"),
        ],
        Tampering::CutAfter(seq) => vec![
            format!("DELETE FROM audit_heads WHERE seq > {seq}"),
            format!("DELETE FROM audit WHERE seq > {seq}"),
        ],
    }
}

async fn run(connection: &mut SqliteConnection, statement: String) -> Result<(), StoreError> {
    sqlx::query(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}
