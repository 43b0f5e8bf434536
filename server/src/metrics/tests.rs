//! The text is what Prometheus reads, and does not grow with what clients send.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use protocol::agents::AgentState;
use protocol::host::ProblemKind;

fn readings() -> Readings {
    Readings {
        agents: [AgentState::Hibernated, AgentState::Running { since_ms: 0 }]
            .into_iter()
            .chain((0..3).map(|at_ms| AgentState::Lost { at_ms }))
            .collect(),
        viewers: 4,
        sockets: 5,
        input_bytes: 6,
        tmux: tmux::Statistics {
            commands: 7,
            timeouts: 1,
            refused: 2,
            latency: tmux::Latency {
                counts: [1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3],
                sum: Duration::from_millis(1_500),
            },
            queue_depth: 8,
            output_bytes: 9,
            terminals: 10,
            reconnects: 11,
        },
        store: store::Statistics {
            writes: 12,
            write_errors: 1,
            write_seconds: store::statistics::Durations {
                buckets: vec![(0.5, 4), (1.0, 11)],
                sum: 2.5,
                count: 13,
            },
            file_bytes: 4_096,
            wal_bytes: 100,
        },
        problems: vec![ProblemKind::Backup],
    }
}

fn metrics() -> Metrics {
    Metrics::new(readings)
}

/// One family as its comments and samples describe it.
#[derive(Debug, Default)]
struct Parsed {
    kind: String,
    help: String,
    unit: Option<String>,
    samples: BTreeMap<String, f64>,
}

/// Reads the format strictly: each family once, help and type before its samples, names and
/// suffixes that fit the type, numbers that are numbers, an end.
fn parse(text: &str) -> BTreeMap<String, Parsed> {
    let body = text.strip_suffix("# EOF\n").expect("the text has an end");
    let mut families: BTreeMap<String, Parsed> = BTreeMap::new();
    let mut current = String::new();
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut parts = comment.splitn(3, ' ');
            let (word, name, rest) =
                (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            if name != current {
                assert!(!families.contains_key(name), "{name} appears twice");
                families.insert(name.to_owned(), Parsed::default());
                name.clone_into(&mut current);
            }
            let family = families.get_mut(name).unwrap();
            assert!(family.samples.is_empty(), "{line}: comments come first");
            match word {
                "HELP" => rest.clone_into(&mut family.help),
                "TYPE" => rest.clone_into(&mut family.kind),
                "UNIT" => family.unit = Some(rest.to_owned()),
                _ => panic!("{line}"),
            }
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        let family = families.get_mut(&current).unwrap();
        let suffix = name.strip_prefix(current.as_str()).unwrap_or_else(|| panic!("{line}"));
        let suffixes: &[&str] = match family.kind.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "histogram" => &["_sum", "_count", "_bucket"],
            "info" => &["_info"],
            other => panic!("{other}: {line}"),
        };
        assert!(suffixes.contains(&suffix), "{line}");
        assert!(
            name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()),
            "{line}"
        );
        let number = value.parse().unwrap_or_else(|_| panic!("{line}"));
        assert!(family.samples.insert(series.to_owned(), number).is_none(), "{line} twice");
    }
    families
}

#[test]
fn every_number_has_a_name_a_unit_a_help_and_its_value() {
    let metrics = metrics();
    metrics.count_request(Some("/api/agents/{id}"), 200, Duration::from_millis(2));
    let families = parse(&metrics.text());
    for (name, family) in &families {
        assert!(name.starts_with("maestro_"), "{name}");
        assert!(family.help.len() > 5, "{name} has no help");
        assert!(!family.samples.is_empty(), "{name} has no value");
        if let Some(unit) = &family.unit {
            assert!(name.ends_with(unit), "{name} lacks its unit {unit}");
        }
    }
    let check = |series: &str, expected: f64| {
        let found = families.values().find_map(|family| family.samples.get(series));
        let found = found.unwrap_or_else(|| panic!("{series} is missing: {families:#?}"));
        assert!((found - expected).abs() < 1e-9, "{series} is {found}");
    };
    check("maestro_agents{state=\"lost\"}", 3.0);
    check("maestro_agents{state=\"done\"}", 0.0);
    check("maestro_terminals", 10.0);
    check("maestro_terminal_viewers", 4.0);
    check("maestro_sockets", 5.0);
    check("maestro_terminal_input_bytes_total", 6.0);
    check("maestro_terminal_output_bytes_total", 9.0);
    check("maestro_tmux_commands_total", 7.0);
    check("maestro_tmux_timeouts_total", 1.0);
    check("maestro_tmux_refusals_total", 2.0);
    check("maestro_tmux_reconnects_total", 11.0);
    check("maestro_tmux_waiting_commands", 8.0);
    check("maestro_tmux_answer_duration_seconds_bucket{le=\"0.0005\"}", 1.0);
    check("maestro_tmux_answer_duration_seconds_bucket{le=\"5.0\"}", 3.0);
    check("maestro_tmux_answer_duration_seconds_bucket{le=\"+Inf\"}", 6.0);
    check("maestro_tmux_answer_duration_seconds_count", 6.0);
    check("maestro_tmux_answer_duration_seconds_sum", 1.5);
    check("maestro_store_writes_total", 12.0);
    check("maestro_store_write_errors_total", 1.0);
    check("maestro_store_write_duration_seconds_bucket{le=\"1.0\"}", 11.0);
    check("maestro_store_write_duration_seconds_bucket{le=\"+Inf\"}", 13.0);
    check("maestro_store_file_bytes", 4_096.0);
    check("maestro_store_wal_bytes", 100.0);
    check("maestro_problems{kind=\"backup\"}", 1.0);
    check("maestro_problems{kind=\"store\"}", 0.0);
    check("maestro_http_requests_total{route=\"/api/agents/{id}\",status=\"2xx\"}", 1.0);
    check("maestro_http_request_duration_seconds_count", 1.0);
    check(&format!("maestro_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1.0);
    for name in ["maestro_process_cpu_seconds", "maestro_uptime_seconds", "maestro_log_lines"] {
        assert!(families.contains_key(name), "{name}");
    }
}

#[test]
fn labels_do_not_grow_with_what_clients_ask_for() {
    fn series(metrics: &Metrics) -> BTreeSet<String> {
        parse(&metrics.text()).into_values().flat_map(|family| family.samples.into_keys()).collect()
    }
    let metrics = metrics();
    metrics.count_request(None, 404, Duration::ZERO);
    metrics.count_request(Some("/"), 200, Duration::ZERO);
    let before = series(&metrics);
    for _visitor in 0..1_000 {
        metrics.count_request(None, 404, Duration::ZERO);
        metrics.count_request(None, 405, Duration::ZERO);
        metrics.count_request(Some("/"), 204, Duration::ZERO);
    }
    assert_eq!(series(&metrics), before);

    let many = Metrics::new(|| Readings {
        agents: (0..10_000).map(|since_ms| AgentState::Running { since_ms }).collect(),
        ..readings()
    });
    many.count_request(None, 404, Duration::ZERO);
    many.count_request(Some("/"), 200, Duration::ZERO);
    assert_eq!(series(&many), before);
}

#[test]
fn people_read_the_same_numbers_in_words() {
    let measures = metrics().measures();
    let value = |name: &str| {
        let found = measures.iter().find(|measure| measure.name == name);
        found.unwrap_or_else(|| panic!("{name}: {measures:?}")).value.as_str()
    };
    assert_eq!(value("Agents lost"), "3");
    assert_eq!(value("Terminals"), "10");
    assert_eq!(value("Database size"), "4.0 KB");
    assert_eq!(value("tmux answers after (mean)"), "250.0 ms");
    assert_eq!(value("Output of programs"), "9 bytes");
    let names: BTreeSet<_> = measures.iter().map(|measure| &measure.name).collect();
    assert_eq!(names.len(), measures.len(), "each name once");
}
