//! Numbers about this server: for Prometheus as text, for the diagnostics page in words.
//!
//! Most of them live where the work is done and are read when somebody asks; only requests are
//! counted here. Labels take their values from fixed lists, never from what a client sends, so
//! the text cannot grow with the number of agents or visitors.

mod format;
mod readings;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use protocol::host::Measure;

pub(crate) use readings::Readings;

/// Media type of [`Metrics::text`].
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the buckets for requests, in seconds.
const REQUEST_BOUNDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
/// Names requests that no route answers.
const NO_ROUTE: &str = "none";

/// Route template and class of the status.
type Request = [(&'static str, String); 2];

/// All numbers of one server.
pub struct Metrics {
    source: Arc<Source>,
    requests: Family<Request, Counter>,
    request_time: Histogram,
    registry: Registry,
}

/// Where the numbers are read when somebody asks.
struct Source {
    read: Box<dyn Fn() -> Readings + Send + Sync>,
    started: Instant,
}

impl Metrics {
    /// `read` is called once per text and per page; it must not wait.
    pub(crate) fn new(read: impl Fn() -> Readings + Send + Sync + 'static) -> Self {
        let source = Arc::new(Source { read: Box::new(read), started: Instant::now() });
        let requests = Family::default();
        let request_time = Histogram::new(REQUEST_BOUNDS);
        let mut registry = Registry::with_prefix("maestro");
        registry.register(
            "http_requests",
            "HTTP requests answered, by route template and class of the status",
            requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's arrival to the head of its answer",
            Unit::Seconds,
            request_time.clone(),
        );
        registry.register_collector(Box::new(format::Collected(Arc::clone(&source))));
        Self { source, requests, request_time, registry }
    }

    /// Counts one answered request. `route` is the template that answered it, such as
    /// `/api/agents/{id}`, never the path that was asked for.
    pub(crate) fn count_request(&self, route: Option<&str>, status: u16, elapsed: Duration) {
        let class = format!("{}xx", status / 100);
        let labels = [("route", route.unwrap_or(NO_ROUTE).to_owned()), ("status", class)];
        self.requests.get_or_create(&labels).inc();
        self.request_time.observe(elapsed.as_secs_f64());
    }

    /// All numbers in the OpenMetrics text format, see [`MEDIA_TYPE`].
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail, and every descriptor is one that the format knows.
        let _infallible = encode(&mut text, &self.registry);
        text
    }

    /// The same numbers for people.
    pub(crate) fn measures(&self) -> Vec<Measure> {
        words::measures(&self.source.now())
    }
}

impl Source {
    fn now(&self) -> Now {
        Now {
            readings: (self.read)(),
            usage: crate::platform::usage(),
            lines: crate::logging::lines(),
            uptime: self.started.elapsed(),
        }
    }
}

/// Everything that is read at one moment.
struct Now {
    readings: Readings,
    usage: crate::platform::Usage,
    lines: [(&'static str, u64); 5],
    uptime: Duration,
}

#[cfg(test)]
mod tests;
