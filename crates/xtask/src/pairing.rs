//! The pairing page's module: a second, small WebAssembly that is handed out before login.
//!
//! Its two files carry a hash of what is in them in their names, so that a browser may keep them
//! for ever and never mixes two builds.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::project::Project;
use crate::report::Outcome;
use crate::stamp::{Inputs, Stamp};
use crate::{files, host, process, vendor, wasm};

/// The crate that the module is made of.
pub(crate) const PACKAGE: &str = "pairing-web";
/// Folder of the site, and of the addresses, that is handed out to anybody.
pub(crate) const FOLDER: &str = "pair";
/// What the files are called, before the hash.
const NAME: &str = "pairing";

/// Compiles the crate, by itself: together with the pages it would take over their features.
pub(crate) fn compile(project: &Project) -> anyhow::Result<Outcome> {
    let mut cargo = process::cargo(&project.root);
    cargo.args(["build", "--lib", "--target", wasm::TARGET, "--package", PACKAGE]);
    process::run(cargo.args(["--profile", &project.description.lib_profile_release]))?;
    Ok(Outcome::Done)
}

/// Writes `pairing-<hash>.js` and `pairing-<hash>.wasm` into this part of the site.
pub(crate) fn bindgen(project: &Project) -> anyhow::Result<Outcome> {
    let module = project
        .target
        .join(wasm::TARGET)
        .join(&project.description.lib_profile_release)
        .join(format!("{}.wasm", PACKAGE.replace('-', "_")));
    let part = project.work("pairing");
    let wasm_opt = host::find("wasm-opt");
    let inputs = Inputs::new().file(&module)?.text(&format!("{wasm_opt:?}"));
    let stamp = Stamp::new(project.work("pairing.stamp"), inputs);
    // The names are known only once the files are made: the folder stands for both.
    if stamp.is_fresh(&[&part.join(FOLDER)]) {
        return Ok(Outcome::Unchanged);
    }

    files::empty(&part)?;
    let made = project.work("pairing-bindgen");
    files::empty(&made)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&module).out_name(NAME).typescript(false).remove_name_section(true);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(&made))
        .with_context(|| format!("wasm-bindgen could not read {}", module.display()))?;
    let (script, binary) = (made.join(format!("{NAME}.js")), made.join(format!("{NAME}_bg.wasm")));
    vendor::minify(project, &script)?;
    if let Some(program) = wasm_opt {
        wasm::optimise(&program, &binary);
    }
    name_by_content(&script, &binary, &part.join(FOLDER))?;
    stamp.write()?;
    Ok(Outcome::Done)
}

/// Copies both files under one name that tells what is in them.
fn name_by_content(script: &Path, binary: &Path, folder: &Path) -> anyhow::Result<()> {
    let read =
        |path: &Path| fs::read(path).with_context(|| format!("{} was not written", path.display()));
    let (script, binary) = (read(script)?, read(binary)?);
    let hash = Sha256::new().chain_update(&script).chain_update(&binary).finalize();
    let short = hash.iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    files::write(&folder.join(format!("{NAME}-{short}.js")), &script)?;
    files::write(&folder.join(format!("{NAME}-{short}.wasm")), &binary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_changes_with_either_file() {
        let all = tempfile::tempdir().unwrap();
        let (script, binary) = (all.path().join("a.js"), all.path().join("a.wasm"));
        let names = |one: &str, two: &str| {
            let folder = all.path().join("pair");
            files::empty(&folder).unwrap();
            fs::write(&script, one).unwrap();
            fs::write(&binary, two).unwrap();
            name_by_content(&script, &binary, &folder).unwrap();
            files::under(&folder).unwrap()
        };
        let first = names("one", "two");
        assert_eq!(first.len(), 2);
        assert_eq!(first[0].file_stem(), first[1].file_stem(), "one name finds both");
        assert_eq!(names("one", "two"), first);
        assert_ne!(names("one", "three"), first);
        assert_ne!(names("three", "two"), first);
    }
}
