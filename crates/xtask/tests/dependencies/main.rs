//! What may come in from outside: licences, sources, doubles, and what reaches the browser.

mod licence;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};

/// Crates that must stay out, with the reason.
const BANNED: [(&str, &str); 4] = [
    ("openssl-sys", "one TLS stack: rustls with ring"),
    ("native-tls", "one TLS stack: rustls with ring"),
    ("aws-lc-sys", "one TLS stack: rustls with ring"),
    ("async-std", "one runtime: tokio"),
];
/// Crates of which a second version would not see the first one's contexts and signals.
const SINGLE: [&str; 4] = ["leptos", "reactive_graph", "server_fn", "wasm-bindgen"];
/// The only place that crates come from.
const SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";
/// The list of crates in the browser, beside this file.
const WASM_TREE: &str = "tests/wasm-tree.txt";

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .exec()
        .expect("cargo lists the dependencies")
}

#[track_caller]
fn assert_none(found: Vec<String>) {
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn licences_are_on_the_list() {
    let metadata = metadata();
    let found = metadata.packages.iter().filter_map(|package| {
        let stated = package.license.as_deref().unwrap_or_default();
        (!licence::is_allowed(stated, &package.name)).then(|| {
            format!(
                "{} {}: licence \"{stated}\" is not on the list in licence.rs beside this test; \
                 choose another crate or extend the list and deny.toml",
                package.name, package.version
            )
        })
    });
    assert_none(found.collect());
}

#[test]
fn crates_come_from_one_source() {
    let metadata = metadata();
    let found = metadata.packages.iter().filter_map(|package| {
        let source = package.source.as_ref()?;
        (source.repr != SOURCE)
            .then(|| format!("{} comes from {source}: take a release from crates.io", package.name))
    });
    assert_none(found.collect());
}

#[test]
fn banned_crates_stay_out() {
    let metadata = metadata();
    let found = BANNED.iter().filter_map(|(name, reason)| {
        let present = metadata.packages.iter().any(|package| package.name == *name);
        present.then(|| {
            format!("{name} came in ({reason}): `cargo tree --invert {name}` shows through whom")
        })
    });
    assert_none(found.collect());
}

#[test]
fn crates_with_global_state_exist_once() {
    let metadata = metadata();
    let found = SINGLE.iter().filter_map(|name| {
        let versions: Vec<String> = metadata
            .packages
            .iter()
            .filter(|package| package.name == *name)
            .map(|package| package.version.to_string())
            .collect();
        (versions.len() != 1).then(|| {
            format!("{name} exists as {versions:?}: contexts do not cross versions, keep one")
        })
    });
    assert_none(found.collect());
}

#[test]
fn the_bindings_writer_fits_the_bindings() {
    let metadata = metadata();
    let version = |name: &str| {
        let package = metadata.packages.iter().find(|package| package.name == name);
        package.unwrap_or_else(|| panic!("{name} is a dependency")).version.clone()
    };
    assert_eq!(
        version("wasm-bindgen"),
        version("wasm-bindgen-cli-support"),
        "both versions in Cargo.toml must be the same, or the page does not start"
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "an ordinary test without a runtime to block")]
fn the_browser_gets_no_crate_unnoticed() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["tree", "--package", "frontend", "--package", "pairing-web"])
        .args(["--target", "wasm32-unknown-unknown"])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{lib}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo tree starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("crate names are UTF-8");
    let names: BTreeSet<&str> = text
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|name| !name.is_empty())
        .collect();
    let current = names.iter().copied().chain([""]).collect::<Vec<_>>().join("\n");

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(WASM_TREE);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &current).expect("the list is writable");
    }
    let listed = std::fs::read_to_string(&file).unwrap_or_default();
    let listed: BTreeSet<&str> = listed.lines().collect();
    let came: Vec<_> = names.difference(&listed).collect();
    let went: Vec<_> = listed.difference(&names).collect();
    assert!(
        came.is_empty() && went.is_empty(),
        "crates in the browser changed: came {came:?}, went {went:?}. If each is worth its bytes, \
         write the list anew with `UPDATE=1 cargo test --package xtask --test dependencies`."
    );
}
