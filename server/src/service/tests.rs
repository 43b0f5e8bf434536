//! The files as they are written, and what is asked of the system, with a fake that notes it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::config::{Environment, Flags};

/// Notes each call on one line; answers as the files beside it say.
const FAKE: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
case "$*" in
    *show-environment|"print gui/"[0-9]*[0-9]) test ! -e "$here/unreachable" || { echo "Failed to connect to bus" >&2; exit 1; } ;;
    *is-active*|"print gui/"*/*) test -e "$here/active" || exit 3 ;;
    *is-enabled*) test -e "$here/enabled" || { echo disabled; exit 1; } ;;
    *"enable --now"*|bootstrap*) touch "$here/active" "$here/enabled" ;;
    *"disable --now"*|bootout*) rm -f "$here/active" "$here/enabled" ;;
    *"restart"*) test ! -e "$here/failing" || { echo "Job failed." >&2; exit 1; } ;;
esac
"#;

struct World {
    folder: tempfile::TempDir,
    place: Place,
}

fn settings(home: &Path, profile: Option<&str>) -> Settings {
    let flags = Flags {
        home: Some(home.to_owned()),
        profile: profile.map(str::to_owned),
        ..Flags::default()
    };
    Settings::decide(&flags, &Environment::new()).unwrap()
}

fn world(macos: bool, profile: Option<&str>) -> World {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["fake", "linger", "me"] {
        fs::create_dir(at(name)).unwrap();
    }
    let program = at("fake/ctl");
    fs::write(&program, FAKE).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let executable = at("maestro");
    fs::write(&executable, "").unwrap();
    let environment = [("PATH".to_owned(), "/usr/bin".to_owned())].into();
    let settings = settings(&at("me/.maestro"), profile);
    let definition = Definition::new(&executable, &settings, None, environment).unwrap();
    let place = Place {
        definition,
        user_home: at("me"),
        program,
        linger: at("linger"),
        user: "ann".into(),
        macos,
    };
    World { folder, place }
}

impl World {
    /// What was asked since the last time.
    fn calls(&self) -> Vec<String> {
        let file = self.folder.path().join("fake/calls");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let _nothing_was_asked = fs::remove_file(file);
        text.lines().map(str::to_owned).collect()
    }

    fn note(&self, name: &str) {
        fs::write(self.folder.path().join(name), "").unwrap();
    }

    fn text(&self) -> String {
        fs::read_to_string(self.place.system().file()).unwrap()
    }
}

fn nasty() -> Definition {
    Definition {
        executable: "/opt/my $tools/100%/maestro".into(),
        home: "/home/ann/$HOME \"50%\"\\/.maestro".into(),
        profile: Some("work".into()),
        port: Some(24_000),
        environment: [("PATH", "/a b:/c%d:/e\"f\\"), ("MAESTRO_LOG", "info,server=debug")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    }
}

#[test]
fn the_unit_says_what_to_start_and_what_to_leave_alone() {
    let World { folder: _folder, mut place } = world(false, None);
    place.definition = nasty();
    assert_eq!(
        place.system().text(&place.definition),
        r#"# Written by `maestro service install`, which replaces changes. Settings belong into the file
# config.toml of the data folder.
[Unit]
Description=Maestro, mission control for AI coding agents
Documentation=man:systemd.service(5)
# It starts again after a failure, but not for ever when it cannot.
StartLimitIntervalSec=60
StartLimitBurst=30

[Service]
Type=exec
# Standard output greets with a login link, which is not for the journal; the log is on the other.
StandardOutput=null
ExecStart="/opt/my $tools/100%%/maestro" --home "/home/ann/$$HOME \"50%%\"\\/.maestro" --profile work --port 24000
# The folders of now: coding agents that were installed into a home folder are in none of
# systemd's own.
Environment="MAESTRO_LOG=info,server=debug"
Environment="PATH=/a b:/c%%d:/e\"f\\"
Restart=on-failure
RestartSec=1
# A wrong setting does not mend itself.
RestartPreventExitStatus=2
# Only Maestro itself: tmux and the agents in it outlive a stop, a restart and an update.
KillMode=process
# One agent that takes all memory is no reason to stop the rest.
OOMPolicy=continue
TimeoutStopSec=15
LimitNOFILE=65536

[Install]
WantedBy=default.target
"#
    );
}

#[test]
fn the_property_list_says_what_to_start_and_what_to_leave_alone() {
    let World { folder: _folder, mut place } = world(true, None);
    place.user_home = "/Users/ann".into();
    place.definition = Definition { home: "/Users/a<b&c>--/.maestro".into(), ..nasty() };
    assert_eq!(
        place.system().text(&place.definition),
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by `maestro service install`, which replaces changes. Settings belong into
     the file config.toml of the data folder. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>local.maestro-work</string>
  <key>ProgramArguments</key>
  <array>
    <string>/opt/my $tools/100%/maestro</string>
    <string>--home</string>
    <string>/Users/a&lt;b&amp;c&gt;--/.maestro</string>
    <string>--profile</string>
    <string>work</string>
    <string>--port</string>
    <string>24000</string>
  </array>
  <!-- The folders of now: coding agents that were installed into a home folder are in none of
       launchd's own. -->
  <key>EnvironmentVariables</key>
  <dict>
    <key>MAESTRO_LOG</key>
    <string>info,server=debug</string>
    <key>PATH</key>
    <string>/a b:/c%d:/e"f\</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>1</integer>
  <!-- Only Maestro itself: tmux and the agents in it outlive a stop and an update. -->
  <key>AbandonProcessGroup</key>
  <true/>
  <key>SoftResourceLimits</key>
  <dict>
    <key>NumberOfFiles</key>
    <integer>65536</integer>
  </dict>
  <key>StandardErrorPath</key>
  <string>/Users/ann/Library/Logs/maestro-work.log</string>
</dict>
</plist>
"#
    );
}

#[test]
fn paths_that_would_mean_something_else_are_refused() {
    fn check(executable: &str, home: &str, path: &str, words: &str) {
        let settings = Settings { home: home.into(), ..settings(Path::new("/h"), None) };
        let environment = [("PATH".to_owned(), path.to_owned())].into();
        let refused = Definition::new(Path::new(executable), &settings, None, environment);
        let message = refused.unwrap_err().error.message;
        assert!(message.contains(words), "{message}");
    }
    check("/bin/x\nExecStartPost=/bin/y", "/h", "/bin", "The program's path holds a line break");
    check("/bin/x", "/h", "/bin\nKillMode=mixed", "PATH holds a line break");
    check("/bin/\"x", "/h", "/bin", "quotes or backslashes");
    check("/bin/x", "/h\n", "/bin", "control characters");
    check("/bin/x", "h", "/bin", "not an absolute path");
}

#[test]
fn only_what_maestro_knows_goes_into_the_service() {
    let environment = ["HOME", "MAESTRO_HOME", "MAESTRO_AGENT_ID", "MAESTRO_LOG", "SECRET", "PATH"]
        .map(|name| (name.to_owned(), "x".to_owned()));
    let settings = settings(Path::new("/h"), None);
    let definition = Definition::new(Path::new("/x"), &settings, None, environment.into()).unwrap();
    let names: Vec<_> = definition.environment.keys().collect();
    assert_eq!(names, ["MAESTRO_LOG", "PATH"]);
}

#[test]
fn installing_twice_is_installing_once_and_a_change_restarts() {
    let mut world = world(false, None);
    let report = install(&world.place, false).unwrap();
    assert!(report.text.contains("maestro.service is installed and serves "), "{}", report.text);
    assert!(report.text.contains("loginctl enable-linger ann"), "{}", report.text);
    let reach = "--user show-environment";
    let active = "--user is-active maestro.service";
    let enabled = "--user is-enabled maestro.service";
    let reload = "--user daemon-reload";
    let enable = "--user enable --now maestro.service";
    assert_eq!(world.calls(), [reach, active, reload, active, enable, enabled, active]);

    world.note("linger/ann");
    let again = install(&world.place, false).unwrap();
    assert!(!again.text.contains("loginctl"), "{}", again.text);
    assert_eq!(world.calls(), [reach, active, enable, enabled, active]);

    let path = ("PATH".to_owned(), "/opt/bin:/usr/bin".to_owned());
    world.place.definition.environment = [path].into();
    install(&world.place, false).unwrap();
    let restart = "--user restart maestro.service";
    assert_eq!(world.calls(), [reach, active, reload, active, enable, restart, enabled, active]);
    assert!(world.text().contains("Environment=\"PATH=/opt/bin:/usr/bin\""));
    let status = status(&world.place).unwrap();
    let envelope: serde_json::Value = serde_json::from_str(&status.json).unwrap();
    let facts = ["installed", "enabled", "active", "linger"].map(|fact| &envelope["data"][fact]);
    assert_eq!(facts, [true; 4]);

    let path = ("PATH".to_owned(), "/usr/bin".to_owned());
    world.place.definition.environment = [path].into();
    world.note("fake/failing");
    let refused = install(&world.place, false).unwrap_err();
    let message = &refused.error.message;
    assert!(message.contains("restart maestro.service): Job failed. `journalctl"), "{message}");
    assert_eq!(refused.exit, cli::Exit::Unavailable);
}

#[test]
fn what_others_wrote_is_left_alone_unless_forced() {
    let mut world = world(false, None);
    let file = world.place.system().file();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "[Service]\nExecStart=/usr/bin/maestro\n").unwrap();
    for outcome in [install(&world.place, false), uninstall(&world.place, false)] {
        let refused = outcome.unwrap_err();
        assert_eq!(refused.exit, cli::Exit::Conflict);
        assert!(refused.error.message.contains("was not written by Maestro"), "{refused:?}");
        assert!(world.text().contains("/usr/bin/maestro"));
    }
    install(&world.place, true).unwrap();
    assert!(world.text().contains(MARKER));

    world.place.definition.home = world.folder.path().join("me/.maestro2");
    for outcome in [install(&world.place, false), uninstall(&world.place, false)] {
        let refused = outcome.unwrap_err();
        assert!(refused.error.message.contains("serves another data folder"), "{refused:?}");
    }
    install(&world.place, true).unwrap();
    assert!(world.text().contains(".maestro2"));
}

#[test]
fn a_maestro_that_runs_already_is_not_disturbed() {
    let world = world(false, None);
    let home = Home::at(world.place.definition.home.clone()).unwrap();
    let _running = home.prepare().unwrap();
    let refused = install(&world.place, false).unwrap_err();
    assert_eq!(refused.exit, cli::Exit::Conflict);
    assert!(refused.error.message.contains("Stop it first"), "{refused:?}");
    assert!(!world.place.system().file().exists());
}

#[test]
fn uninstalling_stops_and_forgets() {
    let world = world(false, Some("work"));
    let nothing = uninstall(&world.place, false).unwrap();
    assert!(nothing.text.starts_with("maestro-work.service is not installed."), "{nothing:?}");
    install(&world.place, false).unwrap();
    world.calls();
    let report = uninstall(&world.place, false).unwrap();
    assert!(report.text.contains("Agents go on"), "{}", report.text);
    assert!(!world.place.system().file().exists());
    let calls = world.calls();
    assert_eq!(
        calls[..3],
        [
            "--user show-environment",
            "--user disable --now maestro-work.service",
            "--user daemon-reload"
        ]
    );
}

#[test]
fn a_system_that_cannot_be_asked_is_named_and_nothing_is_written() {
    let mut world = world(false, None);
    world.note("fake/unreachable");
    let refused = install(&world.place, false).unwrap_err();
    assert_eq!(refused.exit, cli::Exit::Unavailable);
    let message = refused.error.message;
    assert!(message.contains("systemctl --user: Failed to connect to bus"), "{message}");
    assert!(message.contains("`maestro service install --print`"), "{message}");
    assert!(!world.place.user_home.join(".config").exists());

    world.place.program = world.folder.path().join("no-such-program");
    assert_eq!(status(&world.place).unwrap_err().exit, cli::Exit::Unavailable);
}

#[test]
fn launchd_is_asked_in_its_own_words() {
    let mut world = world(true, None);
    let report = install(&world.place, false).unwrap();
    assert!(report.text.contains("local.maestro is installed"), "{}", report.text);
    let domain = format!("gui/{}", rustix::process::getuid().as_raw());
    let target = format!("{domain}/local.maestro");
    let file = world.place.user_home.join("Library/LaunchAgents/local.maestro.plist");
    assert!(file.is_file());
    let bootstrap = format!("bootstrap {domain} {}", file.display());
    assert!(world.calls().contains(&bootstrap));

    world.place.definition.port = Some(24_000);
    install(&world.place, false).unwrap();
    let calls = world.calls();
    let place = |call: &str| calls.iter().position(|asked| asked == call).unwrap();
    assert!(place(&format!("bootout {target}")) < place(&bootstrap), "{calls:?}");

    uninstall(&world.place, false).unwrap();
    assert!(!file.exists());
}
