//! How fast things start and what an idle server holds.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;

use crate::Outcome;
use crate::http;
use crate::instance::Instance;
use crate::process;
use crate::socket::Viewer;

/// Times of `maestro --version`.
pub(crate) async fn version(binary: &Path) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..20 {
        let begin = Instant::now();
        let status = Command::new(binary).arg("--version").stdout(Stdio::null()).status().await?;
        times.push(begin.elapsed());
        if !status.success() {
            return Err("maestro --version failed".into());
        }
    }
    Ok(times)
}

/// Resident memory of a server that has served its page, in bytes.
pub(crate) async fn resident(instance: &Instance) -> Outcome<u64> {
    http::send(instance, "GET", "/", None).await?;
    process::resident(instance.pid()?)
}

/// Times from the request to create an agent until its prompt is on a viewer's screen.
pub(crate) async fn prompts(instance: &Instance) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    for number in 0..20 {
        let begin = Instant::now();
        let id = http::create(instance, &format!("prompt {number}"), "printf 'ready> '; exec cat")
            .await?;
        Viewer::open(instance, &id).await?.shows(b"ready> ").await?;
        times.push(begin.elapsed());
        http::send(instance, "DELETE", &format!("/api/agents/{id}"), None).await?;
    }
    Ok(times)
}
