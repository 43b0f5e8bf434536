//! `maestro doctor`: checks this machine and the data folder, and says what to mend.

use std::io::Write as _;
use std::process::ExitCode;

use protocol::host::Check;

use crate::command::complain;
use crate::config::Settings;
use crate::diagnostics::{Viewpoint, checks};

/// Runs all checks; exit code 0 when every one is good, 8 when something is missing.
pub(crate) fn run(settings: &Settings, json: bool) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("The checks cannot start: {error}."), 1),
    };
    let viewpoint = Viewpoint::Outside { server: ask_server(settings) };
    let checks = runtime.block_on(checks(settings, &viewpoint));
    let good = checks.iter().all(|check| check.ok);
    let text = if json { as_json(settings, &checks, good) } else { as_text(&checks) };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) if good => ExitCode::SUCCESS,
        Ok(()) => ExitCode::from(8),
        Err(_reader_gone) => ExitCode::FAILURE,
    }
}

/// Where the running server listens and what it found itself, if one runs and answers.
fn ask_server(settings: &Settings) -> Option<(std::net::SocketAddr, Vec<Check>)> {
    let client = cli::client::Client::connect(&settings.home).ok()?;
    let found = client.diagnostics().ok()?;
    Some((client.address(), found.checks))
}

fn as_json(settings: &Settings, checks: &[Check], good: bool) -> String {
    let data = serde_json::json!({
        "checks": checks,
        "version": env!("CARGO_PKG_VERSION"),
        "home": settings.home,
    });
    format!("{}\n", serde_json::json!({ "success": good, "data": data }))
}

fn as_text(checks: &[Check]) -> String {
    let line = |check: &Check| {
        let mark = if check.ok { "ok  " } else { "FAIL" };
        format!("{mark}  {:<14}  {}\n", check.name, check.detail)
    };
    checks.iter().map(line).collect()
}
