//! Installs npm packages exactly as a lock file names them, once per lock file.

use std::path::Path;
use std::process::Command;

use crate::process;
use crate::report::Outcome;
use crate::stamp::{Inputs, Stamp};

/// Runs `npm ci` in `folder` unless its `node_modules` already matches the lock file.
///
/// Install scripts do not run: nothing here needs them, and they are the usual way in for a
/// bad package.
pub(crate) fn install(folder: &Path) -> anyhow::Result<Outcome> {
    let modules = folder.join("node_modules");
    let inputs = Inputs::new()
        .file(&folder.join("package.json"))?
        .file(&folder.join("package-lock.json"))?;
    // The stamp lies inside, so that a deleted folder takes it along.
    let stamp = Stamp::new(modules.join(".lock-digest"), inputs);
    if stamp.is_fresh(&[]) {
        return Ok(Outcome::Unchanged);
    }
    process::run(
        Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder),
    )?;
    stamp.write()?;
    Ok(Outcome::Done)
}
