//! What outlasts a database that is replaced by a backup of it: the audit trail with its signed
//! heads, and the counts of failed logins.
//!
//! The trail of a backup is the beginning of the trail that came after it, so what follows is
//! added to it and nothing is replaced. Rows come with their hashes: whoever checks the trail
//! later finds the chain whole.

use sqlx::sqlite::SqliteConnection;

use crate::audit::{EntryRow, HeadRow};
use crate::error::StoreError;
use crate::migrations;
use crate::seal::{self, Sealed, Table};
use crate::throttle::ThrottleRow;

/// Rows that are carried at a time, each portion on its own: the target is not in use yet.
const PORTION: u32 = 500;

const LAST: &str = "SELECT * FROM audit ORDER BY seq DESC LIMIT 1";
const AT: &str = "SELECT * FROM audit WHERE seq = ?";
const ENTRIES: &str = "SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?";
const LAST_HEAD: &str = "SELECT ifnull(max(seq), 0) FROM audit_heads";
/// Heads of entries that are gone would belong to nothing.
const HEADS: &str = "SELECT * FROM audit_heads
    WHERE seq > ? AND seq <= (SELECT max(seq) FROM audit) ORDER BY seq LIMIT ?";

/// Whether a database of this version has what is carried, in the form that is known here.
pub(crate) fn is_able(version: i64) -> bool {
    version == migrations::newest()
}

/// Why carrying stopped.
enum Stop {
    /// What is replaced cannot be read, or does not fit.
    Source(String),
    /// The target cannot be written.
    Target(StoreError),
}

impl Stop {
    fn reading(error: impl Into<StoreError>) -> Self {
        Self::Source(error.into().to_string())
    }
}

/// Carries all of it from one database into the other, both of a version that is
/// [able](is_able); returns why something was left behind.
pub(crate) async fn carry(
    from: &mut SqliteConnection,
    to: &mut SqliteConnection,
) -> Result<Option<String>, StoreError> {
    let trail = sort(carry_trail(from, to).await)?;
    let counts = sort(carry_counts(from, to).await)?;
    Ok(trail.or(counts))
}

fn sort(outcome: Result<(), Stop>) -> Result<Option<String>, StoreError> {
    match outcome {
        Ok(()) => Ok(None),
        Err(Stop::Source(why)) => Ok(Some(why)),
        Err(Stop::Target(error)) => Err(error),
    }
}

async fn carry_trail(from: &mut SqliteConnection, to: &mut SqliteConnection) -> Result<(), Stop> {
    let last: Option<Sealed<EntryRow>> = sqlx::query_as(LAST)
        .fetch_optional(&mut *to)
        .await
        .map_err(|error| Stop::Target(error.into()))?;
    let mut seq = 0;
    if let Some(Sealed(last)) = last {
        seq = last.seq;
        let same: Option<Sealed<EntryRow>> =
            sqlx::query_as(AT).bind(seq).fetch_optional(&mut *from).await.map_err(Stop::reading)?;
        match same {
            Some(Sealed(same)) if same.hash == last.hash => {}
            Some(_) => return Err(Stop::Source("its trail is another one".into())),
            // The backup's is the longer one.
            None => return Ok(()),
        }
    }
    copy::<EntryRow>(from, to, ENTRIES, seq, |before, row| {
        (row.seq == before + 1).then_some(row.seq)
    })
    .await?;
    let head: i64 = sqlx::query_scalar(LAST_HEAD)
        .fetch_one(&mut *to)
        .await
        .map_err(|error| Stop::Target(error.into()))?;
    copy::<HeadRow>(from, to, HEADS, head, |_, row| Some(row.seq)).await
}

async fn carry_counts(from: &mut SqliteConnection, to: &mut SqliteConnection) -> Result<(), Stop> {
    let rows: Vec<Sealed<ThrottleRow>> =
        sqlx::query_as("SELECT * FROM throttle").fetch_all(from).await.map_err(Stop::reading)?;
    let rows: Vec<ThrottleRow> = rows.into_iter().map(|Sealed(row)| row).collect();
    let write = async {
        begin(to).await?;
        sqlx::query("DELETE FROM throttle").execute(&mut *to).await?;
        insert(to, &rows).await
    };
    write.await.map_err(Stop::Target)
}

/// Adds the rows that come after this one. `next` tells a row's number, unless the row cannot
/// follow the one of the number before.
async fn copy<T: Table>(
    from: &mut SqliteConnection,
    to: &mut SqliteConnection,
    sql: &'static str,
    mut after: i64,
    next: impl Fn(i64, &T) -> Option<i64>,
) -> Result<(), Stop> {
    loop {
        let rows: Vec<Sealed<T>> = sqlx::query_as(sql)
            .bind(after)
            .bind(PORTION)
            .fetch_all(&mut *from)
            .await
            .map_err(Stop::reading)?;
        let rows: Vec<T> = rows.into_iter().map(|Sealed(row)| row).collect();
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            let Some(seq) = next(after, row) else {
                return Err(Stop::Source(format!("{} {} is missing", T::NAME, after + 1)));
            };
            after = seq;
        }
        let write = async {
            begin(to).await?;
            insert(to, &rows).await
        };
        write.await.map_err(Stop::Target)?;
    }
}

async fn begin(to: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("BEGIN IMMEDIATE").execute(to).await?;
    Ok(())
}

/// Adds rows and commits them. When that fails the whole target is thrown away.
async fn insert<T: Table>(to: &mut SqliteConnection, rows: &[T]) -> Result<(), StoreError> {
    for row in rows {
        seal::insert(to, row).await?;
    }
    sqlx::query("COMMIT").execute(to).await?;
    Ok(())
}
