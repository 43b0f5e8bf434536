//! Entries and signed hashes as their tables hold them.

use domain::audit::{self, Entry, Event};

use super::heads::Head;
use crate::error::StoreError;
use crate::seal::sealed_table;

sealed_table! {
    struct EntryRow of "audit" by seq {
        seq: i64,
        at_ms: i64,
        who: String,
        how: String,
        action: String,
        object: String,
        outcome: String,
        detail: String,
        hash: Vec<u8>,
    }
}

sealed_table! {
    struct HeadRow of "audit_heads" by seq {
        seq: i64,
        at_ms: i64,
        hash: Vec<u8>,
        signature: Vec<u8>,
    }
}

impl EntryRow {
    pub(super) fn new(entry: &Entry) -> Self {
        let Event { at_ms, who, how, action, object, outcome, detail } = entry.event.clone();
        let (outcome, hash) = (outcome.word().into(), entry.hash.to_vec());
        Self { seq: entry.seq, at_ms, who, how, action, object, outcome, detail, hash }
    }

    pub(super) fn entry(self) -> Result<Entry, StoreError> {
        let damaged = |column| StoreError::Damaged {
            what: format!("audit {}: {column} makes no sense", self.seq),
        };
        let outcome = audit::outcome(&self.outcome).ok_or_else(|| damaged("outcome"))?;
        let hash = self.hash.try_into().map_err(|_| damaged("hash"))?;
        let Self { seq, at_ms, who, how, action, object, detail, .. } = self;
        Ok(Entry { seq, event: Event { at_ms, who, how, action, object, outcome, detail }, hash })
    }
}

impl HeadRow {
    pub(super) fn new(head: &Head) -> Self {
        let Head { seq, at_ms, hash, signature } = head.clone();
        Self { seq, at_ms, hash: hash.to_vec(), signature }
    }

    pub(super) fn head(self) -> Result<Head, StoreError> {
        let Self { seq, at_ms, hash, signature } = self;
        let hash = hash.try_into().map_err(|_| StoreError::Damaged {
            what: format!("audit_heads {seq}: hash makes no sense"),
        })?;
        Ok(Head { seq, at_ms, hash, signature })
    }
}
