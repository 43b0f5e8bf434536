//! Gathers the licence notices of all that ends up in the binary into one text.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId, TargetKind};

use crate::files;
use crate::project::Project;
use crate::report::Outcome;
use crate::stamp::{Inputs, Stamp};
use crate::{pairing, wasm};

/// npm packages of which the terminal bundle is made live under this folder.
const BUNDLED_SCOPE: &str = "node_modules/@xterm";

/// Writes `licenses.txt`, which the binary embeds and `maestro licenses` prints.
pub(crate) fn write(project: &Project) -> anyhow::Result<Outcome> {
    let output = project.work("notices").join("licenses.txt");
    let fonts = project.assets().join("fonts");
    let mut inputs = Inputs::new()
        .file(&project.root.join("Cargo.lock"))?
        .file(&project.frontend().join("package-lock.json"))?;
    for text in texts_in(&fonts)? {
        inputs = inputs.file(&text)?;
    }
    let stamp = Stamp::new(project.work("notices.stamp"), inputs);
    if stamp.is_fresh(&[&output]) {
        return Ok(Outcome::Unchanged);
    }
    let mut notices = Notices::default();
    let roots = [
        (&project.description.bin_package, host_target()?),
        (&project.description.lib_package, wasm::TARGET.to_owned()),
        (&pairing::PACKAGE.to_owned(), wasm::TARGET.to_owned()),
    ];
    for (root, target) in roots {
        add_crates(&mut notices, project, root, &target)?;
    }
    add_npm(&mut notices, &project.frontend().join(BUNDLED_SCOPE))?;
    for path in texts_in(&fonts)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        notices.add(format!("{name} (fonts and icons)"), &text);
    }
    files::write(&output, notices.render().as_bytes())?;
    stamp.write()?;
    Ok(Outcome::Done)
}

/// Licence texts, each with the parts that stand under exactly this text.
#[derive(Default)]
struct Notices(BTreeMap<String, BTreeSet<String>>);

impl Notices {
    fn add(&mut self, part: String, text: &str) {
        let text = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        self.0.entry(text.trim_matches('\n').to_owned()).or_default().insert(part);
    }

    fn render(&self) -> String {
        let mut out = String::from(
            "Maestro contains the following parts, each under the licence printed below it.\n",
        );
        let mut groups: Vec<_> = self.0.iter().collect();
        groups.sort_by_key(|(_, parts)| parts.first());
        for (text, parts) in groups {
            let rule = "=".repeat(80);
            let _ = writeln!(out, "\n{rule}");
            for part in parts {
                let _ = writeln!(out, "{part}");
            }
            let _ = writeln!(out, "\n{text}");
        }
        out
    }
}

/// The target that the compiler builds for when none is named.
fn host_target() -> anyhow::Result<String> {
    let version = crate::process::read(std::process::Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` names no host")
}

/// Adds every crate that `root` links on `target`.
fn add_crates(
    notices: &mut Notices,
    project: &Project,
    root: &str,
    target: &str,
) -> anyhow::Result<()> {
    let metadata = MetadataCommand::new()
        .manifest_path(project.root.join("Cargo.toml"))
        .other_options(["--filter-platform".to_owned(), target.to_owned()])
        .exec()
        .context("cargo could not list the dependencies")?;
    for package in linked(&metadata, root) {
        if package.source.is_none() {
            continue;
        }
        let licence = package.license.as_deref().unwrap_or("see the text below");
        let origin = package.repository.as_deref().unwrap_or("https://crates.io");
        let part = format!("{} {} ({licence}) {origin}", package.name, package.version);
        let folder = package.manifest_path.parent().context("a manifest lies in no folder")?;
        let texts = licence_files(folder.as_std_path())?;
        if texts.is_empty() {
            let authors = package.authors.join(", ");
            let holder = if authors.is_empty() { "its contributors".to_owned() } else { authors };
            notices.add(part, &format!("Copyright {holder}. Licensed under {licence}."));
            continue;
        }
        for path in texts {
            let bytes =
                fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            notices.add(part.clone(), &String::from_utf8_lossy(&bytes));
        }
    }
    Ok(())
}

/// The packages reached from `root` by normal dependencies; macros run at build time and end there.
fn linked<'m>(metadata: &'m Metadata, root: &str) -> Vec<&'m Package> {
    let Some(resolve) = &metadata.resolve else { return Vec::new() };
    let start = metadata.packages.iter().find(|package| package.name.as_str() == root);
    let mut open: Vec<&PackageId> = start.iter().map(|package| &package.id).collect();
    let mut seen: HashSet<&PackageId> = HashSet::new();
    let mut found = Vec::new();
    while let Some(id) = open.pop() {
        let package = &metadata[id];
        let is_macro =
            package.targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro));
        if is_macro || !seen.insert(id) {
            continue;
        }
        found.push(package);
        let node = resolve.nodes.iter().find(|node| &node.id == id);
        open.extend(node.into_iter().flat_map(|node| &node.deps).filter_map(|dependency| {
            let normal = |kind: &cargo_metadata::DepKindInfo| kind.kind == DependencyKind::Normal;
            dependency.dep_kinds.iter().any(normal).then_some(&dependency.pkg)
        }));
    }
    found
}

/// The licence texts in a crate's folder: the MIT one alone if it is offered by name.
fn licence_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))?;
    let mut texts: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_file() && is_licence(&name_of(path)))
        .collect();
    texts.sort();
    if let Some(mit) = texts.iter().find(|path| name_of(path).contains("MIT")) {
        return Ok(vec![mit.clone()]);
    }
    Ok(texts)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_uppercase()
}

fn is_licence(name: &str) -> bool {
    ["LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE"]
        .iter()
        .any(|word| name.starts_with(word))
}

/// Adds the npm packages under a scope's folder.
fn add_npm(notices: &mut Notices, scope: &Path) -> anyhow::Result<()> {
    let manifests = files::under(scope)?.into_iter().filter(|path| path.ends_with("package.json"));
    for manifest in manifests.filter(|path| path.components().count() == 2) {
        let path = scope.join(&manifest);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let package: serde_json::Value = serde_json::from_str(&text)
            .with_context(|| format!("{} is not JSON", path.display()))?;
        let field = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
        let part = format!("{} {} ({})", field("name"), field("version"), field("license"));
        for text in licence_files(path.parent().unwrap_or(scope))? {
            let bytes =
                fs::read(&text).with_context(|| format!("{} cannot be read", text.display()))?;
            notices.add(part.clone(), &String::from_utf8_lossy(&bytes));
        }
    }
    Ok(())
}

/// The `.txt` files of a folder: the licences of the fonts and icons in it.
fn texts_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let texts = files::under(folder)?.into_iter();
    Ok(texts
        .filter(|path| path.extension().is_some_and(|kind| kind == "txt"))
        .map(|path| folder.join(path))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_under_one_text_share_it() {
        let mut notices = Notices::default();
        notices.add("b 1".into(), "MIT\n");
        notices.add("a 1".into(), "MIT  ");
        notices.add("c 1".into(), "ISC");
        let text = notices.render();
        assert_eq!(text.matches("MIT").count(), 1);
        let place = |part| text.find(part).unwrap();
        assert!(place("a 1") < place("b 1") && place("b 1") < place("c 1"), "{text}");
    }

    #[test]
    fn a_named_mit_text_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let texts = licence_files(folder.path()).unwrap();
        assert_eq!(texts, [folder.path().join("LICENSE-MIT")]);
    }
}
