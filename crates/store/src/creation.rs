//! A new database: it appears complete or not at all.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sqlx::sqlite::SqlitePoolOptions;

use crate::database::{options, unreadable};
use crate::error::StoreError;
use crate::files::{self, Found, SIDE_FILES, beside};
use crate::integrity::{Flaw, Whole};
use crate::{backups, migrations};

/// Whether a database may be made here, where no content is. What lies around it tells of one
/// that was there.
pub(crate) fn check(path: &Path, found: Found) -> Result<Whole, Flaw> {
    let state = if found == Found::Nothing { "it is missing" } else { "it is empty" };
    if files::holds_something(&beside(path, "-wal")) {
        return Err(Flaw::Damaged(format!("{state}, but its write-ahead log is there")));
    }
    if beside(path, backups::RESTORING).exists() {
        return Err(Flaw::Damaged(format!("{state}, because going back to a backup was cut off")));
    }
    let folder = backups::folder_of(path);
    if !backups::list(&folder).map_err(Flaw::Other)?.is_empty() {
        return Err(Flaw::Damaged(format!(
            "{state}, but there are backups of it (to begin anew, move {} away)",
            folder.display()
        )));
    }
    Ok(Whole { version: 0, lost_write: false })
}

/// Makes a database at `path`, in place of nothing or of a file without content.
pub(crate) async fn create(path: &Path) -> Result<(), StoreError> {
    let unreadable = |source| unreadable(path, source);
    let new = beside(path, ".new");
    files::remove_database(&new).map_err(unreadable)?;
    files::create(&new).map_err(unreadable)?;
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options(&new)).await?;
    migrations::run(&pool, &Arc::default()).await?;
    // The last one out folds the log into the file.
    pool.close().await;
    files::sync(&new).map_err(unreadable)?;
    for ending in SIDE_FILES {
        files::remove(&beside(path, ending)).map_err(unreadable)?;
    }
    fs::rename(&new, path).map_err(unreadable)?;
    files::sync(files::folder(path)).map_err(unreadable)
}
