//! Bundles the terminal: xterm.js and its addons behind our own facade, one module for the browser.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::project::Project;
use crate::report::Outcome;
use crate::stamp::{Inputs, Stamp};
use crate::{files, npm, process};

/// The facade that the pages import, and xterm's own style sheet.
const SCRIPT: &str = "js/terminal.js";
const STYLE: &str = "node_modules/@xterm/xterm/css/xterm.css";

/// Makes `public/vendor/terminal.js` and `terminal.css`; pages without a terminal never load them.
pub(crate) fn bundle(project: &Project) -> anyhow::Result<Outcome> {
    let frontend = project.frontend();
    npm::install(&frontend)?;
    let vendor = project.assets().join("vendor");
    let (script, style) = (vendor.join("terminal.js"), vendor.join("terminal.css"));
    let inputs =
        Inputs::new().file(&frontend.join("package-lock.json"))?.tree(&frontend.join("js"))?;
    let stamp = Stamp::new(project.work("vendor.stamp"), inputs);
    if stamp.is_fresh(&[&script, &style]) {
        return Ok(Outcome::Unchanged);
    }
    files::empty(&vendor)?;
    // The style sheet has its own entry, so that it exists whether or not the script imports it.
    esbuild(project, &[SCRIPT, "--bundle", "--format=esm", "--target=es2022"], &script)?;
    esbuild(project, &[STYLE, "--bundle"], &style)?;
    stamp.write()?;
    Ok(Outcome::Done)
}

/// Shortens a script in place. Only names inside it change: its imports and exports stay.
pub(crate) fn minify(project: &Project, script: &Path) -> anyhow::Result<()> {
    let input = script.to_string_lossy();
    esbuild(project, &[&input, "--format=esm", "--target=es2022", "--allow-overwrite"], script)
}

/// Runs esbuild in the frontend folder. Notices are not kept in the output: `licenses.txt` has them.
fn esbuild(project: &Project, args: &[&str], output: &Path) -> anyhow::Result<()> {
    let mut outfile = OsString::from("--outfile=");
    outfile.push(output);
    process::run(
        Command::new(esbuild_program(&project.frontend())?)
            .args(args)
            .args(["--minify", "--legal-comments=none", "--log-level=warning"])
            .arg(outfile)
            .current_dir(project.frontend()),
    )
}

/// The one esbuild that npm chose for this machine; its script would only start this.
fn esbuild_program(frontend: &Path) -> anyhow::Result<PathBuf> {
    let packages = frontend.join("node_modules/@esbuild");
    let entries = fs::read_dir(&packages)
        .with_context(|| format!("{} is missing after `npm ci`", packages.display()))?;
    entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path().join("bin/esbuild")))
        .find(|program| program.is_file())
        .with_context(|| format!("npm has no esbuild for this machine in {}", packages.display()))
}
