//! Processes: the one thing here that systems do differently. Linux is tested; the way for other
//! systems, such as macOS, is not.

use std::time::Duration;

use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};
use tokio::time::Instant;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use other as system;

pub(crate) use system::birth;

/// More open files than this nobody needs: three for each of a thousand terminals, and then some.
const OPEN_FILES: u64 = 65_536;
/// Rounds of killing what a session still starts.
const ROUNDS: u32 = 10;
/// After a kill a process has ended within this time, or sleeps in the kernel.
const KILLED_WITHIN: Duration = Duration::from_secs(2);

/// A process that this one did not start.
pub(crate) struct Process {
    pid: Pid,
    handle: system::Handle,
}

impl Process {
    /// Takes hold of it; `None` if it has ended.
    pub(crate) fn open(pid: i32) -> Option<Self> {
        let pid = Pid::from_raw(pid)?;
        Some(Self { pid, handle: system::open(pid)? })
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) {
        system::ended(self.pid, &self.handle).await;
    }

    pub(crate) fn is_alive(&self) -> bool {
        system::is_alive(self.pid, &self.handle)
    }

    /// Sends a signal to it and to no other, however its number is used by now.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Err(error) = system::signal(self.pid, &self.handle, signal) {
            tracing::warn!(pid = self.pid.as_raw_pid(), %error, "cannot signal a process");
        }
    }

    /// Waits until everything in its session has ended, and kills what has not within this time.
    /// It must lead its session.
    pub(crate) async fn end_session(&self, grace: Duration) {
        let grace = Instant::now() + grace;
        let _late = tokio::time::timeout_at(grace, self.ended()).await;
        let mut rounds = ROUNDS;
        loop {
            let members = system::members(self).await;
            if members.is_empty() {
                return;
            }
            let mut deadline = grace;
            if Instant::now() >= grace {
                if rounds == 0 {
                    break;
                }
                rounds -= 1;
                deadline = Instant::now() + KILLED_WITHIN;
                for member in &members {
                    member.signal(Signal::KILL);
                }
            }
            for member in &members {
                let _late = tokio::time::timeout_at(deadline, member.ended()).await;
            }
        }
        tracing::warn!(session = self.pid.as_raw_pid(), "could not end every process of a session");
    }
}

/// Makes a parent look for children that have ended.
pub(crate) fn remind_of_children(parent: i32) {
    let reminded = Pid::from_raw(parent).map(|pid| kill_process(pid, Signal::CHILD));
    if let Some(Err(error)) = reminded {
        tracing::warn!(%error, "cannot remind tmux of an ended program");
    }
}

/// Lets this process, and the tmux server that it starts, open as many files as 500 terminals
/// need. Returns the limit that was in force before.
pub(crate) fn raise_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let before = limit.current?;
    let raised = limit.maximum.unwrap_or(OPEN_FILES).min(OPEN_FILES);
    if before < raised {
        set_open_files(raised);
    }
    Some(before)
}

/// Sets how many files this process and what it starts may open, as far as the system allows.
pub(crate) fn set_open_files(count: u64) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(limit.maximum.map_or(count, |maximum| count.min(maximum)));
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot change the number of open files");
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::AsFd;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
    use tokio::net::unix::pipe;

    use super::Process;

    /// A process descriptor. Not a pipe, but readable like one when the process ends, and never
    /// read: this is tokio's safe way to wait for a descriptor of its user.
    pub(super) type Handle = pipe::Receiver;

    pub(super) fn open(pid: Pid) -> Option<Handle> {
        let handle = pidfd_open(pid, PidfdFlags::NONBLOCK).ok()?;
        pipe::Receiver::from_owned_fd_unchecked(handle).ok()
    }

    /// Whether its parent noticed or not.
    pub(super) async fn ended(_: Pid, handle: &Handle) {
        // An error means that nothing can be waited for: as good as ended.
        let _ready = handle.readable().await;
    }

    pub(super) fn is_alive(_: Pid, handle: &Handle) -> bool {
        let mut watched = [PollFd::new(handle, PollFlags::IN)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut watched, Some(&at_once)) == Ok(0)
    }

    pub(super) fn signal(_: Pid, handle: &Handle, signal: Signal) -> rustix::io::Result<()> {
        match pidfd_send_signal(handle.as_fd(), signal) {
            Err(rustix::io::Errno::SRCH) => Ok(()),
            sent => sent,
        }
    }

    /// What tells a process apart from all others that ever had its number.
    pub(crate) fn birth(pid: i32) -> Option<String> {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let start = Stat::of(pid)?.start;
        Some(format!("{start} {}", boot.trim()))
    }

    /// Living processes in the session that this one leads or led.
    pub(super) async fn members(leader: &Process) -> Vec<Process> {
        let session = leader.pid.as_raw_pid();
        // The kernel gives the number to nobody else while a member of the session lives. So if
        // somebody else has it, no member is left.
        if !leader.is_alive() && Stat::of(session).is_some_and(|stat| stat.is_alive()) {
            return Vec::new();
        }
        // Hundreds of small files.
        let scan = tokio::task::spawn_blocking(move || {
            let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
            entries
                .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
                .filter(|pid| is_member(*pid, session))
                .collect::<Vec<i32>>()
        });
        let pids = scan.await.unwrap_or_default();
        // Another look once each is held: its number cannot pass to another process any more.
        pids.into_iter()
            .filter_map(|pid| Process::open(pid).filter(|_| is_member(pid, session)))
            .collect()
    }

    fn is_member(pid: i32, session: i32) -> bool {
        Stat::of(pid).is_some_and(|stat| stat.session == session && stat.is_alive())
    }

    /// Of `/proc/PID/stat`.
    struct Stat {
        state: u8,
        session: i32,
        /// Clock ticks after boot.
        start: u64,
    }

    impl Stat {
        fn of(pid: i32) -> Option<Self> {
            let mut line = [0; 1024];
            // The kernel hands it out in one piece.
            let length = File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut line).ok()?;
            Self::parse(&line[..length])
        }

        /// The name of the program, in parentheses, may hold anything.
        fn parse(stat: &[u8]) -> Option<Self> {
            let name = stat.iter().rposition(|&byte| byte == b')')?;
            let fields: Vec<&str> =
                std::str::from_utf8(&stat[name + 1..]).ok()?.split_whitespace().collect();
            Some(Self {
                state: *fields.first()?.as_bytes().first()?,
                session: fields.get(3)?.parse().ok()?,
                start: fields.get(19)?.parse().ok()?,
            })
        }

        fn is_alive(&self) -> bool {
            !matches!(self.state, b'Z' | b'X')
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_name_cannot_pretend_to_be_another_process() {
            let line = b"7 (x) R 1 1 1) S 1 7 42 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 9876 1 1";
            let stat = Stat::parse(line).unwrap();
            assert_eq!((stat.state, stat.session, stat.start), (b'S', 42, 9876));
            assert!(stat.is_alive());
            assert!(Stat::parse(b"7 (x").is_none());
        }

        #[tokio::test]
        async fn an_ended_process_is_known_as_such() {
            let mut child = tokio::process::Command::new("cat")
                .stdin(std::process::Stdio::piped())
                .spawn()
                .unwrap();
            let pid = child.id().unwrap().cast_signed();
            let process = Process::open(pid).unwrap();
            assert!(process.is_alive());
            assert_eq!(birth(pid), birth(pid));
            assert_ne!(birth(pid), birth(std::process::id().cast_signed()));
            drop(child.stdin.take());
            process.ended().await;
            assert!(!process.is_alive());
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::time::Duration;

    use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};

    use super::Process;

    pub(super) type Handle = ();

    pub(super) fn open(pid: Pid) -> Option<Handle> {
        test_kill_process(pid).ok()
    }

    /// Its parent has noticed too.
    pub(super) async fn ended(pid: Pid, (): &Handle) {
        while test_kill_process(pid).is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    pub(super) fn is_alive(pid: Pid, (): &Handle) -> bool {
        test_kill_process(pid).is_ok()
    }

    pub(super) fn signal(pid: Pid, (): &Handle, signal: Signal) -> rustix::io::Result<()> {
        match signal {
            // Only the group that it leads can be reached besides.
            Signal::KILL => kill_process_group(pid, signal),
            signal => kill_process(pid, signal),
        }
    }

    /// There is no such thing without unsafe code.
    pub(crate) fn birth(_: i32) -> Option<String> {
        None
    }

    /// The rest of its session cannot be found without unsafe code.
    pub(super) async fn members(leader: &Process) -> Vec<Process> {
        let alive = Process::open(leader.pid.as_raw_pid());
        std::future::ready(alive.into_iter().collect()).await
    }
}
