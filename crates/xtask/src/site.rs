//! Puts the parts of the site together and lays a brotli copy beside each file worth one.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::project::Project;
use crate::report::{Outcome, say};
use crate::{files, pairing};

/// Kinds that compress well; fonts and images are compressed already.
const COMPRESSED: [&str; 8] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest"];
/// Below this size, in bytes, a packet is a packet.
const SMALLEST: usize = 1024;
/// Brotli's best: it is paid once at build time, not for every visitor.
const QUALITY: u32 = 11;
/// Brotli's largest window that every browser accepts, as a power of two.
const WINDOW: u32 = 22;

/// Makes the site folder equal to the static files plus what the other steps made.
pub(crate) fn assemble(project: &Project) -> anyhow::Result<Outcome> {
    let parts = ["wasm", "style", "notices", "pairing"].map(|part| project.work(part));
    let [wasm, style, notices, pairing] = &parts;
    mirror(&[&project.assets(), wasm, style, notices, pairing], &project.site())
}

/// Most that a first visit may fetch, in bytes as sent: script, module, style sheet and fonts. The
/// terminal bundle is fetched later, by the pages that show one. The aim is 450 kB; this is what
/// the pages weigh now, so that it does not grow unseen.
const FIRST_LOAD: u64 = 660_000;
/// Most that the pairing page may fetch, in bytes as sent: a phone in a hurry waits for it.
const PAIRING: u64 = 40_000;

/// Says how heavy a first visit is, and fails when it became too heavy.
pub(crate) fn weigh(project: &Project) -> anyhow::Result<Outcome> {
    let site = project.site();
    let first = sent(&site.join(&project.description.site_pkg_dir))? + sent(&site.join("fonts"))?;
    let terminal = sent(&site.join("vendor"))?;
    let pairing = sent(&site.join(pairing::FOLDER))?;
    say(format!("    first load {first} bytes of at most {FIRST_LOAD}, terminal {terminal} more"));
    say(format!("    pairing page {pairing} bytes of at most {PAIRING}"));
    if pairing > PAIRING {
        bail!("a pairing page of {pairing} bytes is over the limit of {PAIRING}");
    }
    if first > FIRST_LOAD {
        bail!(
            "a first load of {first} bytes is over the limit of {FIRST_LOAD}; look for what came \
             in with `git diff crates/xtask/tests/wasm-tree.txt`, or render it on the server"
        );
    }
    Ok(Outcome::Done)
}

/// Bytes on the wire of all files in a folder: the compressed copy where there is one. Licence
/// texts are left out, no page asks for them.
fn sent(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for path in files::under(folder)? {
        let file = folder.join(&path);
        let name = uncompressed_name(&path);
        let text = name.extension() == Some(OsStr::new("txt"));
        if !text && (name != path || !compressed_name(&file).exists()) {
            bytes += file.metadata().map(|data| data.len()).unwrap_or_default();
        }
    }
    Ok(bytes)
}

/// Copies what differs, removes what is no longer made, and compresses what was copied.
fn mirror(parts: &[&Path], site: &Path) -> anyhow::Result<Outcome> {
    let mut sources = BTreeMap::new();
    for part in parts {
        for path in files::under(part)? {
            sources.insert(path.clone(), part.join(path));
        }
    }
    let mut outcome = Outcome::Unchanged;
    for path in files::under(site)? {
        if !sources.contains_key(&uncompressed_name(&path)) {
            fs::remove_file(site.join(&path))
                .with_context(|| format!("{} cannot be removed", path.display()))?;
            outcome = Outcome::Done;
        }
    }
    for (path, source) in &sources {
        let target = site.join(path);
        let bytes =
            fs::read(source).with_context(|| format!("{} cannot be read", source.display()))?;
        let same = fs::read(&target).is_ok_and(|current| current == bytes);
        let copy = compressed_name(&target);
        let wanted = worth_compressing(path, bytes.len());
        if same && copy.exists() == wanted {
            continue;
        }
        // The copy goes first and comes last: an interrupted build leaves none that is stale.
        if copy.exists() {
            fs::remove_file(&copy)
                .with_context(|| format!("{} cannot be removed", copy.display()))?;
        }
        files::write(&target, &bytes)?;
        if wanted {
            files::write(&copy, &compress(&bytes)?)?;
        }
        outcome = Outcome::Done;
    }
    Ok(outcome)
}

fn worth_compressing(path: &Path, size: usize) -> bool {
    let kind = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    size >= SMALLEST && COMPRESSED.contains(&kind)
}

/// `maestro.js` → `maestro.js.br`
fn compressed_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    PathBuf::from(name)
}

/// `maestro.js.br` → `maestro.js`
fn uncompressed_name(path: &Path) -> PathBuf {
    if path.extension() == Some(OsStr::new("br")) {
        path.with_extension("")
    } else {
        path.to_owned()
    }
}

fn compress(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut output = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut output, 1 << 16, QUALITY, WINDOW);
    std::io::Write::write_all(&mut writer, bytes).context("brotli could not compress a file")?;
    drop(writer);
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folders {
        all: tempfile::TempDir,
    }

    impl Folders {
        fn new() -> Self {
            Self { all: tempfile::tempdir().unwrap() }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.all.path().join(name)
        }

        fn mirror(&self) -> Outcome {
            mirror(&[&self.path("public"), &self.path("made")], &self.path("site")).unwrap()
        }

        fn site(&self) -> Vec<String> {
            let files = files::under(&self.path("site")).unwrap();
            files.iter().map(|path| path.to_string_lossy().into_owned()).collect()
        }
    }

    #[test]
    fn the_site_follows_its_parts() {
        let folders = Folders::new();
        let script = "let x = 1;\n".repeat(200);
        files::write(&folders.path("public/font.woff2"), &[7; 4096]).unwrap();
        files::write(&folders.path("public/tiny.js"), b"1").unwrap();
        files::write(&folders.path("made/pkg/maestro.js"), script.as_bytes()).unwrap();
        assert_eq!(folders.mirror(), Outcome::Done);
        let complete = ["font.woff2", "pkg/maestro.js", "pkg/maestro.js.br", "tiny.js"];
        assert_eq!(folders.site(), complete);
        assert_eq!(folders.mirror(), Outcome::Unchanged);

        fs::remove_file(folders.path("site/pkg/maestro.js.br")).unwrap();
        assert_eq!(folders.mirror(), Outcome::Done);
        assert_eq!(folders.site(), complete, "a lost copy comes back");

        fs::remove_file(folders.path("made/pkg/maestro.js")).unwrap();
        assert_eq!(folders.mirror(), Outcome::Done);
        assert_eq!(folders.site(), ["font.woff2", "tiny.js"]);
    }

    #[test]
    fn a_compressed_file_weighs_what_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        for (name, size) in [("a.js", 100), ("a.js.br", 10), ("b.woff2", 7), ("c.txt", 900)] {
            files::write(&folder.path().join(name), &vec![b'x'; size]).unwrap();
        }
        assert_eq!(sent(folder.path()).unwrap(), 17);
    }

    #[test]
    fn the_compressed_copy_is_of_the_new_content() {
        let folders = Folders::new();
        for word in ["one ", "two "] {
            let text = word.repeat(1000);
            files::write(&folders.path("made/a.txt"), text.as_bytes()).unwrap();
            folders.mirror();
            let copy = fs::read(folders.path("site/a.txt.br")).unwrap();
            let mut read = String::new();
            let mut reader = brotli::Decompressor::new(copy.as_slice(), 4096);
            std::io::Read::read_to_string(&mut reader, &mut read).unwrap();
            assert_eq!(read, text);
        }
    }
}
