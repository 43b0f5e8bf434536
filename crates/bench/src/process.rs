//! What a process costs, from `/proc`.

use std::time::Duration;

use crate::Outcome;

/// `/proc` counts processor time in hundredths of a second on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// Resident memory in bytes.
pub(crate) fn resident(pid: u32) -> Outcome<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
        .map_err(|_elsewhere| "resident memory is read from /proc, which this system lacks")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
    Ok(kilobytes * 1024)
}

/// Processor time that the process and its ended children have used.
pub(crate) fn processor_time(pid: u32) -> Outcome<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold anything; the numbers come after it.
    let (_, numbers) = stat.rsplit_once(") ").ok_or("no numbers")?;
    let mut ticks = 0;
    for number in numbers.split(' ').skip(11).take(4) {
        ticks += number.parse::<u32>()?;
    }
    Ok(TICK * ticks)
}
