//! Starting: what is refused, with which sentence and exit code, and what is left behind.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::world::{PATIENCE, World, executable};

fn maestro(home: &Path) -> Command {
    let mut command = Command::new(executable());
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", home);
    command.kill_on_drop(true).arg("--home").arg(home);
    command
}

async fn refused(command: &mut Command) -> (i32, String) {
    let Output { status, stderr, .. } = timeout(PATIENCE, command.output()).await.unwrap().unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("mst").tempdir_in("/tmp").unwrap()
}

#[tokio::test]
async fn a_port_in_use_is_named_and_nothing_is_left_behind() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let home = folder.path().join("home");
    let (code, sentence) = refused(maestro(&home).args(["--port", &port.to_string()])).await;
    assert_eq!(code, 6);
    assert_eq!(
        sentence,
        format!(
            "Port {port} is in use by another program. Stop it, or choose another port with --port.\n"
        )
    );
    assert!(!home.join("run/tmux-0.sock").exists() && !home.join("maestro.db").exists());
}

#[tokio::test]
async fn mistakes_in_settings_end_with_code_2_and_one_sentence() {
    let folder = folder();
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(home.join("config.toml"), "prot = 1\n").unwrap();
    let (code, sentence) = refused(&mut maestro(&home)).await;
    assert_eq!(code, 2);
    assert!(sentence.contains("line 1: unknown field `prot`"), "{sentence}");
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    std::fs::remove_file(home.join("config.toml")).unwrap();

    let (code, sentence) = refused(maestro(&home).env("MAESTRO_PROT", "1")).await;
    assert_eq!(code, 2);
    assert!(
        sentence.starts_with("The environment variable MAESTRO_PROT is not known"),
        "{sentence}"
    );

    let (code, sentence) = refused(maestro(&home).args(["--port", "70000"])).await;
    assert_eq!(code, 2, "{sentence}");

    let (code, sentence) =
        refused(maestro(&home).args(["--port", "0"]).env("MAESTRO_TMUX", "/no/tmux")).await;
    assert_eq!(code, 8);
    assert!(sentence.contains("/no/tmux"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_others_can_read_and_one_in_use_are_refused() {
    let open = folder();
    std::fs::set_permissions(open.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (code, sentence) = refused(maestro(open.path()).args(["--port", "0"])).await;
    assert_eq!(code, 1);
    assert!(sentence.contains("chmod go-rwx"), "{sentence}");

    let world = World::start().await;
    let (code, sentence) = refused(maestro(&world.home()).args(["--port", "0"])).await;
    assert_eq!(code, 6);
    assert!(sentence.contains("Another Maestro already uses"), "{sentence}");
}

#[tokio::test]
async fn the_start_prints_the_address_and_a_link_and_ends_on_sigterm() {
    let folder = folder();
    let home = folder.path().join("home");
    let begin = Instant::now();
    let mut child = maestro(&home)
        .args(["--port", "0"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut link = None;
    while let Some(line) = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap() {
        if line.contains("/login#t=") {
            link = Some(line.trim().to_owned());
            break;
        }
    }
    let address = std::fs::read_to_string(home.join("run/address")).unwrap();
    assert!(link.unwrap().starts_with(&format!("http://{address}/login#t=")));
    for file in ["run/cli-token", "maestro.db", "config.toml"] {
        let mode = std::fs::metadata(home.join(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
    let doctor = maestro(&home).arg("doctor").output().await.unwrap();
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("tmux 3."));

    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(timeout(PATIENCE, child.wait()).await.unwrap().unwrap().success());
    assert!(!home.join("run/address").exists(), "a stopped server leaves no address");
    assert!(begin.elapsed() < PATIENCE + Duration::from_secs(1));
    let status = Command::new("tmux")
        .arg("-S")
        .arg(home.join("run/tmux-0.sock"))
        .arg("kill-server")
        .status()
        .await
        .unwrap();
    assert!(status.success(), "tmux outlives the server");
}
