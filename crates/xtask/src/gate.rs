//! `xtask test`: the whole gate, cheapest step first, stopping at the first that fails.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::project::Project;
use crate::report::{Outcome, Report};
use crate::{build, chaos, host, npm, pairing, process, site, wasm};

/// Runs every check that a change must pass.
pub(crate) fn run(project: &Project, report: &mut Report) -> anyhow::Result<()> {
    let cargo = |args: &[&str]| {
        process::run(process::cargo(&project.root).args(args)).map(|()| Outcome::Done)
    };
    let browser_half = &project.description.lib_package;
    let native = ["--workspace", "--exclude", browser_half];

    report.step("tools", || host::require(&host::FOR_TEST))?;
    report.step("rustfmt and clippy", host::require_components)?;
    report.step("format", || cargo(&["fmt", "--all", "--check"]))?;
    // The browser half is checked for its own target: there, other code is compiled.
    report.step("clippy", || {
        cargo(&[&["clippy"], &native[..], &["--all-targets", "--", "-D", "warnings"]].concat())
    })?;
    report.step("wasm target", host::require_wasm_target)?;
    report.step("clippy for the browser", || {
        let target = ["--package", "app", "--features", "app/hydrate", "--target", wasm::TARGET];
        let package = ["--package", browser_half, "--package", pairing::PACKAGE, "--lib"];
        cargo(&[&["clippy"], &target[..], &package[..], &["--", "-D", "warnings"]].concat())
    })?;
    report.step("documentation", || {
        let mut doc = process::cargo(&project.root);
        doc.env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--no-deps"]).args(native);
        process::run(&mut doc).map(|()| Outcome::Done)
    })?;
    // Before the tests: a server under test hands out the same site as a real one.
    build::site(project, report)?;
    report.step("first load", || site::weigh(project))?;
    report.step("tests", || cargo(&[&["test"], &native[..]].concat()))?;
    if host::find("cargo-deny").is_some() {
        report.step("cargo-deny", || cargo(&["deny", "check", "bans", "licenses", "sources"]))?;
    }
    build::server(project, report, false)?;
    report.step("chaos, quick set", || chaos::quick(project, &[]))?;
    let end2end = project.root.join(&project.description.end2end_dir);
    report.step("browser test packages", || npm::install(&end2end))?;
    report.step("browser test types", || {
        process::run(Command::new("npm").args(["run", "--silent", "check"]).current_dir(&end2end))
            .map(|()| Outcome::Done)
    })?;
    report.step("browser tests", || browser_tests(project, &end2end))
}

/// Drives the built server with Playwright, as the description of the build says.
fn browser_tests(project: &Project, folder: &Path) -> anyhow::Result<Outcome> {
    let mut words = project.description.end2end_cmd.split_whitespace();
    let program = words.next().context("end2end-cmd in Cargo.toml is empty")?;
    let mut tests = Command::new(program);
    tests.args(words).current_dir(folder).env("MAESTRO_BINARY", project.binary(false));
    if let (None, Some(browser)) = (std::env::var_os("CHROMIUM"), host::CHROMIUM.path()) {
        tests.env("CHROMIUM", browser);
    }
    process::run(&mut tests)?;
    Ok(Outcome::Done)
}
