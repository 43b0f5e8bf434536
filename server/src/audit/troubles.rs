//! What keeps the trail from being written, as one problem of the host.

use std::io;
use std::path::Path;
use std::sync::Arc;

use protocol::host::ProblemKind;
use store::StoreError;

use crate::health::Health;

/// Two things can be wrong at a time; people see one sentence or both.
pub(super) struct Troubles {
    health: Arc<Health>,
    store: Option<String>,
    copy: Option<String>,
}

impl Troubles {
    pub(super) fn new(health: Arc<Health>) -> Self {
        Self { health, store: None, copy: None }
    }

    pub(super) fn not_written(&mut self, error: &StoreError) {
        self.store = Some(format!(
            "The audit trail cannot be stored; what happens is kept in memory and stored later. \
             {error}"
        ));
        self.tell();
    }

    pub(super) fn written(&mut self) {
        if self.store.take().is_some() {
            self.tell();
        }
    }

    pub(super) fn not_copied(&mut self, copy: &Path, error: &io::Error) {
        self.copy = Some(format!(
            "The signed heads of the audit trail cannot be copied to {}: {error}. Check its \
             folder and its disk.",
            copy.display()
        ));
        self.tell();
    }

    pub(super) fn copied(&mut self) {
        if self.copy.take().is_some() {
            self.tell();
        }
    }

    fn tell(&self) {
        let sentences: Vec<_> =
            [&self.store, &self.copy].into_iter().flatten().map(String::as_str).collect();
        if sentences.is_empty() {
            self.health.solved(ProblemKind::Audit);
        } else {
            self.health.report(ProblemKind::Audit, sentences.join(" "));
        }
    }
}
