//! How many files may be open. Alone, because the limit is one of the whole process.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

#[path = "../real/host.rs"]
#[expect(dead_code, reason = "it serves more tests than these")]
mod host;

use host::{Host, Viewer, id};
use rustix::process::{Resource, getrlimit, setrlimit};

#[tokio::test]
async fn tmux_may_open_many_files_and_programs_as_many_as_before() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(256);
    setrlimit(Resource::Nofile, limit).unwrap();
    let many = limit.maximum.unwrap_or(u64::MAX).min(65_536);

    let host = Host::start().await;
    let pid = host.server_pid().unwrap().as_raw_pid();
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_eq!(line.split_whitespace().nth(3), Some(many.to_string().as_str()), "{line}");
    assert_eq!(getrlimit(Resource::Nofile).current, Some(many));

    let terminal = host.sh(&id(1), "ulimit -n; read x").await;
    Viewer::attach(&terminal).until("\n").await;
    assert_eq!(terminal.screen_text().rows, ["256"]);
}
