//! Hostile arguments, folders and variables arrive as they are and do nothing on the way.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use tmux::TmuxError;

use crate::host::{HELPER, Host, SIZE, Viewer, exited, id};

#[derive(Deserialize)]
struct Told {
    args: Vec<String>,
    folder: String,
    env: Vec<(String, String)>,
}

const NASTY: &[&str] = &[
    "",
    " ",
    "-x",
    "--",
    ";",
    "a;",
    "\\;",
    "#(touch P)",
    "#{E:#(touch P)}",
    "##(touch P)",
    "#{pane_id}",
    "#[fg=red]",
    "%H:%M",
    "$(touch P)",
    "`touch P`",
    "${IFS}touch P",
    "'; touch P; '",
    "\" && touch P #",
    "' \" ' \"",
    "line one\nline two\r\nkill-server\n",
    "\n\n",
    "=0",
    ":.",
    "@1",
    "%1",
    "{last}",
    "~",
    "*",
    "?[a]",
    "\u{202e}gnp.exe",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\x1b]0;title\x07",
    "\x7f\x01",
    "\\",
    "\\n",
];

#[tokio::test]
async fn arguments_and_variables_arrive_exactly() {
    let mut host = Host::start().await;
    let told = host.folder.path().join("told.json");
    let long = "x".repeat(4096);
    let nasty: Vec<&str> = NASTY.iter().copied().chain([long.as_str()]).collect();
    let args: Vec<&str> =
        ["tell", told.to_str().unwrap()].into_iter().chain(nasty.clone()).collect();
    let mut launch = host.launch(&id(1), HELPER, &args);
    launch.env = nasty
        .iter()
        .enumerate()
        .map(|(number, value)| (format!("NASTY_{number}"), (*value).to_owned()))
        .chain([("MAESTRO_AGENT".to_owned(), "mine".to_owned())])
        .collect();
    let terminal = host.tmux.spawn(launch.clone(), SIZE).await.unwrap();
    assert_eq!(host.event().await, exited(&terminal, id(1), Some(0)));

    let told: Told = serde_json::from_slice(&std::fs::read(&told).unwrap()).unwrap();
    assert_eq!(told.args, nasty);
    let env: HashMap<String, String> = told.env.into_iter().collect();
    for (name, value) in &launch.env {
        assert_eq!(env.get(name), Some(value), "{name}");
    }
    assert_eq!(env.get("TERM").map(String::as_str), Some("tmux-256color"));
    assert!(!env.contains_key("TMUX") && !env.contains_key("TMUX_PANE"));
    assert!(!host.folder.path().join("P").exists());
    let specs = std::fs::read_dir(host.folder.path().join("run/launch")).unwrap();
    assert_eq!(specs.count(), 0);
}

#[tokio::test]
async fn folders_of_any_name_are_entered_and_not_executed() {
    let mut host = Host::start().await;
    let names = [
        "#(touch P)",
        "$(touch P)",
        "`touch P`",
        "a b",
        "it's",
        "\"q\"",
        "#{pane_id}",
        ";",
        "%d",
        "new\nline",
    ];
    for (number, name) in (1..).zip(names) {
        let folder = host.folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        let told = host.folder.path().join("told.json");
        let mut launch = host.launch(&id(number), HELPER, &["tell", told.to_str().unwrap()]);
        launch.folder.clone_from(&folder);
        let terminal = host.tmux.spawn(launch, SIZE).await.unwrap();
        assert_eq!(host.event().await, exited(&terminal, id(number), Some(0)));
        let told: Told = serde_json::from_slice(&std::fs::read(&told).unwrap()).unwrap();
        assert_eq!(Path::new(&told.folder), folder);
        assert!(!folder.join("P").exists() && !host.folder.path().join("P").exists(), "{name}");
    }
}

#[tokio::test]
async fn a_run_folder_of_any_name_works() {
    for name in ["a b", "#(touch P)", "it's $HOME", "%d#[x]##[y]", "`touch P`", "é\"q\""] {
        let host = Host::start_in(name).await;
        let terminal = host.sh(&id(1), "echo here; read line; exit 2").await;
        let mut viewer = Viewer::attach(&terminal);
        viewer.until("here").await;
        terminal.input(b"\r").await.unwrap();
        assert_eq!(viewer.exit().await, Some(2), "{name}");
        assert!(!host.folder.path().join("P").exists(), "{name}");
    }
}

#[tokio::test]
async fn launches_that_no_system_can_take_are_refused() {
    let host = Host::start().await;
    for (program, args, reason) in [
        ("sh", vec![], "the path of its program must be absolute"),
        ("/bin/sh", vec!["a\0b"], "no program can receive a zero byte"),
    ] {
        let refused = host.tmux.spawn(host.launch(&id(1), program, &args), SIZE).await;
        assert!(refused.err().unwrap().to_string().contains(reason));
    }
    assert_eq!(host.tmux.running().await.unwrap(), []);
    host.sh(&id(1), "cat").await;
    let second = host.tmux.spawn(host.launch(&id(1), "/bin/sh", &[]), SIZE).await;
    assert!(matches!(second.err().unwrap(), TmuxError::Running(_)));
}

#[tokio::test]
async fn programs_get_default_signals_and_a_private_server() {
    let host = Host::start().await;
    let terminal = host.sh(&id(1), "grep SigIgn /proc/self/status; read x").await;
    Viewer::attach(&terminal).until("\n").await;
    let shown = terminal.screen_text().rows.remove(0);
    let ignored = u64::from_str_radix(shown.rsplit(' ').next().unwrap(), 16).unwrap();
    let sigpipe = 1 << (rustix::process::Signal::PIPE.as_raw() - 1);
    assert_eq!(ignored & sigpipe, 0, "{shown}");
    let environment = host.tmux_says(&["show-environment", "-g"]).await;
    assert!(!environment.contains("MAESTRO_"), "{environment}");
}
