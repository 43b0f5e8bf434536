//! F25: databases of released versions are brought up to date, also when that is killed half-way.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use store::{Store, StoreError};

use crate::Outcome;
use crate::content::{self, Content};
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::world::process::program;
use crate::world::wait;

/// Databases as released versions wrote them.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../store/tests/store/fixtures");
/// Where SQLite keeps the version of the schema, big-endian.
const VERSION_AT: std::ops::Range<usize> = 60..64;
const NEWER: u32 = 99;

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let kills = lab.size(10, 50);
    let fixtures = fixtures()?;
    let mut tried = 0;
    let (mut old, mut new) = (0, 0);
    for fixture in &fixtures {
        let place = lab.folder().join(format!("migrated {tried}"));
        let database = copy(fixture, &place)?;
        let begin = Instant::now();
        let migrated = comparable(content::open(&database).await?.0);
        let took = begin.elapsed();
        ensure(!migrated.is_empty(), || format!("{} is empty now", fixture.display()))?;
        let source = std::fs::read(fixture)?;
        for kill in 0..kills {
            let place = lab.folder().join(format!("killed {tried} {kill}"));
            let database = copy(fixture, &place)?;
            let delay = lab.dice.within(took * 3);
            killed(&database, delay).await?;
            if std::fs::read(&database)? == source {
                old += 1;
            } else {
                new += 1;
            }
            let found = content::open(&database).await.map_err(|error| {
                format!("killed after {delay:?}, the database is refused: {error}")
            })?;
            ensure(comparable(found.0) == migrated, || {
                format!("killed after {delay:?}, the database says something else")
            })?;
            std::fs::remove_dir_all(&place)?;
        }
        newer_is_refused(&database).await?;
        tried += 1;
    }
    ensure(tried > 0, || format!("there is no fixture in {FIXTURES}"))?;
    Ok(Verdict::held(
        tried * kills,
        format!("{tried} released versions; killed with the file untouched {old}, begun {new}"),
    ))
}

/// What a killed process does: see [`killed`].
pub(crate) async fn open(database: &Path) -> Outcome<()> {
    Store::open(database).await?.store.close().await;
    Ok(())
}

async fn killed(database: &Path, delay: Duration) -> Outcome<()> {
    let mut child = program(std::env::current_exe()?)
        .arg("open")
        .arg(database)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    wait::pass(delay).await;
    child.kill().await?;
    Ok(())
}

async fn newer_is_refused(database: &Path) -> Outcome<()> {
    let mut bytes = std::fs::read(database)?;
    bytes[VERSION_AT].copy_from_slice(&NEWER.to_be_bytes());
    std::fs::write(database, &bytes)?;
    match content::open(database).await {
        Err(StoreError::NewerDatabase { .. }) => {}
        other => return Err(format!("a newer database is not refused as such: {other:?}").into()),
    }
    ensure(std::fs::read(database)? == bytes, || "the newer database was written to".into())
}

/// A migration gives each agent a random conversation; all else must be the same each time.
fn comparable(content: Content) -> Content {
    content.into_iter().map(content::Record::without_chance).collect()
}

fn fixtures() -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(FIXTURES)
        .map_err(|error| format!("{FIXTURES} cannot be read: {error}"))?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "db"));
    found.sort();
    Ok(found)
}

fn copy(fixture: &Path, folder: &Path) -> Outcome<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let database = folder.join("maestro.db");
    std::fs::copy(fixture, &database)?;
    Ok(database)
}
