//! The style sheet: one file from `style/main.css` and all that it imports.

use std::fs;

use anyhow::{Context as _, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};

use crate::files;
use crate::project::Project;
use crate::report::Outcome;
use crate::stamp::{Inputs, Stamp};

/// Writes `maestro.css` into the folder `pkg` of this part of the site.
pub(crate) fn bundle(project: &Project) -> anyhow::Result<Outcome> {
    let description = &project.description;
    let entry = project.root.join(&description.style_file);
    let folder = entry.parent().context("style-file in Cargo.toml names no file")?;
    let output = project
        .work("style")
        .join(&description.site_pkg_dir)
        .join(format!("{}.css", description.output_name));
    let inputs = Inputs::new().text(&description.browserquery).tree(folder)?;
    let stamp = Stamp::new(project.work("style.stamp"), inputs);
    if stamp.is_fresh(&[&output]) {
        return Ok(Outcome::Unchanged);
    }
    let sheet = fs::canonicalize(&entry)
        .with_context(|| format!("{} cannot be read", entry.display()))
        .and_then(|entry| minified(&entry, &description.browserquery))?;
    files::write(&output, sheet.as_bytes())?;
    stamp.write()?;
    Ok(Outcome::Done)
}

fn minified(entry: &std::path::Path, browsers: &str) -> anyhow::Result<String> {
    let browsers = Browsers::from_browserslist([browsers])
        .map_err(|error| anyhow!("browserquery in Cargo.toml cannot be used: {error}"))?;
    let targets = Targets::from(browsers);
    let provider = FileProvider::new();
    let mut sheet = Bundler::new(&provider, None, ParserOptions::default())
        .bundle(entry)
        .map_err(|error| anyhow!("{error}"))?;
    sheet
        .minify(MinifyOptions { targets, ..MinifyOptions::default() })
        .map_err(|error| anyhow!("{error}"))?;
    let printed = sheet
        .to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() })
        .map_err(|error| anyhow!("{error}"))?;
    Ok(printed.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_become_one_minified_sheet() {
        let folder = tempfile::tempdir().unwrap();
        let entry = folder.path().join("main.css");
        fs::write(&entry, "@layer a, b;\n@import \"part.css\" layer(b);\n").unwrap();
        fs::write(folder.path().join("part.css"), ".card {\n  gap: 0px;\n}\n").unwrap();
        let sheet = minified(&entry, "last 1 chrome version").unwrap();
        assert_eq!(sheet, "@layer a;@layer b{.card{gap:0}}");
    }

    #[test]
    fn a_mistake_is_named_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let entry = folder.path().join("main.css");
        fs::write(&entry, "@import \"lost.css\";\n").unwrap();
        let error = minified(&entry, "defaults").unwrap_err().to_string();
        assert!(error.contains("lost.css") || error.contains("main.css"), "{error}");
    }
}
