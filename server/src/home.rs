//! The data folder: what lies where, who may read it, and that only one server uses it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// Longest path that fits a Unix socket address on Linux and macOS, with the file's name.
const SOCKET_PATH_BYTES: usize = 100;

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// A path with control characters could not be shown or quoted safely.
    #[error("The data folder's path holds control characters. Choose another with --home.")]
    ControlCharacters,
    /// Relative path.
    #[error(
        "The data folder “{0}” is not an absolute path. Give --home a path that starts with /."
    )]
    NotAbsolute(PathBuf),
    /// Other people could read it.
    #[error("Others can read {path} (mode {mode:o}). Run: chmod go-rwx {path}")]
    Readable {
        /// File or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Somebody else's, or a link to somewhere.
    #[error(
        "{0} is a link or belongs to another user. Remove it, or choose another folder with --home."
    )]
    NotOurs(PathBuf),
    /// Another server holds the lock.
    #[error(
        "Another Maestro already uses {0}. Stop it first, or start this one with --profile NAME or another --home."
    )]
    Locked(PathBuf),
    /// Any other failure of the file system.
    #[error(
        "Maestro cannot use {path}: {source}. Check the folder, or choose another with --home."
    )]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What holds secrets, or hashes of them, inside the data folder. The folder keeps others out
/// already; these must stay private when somebody copies or moves them.
const PRIVATE: [&str; 5] = ["maestro.db", "maestro.db-wal", "backups", "keys", "tls"];

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> HomeError {
    let path = path.to_owned();
    move |source| HomeError::Io { path, source }
}

/// Paths inside one data folder.
#[derive(Clone, Debug)]
pub struct Home {
    root: PathBuf,
    run: PathBuf,
}

/// Held as long as the server lives; the lock goes with the process, even when it is killed.
#[derive(Debug)]
pub struct HomeLock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Home {
    /// Names the folder; nothing is created yet.
    pub fn at(root: PathBuf) -> Result<Self, HomeError> {
        if root.to_string_lossy().chars().any(char::is_control) {
            return Err(HomeError::ControlCharacters);
        }
        if !root.is_absolute() {
            return Err(HomeError::NotAbsolute(root));
        }
        let run = run_folder(&root);
        Ok(Self { root, run })
    }

    /// Creates what is missing, checks who can read it, and takes the lock.
    pub fn prepare(&self) -> Result<HomeLock, HomeError> {
        for folder in [&self.root, &self.run] {
            private_folder(folder)?;
        }
        for name in PRIVATE {
            let path = self.root.join(name);
            // A folder in place of a file is told by whoever wants to open that file.
            if name.contains('.') && path.is_dir() {
                continue;
            }
            check_mode(&path)?;
        }
        let usual = self.root.join("run");
        if self.run != usual && fs::read_link(&usual).ok().as_ref() != Some(&self.run) {
            if usual.is_symlink() {
                // From a start with another runtime folder.
                fs::remove_file(&usual).map_err(io_error(&usual))?;
            }
            // The command line looks under the data folder, wherever the sockets are.
            std::os::unix::fs::symlink(&self.run, &usual).map_err(io_error(&usual))?;
        }
        let lock = self.root.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock)
            .map_err(io_error(&lock))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(HomeLock(file)),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(HomeError::Locked(self.root.clone())),
            Err(error) => Err(io_error(&lock)(error.into())),
        }
    }

    /// Checks who can read what is there. Creates nothing; a missing folder is fine.
    pub fn check(&self) -> Result<(), HomeError> {
        if self.root.symlink_metadata().is_ok() { check_private(&self.root) } else { Ok(()) }
    }

    /// Whether a running Maestro uses the folder. Creates nothing.
    pub fn is_in_use(&self) -> bool {
        File::open(self.root.join("lock")).is_ok_and(|lock| {
            let free = flock(&lock, FlockOperation::NonBlockingLockShared);
            free == Err(rustix::io::Errno::WOULDBLOCK)
        })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Sockets, the running server's address and the command line's token.
    pub fn run(&self) -> &Path {
        &self.run
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.root.join("maestro.db")
    }

    /// The settings file.
    pub fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// Writes a file that only the owner reads, replacing it in one step.
    pub fn write_private(path: &Path, text: &str) -> Result<(), HomeError> {
        let fresh = path.with_extension("new");
        // A leftover of a crash may have any mode: the file is made anew.
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error(&fresh)(error));
            }
            _ => {}
        }
        let mut file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&fresh)
            .map_err(io_error(&fresh))?;
        file.write_all(text.as_bytes()).map_err(io_error(&fresh))?;
        fs::rename(&fresh, path).map_err(io_error(path))
    }
}

/// `<home>/run`, or a short private folder when a socket's path would be too long.
fn run_folder(root: &Path) -> PathBuf {
    let usual = root.join("run");
    if usual.as_os_str().len() + "/tmux-0.sock".len() <= SOCKET_PATH_BYTES {
        return usual;
    }
    let key = crate::secrets::hex(&crate::secrets::hash(&root.to_string_lossy())[..8]);
    let base = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    base.join(format!("maestro-{}-{key}", rustix::process::getuid().as_raw()))
}

pub(crate) fn private_folder(folder: &Path) -> Result<(), HomeError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io_error(folder))?;
    check_private(folder)
}

fn check_private(folder: &Path) -> Result<(), HomeError> {
    // Not through a link: the folder itself must be ours.
    let facts = fs::symlink_metadata(folder).map_err(io_error(folder))?;
    if !facts.is_dir() || facts.uid() != rustix::process::geteuid().as_raw() {
        return Err(HomeError::NotOurs(folder.to_owned()));
    }
    check_mode(folder)
}

/// Refuses what others can read or change; what is not there is fine.
fn check_mode(path: &Path) -> Result<(), HomeError> {
    let mode = match fs::symlink_metadata(path) {
        Ok(facts) if facts.is_symlink() => return Err(HomeError::NotOurs(path.to_owned())),
        Ok(facts) => facts.permissions().mode() & 0o777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error(path)(error)),
    };
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(HomeError::Readable { path: path.to_owned(), mode })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("h")).unwrap();
        home.check().unwrap();
        assert!(!home.is_in_use() && !home.root().exists());
        let first = home.prepare().unwrap();
        assert!(matches!(home.prepare(), Err(HomeError::Locked(_))));
        assert!(home.is_in_use());
        drop(first);
        assert!(!home.is_in_use());
        home.prepare().unwrap();
    }

    #[test]
    fn a_folder_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("open");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let home = Home::at(path).unwrap();
        let error = home.prepare().unwrap_err().to_string();
        assert_eq!(home.check().unwrap_err().to_string(), error);
        assert!(error.contains("(mode 755). Run: chmod go-rwx "), "{error}");
    }

    #[test]
    fn what_holds_secrets_must_be_private_and_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("h")).unwrap();
        drop(home.prepare().unwrap());
        for name in PRIVATE {
            let path = home.root().join(name);
            fs::write(&path, "x").unwrap();
            for mode in [0o640, 0o604, 0o622] {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                let error = home.prepare().unwrap_err().to_string();
                assert!(error.contains("Run: chmod go-rwx") && error.contains(name), "{error}");
            }
            fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
            assert!(matches!(home.prepare(), Err(HomeError::NotOurs(_))), "{name}");
            fs::remove_file(&path).unwrap();
        }
        home.prepare().unwrap();
    }

    #[test]
    fn long_paths_keep_their_sockets_somewhere_short() {
        let home = Home::at(PathBuf::from(format!("/{}", "x".repeat(200)))).unwrap();
        assert!(home.run().as_os_str().len() < 80, "{}", home.run().display());
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("x".repeat(100));
        Home::at(deep.clone()).unwrap().prepare().unwrap();
        assert!(deep.join("run").is_symlink() && deep.join("run").is_dir());
        Home::at(deep).unwrap().prepare().unwrap();
        assert!(Home::at(PathBuf::from("relative")).is_err());
        assert!(Home::at(PathBuf::from("/new\nline")).is_err());
    }

    #[test]
    fn private_files_are_private_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        Home::write_private(&path, "one").unwrap();
        Home::write_private(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
