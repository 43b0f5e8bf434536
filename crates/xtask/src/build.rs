//! `xtask build`: the site, then the server that hands it out.

use anyhow::Context as _;

use crate::project::Project;
use crate::report::{Outcome, Report};
use crate::{files, host, notices, pairing, process, site, style, vendor, wasm};

/// All that the browser loads, complete in the site folder.
pub(crate) fn site(project: &Project, report: &mut Report) -> anyhow::Result<()> {
    report.step("wasm target", host::require_wasm_target)?;
    report.step("terminal bundle", || vendor::bundle(project))?;
    report.step("style sheet", || style::bundle(project))?;
    report.step("wasm", || wasm::compile(project))?;
    report.step("wasm-bindgen", || wasm::bindgen(project))?;
    report.step("wasm for pairing", || pairing::compile(project))?;
    report.step("wasm-bindgen for pairing", || pairing::bindgen(project))?;
    report.step("licence notices", || notices::write(project))?;
    report.step("site", || site::assemble(project))
}

/// The server binary. A release embeds the site, so the site comes first.
pub(crate) fn server(project: &Project, report: &mut Report, release: bool) -> anyhow::Result<()> {
    report.step(if release { "server (release)" } else { "server" }, || compile(project, release))
}

fn compile(project: &Project, release: bool) -> anyhow::Result<Outcome> {
    let description = &project.description;
    let mut cargo = process::cargo(&project.root);
    cargo.args(["build", "--package", &description.bin_package, "--bin", &description.bin_target]);
    if release {
        cargo.arg("--release");
    }
    if !description.bin_features.is_empty() {
        cargo.arg("--features").arg(description.bin_features.join(","));
    }
    process::run(&mut cargo)?;
    Ok(Outcome::Done)
}

/// Copies the release binary to `dist/` and starts it once.
pub(crate) fn dist(project: &Project) -> anyhow::Result<Outcome> {
    let name = &project.description.bin_target;
    let copy = project.root.join("dist").join(name);
    files::empty(&project.root.join("dist"))?;
    std::fs::copy(project.binary(true), &copy)
        .with_context(|| format!("{} cannot be written", copy.display()))?;
    let version = process::read(std::process::Command::new(&copy).arg("--version"))?;
    let bytes = copy.metadata().map(|data| data.len()).unwrap_or_default();
    crate::report::say(format!("    dist/{name}: {}, {:.1} MB", version.trim(), megabytes(bytes)));
    Ok(Outcome::Done)
}

#[expect(clippy::cast_precision_loss, reason = "a size for people, with one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
