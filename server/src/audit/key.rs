//! The key that signs the head of the trail. Whoever can write the database but not read this
//! file cannot make a trail that looks whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;

use super::head::unhex;
use crate::home::{HomeError, private_folder};
use crate::secrets;

/// Longest content that is looked at.
const LONGEST: u64 = 256;

/// Why the trail cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The folder or the file.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Something else is in the file.
    #[error(
        "{} does not hold the key that signs the audit trail. Put it back from a copy. Without \
         one, move the file away: a new key is made, and heads that the old one signed are then \
         told as unknown.", .0.display()
    )]
    NotAKey(PathBuf),
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> HomeError {
    let path = path.to_owned();
    move |source| HomeError::Io { path, source }
}

/// The key in `folder`, which is made with the key at the first start.
pub(super) fn load_or_make(folder: &Path) -> Result<SigningKey, KeyError> {
    private_folder(folder)?;
    let path = folder.join("audit.key");
    match fs::symlink_metadata(&path) {
        Ok(facts) => {
            check(&path, &facts)?;
            load(&path)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(make(folder, &path)?),
        Err(error) => Err(io_error(&path)(error).into()),
    }
}

/// Nobody else may read it, and it is the file itself, not a link.
fn check(path: &Path, facts: &fs::Metadata) -> Result<(), HomeError> {
    if !facts.is_file() || facts.uid() != rustix::process::geteuid().as_raw() {
        return Err(HomeError::NotOurs(path.to_owned()));
    }
    let mode = facts.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(HomeError::Readable { path: path.to_owned(), mode })
    }
}

fn load(path: &Path) -> Result<SigningKey, KeyError> {
    let mut text = String::new();
    let file = File::open(path).map_err(io_error(path))?;
    match file.take(LONGEST).read_to_string(&mut text) {
        Err(error) if error.kind() != io::ErrorKind::InvalidData => {
            return Err(io_error(path)(error).into());
        }
        _ => {}
    }
    let seed = unhex::<32>(text.trim_end());
    seed.map(|seed| SigningKey::from_bytes(&seed)).ok_or(KeyError::NotAKey(path.to_owned()))
}

/// On the disk before it signs anything: a key that a crash takes away leaves heads that nobody
/// can check.
fn make(folder: &Path, path: &Path) -> Result<SigningKey, HomeError> {
    let seed = secrets::random_bytes::<32>();
    let fresh = folder.join("audit.new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(io_error(&fresh)(error));
        }
        _ => {}
    }
    let write = || {
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&fresh)?;
        writeln!(file, "{}", secrets::hex(&seed))?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(io_error(path))?;
    Ok(SigningKey::from_bytes(&seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let made = load_or_make(&keys).unwrap();
        assert_eq!(load_or_make(&keys).unwrap(), made);
        let bits = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((bits(&keys), bits(&keys.join("audit.key"))), (0o700, 0o600));
        let other = folder.path().join("other");
        assert_ne!(load_or_make(&other).unwrap(), made);
    }

    #[test]
    fn one_that_others_can_read_or_that_is_a_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        load_or_make(&keys).unwrap();
        let path = keys.join("audit.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = load_or_make(&keys).unwrap_err().to_string();
        assert!(error.contains("(mode 640). Run: chmod go-rwx "), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let moved = folder.path().join("moved");
        fs::rename(&path, &moved).unwrap();
        std::os::unix::fs::symlink(&moved, &path).unwrap();
        let error = load_or_make(&keys).unwrap_err();
        assert!(matches!(error, KeyError::Home(HomeError::NotOurs(_))), "{error}");
    }

    #[test]
    fn what_is_no_key_is_never_taken_for_one_nor_replaced() {
        for content in ["", "abc", &"0".repeat(63), &"g".repeat(64), &"0".repeat(300), "é"] {
            let folder = tempfile::tempdir().unwrap();
            let keys = folder.path().join("keys");
            private_folder(&keys).unwrap();
            let path = keys.join("audit.key");
            crate::home::Home::write_private(&path, content).unwrap();
            let error = load_or_make(&keys).unwrap_err();
            assert!(matches!(error, KeyError::NotAKey(_)), "{content}: {error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }
}
