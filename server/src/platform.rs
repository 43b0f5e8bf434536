//! What systems tell differently about this process, its disk and its user. Linux is tested; the
//! way for other systems, such as macOS, is not, and some numbers are absent there.

use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

/// What this process uses now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usage {
    /// Processor time since its start, in seconds.
    pub(crate) cpu_seconds: f64,
    /// Memory that is in use, in bytes.
    pub(crate) resident_bytes: Option<u64>,
    /// Open descriptors.
    pub(crate) open_files: Option<u64>,
    /// Threads.
    pub(crate) threads: Option<u64>,
}

/// Asks the system about this process.
pub(crate) fn usage() -> Usage {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    let nanos = u32::try_from(cpu.tv_nsec).unwrap_or_default();
    let seconds = u64::try_from(cpu.tv_sec).unwrap_or_default();
    let status = std::fs::read_to_string("/proc/self/status").ok();
    let field = |name| status.as_deref().and_then(|status| status_field(status, name));
    // One of them is the descriptor that reads the folder.
    let open = |entries: std::fs::ReadDir| (entries.count() as u64).saturating_sub(1);
    Usage {
        cpu_seconds: std::time::Duration::new(seconds, nanos).as_secs_f64(),
        resident_bytes: field("VmRSS").map(|kilobytes| kilobytes * 1024),
        open_files: std::fs::read_dir("/proc/self/fd").ok().map(open),
        threads: field("Threads"),
    }
}

/// The number in a line such as `VmRSS:     1234 kB`.
fn status_field(status: &str, name: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// How many files this process may open, and up to which number it may raise that itself; `None`
/// stands for no limit.
pub(crate) fn open_files_limit() -> (Option<u64>, Option<u64>) {
    let limit = getrlimit(Resource::Nofile);
    (limit.current, limit.maximum)
}

/// Keeps this process's memory, which holds secrets, out of core files and from the debuggers of
/// other programs of the same user. Programs that it starts are not concerned.
#[cfg(target_os = "linux")]
pub(crate) fn keep_memory_private() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "core files of this process could hold secrets");
    }
}

/// Other systems write no core files of such programs by themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_memory_private() {}

/// Bytes that the owner of this process may still write on the disk that holds this path.
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// The user's runtime folder, if the system gave one.
pub(crate) fn runtime_folder() -> Option<PathBuf> {
    std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)
}

/// The name that this process's user logs in with.
pub(crate) fn user_name() -> Option<String> {
    let number = rustix::process::getuid().as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    account(&accounts, &number)
        .or_else(|| ["LOGNAME", "USER"].into_iter().find_map(|name| std::env::var(name).ok()))
        .filter(|name| !name.is_empty())
}

/// The name of the account with this number.
fn account(accounts: &str, number: &str) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)? == number).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_uses_something() {
        let before = usage();
        let kept = std::fs::File::open("/dev/null").unwrap();
        let with_file = usage();
        assert!(with_file.cpu_seconds >= before.cpu_seconds);
        assert!(with_file.resident_bytes.unwrap() > 1_000_000);
        assert!(with_file.open_files.unwrap() >= 1);
        assert!(with_file.threads.unwrap() >= 1);
        drop(kept);
    }

    #[test]
    fn fields_and_accounts_are_found_by_their_whole_name() {
        let status = "VmRSSX:\t1 kB\nVmRSS:\t   20 kB\nThreads:\t3\n";
        assert_eq!(status_field(status, "VmRSS"), Some(20));
        assert_eq!(status_field(status, "Threads"), Some(3));
        assert_eq!(status_field(status, "Thread"), None);
        let accounts = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n";
        assert_eq!(account(accounts, "1000").as_deref(), Some("ann"));
        assert_eq!(account(accounts, "100"), None);
    }

    #[test]
    fn a_disk_has_room() {
        assert!(free_bytes(Path::new("/")).is_ok());
        assert!(free_bytes(Path::new("/nowhere/at/all")).is_err());
    }
}
