//! Processes: the one thing here that systems do differently. Linux is tested; the way for other
//! systems, such as macOS, is not.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A running process that leads its own group.
pub(crate) struct Process {
    pid: Pid,
    #[cfg(target_os = "linux")]
    handle: tokio::net::unix::pipe::Receiver,
}

impl Process {
    /// Takes hold of it; `None` if it has ended.
    #[cfg(target_os = "linux")]
    pub(crate) fn open(pid: i32) -> Option<Self> {
        use rustix::process::{PidfdFlags, pidfd_open};
        let pid = Pid::from_raw(pid)?;
        let handle = pidfd_open(pid, PidfdFlags::NONBLOCK).ok()?;
        // Not a pipe, but readable like one when the process ends, and never read: this is
        // tokio's safe way to wait for a descriptor of its user.
        let handle = tokio::net::unix::pipe::Receiver::from_owned_fd_unchecked(handle).ok()?;
        Some(Self { pid, handle })
    }

    /// Waits for its end, whether its parent noticed or not.
    #[cfg(target_os = "linux")]
    pub(crate) async fn ended(&self) {
        // An error means that nothing can be waited for: as good as ended.
        let _ready = self.handle.readable().await;
    }

    /// Takes hold of it; `None` if it has ended.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn open(pid: i32) -> Option<Self> {
        let pid = Pid::from_raw(pid)?;
        rustix::process::test_kill_process(pid).ok().map(|()| Self { pid })
    }

    /// Waits until its parent has noticed its end.
    #[cfg(not(target_os = "linux"))]
    pub(crate) async fn ended(&self) {
        while rustix::process::test_kill_process(self.pid).is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Whether it ends within this time.
    pub(crate) async fn ends_within(&self, time: Duration) -> bool {
        tokio::time::timeout(time, self.ended()).await.is_ok()
    }

    /// Kills it and its group. Only while it has not ended: then the number is still its own.
    pub(crate) fn kill_group(&self) {
        if let Err(error) = kill_process_group(self.pid, Signal::KILL) {
            tracing::warn!(%error, "cannot kill a process group");
        }
    }
}

/// Makes a parent look for children that have ended.
pub(crate) fn remind_of_children(parent: i32) {
    let reminded = Pid::from_raw(parent).map(|pid| kill_process(pid, Signal::CHILD));
    if let Some(Err(error)) = reminded {
        tracing::warn!(%error, "cannot remind tmux of an ended program");
    }
}
