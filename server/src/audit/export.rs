//! The whole trail as lines of JSON.

use bytes::Bytes;
use domain::audit::Entry;
use futures_util::future::ready;
use futures_util::stream::TryReadyChunksError;
use futures_util::{Stream, TryStreamExt as _};
use protocol::access::audit::AuditEntry;
use store::{Store, StoreError};

/// Lines that are sent at a time.
const PIECE: usize = 100;

/// The entries up to `last`, oldest first, one line each.
///
/// Entries never change, so all up to a number are the same at any time. Nothing is held open for
/// a reader that is slow: the store reads on when what it read before was taken.
pub(super) fn lines(
    store: &Store,
    last: i64,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send + use<> {
    let entries = store.audit().stream(1);
    entries
        .try_take_while(move |entry| ready(Ok(entry.seq <= last)))
        .try_ready_chunks(PIECE)
        .map_ok(piece)
        .map_err(|TryReadyChunksError(_before, error)| error)
}

fn piece(entries: Vec<Entry>) -> Bytes {
    let mut piece = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut piece, &AuditEntry::from(entry))
            .expect("text and numbers can be written to memory as JSON");
        piece.push(b'\n');
    }
    piece.into()
}
