//! The rule about which crate may depend on which: a graph without circles, with the UI apart.

use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::names::EMPTY_NAMES;

/// Each crate with the crates of the workspace that it may depend on.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("protocol", &[]),
    ("domain", &["protocol"]),
    ("pairing", &["protocol"]),
    ("pairing-web", &["pairing"]),
    ("tmux", &["protocol"]),
    ("cli", &["domain", "protocol"]),
    ("store", &["protocol", "domain"]),
    ("ui", &[]),
    ("app", &["protocol", "ui"]),
    ("frontend", &["app"]),
    ("server", &["app", "cli", "domain", "pairing", "protocol", "store", "tmux"]),
    ("bench", &["protocol"]),
    ("chaos", &["protocol", "store"]),
    ("conformance", &["protocol"]),
    ("xtask", &[]),
];

/// Each crate with foreign crates that it must not know, because another layer owns them. Its
/// tests may: a test of a page needs a runtime to run it.
const FORBIDDEN: [(&str, &[&str]); 10] = [
    ("protocol", &["axum", "leptos", "sqlx", "tokio"]),
    ("domain", &["axum", "leptos", "sqlx", "tokio"]),
    ("pairing", &["axum", "leptos", "sqlx", "tokio"]),
    ("pairing-web", &["axum", "leptos", "sqlx", "tokio"]),
    ("tmux", &["axum", "leptos", "sqlx"]),
    ("cli", &["axum", "leptos", "sqlx"]),
    ("store", &["axum", "leptos"]),
    ("app", &["axum", "sqlx", "tokio"]),
    ("frontend", &["axum", "sqlx", "tokio"]),
    ("server", &["sqlx"]),
];

/// A crate of the workspace and all it names as a dependency.
pub(crate) struct Crate {
    name: String,
    dependencies: Vec<String>,
    /// Those of its tests.
    dev_dependencies: Vec<String>,
}

/// The crates as their manifests describe them.
pub(crate) fn of_workspace() -> Vec<Crate> {
    let metadata = MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo reads the workspace");
    let names = |package: &Package, for_tests: bool| {
        let edges = package.dependencies.iter();
        let wanted = edges.filter(|edge| (edge.kind == DependencyKind::Development) == for_tests);
        wanted.map(|edge| edge.name.clone()).collect()
    };
    let read = |package: &Package| Crate {
        name: package.name.to_string(),
        dependencies: names(package, false),
        dev_dependencies: names(package, true),
    };
    metadata.packages.iter().map(read).collect()
}

/// What is wrong with these crates.
pub(crate) fn check(crates: &[Crate]) -> Vec<String> {
    let names: Vec<&str> = crates.iter().map(|member| member.name.as_str()).collect();
    let mut found = Vec::new();
    for Crate { name, dependencies, dev_dependencies } in crates {
        if EMPTY_NAMES.contains(&name.as_str()) {
            found.push(format!("crate {name}: name it after the noun that it is about"));
        }
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| known == name) else {
            found.push(format!("crate {name}: give it a row in crates/xtask/tests/tidy/edges.rs"));
            continue;
        };
        let forbidden =
            FORBIDDEN.iter().find(|(known, _)| known == name).map_or(&[][..], |row| row.1);
        for dependency in dependencies.iter().chain(dev_dependencies) {
            let member = names.contains(&dependency.as_str());
            if member && !allowed.contains(&dependency.as_str()) {
                found.push(format!(
                    "crate {name} depends on {dependency}: talk to it through a port in protocol"
                ));
            }
        }
        for dependency in dependencies.iter().filter(|edge| forbidden.contains(&edge.as_str())) {
            found.push(format!("crate {name} knows {dependency}: another layer owns that"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn member(name: &str, dependencies: &[&str], dev_dependencies: &[&str]) -> Crate {
        Crate {
            name: name.to_owned(),
            dependencies: named(dependencies),
            dev_dependencies: named(dev_dependencies),
        }
    }

    #[track_caller]
    fn check_crates(crates: &[Crate], expected: &[&str]) {
        let found = check(crates);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (finding, start) in found.iter().zip(expected) {
            assert!(finding.starts_with(start), "{finding}");
        }
    }

    #[test]
    fn a_wrong_edge_is_found() {
        let store = || member("store", &[], &[]);
        check_crates(
            &[member("app", &["protocol"], &["tokio"]), member("protocol", &[], &[])],
            &[],
        );
        check_crates(&[member("app", &["store"], &[]), store()], &["crate app depends on store"]);
        check_crates(&[member("app", &[], &["store"]), store()], &["crate app depends on store"]);
        check_crates(&[member("protocol", &["tokio"], &[])], &["crate protocol knows tokio"]);
    }

    #[test]
    fn an_unknown_crate_is_found() {
        check_crates(&[member("mesh", &[], &[])], &["crate mesh: give it a row"]);
        let twice = ["crate utils: name it", "crate utils: give it a row"];
        check_crates(&[member("utils", &[], &[])], &twice);
    }
}
