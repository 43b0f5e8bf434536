//! The launcher: carries program, arguments, folder and environment past tmux and every shell.
//!
//! tmux sees only `maestro launch SPEC`. The launcher reads and removes the spec, becomes the
//! program by `exec`, and says in the pane why that failed if it did.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use protocol::agents::AgentId;
use serde::{Deserialize, Serialize};

use crate::error::TmuxError;

/// Exit code of a launcher that could not start the program, as shells use it.
const COULD_NOT_START: i32 = 127;
/// Time in which tmux reads the reason.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What runs in a new session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Name of the session.
    pub agent: AgentId,
    /// Absolute path of the program.
    pub program: PathBuf,
    /// Arguments, one by one.
    pub args: Vec<String>,
    /// Working folder.
    pub folder: PathBuf,
    /// Variables on top of the tmux server's own, which has none of Maestro's.
    pub env: Vec<(String, String)>,
}

impl Launch {
    /// Writes the spec (0600) that [`run`] reads.
    pub(crate) fn write(&self, folder: &Path) -> Result<PathBuf, TmuxError> {
        self.check()?;
        let path = folder.join(format!("{}.json", self.agent));
        let spec = serde_json::to_vec(self)
            .map_err(|_| TmuxError::Launch("its program or folder is not valid UTF-8".into()))?;
        let write = || -> io::Result<()> {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?
                .write_all(&spec)
        };
        write().map_err(TmuxError::io("write", &path))?;
        Ok(path)
    }

    fn check(&self) -> Result<(), TmuxError> {
        let refuse = |reason: &str| Err(TmuxError::Launch(reason.to_owned()));
        if !self.program.is_absolute() {
            return refuse("the path of its program must be absolute");
        }
        if !self.folder.is_absolute() {
            return refuse("the path of its folder must be absolute");
        }
        let bad_name = |name: &str| name.is_empty() || name.contains(['=', '\0']);
        if self.env.iter().any(|(name, _)| bad_name(name)) {
            return refuse("a variable needs a name without `=`");
        }
        let texts = self.args.iter().chain(self.env.iter().map(|(_, value)| value));
        let has_zero = texts.map(String::as_bytes).any(|text| text.contains(&0))
            || [&self.program, &self.folder]
                .iter()
                .any(|path| path.as_os_str().as_bytes().contains(&0));
        if has_zero {
            return refuse("no program can receive a zero byte in an argument, path or variable");
        }
        Ok(())
    }
}

/// Body of `maestro launch SPEC`: becomes the program, or explains in the pane and exits with 127.
pub fn run(spec: &Path) -> ! {
    let reason = become_program(spec);
    // Nothing is left to do when even the terminal is gone.
    let _unwritable = writeln!(io::stderr(), "{reason}");
    rest();
    std::process::exit(COULD_NOT_START)
}

/// tmux may close a pane before it has read the last words of a program; so let them be read.
#[expect(clippy::disallowed_methods, reason = "no event tells that a terminal was read")]
fn rest() {
    std::thread::sleep(LAST_WORDS);
}

/// Returns only on failure, with the sentence for the pane.
fn become_program(spec: &Path) -> String {
    let launch = match read(spec) {
        Ok(launch) => launch,
        Err(error) => {
            return format!(
                "Maestro lost the description of this agent ({error}). Start it again."
            );
        }
    };
    if let Err(error) = std::env::set_current_dir(&launch.folder) {
        return format!(
            "Maestro cannot enter the folder {:?}: {error}. Create it or choose another one, then start the agent again.",
            launch.folder.to_string_lossy()
        );
    }
    let mut command = Command::new(&launch.program);
    command.args(&launch.args);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_private(name)) {
        command.env_remove(name);
    }
    let error = command.envs(launch.env).exec();
    format!(
        "Maestro cannot start {:?}: {error}. Check that the program is installed, then start the agent again.",
        launch.program.to_string_lossy()
    )
}

fn read(spec: &Path) -> io::Result<Launch> {
    let launch = serde_json::from_reader(io::BufReader::new(File::open(spec)?))?;
    fs::remove_file(spec)?;
    Ok(launch)
}

/// Variables that tell about Maestro or its tmux server; no agent inherits them.
pub(crate) fn is_private(name: &OsStr) -> bool {
    name == "TMUX" || name == "TMUX_PANE" || name.as_bytes().starts_with(b"MAESTRO_")
}
