//! The workspace and the one description of its build: `[[workspace.metadata.leptos]]`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cargo_metadata::MetadataCommand;
use serde::Deserialize;

/// The keys of the description that this driver acts on; cargo-leptos reads the same ones.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Description {
    pub(crate) bin_package: String,
    pub(crate) bin_target: String,
    #[serde(default)]
    pub(crate) bin_features: Vec<String>,
    pub(crate) lib_package: String,
    #[serde(default)]
    pub(crate) lib_features: Vec<String>,
    pub(crate) lib_profile_release: String,
    pub(crate) output_name: String,
    pub(crate) site_root: PathBuf,
    pub(crate) site_pkg_dir: PathBuf,
    pub(crate) style_file: PathBuf,
    pub(crate) assets_dir: PathBuf,
    pub(crate) browserquery: String,
    pub(crate) end2end_cmd: String,
    pub(crate) end2end_dir: PathBuf,
}

/// Where things are, and how they are to be built.
pub(crate) struct Project {
    /// Folder of the root manifest.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    /// Oldest compiler that the manifest allows, such as `1.94.0`.
    pub(crate) rust_version: String,
    pub(crate) description: Description,
}

impl Project {
    /// Reads the workspace that this program was built from.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"))
            .no_deps()
            .exec()
            .context("cargo could not read the workspace")?;
        let projects = metadata.workspace_metadata.get("leptos").and_then(|list| list.get(0));
        let description = projects
            .context(
                "Cargo.toml has no [[workspace.metadata.leptos]]; the build is described there",
            )
            .and_then(|table| Ok(serde_json::from_value(table.clone())?))
            .context("[[workspace.metadata.leptos]] in Cargo.toml cannot be used")?;
        let rust_version =
            metadata.packages.iter().find_map(|package| package.rust_version.as_ref());
        Ok(Self {
            root: metadata.workspace_root.clone().into(),
            target: metadata.target_directory.clone().into(),
            rust_version: rust_version.map(ToString::to_string).unwrap_or_default(),
            description,
        })
    }

    /// Folder that the server hands out (and embeds in a release).
    pub(crate) fn site(&self) -> PathBuf {
        self.root.join(&self.description.site_root)
    }

    /// Folder of static files that are copied into the site.
    pub(crate) fn assets(&self) -> PathBuf {
        self.root.join(&self.description.assets_dir)
    }

    /// Folder with the npm project of the browser half.
    pub(crate) fn frontend(&self) -> PathBuf {
        self.root.join("frontend")
    }

    /// The driver's own folder: stamps and the parts of the site before they are put together.
    pub(crate) fn work(&self, part: &str) -> PathBuf {
        self.target.join("xtask").join(part)
    }

    /// The server binary of the dev or the release build.
    pub(crate) fn binary(&self, release: bool) -> PathBuf {
        let profile = if release { "release" } else { "debug" };
        self.target.join(profile).join(&self.description.bin_target)
    }
}
