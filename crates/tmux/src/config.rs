//! Where the tmux server lives, and the folder it needs.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::TmuxError;

/// `sun_path` holds 104 bytes on macOS and 108 on Linux, with the closing zero.
const SOCKET_PATH_BYTES: usize = 100;

/// The options of the server; see the file for the reasons.
pub(crate) const OPTIONS: &str = include_str!("tmux.conf");

/// Where things are.
#[derive(Clone, Debug)]
pub struct TmuxConfig {
    /// Private folder (0700, made if missing) for both sockets and the launch specs.
    pub run_dir: PathBuf,
    /// Executable that has the subcommands `launch` and `tap`.
    pub maestro_exe: PathBuf,
    /// tmux: a name on `PATH` or a path.
    pub tmux_program: PathBuf,
}

impl TmuxConfig {
    pub(crate) fn server_socket(&self) -> PathBuf {
        self.run_dir.join("tmux-0.sock")
    }

    pub(crate) fn tap_socket(&self) -> PathBuf {
        self.run_dir.join("tap.sock")
    }

    pub(crate) fn launch_dir(&self) -> PathBuf {
        self.run_dir.join("launch")
    }

    /// Makes paths absolute, refuses what cannot work and creates the private folders.
    pub(crate) fn prepare(mut self) -> Result<Self, TmuxError> {
        self.run_dir = absolute(&self.run_dir)?;
        self.maestro_exe = absolute(&self.maestro_exe)?;
        for path in [&self.run_dir, &self.maestro_exe] {
            if path.as_os_str().as_bytes().iter().any(u8::is_ascii_control) {
                return Err(self.unusable("a path with control characters cannot be quoted safely"));
            }
            if path.to_str().is_none() {
                return Err(
                    self.unusable("a path that is not valid UTF-8 cannot be passed to tmux")
                );
            }
        }
        if self.server_socket().as_os_str().len() > SOCKET_PATH_BYTES {
            return Err(self.unusable(
                "its path is too long for a socket. Choose a folder with a path below 85 bytes",
            ));
        }
        private_folder(&self.run_dir)?;
        private_folder(&self.launch_dir())?;
        Ok(self)
    }

    fn unusable(&self, reason: &str) -> TmuxError {
        TmuxError::RunDir { path: self.run_dir.clone(), reason: reason.to_owned() }
    }
}

fn absolute(path: &Path) -> Result<PathBuf, TmuxError> {
    std::path::absolute(path).map_err(TmuxError::io("find", path))
}

fn private_folder(path: &Path) -> Result<(), TmuxError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(TmuxError::io("create", path))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
        .map_err(TmuxError::io("protect", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_cannot_hold_a_socket_are_refused_with_a_reason() {
        let prepare = |run_dir: String| {
            TmuxConfig {
                run_dir: run_dir.into(),
                maestro_exe: "/bin/maestro".into(),
                tmux_program: "tmux".into(),
            }
            .prepare()
            .unwrap_err()
            .to_string()
        };
        assert!(prepare(format!("/nowhere/{}", "x".repeat(90))).contains("too long"));
        assert!(prepare("/nowhere/a\nb".into()).contains("control characters"));
    }
}
