//! An agent of macOS's launchd. Never run on macOS so far: the text follows launchd.plist(5).

use std::path::PathBuf;

use cli::exit::Refusal;
use protocol::error::ErrorCode;

use super::definition::{Definition, OPEN_FILES};
use super::{MARKER, Place, System, ask};
use crate::report::refusal;

pub(super) struct Launchd<'a> {
    place: &'a Place,
    label: String,
    /// The session of the user, where its services live.
    domain: String,
}

impl<'a> Launchd<'a> {
    pub(super) fn new(place: &'a Place) -> Self {
        let domain = format!("gui/{}", rustix::process::getuid().as_raw());
        Self { place, label: label(&place.definition), domain }
    }

    fn target(&self) -> String {
        format!("{}/{}", self.domain, self.label)
    }

    fn launchctl(&self, arguments: &[&str]) -> Result<(), String> {
        ask(&self.place.program, arguments).map(drop)
    }

    fn order(&self, arguments: &[&str]) -> Result<(), Refusal> {
        self.launchctl(arguments).map_err(|said| {
            let what = arguments.join(" ");
            let message = format!("launchd did not do it (launchctl {what}): {said}");
            refusal(ErrorCode::Unavailable, message)
        })
    }
}

impl System for Launchd<'_> {
    fn name(&self) -> String {
        self.label.clone()
    }

    fn file(&self) -> PathBuf {
        self.place.user_home.join("Library/LaunchAgents").join(format!("{}.plist", self.label))
    }

    fn text(&self, definition: &Definition) -> String {
        plist(definition, &self.place.user_home.to_string_lossy())
    }

    fn is_about(&self, text: &str, definition: &Definition) -> bool {
        text.contains(&string(&definition.home.to_string_lossy()))
    }

    fn reach(&self) -> Result<(), Refusal> {
        self.launchctl(&["print", &self.domain]).map_err(|said| {
            refusal(
                ErrorCode::Unavailable,
                format!(
                    "launchd cannot be asked to start Maestro for you (launchctl: {said}). Log in \
                     at the machine itself; or take the file from `maestro service install --print`."
                ),
            )
        })
    }

    fn start(&self, changed: bool) -> Result<(), Refusal> {
        if self.is_active() {
            if !changed {
                return Ok(());
            }
            self.order(&["bootout", &self.target()])?;
        }
        self.order(&["enable", &self.target()])?;
        self.order(&["bootstrap", &self.domain, &self.file().to_string_lossy()])
    }

    fn stop(&self) -> Result<(), Refusal> {
        if self.is_active() { self.order(&["bootout", &self.target()]) } else { Ok(()) }
    }

    fn forget(&self) -> Result<(), Refusal> {
        Ok(())
    }

    fn is_enabled(&self) -> bool {
        // What lies in this folder is started at login.
        self.file().is_file()
    }

    fn is_active(&self) -> bool {
        self.launchctl(&["print", &self.target()]).is_ok()
    }

    fn lingers(&self) -> Option<bool> {
        None
    }

    fn advice(&self) -> String {
        "It starts when you log in.\n".into()
    }
}

fn label(definition: &Definition) -> String {
    format!("local.{}", definition.name())
}

/// The text of the property list.
fn plist(definition: &Definition, user_home: &str) -> String {
    let lines = |lines: Vec<String>| lines.join("\n    ");
    let words = lines(definition.words().iter().map(|word| string(word)).collect());
    let variable =
        |(name, value): (&String, &String)| [format!("<key>{}</key>", xml(name)), string(value)];
    let environment = lines(definition.environment.iter().flat_map(variable).collect());
    let log = string(&format!("{user_home}/Library/Logs/{}.log", definition.name()));
    let label = string(&label(definition));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">
<!-- {MARKER}, which replaces changes. Settings belong into
     the file config.toml of the data folder. -->
<plist version=\"1.0\">
<dict>
  <key>Label</key>
  {label}
  <key>ProgramArguments</key>
  <array>
    {words}
  </array>
  <!-- The folders of now: coding agents that were installed into a home folder are in none of
       launchd's own. -->
  <key>EnvironmentVariables</key>
  <dict>
    {environment}
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
    <integer>{OPEN_FILES}</integer>
  </dict>
  <key>StandardErrorPath</key>
  {log}
</dict>
</plist>
"
    )
}

fn string(text: &str) -> String {
    format!("<string>{}</string>", xml(text))
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
