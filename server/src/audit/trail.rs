//! The trail as everybody else sees it.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use domain::audit::Event;
use futures_util::Stream;
use protocol::access::audit::{AuditEntry, AuditQuery, AuditReport};
use protocol::error::ApiError;
use store::{Store, StoreError};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::anchor::Anchor;
use super::entry::NewEntry;
use super::flood::Verdict;
use super::head::Notary;
use super::key::{self, KeyError};
use super::troubles::Troubles;
use super::writer::{Letter, Shared, Writer};
use super::{check, export};
use crate::clock::now_ms;
use crate::health::Health;
use crate::home::Home;

/// Entries on their way to the writer.
const ON_THEIR_WAY: usize = 1_024;
/// Entries of one page at most.
const LONGEST_PAGE: u32 = 1_000;

/// Takes entries and tells of them. Clones share one trail.
#[derive(Clone)]
pub struct Trail {
    letters: mpsc::Sender<Letter>,
    shared: Arc<Shared>,
    store: Store,
    notary: Arc<Notary>,
    copy: PathBuf,
}

impl Trail {
    /// Starts the trail of this instance. Its key is in `keys/audit.key` of the data folder,
    /// where it is made at the first start. Signed heads are copied to `copy`, or to
    /// `audit-heads.jsonl` in the data folder.
    ///
    /// The task ends after [`Trail::close`], when all is written and signed.
    pub fn start(
        store: Store,
        home: &Home,
        instance: &str,
        copy: Option<PathBuf>,
        health: Arc<Health>,
    ) -> Result<(Self, JoinHandle<()>), KeyError> {
        let key = key::load_or_make(&home.root().join("keys"))?;
        let copy = copy.unwrap_or_else(|| home.root().join("audit-heads.jsonl"));
        let notary = Arc::new(Notary::new(key, instance));
        let (letters, inbox) = mpsc::channel(ON_THEIR_WAY);
        let shared = Arc::new(Shared::new());
        let anchor = Anchor::new(Arc::clone(&notary), copy.clone());
        let troubles = Troubles::new(health);
        let writer = Writer::new(store.clone(), inbox, Arc::clone(&shared), anchor, troubles).run();
        let trail = Self { letters, shared, store, notary, copy };
        Ok((trail, tokio::spawn(writer)))
    }

    /// Writes an entry down. Returns when it is on the disk, or, while the disk takes no writes,
    /// when it waits in memory.
    pub async fn note(&self, entry: NewEntry) {
        let Some(event) = self.admit(entry) else { return };
        let (stored, waits) = oneshot::channel();
        let letter = Letter { event, _stored: Some(stored) };
        if let Err(mpsc::error::SendError(letter)) = self.letters.send(letter).await {
            late(&letter);
        }
        // Gone is as good as done: the writer lets go of it when it was taken care of.
        let _stored = waits.await;
    }

    /// Has an entry written down, without waiting for it.
    pub fn remark(&self, entry: NewEntry) {
        let Some(event) = self.admit(entry) else { return };
        match self.letters.try_send(Letter { event, _stored: None }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.shared.miss(),
            Err(TrySendError::Closed(letter)) => late(&letter),
        }
    }

    /// Ends the trail once everything that was noted is written. Later entries are lost: close it
    /// after all that could write to it, and before the store.
    pub fn close(&self) {
        self.shared.close();
    }

    /// A part of the trail, newest first.
    pub async fn page(&self, part: AuditQuery) -> Result<Vec<AuditEntry>, ApiError> {
        if part.limit.is_some_and(|limit| !(1..=LONGEST_PAGE).contains(&limit)) {
            let sentence = format!("Ask for 1 to {LONGEST_PAGE} entries at a time.");
            return Err(ApiError::invalid("limit", sentence));
        }
        let page = self.store.audit().page(part).await?;
        Ok(page.into_iter().map(AuditEntry::from).collect())
    }

    /// Reads the whole trail, the signed heads and their copy, and checks that all of it is as it
    /// was written.
    pub async fn verify(&self) -> Result<AuditReport, ApiError> {
        check::check(&self.store, &self.notary, &self.copy).await
    }

    /// The whole trail as it is now, oldest first, one [`AuditEntry`] as JSON per line.
    pub async fn export(
        &self,
    ) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + Send + use<>, ApiError> {
        let last = self.store.audit().last().await?.map_or(0, |entry| entry.seq);
        Ok(export::lines(&self.store, last))
    }

    /// The entry as it is written, unless it is only counted.
    fn admit(&self, entry: NewEntry) -> Option<Event> {
        let entry = if entry.is_done() {
            entry
        } else {
            // A guard must not live into an await.
            let verdict = self.shared.flood().admit(entry, self.shared.elapsed_ms());
            match verdict {
                Verdict::Write(entry) => entry,
                Verdict::Count { first } => {
                    if first {
                        self.shared.wake();
                    }
                    return None;
                }
            }
        };
        Some(entry.event(now_ms()))
    }
}

fn late(letter: &Letter) {
    let action = letter.event.action.as_str();
    tracing::error!(action, "an entry of the audit trail came after its end and is lost");
}
