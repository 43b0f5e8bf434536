//! The table that a run prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is this file's purpose")]

use std::process::ExitCode;
use std::time::Duration;

/// Lines of the table, in order.
#[derive(Default)]
pub(crate) struct Report(Vec<[String; 5]>);

impl Report {
    /// A figure measured several times, beside its target.
    pub(crate) fn times(&mut self, what: &str, target: &str, times: Vec<Duration>) {
        let [median, p99, worst] = percentiles(times);
        self.0.push([what.into(), ms(median), ms(p99), ms(worst), at_most(target)]);
    }

    /// A size in bytes, beside its target.
    pub(crate) fn size(&mut self, what: &str, target: &str, bytes: u64) {
        let dash = || "-".to_owned();
        let kilobytes = format!("{} KB", bytes / 1024);
        self.0.push([what.into(), kilobytes, dash(), dash(), at_most(target)]);
    }

    /// A figure that stands for itself, beside its target.
    pub(crate) fn figure(&mut self, what: &str, value: String, target: &str) {
        let dash = || "-".to_owned();
        self.0.push([what.into(), value, dash(), dash(), target.into()]);
    }

    /// Two figures of the same run.
    pub(crate) fn compared(
        &mut self,
        what: &str,
        ours: Vec<Duration>,
        peer: &str,
        theirs: Vec<Duration>,
    ) {
        let ([ours, ours_99, ours_worst], [theirs, theirs_99, theirs_worst]) =
            (percentiles(ours), percentiles(theirs));
        let verdict = format!("{} ms more", signed(ours, theirs));
        self.0.push([what.into(), ms(ours), ms(ours_99), ms(ours_worst), verdict]);
        self.0.push([
            peer.into(),
            ms(theirs),
            ms(theirs_99),
            ms(theirs_worst),
            "the comparison".into(),
        ]);
    }

    /// Prints the table as Markdown.
    pub(crate) fn print(&self) -> ExitCode {
        println!("| what | median | p99 | worst | |\n|---|--:|--:|--:|---|");
        for row in &self.0 {
            println!("| {} |", row.join(" | "));
        }
        ExitCode::SUCCESS
    }
}

/// One sentence on standard error.
pub(crate) fn complain(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}

/// A target; a figure that has none is there to be compared with later ones.
fn at_most(target: &str) -> String {
    if target == "-" { target.to_owned() } else { format!("at most {target}") }
}

fn percentiles(mut times: Vec<Duration>) -> [Duration; 3] {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    let at = |index: usize| times.get(index.min(last)).copied().unwrap_or_default();
    [at(times.len() / 2), at(times.len() * 99 / 100), at(last)]
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

fn signed(ours: Duration, theirs: Duration) -> String {
    format!("{:+.2}", (ours.as_secs_f64() - theirs.as_secs_f64()) * 1000.0)
}
