//! Measures Maestro's figures and, beside them in the same run, what they are compared with.
//!
//! Usage: `bench PATH-TO-MAESTRO [access|crowd]`; with `access` only what the gates cost, with
//! `crowd` only what many agents do. Figures from a busy machine are rough: what counts is the
//! ratio of two lines of one run.

mod access;
mod crowd;
mod echo;
mod http;
mod instance;
mod process;
mod report;
mod socket;
mod start;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use instance::Instance;
use report::Report;

/// Anything that can go wrong ends the run with its sentence.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let Some(binary) = std::env::args_os().nth(1).map(PathBuf::from) else {
        let usage = "Usage: bench PATH-TO-MAESTRO [access|crowd]. Build it with `make dist`.";
        return report::complain(usage);
    };
    let part = std::env::args().nth(2);
    match measure(&binary, part.as_deref()).await {
        Ok(report) => report.print(),
        Err(error) => report::complain(&error.to_string()),
    }
}

async fn measure(binary: &Path, part: Option<&str>) -> Outcome<Report> {
    let mut report = Report::default();
    let all = part.is_none();
    if all {
        single(binary, &mut report).await?;
    }
    if all || part == Some("access") {
        access::measure(binary, &mut report).await?;
    }
    if all || part == Some("crowd") {
        crowd::measure(binary, 100, 20, &mut report).await?;
        crowd::measure(binary, 500, 0, &mut report).await?;
    }
    Ok(report)
}

/// What one agent or none costs.
async fn single(binary: &Path, report: &mut Report) -> Outcome<()> {
    report.times("`maestro --version`", "30 ms", start::version(binary).await?);
    let mut ready = Vec::new();
    for _ in 0..10 {
        let instance = Instance::start(binary).await?;
        ready.push(instance.ready_after);
        instance.stop().await?;
    }
    report.times("server ready, fresh data folder", "300 ms", ready);

    let instance = Instance::start(binary).await?;
    report.size("first load, brotli", "450 KB", http::first_load(&instance).await?);
    report.size("idle server, resident memory", "40 MB", start::resident(&instance).await?);
    report.times("create agent to prompt on screen", "500 ms", start::prompts(&instance).await?);
    let (whole, bare) = echo::measure(&instance).await?;
    report.compared("keystroke to echo, whole path", whole, "bare `tmux attach`", bare);
    instance.stop().await
}
