//! All that the driver prints: step headings, their times, and the closing table.

#![expect(clippy::print_stdout, reason = "this module is the driver's only voice")]

use std::fmt::Display;
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Whether a step had anything to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It worked, and what it makes is new.
    Done,
    /// Its inputs are those of the last run.
    Unchanged,
}

/// A finished step, as a row of the closing table.
struct Row {
    name: String,
    took: Duration,
    result: &'static str,
}

/// Runs named steps one after another and remembers how long each took.
pub(crate) struct Report {
    started: Instant,
    rows: Vec<Row>,
}

impl Report {
    /// An empty report; the clock runs from here.
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), rows: Vec::new() }
    }

    /// Runs one step under its heading. An error carries the step's name.
    pub(crate) fn step(
        &mut self,
        name: &str,
        work: impl FnOnce() -> anyhow::Result<Outcome>,
    ) -> anyhow::Result<()> {
        println!("==> {name}");
        let started = Instant::now();
        let outcome = work();
        let took = started.elapsed();
        let result = match &outcome {
            Ok(Outcome::Done) => "done",
            Ok(Outcome::Unchanged) => "unchanged",
            Err(_) => "FAILED",
        };
        println!("    {name}: {result}, {}", seconds(took));
        self.rows.push(Row { name: name.to_owned(), took, result });
        outcome.map(drop).with_context(|| format!("step \"{name}\" failed"))
    }

    /// Prints the table of all steps and the time of the whole.
    pub(crate) fn table(&self) {
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or_default();
        println!();
        for row in &self.rows {
            println!("{:width$}  {:>9}  {}", row.name, seconds(row.took), row.result);
        }
        println!("{:width$}  {:>9}", "all", seconds(self.started.elapsed()));
    }

    /// How many steps ended well and how many did not.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let failed = self.rows.iter().filter(|row| row.result == "FAILED").count();
        (self.rows.len() - failed, failed)
    }
}

/// Prints one line.
pub(crate) fn say(line: impl Display) {
    println!("{line}");
}

fn seconds(took: Duration) -> String {
    if took < Duration::from_mins(1) {
        return format!("{:.1} s", took.as_secs_f64());
    }
    let whole = took.as_secs();
    format!("{} min {:02} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_a_person_says_them() {
        let check = |millis, expected: &str| {
            assert_eq!(seconds(Duration::from_millis(millis)), expected);
        };
        check(40, "0.0 s");
        check(9_960, "10.0 s");
        check(61_000, "1 min 01 s");
        check(3_600_000, "60 min 00 s");
    }

    #[test]
    fn a_failed_step_is_counted_and_named() {
        let mut report = Report::start();
        report.step("good", || Ok(Outcome::Done)).unwrap();
        let error = report.step("bad", || anyhow::bail!("broken")).unwrap_err();
        assert_eq!(format!("{error:#}"), "step \"bad\" failed: broken");
        assert_eq!(report.counts(), (1, 1));
    }
}
