//! Checks the whole trail, in portions.

use std::collections::HashMap;

use domain::audit::{BadEntry, Hash, Verifier, Wrong};

use super::rows::{EntryRow, HeadRow};
use super::{FROM, PORTION};
use crate::database::Store;
use crate::error::StoreError;

const HEADS: &str = "SELECT * FROM audit_heads WHERE seq > ? AND seq <= ? ORDER BY seq";
/// What a check of the whole trail found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Entries that were read and are as they were written, up to the first that is not.
    pub entries: u64,
    /// Hash of the last of them; none when there is none.
    pub head: Option<Hash>,
    /// The first entry that is not as it was written.
    pub broken: Option<BadEntry>,
}

/// Seals are not asked: who changed an entry on purpose may have sealed it anew, and who did not
/// is to be told which one it is.
pub(super) async fn check(store: &Store) -> Result<Checked, StoreError> {
    let mut verifier = Verifier::default();
    let broken = walk(store, &mut verifier).await?;
    let entries = u64::try_from(verifier.last()).unwrap_or(0);
    let head = (entries > 0).then(|| verifier.head());
    Ok(Checked { entries, head, broken })
}

async fn walk(store: &Store, verifier: &mut Verifier) -> Result<Option<BadEntry>, StoreError> {
    // What is signed later may be of entries that were added later.
    let signed_up_to: Option<i64> =
        sqlx::query_scalar("SELECT max(seq) FROM audit_heads").fetch_one(&store.read).await?;
    let mut from = i64::MIN;
    loop {
        let portion: Vec<EntryRow> =
            sqlx::query_as(FROM).bind(from).bind(PORTION).fetch_all(&store.read).await?;
        let Some(last) = portion.last().map(|row| row.seq) else { break };
        let signed = signed(store, from, last).await?;
        for row in portion {
            let seq = row.seq;
            let Ok(entry) = row.entry() else {
                return Ok(Some(BadEntry { seq, wrong: Wrong::Senseless }));
            };
            if let Err(bad) = verifier.check(&entry) {
                return Ok(Some(bad));
            }
            if signed.get(&seq).is_some_and(|hash| *hash != entry.hash) {
                return Ok(Some(BadEntry { seq, wrong: Wrong::NotSigned }));
            }
        }
        let Some(next) = last.checked_add(1) else { break };
        from = next;
    }
    let cut_off = signed_up_to.is_some_and(|signed| signed > verifier.last());
    let missing = BadEntry { seq: verifier.last().saturating_add(1), wrong: Wrong::Missing };
    Ok(cut_off.then_some(missing))
}

/// Hashes that were signed of entries from `from` to `to`.
async fn signed(store: &Store, from: i64, to: i64) -> Result<HashMap<i64, Vec<u8>>, StoreError> {
    let rows: Vec<HeadRow> =
        sqlx::query_as(HEADS).bind(from.saturating_sub(1)).bind(to).fetch_all(&store.read).await?;
    Ok(rows.into_iter().map(|row| (row.seq, row.hash)).collect())
}
