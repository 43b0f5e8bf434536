//! The numbers for people, on the diagnostics page.

use protocol::host::Measure;

use super::Now;
use crate::amounts::{bytes, span};

pub(super) fn measures(now: &Now) -> Vec<Measure> {
    let mut measures = Vec::new();
    let mut add = |name: &str, value: String| {
        measures.push(Measure { name: name.to_owned(), value });
    };
    let readings = &now.readings;
    add("Running for", span(now.uptime));
    for (state, count) in readings.agents.by_state() {
        add(&format!("Agents {state}"), count.to_string());
    }
    add("Terminals", readings.tmux.terminals.to_string());
    add("Windows on terminals", readings.viewers.to_string());
    add("Sockets of browsers", readings.sockets.to_string());
    add("Output of programs", bytes(readings.tmux.output_bytes));
    add("Input to programs", bytes(readings.input_bytes));

    let tmux = &readings.tmux;
    let answered = tmux.latency.counts.iter().sum();
    add("tmux commands", tmux.commands.to_string());
    add("tmux commands refused", tmux.refused.to_string());
    add("tmux commands without an answer", tmux.timeouts.to_string());
    add("tmux commands waiting", tmux.queue_depth.to_string());
    add("tmux answers after (mean)", mean(tmux.latency.sum.as_secs_f64(), answered));
    add("tmux client replaced", tmux.reconnects.to_string());

    let store = &readings.store;
    add("Database writes", store.writes.to_string());
    add("Database writes that failed", store.write_errors.to_string());
    add("Database write takes (mean)", mean(store.write_seconds.sum, store.write_seconds.count));
    add("Database size", bytes(store.file_bytes));
    add("Database write-ahead log", bytes(store.wal_bytes));

    add("Processor time", format!("{:.1} s", now.usage.cpu_seconds));
    let unknown = || "not told by this system".to_owned();
    add("Memory", now.usage.resident_bytes.map_or_else(unknown, bytes));
    add("Open descriptors", now.usage.open_files.map_or_else(unknown, |count| count.to_string()));
    add("Threads", now.usage.threads.map_or_else(unknown, |count| count.to_string()));
    for (level, count) in now.lines {
        add(&format!("Log lines, {level}"), count.to_string());
    }
    measures
}

/// A mean time in milliseconds.
fn mean(sum_seconds: f64, count: u64) -> String {
    if count == 0 {
        return "nothing yet".into();
    }
    // Counts far below 2^52 lose nothing.
    #[expect(clippy::cast_precision_loss, reason = "a mean for people")]
    let mean = sum_seconds * 1_000.0 / count as f64;
    format!("{mean:.1} ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_of_nothing_is_no_number() {
        assert_eq!(mean(0.003, 2), "1.5 ms");
        assert_eq!(mean(0.0, 0), "nothing yet");
    }
}
