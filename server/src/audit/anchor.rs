//! Signs where the trail stands, in the database and in the copy.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::audit::Hash;
use store::audit::Head;
use store::{Store, StoreError};
use tokio::task::spawn_blocking;

use super::copy;
use super::head::Notary;
use super::troubles::Troubles;
use crate::clock::now_ms;

/// Where the trail stands, and how far that is signed and copied.
pub(super) struct Anchor {
    notary: Arc<Notary>,
    copy: PathBuf,
    /// The last entry; absent until the database was asked or something was written.
    last: Option<(i64, Hash)>,
    signed: Option<Head>,
    /// The last head of the copy; absent until the copy was read or written.
    copied: Option<(i64, Hash)>,
}

impl Anchor {
    pub(super) fn new(notary: Arc<Notary>, copy: PathBuf) -> Self {
        Self { notary, copy, last: None, signed: None, copied: None }
    }

    /// Something was written.
    pub(super) fn moved(&mut self, seq: i64, hash: Hash) {
        self.last = Some((seq, hash));
    }

    /// Signs and copies, if there is something new. What fails is tried again the next time.
    pub(super) async fn sign(&mut self, store: &Store, troubles: &mut Troubles) {
        match self.sign_in(store).await {
            Ok(Some(head)) => self.copy(head, troubles).await,
            Ok(None) => {}
            // The store's own troubles are told where entries are written.
            Err(error) => tracing::error!(%error, "the head of the audit trail was not signed"),
        }
    }

    /// The head of the last entry, signed now if it was not.
    async fn sign_in(&mut self, store: &Store) -> Result<Option<Head>, StoreError> {
        let audit = store.audit();
        if self.signed.is_none() {
            self.signed = audit.heads(1).await?.pop();
        }
        if self.last.is_none() {
            self.last = audit.last().await?.map(|entry| (entry.seq, entry.hash));
        }
        let Some((seq, hash)) = self.last else { return Ok(None) };
        if self.signed.as_ref().is_none_or(|head| (head.seq, head.hash) != (seq, hash)) {
            let head = self.notary.sign(seq, now_ms(), hash);
            audit.add_head(&head).await?;
            self.signed = Some(head);
        }
        Ok(self.signed.clone())
    }

    async fn copy(&mut self, head: Head, troubles: &mut Troubles) {
        let (path, line, copied) = (self.copy.clone(), self.notary.line(&head), self.copied);
        let newest = (head.seq, head.hash);
        let work = spawn_blocking(move || {
            let copied = copied.map_or_else(|| last_of(&path), |last| Ok(Some(last)))?;
            if copied == Some(newest) { Ok(()) } else { copy::append(&path, &line) }
        });
        match work.await {
            Ok(Ok(())) => {
                self.copied = Some(newest);
                troubles.copied();
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the head of the audit trail was not copied");
                troubles.not_copied(&self.copy, &error);
            }
            Err(error) => tracing::error!(%error, "the head of the audit trail was not copied"),
        }
    }
}

fn last_of(path: &Path) -> io::Result<Option<(i64, Hash)>> {
    let mut last = None;
    copy::read(path, |head| last = head.ok().map(|head| (head.seq, head.hash)))?;
    Ok(last)
}
