//! The audit trail. It only grows, which the database itself sees to; how entries are chained is
//! the rule of [`domain::audit`].

mod check;
mod heads;
mod rows;

use std::collections::VecDeque;

use domain::audit::{BEGIN, Entry, Event};
use futures_util::stream::{self, Stream};
use protocol::access::audit::AuditQuery;
use sqlx::sqlite::SqliteConnection;

pub use self::check::Checked;
pub use self::heads::Head;
pub(crate) use self::rows::{EntryRow, HeadRow};
use crate::database::Store;
use crate::error::StoreError;
use crate::seal::{self, Sealed};

/// Entries that a page has when nothing else is asked for.
const PAGE: u32 = 100;
/// Entries that a page has at most.
const LONGEST_PAGE: u32 = 1_000;
/// Entries that are read at a time: a reader that stays open would keep the log from shrinking.
const PORTION: u32 = 500;

const LAST: &str = "SELECT * FROM audit ORDER BY seq DESC LIMIT 1";
const BEFORE: &str = "SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?";
const BEFORE_OF: &str =
    "SELECT * FROM audit WHERE outcome = ?3 AND seq < ?1 ORDER BY seq DESC LIMIT ?2";
const FROM: &str = "SELECT * FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?";

/// Who did what.
#[derive(Clone, Copy, Debug)]
pub struct Audit<'a> {
    pub(crate) store: &'a Store,
}

impl Audit<'_> {
    /// Adds these events in one piece, in this order, with texts cut as [`Event::bounded`] says;
    /// returns their entries.
    pub async fn append(self, events: &[Event]) -> Result<Vec<Entry>, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = append(&mut change, events).await;
        change.finish(outcome).await
    }

    /// A part of the trail, newest first: 100 entries unless asked otherwise, 1,000 at most.
    pub async fn page(self, part: AuditQuery) -> Result<Vec<Entry>, StoreError> {
        let before = part.before.unwrap_or(i64::MAX);
        let limit = part.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
        let rows: Vec<Sealed<EntryRow>> = match part.outcome {
            None => sqlx::query_as(BEFORE).bind(before).bind(limit),
            Some(outcome) => {
                sqlx::query_as(BEFORE_OF).bind(before).bind(limit).bind(outcome.word())
            }
        }
        .fetch_all(&self.store.read)
        .await?;
        rows.into_iter().map(|Sealed(row)| row.entry()).collect()
    }

    /// The newest entry.
    pub async fn last(self) -> Result<Option<Entry>, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        last(&mut connection).await
    }

    /// All entries from this number on, oldest first, in portions: what is added meanwhile comes
    /// too.
    pub fn stream(
        self,
        from_seq: i64,
    ) -> impl Stream<Item = Result<Entry, StoreError>> + Send + use<> {
        let begin = (self.store.clone(), from_seq, VecDeque::new());
        stream::try_unfold(begin, |(store, next, mut waiting)| async move {
            if waiting.is_empty() {
                let portion: Vec<Sealed<EntryRow>> =
                    sqlx::query_as(FROM).bind(next).bind(PORTION).fetch_all(&store.read).await?;
                waiting = portion.into();
            }
            let Some(Sealed(row)) = waiting.pop_front() else { return Ok(None) };
            let entry = row.entry()?;
            let next = entry.seq.saturating_add(1);
            Ok(Some((entry, (store, next, waiting))))
        })
    }

    /// Reads the whole trail and checks that every entry is as it was written, and that it is the
    /// trail that was signed.
    pub async fn verify(self) -> Result<Checked, StoreError> {
        check::check(self.store).await
    }

    /// Notes a hash of the trail that was signed; returns whether it is newer than the last one
    /// noted. It must be that of the entry with its number.
    pub async fn add_head(self, head: &Head) -> Result<bool, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = heads::add(&mut change, head).await;
        change.finish(outcome).await
    }

    /// The newest hashes that were signed, newest first.
    pub async fn heads(self, limit: u32) -> Result<Vec<Head>, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        heads::newest(&mut connection, limit).await
    }
}

async fn last(connection: &mut SqliteConnection) -> Result<Option<Entry>, StoreError> {
    let row: Option<Sealed<EntryRow>> = sqlx::query_as(LAST).fetch_optional(connection).await?;
    row.map(|Sealed(row)| row.entry()).transpose()
}

async fn append(
    connection: &mut SqliteConnection,
    events: &[Event],
) -> Result<Vec<Entry>, StoreError> {
    let (mut seq, mut hash) =
        last(connection).await?.map_or((0, BEGIN), |entry| (entry.seq, entry.hash));
    let mut entries = Vec::with_capacity(events.len());
    for event in events {
        seq += 1;
        let entry = Entry::chained(&hash, seq, event.clone().bounded());
        hash = entry.hash;
        seal::insert(connection, &EntryRow::new(&entry)).await?;
        entries.push(entry);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use protocol::access::audit::Outcome;

    use super::*;

    #[tokio::test]
    async fn no_part_of_the_trail_costs_a_walk_through_all_of_it() {
        let store = Store::memory().await.unwrap();
        for sql in [LAST, BEFORE, BEFORE_OF, FROM] {
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
                    .fetch_all(&store.read)
                    .await
                    .unwrap();
            let steps: Vec<&str> = plan.iter().map(|(.., step)| step.as_str()).collect();
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
            let walks = steps.iter().any(|step| step.contains("SCAN audit"));
            assert_eq!(walks, sql == LAST, "{sql}: {steps:?}");
        }
    }

    #[tokio::test]
    async fn seals_can_be_renewed_after_a_later_migration() {
        let store = Store::memory().await.unwrap();
        let event = Event {
            at_ms: 1,
            who: "maestro".into(),
            how: String::new(),
            action: "start".into(),
            object: String::new(),
            outcome: Outcome::Done,
            detail: String::new(),
        };
        let entries = store.audit().append(&[event]).await.unwrap();
        let mut change = store.change().await.unwrap();
        sqlx::query("UPDATE audit SET seal = 0").execute(&mut *change).await.unwrap();
        let renewed = seal::renew(&mut change).await;
        change.finish(renewed).await.unwrap();
        assert_eq!(store.audit().page(AuditQuery::default()).await.unwrap(), entries);
    }
}
