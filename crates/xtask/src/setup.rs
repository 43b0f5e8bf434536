//! Programs for whoever develops Maestro; nobody needs them to run it.

use crate::project::Project;
use crate::report::{Outcome, Report};
use crate::{host, process};

/// The newest cargo-leptos that the oldest allowed compiler builds.
const CARGO_LEPTOS: &str = "0.3.10";
/// Must be the version of the crate `wasm-bindgen`; cargo-leptos takes it from PATH.
const WASM_BINDGEN: &str = "0.2.129";

/// Installs what `cargo leptos watch` needs. Long: about a quarter of an hour on two cores.
pub(crate) fn run(project: &Project, report: &mut Report) -> anyhow::Result<()> {
    report.step("wasm target", host::require_wasm_target)?;
    report.step("rustfmt and clippy", host::require_components)?;
    report.step("wasm-bindgen (about 3 minutes)", || {
        install(project, "wasm-bindgen", "wasm-bindgen-cli", WASM_BINDGEN, &[])
    })?;
    report.step("cargo-leptos (about 16 minutes)", || {
        let without_downloads = ["--no-default-features", "--features", "no_downloads"];
        install(project, "cargo-leptos", "cargo-leptos", CARGO_LEPTOS, &without_downloads)
    })
}

/// Installs one program from its source. Its own release profile would take half as long again.
fn install(
    project: &Project,
    program: &str,
    package: &str,
    version: &str,
    features: &[&str],
) -> anyhow::Result<Outcome> {
    let flag =
        if program.starts_with("cargo-") { vec!["leptos", "--version"] } else { vec!["--version"] };
    let installed = host::find(program).is_some_and(|path| {
        process::read(std::process::Command::new(path).args(flag))
            .is_ok_and(|answer| answer.split_whitespace().any(|word| word == version))
    });
    if installed {
        return Ok(Outcome::Unchanged);
    }
    process::run(
        process::cargo(&project.root)
            .args(["install", "--locked", package, "--version", version])
            .args(features)
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    )?;
    Ok(Outcome::Done)
}
