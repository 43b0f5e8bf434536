//! The browser half: compiles it to WebAssembly and writes the JavaScript that loads it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;

use crate::project::Project;
use crate::report::{Outcome, say};
use crate::stamp::{Inputs, Stamp};
use crate::{files, host, process, vendor};

/// The target of the browser half.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// How wasm-opt is called: with the features that rustc uses unasked, and with `-O1`, because what
/// counts is what is sent. Measured: `-Oz` takes 15 % from the file but its brotli copy grows by
/// 4 %; `-O1` takes 5 % from the file and 2 % from the copy.
const WASM_OPT: [&str; 9] = [
    "-O1",
    "--strip-debug",
    "--strip-producers",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Compiles `frontend`, always with the release profile.
///
/// One profile for development and release means one compilation of some 200 crates instead of
/// two, and that the pages which the browser tests click are the pages that are shipped.
/// `.cargo/config.toml` erases the types of views; `disable-erase-components` keeps cargo-leptos
/// from saying so a second time.
pub(crate) fn compile(project: &Project) -> anyhow::Result<Outcome> {
    let description = &project.description;
    let mut cargo = process::cargo(&project.root);
    cargo.args(["build", "--lib", "--target", TARGET]);
    cargo.args(["--package", &description.lib_package]);
    cargo.args(["--profile", &description.lib_profile_release]);
    if !description.lib_features.is_empty() {
        cargo.arg("--features").arg(description.lib_features.join(","));
    }
    process::run(&mut cargo)?;
    Ok(Outcome::Done)
}

/// Writes `maestro.js` and `maestro.wasm` into the folder `pkg` of this part of the site.
pub(crate) fn bindgen(project: &Project) -> anyhow::Result<Outcome> {
    let description = &project.description;
    let name = &description.output_name;
    let module = project
        .target
        .join(TARGET)
        .join(&description.lib_profile_release)
        .join(format!("{}.wasm", description.lib_package.replace('-', "_")));
    let part = project.work("wasm");
    let package = part.join(&description.site_pkg_dir);
    let (script, binary) =
        (package.join(format!("{name}.js")), package.join(format!("{name}.wasm")));
    let wasm_opt = host::find("wasm-opt");
    let inputs = Inputs::new().file(&module)?.text(&format!("{wasm_opt:?}"));
    let stamp = Stamp::new(project.work("bindgen.stamp"), inputs);
    if stamp.is_fresh(&[&script, &binary]) {
        return Ok(Outcome::Unchanged);
    }

    files::empty(&part)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&module).out_name(name).typescript(false).remove_name_section(true);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(&package))
        .with_context(|| format!("wasm-bindgen could not read {}", module.display()))?;
    // Leptos asks for `maestro.wasm` once LEPTOS_OUTPUT_NAME is set, see .cargo/config.toml.
    fs::rename(package.join(format!("{name}_bg.wasm")), &binary)
        .with_context(|| format!("{} was not written by wasm-bindgen", binary.display()))?;
    vendor::minify(project, &script)?;
    if let Some(program) = wasm_opt {
        optimise(&program, &binary);
    }
    stamp.write()?;
    Ok(Outcome::Done)
}

/// Shrinks the module a little more. An old wasm-opt that does not know today's WebAssembly costs
/// only that: the module stays as it was.
pub(crate) fn optimise(program: &Path, binary: &Path) {
    let smaller = binary.with_extension("opt");
    let result =
        process::run(Command::new(program).args(WASM_OPT).arg(binary).arg("-o").arg(&smaller))
            .and_then(|()| Ok(fs::rename(&smaller, binary)?));
    if let Err(error) = result {
        say(format!("    not optimised further: {error}"));
    }
}
