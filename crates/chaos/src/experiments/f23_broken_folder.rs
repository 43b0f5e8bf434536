//! F23: the data folder is broken in many ways; the server says so and overwrites nothing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::world::World;
use crate::world::process::is_installed;

/// Makes the folder read-only for this process and its children: root ignores modes.
const READ_ONLY: &str =
    "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && shift && exec \"$@\"";

/// One way to break a data folder.
struct Damage {
    what: &'static str,
    /// Does it to this database.
    make: fn(&Path) -> std::io::Result<()>,
}

const DAMAGES: [Damage; 6] = [
    Damage { what: "cut in half", make: |database| cut(database, |length| length / 2) },
    Damage { what: "cut to 100 bytes", make: |database| cut(database, |_| 100) },
    Damage { what: "emptied, with a backup beside it", make: |database| cut(database, |_| 0) },
    Damage { what: "deleted, with a backup beside it", make: |file| std::fs::remove_file(file) },
    Damage {
        what: "a text file in its place",
        make: |database| std::fs::write(database, "shopping list\n".repeat(1_000)),
    },
    Damage {
        what: "a folder in its place",
        make: |database| {
            std::fs::remove_file(database)?;
            std::fs::create_dir(database)
        },
    },
];

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let mut world = lab.served().await?;
    let agent = world.script("kept", "exec cat").await?;
    let reply = world.api().send("POST", "/api/backups", None).await?;
    ensure(reply.status == 201, || format!("the backup answers {}", reply.text))?;
    world.stop().await?;
    let whole = world.folder().join("whole");
    copy(&world.home(), &whole)?;

    let mut tried = 0;
    for Damage { what, make } in &DAMAGES {
        restore(&whole, &world.home())?;
        make(&world.database())?;
        refused(&world, what).await?;
        tried += 1;
    }
    restore(&whole, &world.home())?;
    let mut not_possible = Vec::new();
    if rustix::process::geteuid().is_root() && is_installed("unshare") {
        let home = world.home();
        world.start_through(&[
            OsStr::new("unshare"),
            OsStr::new("--mount"),
            OsStr::new("sh"),
            OsStr::new("-c"),
            OsStr::new(READ_ONLY),
            OsStr::new("sh"),
            home.as_os_str(),
        ]);
        refused(&world, "a read-only folder").await?;
        world.start_through(&[]);
        std::os::unix::fs::chown(world.home(), Some(65_534), Some(65_534))?;
        refused(&world, "somebody else's folder").await?;
        std::os::unix::fs::chown(world.home(), Some(0), Some(0))?;
        tried += 2;
    } else {
        not_possible.push("read-only and foreign folders need root");
    }

    // Nobody can see that a log is missing; what the file itself says must be served whole.
    world.up().await?;
    world.kill().await?;
    let log = world.database().with_extension("db-wal");
    if log.exists() {
        std::fs::remove_file(&log)?;
    }
    world.up().await?;
    let agents = world.agents().await?;
    let kept = agents.len() == 1 && agents[0].id == agent.id;
    ensure(kept, || format!("without its log the database says {agents:?}"))?;
    let more = not_possible.join("; ");
    Ok(Verdict::held(tried + 1, format!("a sentence and a code each, not one byte changed {more}")))
}

/// The server must not start, must say why, and must leave every file as it is.
async fn refused(world: &World, what: &str) -> Outcome<()> {
    let before = bytes(&world.home())?;
    let ended = world.run(&[]).await?;
    let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    let last = said.lines().last().unwrap_or_default();
    let code = ended.status.code().unwrap_or_default();
    ensure(code != 0, || format!("{what}: it ended with {}: {said}", ended.status))?;
    ensure(last.ends_with('.') && !said.contains("panicked"), || {
        format!("{what}: this is no sentence: {said}")
    })?;
    let after = bytes(&world.home())?;
    for (path, was) in &before {
        let is = after.get(path);
        ensure(is == Some(was), || format!("{what}: {} was changed", path.display()))?;
    }
    Ok(())
}

fn cut(database: &Path, length: fn(u64) -> u64) -> std::io::Result<()> {
    let file = std::fs::File::options().write(true).open(database)?;
    file.set_len(length(file.metadata()?.len()))
}

/// Every file of the database and its backups.
fn bytes(home: &Path) -> Outcome<BTreeMap<PathBuf, Vec<u8>>> {
    let mut all = BTreeMap::new();
    for folder in [home.to_owned(), home.join("backups")] {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_file() && name.starts_with("maestro") {
                all.insert(path.clone(), std::fs::read(&path)?);
            }
        }
    }
    Ok(all)
}

/// Puts the whole folder back in place of the broken one.
fn restore(whole: &Path, home: &Path) -> Outcome<()> {
    std::fs::remove_dir_all(home.join("backups"))?;
    for entry in std::fs::read_dir(home)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("maestro.db") {
            if path.is_dir() {
                std::fs::remove_dir_all(&path)?;
            } else {
                std::fs::remove_file(&path)?;
            }
        }
    }
    copy(whole, home)
}

/// Copies the database and its backups.
fn copy(from: &Path, to: &Path) -> Outcome<()> {
    for part in ["", "backups"] {
        let target = to.join(part);
        DirBuilder::new().recursive(true).mode(0o700).create(&target)?;
        for entry in std::fs::read_dir(from.join(part))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            if path.is_file() && name.to_string_lossy().starts_with("maestro") {
                std::fs::copy(&path, target.join(name))?;
            }
        }
    }
    Ok(())
}
