//! Asks the program tailscale for this machine's name and for a certificate of it.

use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::error::TlsError;
use crate::http::listen::is_host_name;

/// The daemon is on this machine and answers at once.
const STATUS: Duration = Duration::from_secs(10);
/// The certificate comes from the internet.
const CERTIFICATE: Duration = Duration::from_mins(2);

/// This machine's name in the tailnet, such as `studio.tail1234.ts.net`.
pub(super) async fn name(program: &Path) -> Result<String, TlsError> {
    let mut command = Command::new(program);
    command.args(["status", "--json"]);
    let answer = run(program, command, STATUS).await?;
    let status: serde_json::Value = serde_json::from_slice(&answer.stdout)
        .map_err(|_| TlsError::Tailscale("`tailscale status --json` prints no JSON".into()))?;
    let name = status["Self"]["DNSName"].as_str().unwrap_or_default().trim_end_matches('.');
    if is_host_name(name) {
        Ok(name.to_ascii_lowercase())
    } else {
        let problem = "this machine has no name in the tailnet; log in with `tailscale up` and \
                       switch MagicDNS on";
        Err(TlsError::Tailscale(problem.into()))
    }
}

/// Writes certificate and key; the program renews them when it is time.
pub(super) async fn fetch(
    program: &Path,
    name: &str,
    cert: &Path,
    key: &Path,
) -> Result<(), TlsError> {
    let mut command = Command::new(program);
    command.arg("cert").arg("--cert-file").arg(cert).arg("--key-file").arg(key).arg(name);
    run(program, command, CERTIFICATE).await.map(drop)
}

async fn run(program: &Path, mut command: Command, patience: Duration) -> Result<Output, TlsError> {
    let running = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let Ok(ended) = timeout(patience, running).await else {
        return Err(TlsError::Tailscale(format!("no answer within {} s", patience.as_secs())));
    };
    let output = ended.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => TlsError::NoTailscale(program.to_owned()),
        _ => TlsError::Tailscale(error.to_string()),
    })?;
    if output.status.success() {
        return Ok(output);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let line = words.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it failed");
    let line: String =
        line.trim_end_matches('.').chars().filter(|c| !c.is_control()).take(300).collect();
    Err(TlsError::Tailscale(line))
}
