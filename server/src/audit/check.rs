//! Checks the whole trail against itself, against the signed heads, and against their copy.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use domain::audit::{BadEntry, Hash, Wrong, hex};
use protocol::access::audit::{AuditQuery, AuditReport, BrokenChain};
use protocol::error::ApiError;
use store::audit::{Checked, Head};
use store::{Store, StoreError};
use tokio::task::spawn_blocking;

use super::copy;
use super::head::Notary;

/// Reads all of it. Entries pass by; of heads, which are kept in memory, there is one an hour.
pub(super) async fn check(
    store: &Store,
    notary: &Arc<Notary>,
    path: &Path,
) -> Result<AuditReport, ApiError> {
    // Before the entries: what is written meanwhile only makes the trail longer than they say.
    let mut heads = Heads::default();
    match store.audit().heads(u32::MAX).await {
        Ok(stored) => stored.iter().for_each(|head| heads.take_stored(head, notary)),
        Err(StoreError::Damaged { .. }) => {
            heads.wrong(0, "A signed head in the database was changed.".into());
        }
        Err(error) => return Err(error.into()),
    }
    let (notary, path) = (Arc::clone(notary), path.to_owned());
    let read = spawn_blocking(move || heads.with_copy(&notary, &path)).await;
    let heads = read.map_err(|_panicked| ApiError::internal())?;

    let checked = store.audit().verify().await?;
    let entries = i64::try_from(checked.entries).unwrap_or(i64::MAX);
    let mut bad = checked.broken;
    // The store compared its own heads on the way.
    for claim in heads.copied.iter().filter(|claim| claim.seq <= entries) {
        if bad.is_none_or(|bad| claim.seq < bad.seq) {
            bad = compare(store, claim).await?.or(bad);
        }
    }
    Ok(heads.report(&checked, bad))
}

/// Whether the entry with this number is the one that was signed.
async fn compare(store: &Store, claim: &Claim) -> Result<Option<BadEntry>, StoreError> {
    let seq = claim.seq;
    let only = AuditQuery { before: seq.checked_add(1), limit: Some(1), outcome: None };
    let wrong = match store.audit().page(only).await {
        Ok(found) => match found.first().filter(|entry| entry.seq == seq) {
            Some(entry) if entry.hash == claim.hash => None,
            Some(_other) => Some(Wrong::NotSigned),
            None => Some(Wrong::Missing),
        },
        Err(StoreError::Damaged { .. }) => Some(Wrong::Changed),
        Err(error) => return Err(error),
    };
    Ok(wrong.map(|wrong| BadEntry { seq, wrong }))
}

/// What a good head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    seq: i64,
    at_ms: i64,
    hash: Hash,
}

/// Heads, sorted into those that say something and the first that is wrong itself.
#[derive(Default)]
struct Heads {
    /// Those of the database, by their numbers.
    stored: HashMap<i64, Hash>,
    /// Those that only the copy knows.
    copied: Vec<Claim>,
    /// The good one with the highest number.
    longest: Option<Claim>,
    broken: Option<BrokenChain>,
}

impl Heads {
    fn take_stored(&mut self, head: &Head, notary: &Notary) {
        if let Some(claim) = self.take(head, notary, "") {
            self.stored.insert(claim.seq, claim.hash);
        }
    }

    fn take_copied(&mut self, head: &Head, notary: &Notary, place: &str) {
        if let Some(claim) = self.take(head, notary, place)
            && self.stored.get(&claim.seq) != Some(&claim.hash)
        {
            self.copied.push(claim);
        }
    }

    fn take(&mut self, head: &Head, notary: &Notary, place: &str) -> Option<Claim> {
        let Head { seq, at_ms, hash, .. } = *head;
        if !notary.signed(head) {
            let problem =
                format!("The head of entry {seq}{place} was not signed with the key of this host.");
            self.wrong(seq, problem);
            return None;
        }
        let claim = Claim { seq, at_ms, hash };
        if self.longest.is_none_or(|longest| longest.seq < seq) {
            self.longest = Some(claim);
        }
        Some(claim)
    }

    fn wrong(&mut self, seq: i64, problem: String) {
        self.broken.get_or_insert(BrokenChain { seq, problem });
    }

    /// With those of the copy.
    fn with_copy(mut self, notary: &Notary, path: &Path) -> Self {
        let place = format!(" in {}", path.display());
        // A line that cannot be read is named by the entry of the line before it.
        let mut before = 0;
        let read = copy::read(path, |head| match head {
            Ok(head) => {
                before = head.seq;
                self.take_copied(&head, notary, &place);
            }
            Err(line) => self.wrong(before, format!("Line {line}{place} is not a signed head.")),
        });
        if let Err(error) = read {
            self.wrong(before, format!("The signed heads{place} cannot be read: {error}."));
        }
        self
    }

    /// What is wrong with an entry comes before what is wrong with a head.
    fn report(self, checked: &Checked, bad: Option<BadEntry>) -> AuditReport {
        let last = i64::try_from(checked.entries).unwrap_or(i64::MAX);
        let cut = self.longest.filter(|longest| last < longest.seq);
        let missing = cut.map(|_| BadEntry { seq: last.saturating_add(1), wrong: Wrong::Missing });
        let broken = bad.or(missing).map(|bad| BrokenChain {
            seq: bad.seq,
            problem: match cut {
                Some(longest) if bad.wrong == Wrong::Missing => missing_entry(bad.seq, &longest),
                _ => bad.to_string(),
            },
        });
        AuditReport {
            entries: checked.entries,
            head: checked.head.map(|head| hex(&head)).unwrap_or_default(),
            broken: broken.or(self.broken),
        }
    }
}

fn missing_entry(seq: i64, longest: &Claim) -> String {
    format!(
        "Entry {seq} is missing: a head that was signed {} says that there were {} entries.",
        store::moment(longest.at_ms),
        longest.seq
    )
}
