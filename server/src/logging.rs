//! The log: structured, on standard error, never with secrets or terminal contents. Its lines
//! are counted by level, for whoever watches the host.

use std::sync::atomic::{AtomicU64, Ordering};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, registry};

use crate::config::{ConfigError, LogFormat};

/// Levels with their names, most severe first.
const LEVELS: [(Level, &str); 5] = [
    (Level::ERROR, "error"),
    (Level::WARN, "warn"),
    (Level::INFO, "info"),
    (Level::DEBUG, "debug"),
    (Level::TRACE, "trace"),
];

/// Lines per level. The log belongs to the process, and so do its counts.
static LINES: [AtomicU64; LEVELS.len()] = [const { AtomicU64::new(0) }; LEVELS.len()];

/// Installs the log for this process. A second call (in tests) changes nothing.
pub fn install(filter: &str, format: LogFormat) -> Result<(), ConfigError> {
    let _already_installed = subscriber(filter, format, std::io::stderr)?.try_init();
    Ok(())
}

/// The log as it is installed, into any writer.
pub fn subscriber<W>(
    filter: &str,
    format: LogFormat,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, ConfigError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(filter).map_err(|_unusable| ConfigError::Variable {
        name: "log".into(),
        value: filter.into(),
        problem: "use a level such as info, or module=level pairs separated by commas",
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let log = registry().with(filter).with(Count);
    Ok(match format {
        LogFormat::Text => Box::new(log.with(lines)),
        LogFormat::Json => Box::new(log.with(lines.json().flatten_event(true))),
    })
}

/// How many lines of each level this process has logged, most severe first.
pub fn lines() -> [(&'static str, u64); LEVELS.len()] {
    std::array::from_fn(|place| (LEVELS[place].1, LINES[place].load(Ordering::Relaxed)))
}

/// Counts what passes the filter.
struct Count;

impl<S: Subscriber> Layer<S> for Count {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let level = event.metadata().level();
        if let Some(place) = LEVELS.iter().position(|(known, _)| known == level) {
            LINES[place].fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, format: LogFormat, work: impl FnOnce()) -> String {
        let paper = Paper::default();
        let writer = paper.clone();
        let log = subscriber(filter, format, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(log, work);
        let bytes = paper.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_lines_are_flat_and_counted_by_level() {
        let counted = |level: &str| lines().into_iter().find(|(name, _)| *name == level).unwrap().1;
        let (warned, traced) = (counted("warn"), counted("trace"));
        let text = logged("debug", LogFormat::Json, || {
            tracing::warn!(disk = "full", "no backup");
            tracing::trace!("below the filter");
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["message"], &line["disk"]), (&"no backup".into(), &"full".into()));
        assert_eq!(line["level"], "WARN");
        // Other tests of this process may log as well, but never below its filter.
        assert!(counted("warn") > warned);
        assert_eq!(counted("trace"), traced);
    }

    #[test]
    fn a_filter_that_means_nothing_is_refused() {
        let refused = subscriber("=loud=", LogFormat::Text, io::sink).err().unwrap();
        assert!(refused.to_string().contains("use a level such as info"), "{refused}");
    }
}
