//! The build driver behind `make`: builds what `[[workspace.metadata.leptos]]` describes.
//!
//! cargo-leptos reads the same description for `cargo leptos watch`. This driver exists so that
//! nobody has to compile cargo-leptos first to run Maestro.

mod build;
mod chaos;
mod conformance;
mod files;
mod gate;
mod host;
mod notices;
mod npm;
mod pairing;
mod process;
mod project;
mod report;
mod setup;
mod site;
mod stamp;
mod style;
mod vendor;
mod wasm;

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

use crate::project::Project;
use crate::report::{Outcome, Report, say};

const USAGE: &str = "\
Usage: cargo xtask <command>
  build [--release]   build the site and the server
  run [-- ARGS…]      build, then start the server with ARGS
  test                run the whole gate
  dist                build the release binary into dist/
  bench [crowd]       build the release binary and measure it
  chaos [F1 …]        build the release binary and break it on purpose
  chaos-quick         the short set of that, with the debug binary and a fixed seed
  conformance         foreign suites against the sockets and the API (needs Python 2.7 and 3)
  audit               look for known vulnerabilities (needs cargo-deny)
  setup               install what `cargo leptos watch` needs
  doctor              list what this machine has and what it lacks
  clean               remove all that was built";

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<OsString> = args.filter(|word| word != "--").collect();
    let mut report = Report::start();
    let result = dispatch(&command.to_string_lossy(), &rest, &mut report);
    let (passed, failed) = report.counts();
    if passed + failed > 0 {
        report.table();
        say(format!("{passed} passed, {failed} failed"));
    }
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, rest: &[OsString], report: &mut Report) -> anyhow::Result<()> {
    let project = Project::load()?;
    let release = rest.iter().any(|word| word == "--release");
    match command {
        "build" => {
            report.step("tools", || host::require(&host::FOR_BUILD))?;
            build::site(&project, report)?;
            build::server(&project, report, release)
        }
        "run" => {
            report.step("tools", || host::require(&host::FOR_RUN))?;
            build::site(&project, report)?;
            build::server(&project, report, false)?;
            report.table();
            serve(&project, rest)
        }
        "test" => gate::run(&project, report),
        "dist" => {
            report.step("tools", || host::require(&host::FOR_BUILD))?;
            build::site(&project, report)?;
            build::server(&project, report, true)?;
            report.step("dist", || build::dist(&project))
        }
        "bench" => {
            report.step("tools", || host::require(&host::FOR_RUN))?;
            build::site(&project, report)?;
            build::server(&project, report, true)?;
            report.step("bench", || {
                let mut bench = process::cargo(&project.root);
                bench.args(["run", "--release", "--package", "bench", "--"]);
                process::run(bench.arg(project.binary(true)).args(rest)).map(|()| Outcome::Done)
            })
        }
        "chaos" => {
            report.step("tools", || host::require(&host::FOR_RUN))?;
            build::site(&project, report)?;
            build::server(&project, report, true)?;
            report.step("chaos", || chaos::run(&project, rest))
        }
        "chaos-quick" => {
            report.step("tools", || host::require(&host::FOR_RUN))?;
            build::site(&project, report)?;
            build::server(&project, report, false)?;
            report.step("chaos, quick set", || chaos::quick(&project, rest))
        }
        "conformance" => conformance::run(&project, report),
        "audit" => audit(&project),
        "setup" => setup::run(&project, report),
        "doctor" => host::doctor(&project),
        "clean" => clean(&project),
        _ => bail!("there is no command \"{command}\"\n{USAGE}"),
    }
}

/// Becomes the server, so that signals and the exit code are its own.
fn serve(project: &Project, args: &[OsString]) -> anyhow::Result<()> {
    let binary = project.binary(false);
    let error = Command::new(&binary).args(args).exec();
    Err(error).with_context(|| format!("{} could not be started", binary.display()))
}

/// Advisories change without a change of ours, so they are asked for here and not in the gate.
fn audit(project: &Project) -> anyhow::Result<()> {
    if host::find("cargo-deny").is_none() {
        bail!("cargo-deny is missing; install it with `cargo install --locked cargo-deny`.");
    }
    process::run(process::cargo(&project.root).args(["deny", "check", "advisories"]))
}

/// Removes generated folders; the next build makes them again.
fn clean(project: &Project) -> anyhow::Result<()> {
    for folder in ["dist", "public/vendor", "frontend/node_modules", "end2end/node_modules"] {
        let path = project.root.join(folder);
        if path.exists() {
            std::fs::remove_dir_all(&path)
                .with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    process::run(process::cargo(&project.root).arg("clean"))
}
