//! Processes of this machine: starting them, signals by id, and whose they are, from `/proc`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::process::Pid;
pub(crate) use rustix::process::Signal;
use tokio::process::Command;

/// A process as it was when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    /// Its id.
    pub(crate) pid: u32,
    /// Its short name; the kernel cuts it at 15 bytes.
    pub(crate) name: String,
}

/// A program to start, never through a shell.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    Command::new(name)
}

/// Whether this system tells about its processes.
pub(crate) fn are_known() -> bool {
    Path::new("/proc/self/stat").exists()
}

/// Whether a program is on PATH.
pub(crate) fn is_installed(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Sends a signal; a process that is gone does not mind.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _already_gone = rustix::process::kill_process(pid, signal);
    }
}

/// Whether the process is there and no zombie.
pub(crate) fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

/// Every process that names this folder among its arguments, works in it or runs out of it.
pub(crate) fn of_folder(folder: &Path) -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let own = std::process::id();
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if pid != own && lives(pid) && belongs(pid, folder) {
            let name = std::fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            found.push(Process { pid, name: name.trim().to_owned() });
        }
    }
    found
}

/// The tmux servers among them.
pub(crate) fn tmux_servers(folder: &Path) -> Vec<u32> {
    let all = of_folder(folder).into_iter();
    all.filter(|process| process.name == "tmux: server").map(|process| process.pid).collect()
}

fn belongs(pid: u32, folder: &Path) -> bool {
    let folder_bytes = folder.as_os_str().as_bytes();
    let process = Path::new("/proc").join(pid.to_string());
    let words = std::fs::read(process.join("cmdline")).unwrap_or_default();
    words.windows(folder_bytes.len()).any(|part| part == folder_bytes)
        || ["cwd", "exe"].iter().any(|link| {
            std::fs::read_link(process.join(link)).is_ok_and(|path| path.starts_with(folder))
        })
}

/// Where the process works.
pub(crate) fn folder_of(pid: u32) -> Option<std::path::PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn processes_are_known_by_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of_folder(folder.path()), []);
        let mut child = program("sleep").arg("100").current_dir(folder.path()).spawn().unwrap();
        let pid = child.id().unwrap();
        let seen = super::super::wait::until(std::time::Duration::from_secs(5), || {
            of_folder(folder.path()).iter().any(|found| found.pid == pid && found.name == "sleep")
        });
        assert!(seen.await);
        signal(pid, Signal::KILL);
        child.wait().await.unwrap();
        assert!(!lives(pid));
    }
}
