//! A unit of the user's own systemd.

use std::path::PathBuf;

use cli::exit::Refusal;
use protocol::error::ErrorCode;

use super::definition::{Definition, OPEN_FILES};
use super::{MARKER, Place, System, ask};
use crate::report::refusal;

pub(super) struct Systemd<'a> {
    place: &'a Place,
    unit: String,
}

impl<'a> Systemd<'a> {
    pub(super) fn new(place: &'a Place) -> Self {
        Self { place, unit: format!("{}.service", place.definition.name()) }
    }

    fn systemctl(&self, arguments: &[&str]) -> Result<String, String> {
        let mut all = vec!["--user"];
        all.extend(arguments);
        let output = ask(&self.place.program, &all)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Asks for something to be done.
    fn order(&self, arguments: &[&str]) -> Result<(), Refusal> {
        self.systemctl(arguments).map(drop).map_err(|said| {
            let what = arguments.join(" ");
            refusal(
                ErrorCode::Unavailable,
                format!(
                    "systemd did not do it (systemctl --user {what}): {said} \
                     `journalctl --user -u {}` may say more.",
                    self.unit
                ),
            )
        })
    }
}

impl System for Systemd<'_> {
    fn name(&self) -> String {
        self.unit.clone()
    }

    fn file(&self) -> PathBuf {
        self.place.user_home.join(".config/systemd/user").join(&self.unit)
    }

    fn text(&self, definition: &Definition) -> String {
        unit(definition)
    }

    fn is_about(&self, text: &str, definition: &Definition) -> bool {
        let home = argument(&definition.home.to_string_lossy());
        text.lines().any(|line| {
            line.starts_with("ExecStart=")
                && (line.ends_with(&format!(" --home {home}"))
                    || line.contains(&format!(" --home {home} ")))
        })
    }

    fn reach(&self) -> Result<(), Refusal> {
        let reached = self.systemctl(&["show-environment"]);
        reached.map(drop).map_err(|said| {
            refusal(
                ErrorCode::Unavailable,
                format!(
                    "systemd cannot be asked to start Maestro for you (systemctl --user: {said}). \
                     Log in as yourself, not through su or sudo, on a system that runs systemd; \
                     or take the file from `maestro service install --print`."
                ),
            )
        })
    }

    fn start(&self, changed: bool) -> Result<(), Refusal> {
        if changed {
            self.order(&["daemon-reload"])?;
        }
        let restarts = changed && self.is_active();
        self.order(&["enable", "--now", &self.unit])?;
        if restarts { self.order(&["restart", &self.unit]) } else { Ok(()) }
    }

    fn stop(&self) -> Result<(), Refusal> {
        self.order(&["disable", "--now", &self.unit])
    }

    fn forget(&self) -> Result<(), Refusal> {
        self.order(&["daemon-reload"])
    }

    fn is_enabled(&self) -> bool {
        self.systemctl(&["is-enabled", &self.unit]).is_ok()
    }

    fn is_active(&self) -> bool {
        self.systemctl(&["is-active", &self.unit]).is_ok()
    }

    fn lingers(&self) -> Option<bool> {
        Some(self.place.linger.join(&self.place.user).is_file())
    }

    fn advice(&self) -> String {
        if self.lingers() == Some(true) {
            return String::new();
        }
        format!(
            "It starts when you log in and stops when you log out. To have it run from the start \
             of the machine: loginctl enable-linger {}\n",
            self.place.user
        )
    }
}

/// The text of the unit.
fn unit(definition: &Definition) -> String {
    let mut words = definition.words().into_iter();
    // systemd takes a program's path without variables, so that a $ in it stands for itself.
    let program = words.next().map(|program| quoted(&program)).unwrap_or_default();
    let arguments = words.map(|word| argument(&word)).collect::<Vec<_>>().join(" ");
    let variable = |(name, value): (&String, &String)| {
        format!("Environment={}", quoted(&format!("{name}={value}")))
    };
    let environment = definition.environment.iter().map(variable).collect::<Vec<_>>().join("\n");
    format!(
        "# {MARKER}, which replaces changes. Settings belong into the file
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
ExecStart={program} {arguments}
# The folders of now: coding agents that were installed into a home folder are in none of
# systemd's own.
{environment}
Restart=on-failure
RestartSec=1
# A wrong setting does not mend itself.
RestartPreventExitStatus=2
# Only Maestro itself: tmux and the agents in it outlive a stop, a restart and an update.
KillMode=process
# One agent that takes all memory is no reason to stop the rest.
OOMPolicy=continue
TimeoutStopSec=15
LimitNOFILE={OPEN_FILES}

[Install]
WantedBy=default.target
"
    )
}

/// A word of a command line: also a $ stands for itself.
fn argument(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    quoted(&text.replace('$', "$$"))
}

/// In quotes, with everything that systemd would take for something else marked.
fn quoted(text: &str) -> String {
    let marked = text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{marked}\"")
}
