//! The numbers in Prometheus' names: base units, `_total` on what only grows, help on each.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeMetric as _, MetricEncoder,
    NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use super::{Now, Source};

/// What is read at the moment of asking.
pub(super) struct Collected(pub(super) Arc<Source>);

impl fmt::Debug for Collected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Collected")
    }
}

impl Collector for Collected {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        let now = self.0.now();
        agents(&mut page, &now)?;
        tmux(&mut page, &now.readings.tmux)?;
        store(&mut page, &now.readings.store)?;
        process(&mut page, &now)
    }
}

fn agents(page: &mut Page<'_>, now: &Now) -> fmt::Result {
    let readings = &now.readings;
    let states = readings.agents.by_state();
    page.gauges("agents", "Agents that are not in the trash, by state", "state", &states)?;
    page.gauge("terminal_viewers", "Open windows on terminals", None, readings.viewers)?;
    page.gauge("sockets", "Open sockets of browsers", None, readings.sockets)?;
    page.counter(
        "terminal_input",
        "Bytes that were typed or pasted into terminals",
        Some(Unit::Bytes),
        readings.input_bytes,
    )?;
    let problems = readings.by_problem();
    page.gauges("problems", "1 while something of this kind is wrong", "kind", &problems)
}

fn tmux(page: &mut Page<'_>, tmux: &tmux::Statistics) -> fmt::Result {
    page.gauge("terminals", "Terminals that are being started or run", None, tmux.terminals)?;
    page.counter(
        "terminal_output",
        "Bytes that arrived from programs",
        Some(Unit::Bytes),
        tmux.output_bytes,
    )?;
    page.counter("tmux_commands", "Command lists handed to tmux", None, tmux.commands)?;
    page.counter("tmux_timeouts", "Command lists that tmux did not answer", None, tmux.timeouts)?;
    page.counter("tmux_refusals", "Command lists that tmux refused", None, tmux.refused)?;
    page.counter(
        "tmux_reconnects",
        "How often the client of tmux was replaced",
        None,
        tmux.reconnects,
    )?;
    page.gauge(
        "tmux_waiting_commands",
        "Command lists that wait for their answer now",
        None,
        tmux.queue_depth,
    )?;
    let bounds = tmux::Latency::BOUNDS.iter().map(Duration::as_secs_f64).chain([f64::INFINITY]);
    let buckets: Vec<_> = bounds.zip(tmux.latency.counts).collect();
    let count = tmux.latency.counts.iter().sum();
    let help = "Time from handing a command list to tmux to its answer";
    page.histogram("tmux_answer_duration", help, &buckets, tmux.latency.sum.as_secs_f64(), count)
}

fn store(page: &mut Page<'_>, store: &store::Statistics) -> fmt::Result {
    page.counter("store_writes", "Transactions that were acknowledged", None, store.writes)?;
    page.counter(
        "store_write_errors",
        "Transactions that the database or the disk failed",
        None,
        store.write_errors,
    )?;
    page.gauge("store_file", "Size of the database", Some(Unit::Bytes), store.file_bytes)?;
    page.gauge("store_wal", "Size of its write-ahead log", Some(Unit::Bytes), store.wal_bytes)?;
    let times = &store.write_seconds;
    let mut below = 0;
    let mut buckets = Vec::with_capacity(times.buckets.len() + 1);
    for (bound, cumulative) in &times.buckets {
        buckets.push((*bound, cumulative.saturating_sub(below)));
        below = *cumulative;
    }
    buckets.push((f64::INFINITY, times.count.saturating_sub(below)));
    let help = "Time from a transaction's begin to the disk's answer";
    page.histogram("store_write_duration", help, &buckets, times.sum, times.count)
}

fn process(page: &mut Page<'_>, now: &Now) -> fmt::Result {
    let usage = &now.usage;
    page.counter("process_cpu", "Processor time", Some(Unit::Seconds), usage.cpu_seconds)?;
    let gauges = [
        ("process_resident_memory", "Memory in use", Some(Unit::Bytes), usage.resident_bytes),
        ("process_open_fds", "Open descriptors", None, usage.open_files),
        ("process_threads", "Threads", None, usage.threads),
    ];
    for (name, help, unit, value) in gauges {
        if let Some(value) = value {
            page.gauge(name, help, unit, value)?;
        }
    }
    let uptime = now.uptime.as_secs_f64();
    page.gauge("uptime", "Time since the server started", Some(Unit::Seconds), uptime)?;
    page.counters("log_lines", "Lines that were logged, by level", "level", &now.lines)?;
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    let help = "Which Maestro this is";
    page.begin("build", help, None, MetricType::Info)?.encode_info(&version)
}

/// Writes families one after the other.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn begin<'page>(
        &'page mut self,
        name: &'page str,
        help: &str,
        unit: Option<&'page Unit>,
        kind: MetricType,
    ) -> Result<MetricEncoder<'page>, fmt::Error> {
        self.0.encode_descriptor(name, help, unit, kind)
    }

    fn gauge(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<Unit>,
        value: impl EncodeGaugeValue,
    ) -> fmt::Result {
        let encoder = self.begin(name, help, unit.as_ref(), MetricType::Gauge)?;
        ConstGauge::new(value).encode(encoder)
    }

    fn counter(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<Unit>,
        value: impl EncodeCounterValue,
    ) -> fmt::Result {
        let encoder = self.begin(name, help, unit.as_ref(), MetricType::Counter)?;
        ConstCounter::new(value).encode(encoder)
    }

    fn gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: &[(&str, u64)],
    ) -> fmt::Result {
        let mut family = self.begin(name, help, None, MetricType::Gauge)?;
        values.iter().try_for_each(|(is, value)| {
            ConstGauge::new(*value).encode(family.encode_family(&[(label, *is)])?)
        })
    }

    fn counters(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: &[(&str, u64)],
    ) -> fmt::Result {
        let mut family = self.begin(name, help, None, MetricType::Counter)?;
        values.iter().try_for_each(|(is, value)| {
            ConstCounter::new(*value).encode(family.encode_family(&[(label, *is)])?)
        })
    }

    /// `buckets` holds what fell between two bounds; the last bound is infinite.
    fn histogram(
        &mut self,
        name: &str,
        help: &str,
        buckets: &[(f64, u64)],
        sum: f64,
        count: u64,
    ) -> fmt::Result {
        let no_exemplars = None::<&std::collections::HashMap<usize, Exemplar<NoLabelSet, f64>>>;
        self.begin(name, help, Some(&Unit::Seconds), MetricType::Histogram)?.encode_histogram(
            sum,
            count,
            buckets,
            no_exemplars,
        )
    }
}
