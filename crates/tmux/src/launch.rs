//! The launcher: carries program, arguments, folder and environment past tmux and every shell.
//!
//! tmux sees only `maestro launch SPEC`. The launcher reads and removes the spec, becomes the
//! program by `exec`, and says in the pane why that failed if it did.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use protocol::terminals::TerminalId;
use serde::{Deserialize, Serialize};

use crate::error::TmuxError;
use crate::platform::set_open_files;
use crate::session::Services;

/// Exit code of a launcher that could not start the program, as shells use it.
const COULD_NOT_START: i32 = 127;
/// Time in which tmux reads the reason.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What runs in a new session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Name of the session.
    pub terminal: TerminalId,
    /// Absolute path of the program.
    pub program: PathBuf,
    /// Arguments, one by one.
    pub args: Vec<String>,
    /// Working folder.
    pub folder: PathBuf,
    /// Variables on top of the tmux server's own, which has none of Maestro's.
    pub env: Vec<(String, String)>,
}

/// What the launcher reads.
#[derive(Serialize, Deserialize)]
struct Spec<'a> {
    launch: Cow<'a, Launch>,
    /// How many files the program may open; absent = as many as tmux.
    open_files: Option<u64>,
}

impl Launch {
    /// Writes the spec (0600) that [`run`] reads.
    ///
    /// The epoch is in its name: a launcher that comes late must not take what is meant for the
    /// next life of its terminal.
    pub(crate) fn write(&self, services: &Services, epoch: u64) -> Result<PathBuf, TmuxError> {
        self.check()?;
        let path =
            services.config.launch_dir().join(format!("{}.{epoch:016x}.json", self.terminal));
        let open_files = services.open_files;
        let spec = serde_json::to_vec(&Spec { launch: Cow::Borrowed(self), open_files })
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

/// Removes the specs of launches that this process's predecessor did not live to see: no session
/// reads them any more.
pub(crate) fn sweep(folder: &Path, running: &[TerminalId]) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let terminal = name.split('.').next().and_then(|terminal| terminal.parse().ok());
        if terminal.is_none_or(|terminal| !running.contains(&terminal)) {
            let _gone = fs::remove_file(&path);
        }
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
    let Spec { launch, open_files } = match read(spec) {
        Ok(spec) => spec,
        Err(error) => {
            return format!(
                "Maestro lost the description of this terminal ({error}). Start it again."
            );
        }
    };
    if let Err(error) = std::env::set_current_dir(&launch.folder) {
        return format!(
            "Maestro cannot enter the folder {:?}: {error}. Create it or choose another one, then start it again.",
            launch.folder.to_string_lossy()
        );
    }
    let mut command = Command::new(&launch.program);
    command.args(&launch.args);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_private(name)) {
        command.env_remove(name);
    }
    command.envs(launch.env.iter().map(|(name, value)| (name, value)));
    if let Some(count) = open_files {
        set_open_files(count);
    }
    let error = command.exec();
    format!(
        "Maestro cannot start {:?}: {error}. Check that the program is installed, then start it again.",
        launch.program.to_string_lossy()
    )
}

fn read(path: &Path) -> io::Result<Spec<'static>> {
    let spec = serde_json::from_reader(io::BufReader::new(File::open(path)?))?;
    fs::remove_file(path)?;
    Ok(spec)
}

/// Variables by which a service manager speaks with the service that Maestro may be.
const OF_A_SERVICE: [&str; 6] = [
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "NOTIFY_SOCKET",
    "SYSTEMD_EXEC_PID",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
];

/// Variables that tell about Maestro or its tmux server; no program inherits them.
pub(crate) fn is_private(name: &OsStr) -> bool {
    name == "TMUX"
        || name == "TMUX_PANE"
        || name.as_bytes().starts_with(b"MAESTRO_")
        || OF_A_SERVICE.iter().any(|of_a_service| name == *of_a_service)
}
