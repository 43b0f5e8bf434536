//! `maestro doctor`: checks this machine and the data folder, and says what to mend.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::config::Settings;
use crate::home::Home;
use crate::http::assets::Site;
use crate::http::listen::PortError;

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    /// What was found; where it is not good, what to do.
    detail: String,
}

impl Check {
    fn of(name: &'static str, result: Result<String, String>) -> Self {
        let ok = result.is_ok();
        let (Ok(detail) | Err(detail)) = result;
        Self { name, ok, detail }
    }
}

/// Runs all checks; exit code 0 when every one is good, 8 when something is missing.
pub(crate) fn run(settings: &Settings, json: bool) -> ExitCode {
    let checks = [
        Check::of("tmux", tmux(&settings.tmux)),
        Check::of("data folder", folder(&settings.home)),
        Check::of("port", port(settings)),
        Check::of("web assets", assets()),
    ];
    let good = checks.iter().all(|check| check.ok);
    let text = if json {
        let report = serde_json::json!({ "success": good, "data": { "checks": checks } });
        format!("{report}\n")
    } else {
        let line = |check: &Check| {
            let mark = if check.ok { "ok  " } else { "FAIL" };
            format!("{mark}  {:<12}  {}\n", check.name, check.detail)
        };
        checks.iter().map(line).collect::<Vec<_>>().concat()
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) if good => ExitCode::SUCCESS,
        Ok(()) => ExitCode::from(8),
        Err(_reader_gone) => ExitCode::FAILURE,
    }
}

fn tmux(program: &Path) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let version = runtime.block_on(tmux::installed_version(program));
    version.map(|version| format!("tmux {version}")).map_err(|error| error.to_string())
}

fn folder(path: &Path) -> Result<String, String> {
    let home = Home::at(path.to_owned()).map_err(|error| error.to_string())?;
    match home.prepare() {
        Ok(_released_at_once) => Ok(format!("{} is private and free", path.display())),
        Err(crate::home::HomeError::Locked(_)) => {
            Ok(format!("{} is in use by a running Maestro", path.display()))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn port(settings: &Settings) -> Result<String, String> {
    let running =
        cli::client::Client::connect(&settings.home).ok().filter(|client| client.agents().is_ok());
    if let Some(client) = running {
        return Ok(format!("port {} serves this data folder", client.address().port()));
    }
    match TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port)) {
        Ok(_released_at_once) => Ok(format!("port {} is free", settings.port)),
        Err(error) => Err(PortError::new(settings.port, error).to_string()),
    }
}

fn assets() -> Result<String, String> {
    match Site::get("pkg/maestro.wasm") {
        Some(file) => Ok(format!("present, program of {} KB", file.data.len() / 1024)),
        None => Err("The web page was not built. Build with `make run` or `make dist`.".into()),
    }
}
