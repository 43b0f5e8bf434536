//! What the system is asked to start: this program, for this data folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cli::exit::Refusal;
use protocol::error::ErrorCode;

use crate::config::{self, Environment, Flags, Settings};
use crate::home::Home;
use crate::report::refusal;

/// Files that the service may open: each terminal and each window takes a few.
pub(super) const OPEN_FILES: u32 = 65_536;
/// Set for people in agents' terminals, or told by the arguments.
const LEFT_OUT: [&str; 4] =
    ["MAESTRO_AGENT_ID", "MAESTRO_AGENT_NAME", "MAESTRO_HOME", "MAESTRO_PROFILE"];

/// A program, its arguments and its environment. Every text is without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    /// Absolute path of this program.
    pub(super) executable: String,
    /// Data folder, absolute.
    pub(super) home: PathBuf,
    pub(super) profile: Option<String>,
    /// Only where the command line named one that the service would not find out by itself.
    pub(super) port: Option<u16>,
    /// `PATH` as it is now: a service's own holds only the system's folders, so that coding
    /// agents which were installed into the user's home would not be found. And Maestro's own
    /// variables, so that the service serves what this command line would.
    pub(super) environment: BTreeMap<String, String>,
}

impl Definition {
    pub(super) fn of_this_process(settings: &Settings) -> Result<Self, Refusal> {
        let executable = std::env::current_exe().map_err(|error| {
            refusal(ErrorCode::Unavailable, format!("Maestro's own program is not found: {error}."))
        })?;
        let mut environment = config::environment();
        // As the settings were decided, but for the command line.
        let flags = Flags {
            home: Some(settings.home.clone()),
            profile: settings.profile.clone(),
            ..Flags::default()
        };
        let by_itself = Settings::decide(&flags, &environment).ok().map(|settings| settings.port);
        let port = Some(settings.port).filter(|port| Some(*port) != by_itself);
        if let Some(path) = std::env::var_os("PATH") {
            environment.insert("PATH".into(), path.to_string_lossy().into_owned());
        }
        Self::new(&executable, settings, port, environment)
    }

    /// Refuses what could not be written into the file without meaning something else.
    pub(super) fn new(
        executable: &Path,
        settings: &Settings,
        port: Option<u16>,
        mut environment: Environment,
    ) -> Result<Self, Refusal> {
        let invalid = |message: String| Err(refusal(ErrorCode::Invalid, message));
        environment.retain(|name, _| name == "PATH" || name.starts_with("MAESTRO_"));
        environment.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
        if let Err(error) = Home::at(settings.home.clone()) {
            return invalid(error.to_string());
        }
        let (Some(executable), Some(home)) = (executable.to_str(), settings.home.to_str()) else {
            return invalid(format!(
                "A service cannot name a path that is not UTF-8: {} or {}. Move the program, or \
                 choose another data folder with --home.",
                executable.display(),
                settings.home.display()
            ));
        };
        if executable.contains(['"', '\'', '\\']) {
            return invalid(format!(
                "systemd starts no program whose path holds quotes or backslashes: {executable}. \
                 Move it, then run this command again."
            ));
        }
        let texts = environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (what, text) in texts.chain([("The program's path", executable), ("--home", home)]) {
            if text.chars().any(char::is_control) {
                return invalid(format!(
                    "{what} holds a line break or another control character, which a service \
                     cannot have. Change it, then try again."
                ));
            }
        }
        Ok(Self {
            executable: executable.to_owned(),
            home: settings.home.clone(),
            profile: settings.profile.clone(),
            port,
            environment,
        })
    }

    /// The program and its arguments.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = vec![self.executable.clone()];
        words.extend(["--home".into(), self.home.to_string_lossy().into_owned()]);
        if let Some(profile) = &self.profile {
            words.extend(["--profile".into(), profile.clone()]);
        }
        if let Some(port) = self.port {
            words.extend(["--port".into(), port.to_string()]);
        }
        words
    }

    /// `maestro` or `maestro-<profile>`.
    pub(super) fn name(&self) -> String {
        self.profile.as_ref().map_or("maestro".into(), |profile| format!("maestro-{profile}"))
    }
}
