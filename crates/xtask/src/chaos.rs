//! Runs the fault experiments against the built server.

use std::ffi::OsString;

use crate::process;
use crate::project::Project;
use crate::report::Outcome;

/// All of them, or those that the words name, against the release binary.
pub(crate) fn run(project: &Project, words: &[OsString]) -> anyhow::Result<Outcome> {
    let mut chaos = process::cargo(&project.root);
    chaos.args(["run", "--quiet", "--release", "--package", "chaos", "--"]);
    process::run(chaos.arg(project.binary(true)).args(words)).map(|()| Outcome::Done)
}

/// The short set with its fixed seed against the debug binary, as the gate runs it.
pub(crate) fn quick(project: &Project, words: &[OsString]) -> anyhow::Result<Outcome> {
    let mut chaos = process::cargo(&project.root);
    chaos.args(["run", "--quiet", "--package", "chaos", "--"]);
    chaos.arg(project.binary(false)).arg("--quick").args(words);
    process::run(&mut chaos).map(|()| Outcome::Done)
}
