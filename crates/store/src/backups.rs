//! Backups: whole databases in the folder `backups` beside the one they are of.
//!
//! A backup is made under another name, looked at as a whole and then renamed, so that what has
//! the name of a backup is one. Its name tells when it was made.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::host::Backup;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::database::{Store, options};
use crate::error::StoreError;
use crate::files::{self, SIDE_FILES, beside};
use crate::integrity::{self, Flaw};
use crate::{carry, instance, migrations, stamp};

const PREFIX: &str = "maestro-";
const ENDING: &str = ".db";
/// A backup that is being made.
const UNFINISHED: &str = ".unfinished";
/// A copy of a backup that is about to become the database.
pub(crate) const RESTORING: &str = ".restoring";
/// A copy of the database that is about to be replaced, to read what outlasts it.
const REPLACED: &str = ".read";

/// What became of the database that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where it was set aside, if there was one.
    pub aside: Option<PathBuf>,
    /// Why its audit trail and its counts of failed logins did not come along whole, in words, as
    /// in “because …”.
    pub left_behind: Option<String>,
}

/// Where the backups of this database lie.
pub fn folder_of(database: &Path) -> PathBuf {
    files::folder(database).join("backups")
}

/// What a backup's name tells, in the order in which backups were made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    made_at_ms: i64,
    /// Of several that were made in the same second.
    number: u32,
    /// Made because the schema was about to change to this version.
    before_schema: Option<u32>,
}

impl Name {
    fn read(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let middle = name.strip_prefix(PREFIX)?.strip_suffix(ENDING)?;
        let (moment, rest) = middle.split_at_checked(16)?;
        let made_at_ms = stamp::read(moment)?;
        let (rest, before_schema) = match rest.split_once("-before-schema-") {
            Some((rest, schema)) => (rest, Some(schema.parse().ok()?)),
            None => (rest, None),
        };
        let number = match rest.strip_prefix('-') {
            Some(number) => number.parse().ok()?,
            None if rest.is_empty() => 1,
            None => return None,
        };
        let read = Self { made_at_ms, number, before_schema };
        // One way to write each.
        (read.text() == name).then_some(read)
    }

    fn text(&self) -> String {
        let moment = stamp::name(self.made_at_ms);
        let number = if self.number > 1 { format!("-{}", self.number) } else { String::new() };
        let why = self.before_schema.map(|schema| format!("-before-schema-{schema}"));
        format!("{PREFIX}{moment}{number}{}{ENDING}", why.unwrap_or_default())
    }
}

/// When this backup was made, as its name says: milliseconds since the Unix epoch.
pub(crate) fn made_at_ms(path: &Path) -> Option<i64> {
    Name::read(path).map(|name| name.made_at_ms)
}

fn unwritable(path: &Path, source: io::Error) -> StoreError {
    // SQLite is not the only one to whom a disk says that it is full.
    if source.kind() == io::ErrorKind::StorageFull {
        return StoreError::DiskFull;
    }
    StoreError::Backup { path: path.to_owned(), source }
}

impl Store {
    /// Copies the database into `folder` while it is in use; `now_ms` gives the copy its name.
    ///
    /// The copy holds what was acknowledged when this was called. It was looked at as a whole, and
    /// only its owner can read it. No file is ever replaced.
    pub async fn back_up(&self, folder: &Path, now_ms: i64) -> Result<Backup, StoreError> {
        let name = Name { made_at_ms: now_ms, number: 1, before_schema: None };
        back_up(self, folder, name).await
    }
}

/// Copies a database that is about to get another schema.
pub(crate) async fn before_migration(store: &Store, database: &Path) -> Result<(), StoreError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let name = Name {
        made_at_ms: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
        number: 1,
        before_schema: u32::try_from(migrations::newest()).ok(),
    };
    back_up(store, &folder_of(database), name).await.map(drop)
}

async fn back_up(store: &Store, folder: &Path, mut name: Name) -> Result<Backup, StoreError> {
    let failed = |source| unwritable(folder, source);
    if !folder.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(failed)?;
    // Who made the unfinished file owns the name without that ending.
    let (unfinished, backup) = loop {
        let backup = folder.join(name.text());
        let unfinished = beside(&backup, UNFINISHED);
        match files::create(&unfinished) {
            Ok(_empty) if !backup.exists() => break (unfinished, backup),
            Ok(_empty) => files::remove(&unfinished).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        name.number += 1;
    };
    match fill(store, &unfinished, &backup).await {
        Ok(bytes) => {
            let path = backup.to_string_lossy().into_owned();
            Ok(Backup { path, made_at_ms: name.made_at_ms, bytes })
        }
        Err(error) => {
            // The failure is what counts; what is left of it goes at the next start.
            let _left_behind = files::remove_database(&unfinished);
            Err(error)
        }
    }
}

async fn fill(store: &Store, unfinished: &Path, backup: &Path) -> Result<u64, StoreError> {
    let failed = |source| unwritable(unfinished, source);
    let target = unfinished.to_str().ok_or_else(|| {
        failed(io::Error::new(io::ErrorKind::InvalidFilename, "its path is not valid UTF-8"))
    })?;
    sqlx::query("VACUUM INTO ?").bind(target).execute(&store.read).await?;
    files::sync(unfinished).map_err(failed)?;
    verify(unfinished).await?;
    let bytes = fs::metadata(unfinished).map_err(failed)?.len();
    fs::rename(unfinished, backup).map_err(failed)?;
    files::sync(files::folder(backup)).map_err(failed)?;
    Ok(bytes)
}

/// Removes what a crash left of backups that were being made.
pub(crate) fn clear_unfinished(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let ours = name
            .split_once(UNFINISHED)
            .is_some_and(|(backup, _)| Name::read(Path::new(backup)).is_some());
        if ours {
            // It takes space and nothing else; the next start tries again.
            let _left_behind = files::remove(&path);
        }
    }
}

fn named(folder: &Path) -> Result<Vec<(Name, PathBuf)>, StoreError> {
    let failed = |source| unwritable(folder, source);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut backups = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if let Some(name) = Name::read(&path) {
            backups.push((name, path));
        }
    }
    backups.sort();
    backups.reverse();
    Ok(backups)
}

/// All backups in this folder, newest first, as their names say; whether they are whole is what
/// [`verify`] tells. A missing folder has none.
pub fn list(folder: &Path) -> Result<Vec<Backup>, StoreError> {
    let backups = named(folder)?.into_iter().filter_map(|(name, path)| {
        // One that was removed meanwhile is none.
        let bytes = fs::metadata(&path).ok()?.len();
        let path = path.to_string_lossy().into_owned();
        Some(Backup { path, made_at_ms: name.made_at_ms, bytes })
    });
    Ok(backups.collect())
}

/// Looks at all of a backup: its structure and the seal of each row. Changes nothing.
pub async fn verify(path: &Path) -> Result<(), StoreError> {
    let bad = |problem: String| StoreError::BadBackup { path: path.to_owned(), problem };
    if !fs::metadata(path).map_err(|error| bad(error.to_string()))?.is_file() {
        return Err(bad("it is not a file".into()));
    }
    match integrity::inspect(path).await {
        Ok(whole) if whole.lost_write => Err(bad("its last change is missing".into())),
        Ok(whole) if whole.version == 0 => Err(bad("it is empty".into())),
        Ok(_) => Ok(()),
        Err(Flaw::NotADatabase) => Err(bad("it is not a Maestro database".into())),
        Err(Flaw::Newer { found }) => Err(bad(format!(
            "it was written by a newer Maestro (schema {found}, this one knows {})",
            migrations::newest()
        ))),
        Err(Flaw::Damaged(problem)) => Err(bad(problem)),
        Err(Flaw::Other(error)) => Err(bad(error.to_string())),
    }
}

/// The newest backup in this folder that is whole.
pub async fn newest_good(folder: &Path) -> Option<PathBuf> {
    for (_, path) in named(folder).ok()? {
        if verify(&path).await.is_ok() {
            return Some(path);
        }
    }
    None
}

/// Removes the backups that are not needed any more, by the rule of [`domain::retention`];
/// returns which. Those that were made before a change of the schema stay.
pub fn remove_expired(folder: &Path, now_ms: i64) -> Result<Vec<PathBuf>, StoreError> {
    let mut regular = named(folder)?;
    regular.retain(|(name, _)| name.before_schema.is_none());
    let made_at_ms: Vec<i64> = regular.iter().map(|(name, _)| name.made_at_ms).collect();
    let mut removed = Vec::new();
    for index in domain::retention::expired(&made_at_ms, now_ms) {
        if let Some((_, path)) = regular.get(index) {
            files::remove(path).map_err(|source| unwritable(path, source))?;
            removed.push(path.clone());
        }
    }
    Ok(removed)
}

/// Puts a copy of `backup` in the place of `database`, which nobody may have open. The old one is
/// set aside, with its side files. Its audit trail and its counts of failed logins come along,
/// where they can be read: going back is no way to make the one shorter or the others lower.
///
/// Whenever this is cut off, a start finds the old database or the new one complete, or says that
/// it is missing and how to go on: the copy is on the disk before anything moves, the database
/// moves before its write-ahead log (without which it would seem whole), and the copy takes its
/// name last.
pub async fn restore(database: &Path, backup: &Path, now_ms: i64) -> Result<Restored, StoreError> {
    let failed = |source| unwritable(database, source);
    verify(backup).await?;
    let copy = beside(database, RESTORING);
    let replaced = beside(database, REPLACED);
    let prepared = prepare(database, backup, &copy, &replaced).await;
    // Copies that stay would take space.
    let _left_behind = files::remove_database(&replaced);
    let left_behind = match prepared {
        Ok(left_behind) => left_behind,
        Err(error) => {
            let _left_behind = files::remove_database(&copy);
            return Err(error);
        }
    };

    let aside = aside(database, now_ms);
    for ending in [""].into_iter().chain(SIDE_FILES) {
        match fs::rename(beside(database, ending), beside(&aside, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            // Each step is on the disk before the next.
            _ => files::sync(files::folder(database)).map_err(failed)?,
        }
    }
    fs::rename(&copy, database).map_err(failed)?;
    files::sync(files::folder(database)).map_err(failed)?;
    Ok(Restored { aside: aside.exists().then_some(aside), left_behind })
}

/// Copies a database with the changes that are in its write-ahead log only.
fn copy_files(database: &Path, copy: &Path) -> Result<(), StoreError> {
    let failed = |source| unwritable(copy, source);
    files::remove_database(copy).map_err(failed)?;
    for ending in ["", "-wal"] {
        let from = beside(database, ending);
        let mut source = match fs::File::open(&from) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !ending.is_empty() => continue,
            opened => opened.map_err(|source| unwritable(&from, source))?,
        };
        let mut target = files::create(&beside(copy, ending)).map_err(failed)?;
        io::copy(&mut source, &mut target).map_err(failed)?;
        target.sync_all().map_err(failed)?;
    }
    Ok(())
}

/// Makes a copy that is on the disk, in the form in which databases are used, and as good as the
/// backup; returns why what outlasts the database did not come along.
async fn prepare(
    database: &Path,
    backup: &Path,
    copy: &Path,
    replaced: &Path,
) -> Result<Option<String>, StoreError> {
    let failed = |source| unwritable(copy, source);
    copy_files(backup, copy)?;
    // Opening it takes up the log, and closing it folds it in.
    let mut connection = options(copy).connect().await?;
    // Whoever was logged out since then stays logged out, and what was revoked stays revoked. A
    // backup of an older version has not all of these.
    for table in ["logins", "login_links", "tokens", "session_tokens"] {
        let there: Option<i64> = sqlx::query_scalar("SELECT 1 FROM sqlite_schema WHERE name = ?")
            .bind(table)
            .fetch_optional(&mut connection)
            .await?;
        if there.is_some() {
            let all = format!("DELETE FROM {table}");
            sqlx::query(AssertSqlSafe(all)).execute(&mut connection).await?;
        }
    }
    let left_behind = if migrations::version(&mut connection).await.is_ok_and(carry::is_able) {
        let (mut old, unreadable) = match open_replaced(database, replaced).await {
            Ok(old) => (old, None),
            Err(error) => (None, Some(error)),
        };
        let left_behind = match (&mut old, unreadable) {
            (Some(old), _) => carry::carry(old, &mut connection).await?,
            (None, unreadable) => unreadable.map(|error| error.to_string()),
        };
        let name = backup.file_name().unwrap_or_default().to_string_lossy();
        instance::note_restore(&mut connection, &name, old.as_mut()).await?;
        if let Some(old) = old {
            // It was only read.
            let _unimportant = old.close().await;
        }
        left_behind
    } else {
        database.exists().then(|| "the backup is older than they are".into())
    };
    connection.close().await?;
    files::sync(copy).map_err(failed)?;
    verify(copy).await?;
    Ok(left_behind)
}

/// Opens a copy of what is about to be replaced, which itself is set aside untouched; none when
/// nothing is there, or what never had a trail.
async fn open_replaced(
    database: &Path,
    copy: &Path,
) -> Result<Option<SqliteConnection>, StoreError> {
    if !database.exists() {
        return Ok(None);
    }
    copy_files(database, copy)?;
    let mut connection = options(copy).connect().await?;
    match migrations::version(&mut connection).await {
        Ok(version) if carry::is_able(version) => Ok(Some(connection)),
        Ok(_) => Ok(None),
        Err(_flaw) => Err(StoreError::NotADatabase { path: database.to_owned() }),
    }
}

/// A name beside the database that nothing has.
fn aside(database: &Path, now_ms: i64) -> PathBuf {
    let first = beside(database, &format!(".replaced-{}", stamp::name(now_ms)));
    let others = (2..).map(|number: u32| beside(&first, &format!("-{number}")));
    let free = |path: &PathBuf| {
        !path.exists() && SIDE_FILES.iter().all(|ending| !beside(path, ending).exists())
    };
    std::iter::once(first.clone()).chain(others).find(free).unwrap_or(first)
}
