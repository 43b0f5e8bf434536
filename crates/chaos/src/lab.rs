//! Where one experiment takes place: a temporary folder, and everything that runs out of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::Outcome;
use crate::command::Plan;
use crate::dice::Dice;
use crate::experiment::ensure;
use crate::world::World;
use crate::world::process::{self, Process, Signal};
use crate::world::wait;

/// How long killed processes may take to be gone.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lines of the server's log that a broken promise comes with.
const LOG_LINES: usize = 12;

/// One experiment's place.
pub(crate) struct Lab {
    folder: TempDir,
    /// The server to break.
    pub(crate) binary: PathBuf,
    /// Whether small numbers are enough.
    pub(crate) quick: bool,
    /// Its chance.
    pub(crate) dice: Dice,
    worlds: u32,
}

impl Lab {
    /// A fresh folder. Its path is short, since a socket's path must be.
    pub(crate) fn open(plan: &Plan, id: &str, turn: u32) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("mstc").tempdir_in("/tmp")?;
        let dice = Dice::new(plan.seed, id, turn);
        Ok(Self { folder, binary: plan.binary.clone(), quick: plan.quick, dice, worlds: 0 })
    }

    /// The smaller number in a quick run.
    pub(crate) fn size<T>(&self, quick: T, full: T) -> T {
        if self.quick { quick } else { full }
    }

    /// The folder of all of it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A Maestro with its own folder, not yet started.
    pub(crate) fn world(&mut self) -> Outcome<World> {
        self.worlds += 1;
        World::new(&self.folder().join(format!("w{}", self.worlds)), &self.binary)
    }

    /// A Maestro that serves.
    pub(crate) async fn served(&mut self) -> Outcome<World> {
        let mut world = self.world()?;
        world.up().await?;
        Ok(world)
    }

    /// The error with the end of the servers' logs below it.
    pub(crate) fn with_log(&self, error: Box<dyn std::error::Error + Send + Sync>) -> String {
        let mut text = error.to_string();
        for world in 1..=self.worlds {
            let log = self.folder().join(format!("w{world}/server.log"));
            let log = std::fs::read(log).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            let lines: Vec<&str> = log.lines().collect();
            for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
                text.push_str("\n    | ");
                text.push_str(line);
            }
        }
        text
    }

    /// Ends by its id every process that has to do with this folder, and waits until it is gone.
    pub(crate) async fn sweep(&self) -> Outcome<()> {
        let gone = wait::until(PATIENCE, || {
            let left = process::of_folder(self.folder());
            for Process { pid, .. } in &left {
                process::signal(*pid, Signal::KILL);
            }
            left.is_empty()
        });
        let gone = gone.await;
        let left = || format!("these did not end: {:?}", process::of_folder(self.folder()));
        ensure(gone, left)
    }
}
