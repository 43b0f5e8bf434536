//! Remembers what a step was made from, so that an unchanged step costs a few file reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::files;

/// Collects the inputs of a step: their names and bytes, and this driver itself.
pub(crate) struct Inputs(Sha256);

impl Inputs {
    /// No inputs but the driver: a new build of it runs every step again.
    pub(crate) fn new() -> Self {
        let mut hash = Sha256::new();
        hash.update(driver());
        Self(hash)
    }

    /// Adds a value that is not a file.
    pub(crate) fn text(mut self, value: &str) -> Self {
        self.add(b"text", value.as_bytes());
        self
    }

    /// Adds a file by its path and content.
    pub(crate) fn file(mut self, path: &Path) -> anyhow::Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        self.add(path.as_os_str().as_encoded_bytes(), &bytes);
        Ok(self)
    }

    /// Adds every file under a folder.
    pub(crate) fn tree(mut self, folder: &Path) -> anyhow::Result<Self> {
        for path in files::under(folder)? {
            self = self.file(&folder.join(path))?;
        }
        Ok(self)
    }

    fn add(&mut self, name: &[u8], value: &[u8]) {
        for part in [name, value] {
            self.0.update(part.len().to_le_bytes());
            self.0.update(part);
        }
    }

    fn digest(self) -> String {
        self.0.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

/// The note that a step leaves when it succeeded.
pub(crate) struct Stamp {
    path: PathBuf,
    digest: String,
}

impl Stamp {
    /// The stamp kept at `path` for these inputs.
    pub(crate) fn new(path: PathBuf, inputs: Inputs) -> Self {
        Self { path, digest: inputs.digest() }
    }

    /// Whether the step last succeeded with these inputs and all it makes is still there.
    pub(crate) fn is_fresh(&self, outputs: &[&Path]) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|last| last == self.digest)
            && outputs.iter().all(|path| path.exists())
    }

    /// Notes that the step succeeded.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        files::write(&self.path, self.digest.as_bytes())
    }
}

/// The digest of this driver's sources: its binary has no stable identity, because cargo links it
/// anew for `cargo run` and `cargo test`.
fn driver() -> &'static str {
    static DRIVER: OnceLock<String> = OnceLock::new();
    DRIVER.get_or_init(|| {
        let sources =
            Inputs(Sha256::new()).tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        sources.map(Inputs::digest).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_fresh_until_an_input_or_an_output_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("in"), folder.path().join("out"));
        let stamp = || Stamp::new(folder.path().join("stamp"), Inputs::new().file(&input).unwrap());
        fs::write(&input, "one").unwrap();
        fs::write(&output, "").unwrap();
        assert!(!stamp().is_fresh(&[&output]));
        stamp().write().unwrap();
        assert!(stamp().is_fresh(&[&output]));

        fs::write(&input, "two").unwrap();
        assert!(!stamp().is_fresh(&[&output]), "a changed input was not seen");
        fs::write(&input, "one").unwrap();
        fs::remove_file(&output).unwrap();
        assert!(!stamp().is_fresh(&[&output]), "a lost output was not seen");
    }

    #[test]
    fn neighbouring_values_do_not_run_together() {
        let digest = |parts: [&str; 2]| Inputs::new().text(parts[0]).text(parts[1]).digest();
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
    }
}
