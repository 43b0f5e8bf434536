//! Waiting for what nobody announces: processes, files, lines in a terminal.

use std::time::{Duration, Instant};

use crate::Outcome;

const BETWEEN: Duration = Duration::from_millis(20);

/// Looks again and again until it is so; false when it was not so within the time.
pub(crate) async fn until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    while !is_so() {
        if begin.elapsed() > limit {
            return false;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    true
}

/// Asks again and again until the answer is yes; how long that took.
pub(crate) async fn asking(
    what: &str,
    limit: Duration,
    mut ask: impl AsyncFnMut() -> Outcome<bool>,
) -> Outcome<Duration> {
    let begin = Instant::now();
    while !ask().await? {
        if begin.elapsed() > limit {
            return Err(format!("not within {} s: {what}", limit.as_secs()).into());
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(begin.elapsed())
}

/// Lets time pass, where its passing is the experiment.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}
