//! The table that a run prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is this file's purpose")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::experiment::{Experiment, Verdict};

/// Rows of the table, in order.
pub(crate) struct Table {
    seed: u64,
    started: Instant,
    failed: usize,
    rows: Vec<String>,
}

impl Table {
    /// An empty table; the clock runs from here.
    pub(crate) fn start(seed: u64) -> Self {
        println!("seed {seed}");
        Self { seed, started: Instant::now(), failed: 0, rows: Vec::new() }
    }

    /// Says what comes now: some of it is long.
    pub(crate) fn announce(experiment: &Experiment) {
        println!("==> {} {}", experiment.id, experiment.title);
    }

    /// Adds what came of it.
    pub(crate) fn add(
        &mut self,
        experiment: &Experiment,
        verdict: Outcome<Verdict>,
        took: Duration,
    ) {
        let (n, verdict, figure) = match verdict {
            Ok(Verdict::Held { n, figure }) => (n.to_string(), "held".to_owned(), figure),
            Ok(Verdict::Impossible(reason)) => {
                ("0".to_owned(), "not possible here".to_owned(), reason)
            }
            Err(error) => {
                self.failed += 1;
                println!("{error}");
                let first = error.to_string();
                let first = first.lines().next().unwrap_or_default().to_owned();
                ("-".to_owned(), "**BROKEN**".to_owned(), first)
            }
        };
        let seconds = took.as_secs_f64();
        let Experiment { id, title, .. } = experiment;
        let row = format!("| {id} | {title} | {n} | {verdict} | {figure} | {seconds:.1} s |");
        println!("    {row}");
        self.rows.push(row);
    }

    /// Prints the table as Markdown; the exit code says whether all held.
    pub(crate) fn print(&self) -> ExitCode {
        println!("\n| id | what was done | n | verdict | figure | took |");
        println!("|---|---|--:|---|---|--:|");
        for row in &self.rows {
            println!("{row}");
        }
        let held = self.rows.len() - self.failed;
        let seconds = self.started.elapsed().as_secs();
        println!("\nseed {}: {held} held, {} broken, {seconds} s", self.seed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// One sentence on standard error.
pub(crate) fn complain(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}

/// The time that this share of them, in per cent, does not exceed.
pub(crate) fn percentile(times: &[Duration], share: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    times.get((times.len() * share / 100).min(last)).copied().unwrap_or_default()
}

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}
