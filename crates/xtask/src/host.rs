//! What the machine must have: found, installed where no rights are needed, or asked for in a sentence.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::process;
use crate::project::Project;
use crate::report::{Outcome, say};
use crate::wasm;

/// A program that only the machine's owner can install.
pub(crate) struct Tool {
    /// Names under which it is found; the first is the one to say.
    programs: &'static [&'static str],
    purpose: &'static str,
    debian: &'static str,
    macos: &'static str,
}

pub(crate) const TMUX: Tool = Tool {
    programs: &["tmux"],
    purpose: "agents run in it",
    debian: "sudo apt-get install tmux",
    macos: "brew install tmux",
};

pub(crate) const C_COMPILER: Tool = Tool {
    programs: &["cc"],
    purpose: "SQLite is compiled with it and Rust links with it",
    debian: "sudo apt-get install gcc libc6-dev",
    macos: "xcode-select --install",
};

pub(crate) const NPM: Tool = Tool {
    programs: &["npm"],
    purpose: "the terminal in the page comes from npm; Node 20 or newer brings it",
    debian: "sudo apt-get install npm",
    macos: "brew install node",
};

pub(crate) const CHROMIUM: Tool = Tool {
    programs: &["chromium", "chromium-browser", "google-chrome"],
    purpose: "the browser tests drive it",
    debian: "sudo apt-get install chromium",
    macos: "brew install --cask chromium",
};

/// What a build needs.
pub(crate) const FOR_BUILD: [Tool; 2] = [C_COMPILER, NPM];
/// What a running server needs besides.
pub(crate) const FOR_RUN: [Tool; 3] = [C_COMPILER, NPM, TMUX];
/// What the whole gate needs.
pub(crate) const FOR_TEST: [Tool; 4] = [C_COMPILER, NPM, TMUX, CHROMIUM];

impl Tool {
    /// Where the program is, if it is installed.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        self.programs.iter().find_map(|name| find(name))
    }

    /// What to do when it is missing.
    fn request(&self) -> String {
        let command = if cfg!(target_os = "macos") { self.macos } else { self.debian };
        format!("{} is missing ({}); install it with `{command}`.", self.programs[0], self.purpose)
    }
}

/// Looks a program up on PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Fails with one sentence for each tool that is missing, before anything slow begins.
pub(crate) fn require(tools: &[Tool]) -> anyhow::Result<Outcome> {
    let missing: Vec<String> =
        tools.iter().filter(|tool| tool.path().is_none()).map(Tool::request).collect();
    if !missing.is_empty() {
        bail!("{}", missing.join("\n"));
    }
    Ok(Outcome::Unchanged)
}

/// Adds the WebAssembly target to the compiler; rustup needs no rights for it.
pub(crate) fn require_wasm_target() -> anyhow::Result<Outcome> {
    if has_wasm_target()? {
        return Ok(Outcome::Unchanged);
    }
    if find("rustup").is_none() {
        bail!(
            "This Rust cannot compile for {}; install it from https://rustup.rs, which can add it.",
            wasm::TARGET
        );
    }
    process::run(Command::new("rustup").args(["target", "add", wasm::TARGET]))?;
    Ok(Outcome::Done)
}

fn has_wasm_target() -> anyhow::Result<bool> {
    let mut rustc = Command::new("rustc");
    let folder = process::read(rustc.args(["--print", "target-libdir", "--target", wasm::TARGET]))?;
    Ok(Path::new(folder.trim()).is_dir())
}

/// Adds rustfmt and clippy where a minimal Rust came without them.
pub(crate) fn require_components() -> anyhow::Result<Outcome> {
    let wanted = [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")];
    let works = |program: &str| process::read(Command::new(program).arg("--version")).is_ok();
    let missing: Vec<&str> =
        wanted.iter().filter(|(program, _)| !works(program)).map(|(_, name)| *name).collect();
    if missing.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    process::run(Command::new("rustup").args(["component", "add"]).args(missing))?;
    Ok(Outcome::Done)
}

/// Lists what is there and what is missing; an error if a build and its tests could not run.
pub(crate) fn doctor(project: &Project) -> anyhow::Result<()> {
    let version = process::read(Command::new("rustc").arg("--version"))?;
    say(format!("rust         {} (at least {} is needed)", version.trim(), project.rust_version));
    let wasm = if has_wasm_target()? { "installed" } else { "is added by the first build" };
    say(format!("wasm         {wasm}"));
    if let Ok(version) = process::read(Command::new("node").arg("--version")) {
        say(format!("node         {} (at least v20 is needed)", version.trim()));
    }
    let mut missing = 0;
    for tool in &FOR_TEST {
        if let Some(path) = tool.path() {
            say(format!("{:12} {}", tool.programs[0], path.display()));
        } else {
            missing += 1;
            say(format!("{:12} {}", tool.programs[0], tool.request()));
        }
    }
    for (program, purpose) in [
        ("wasm-opt", "makes the page's WebAssembly smaller"),
        ("cargo-leptos", "`cargo leptos watch` rebuilds while you edit; `make setup` installs it"),
        ("cargo-deny", "`make audit` asks it for known vulnerabilities"),
        ("strace", "`make chaos` lets writes fail with it"),
        ("faketime", "`make chaos` sets the clock with it"),
        ("unshare", "`make chaos` mounts a small disk with it"),
    ] {
        let state =
            find(program).map_or("not installed".to_owned(), |path| path.display().to_string());
        say(format!("{program:12} {state} (optional: {purpose})"));
    }
    if missing > 0 {
        bail!("{missing} of the programs above must be installed first");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOWHERE: Tool = Tool {
        programs: &["no-such-program-here"],
        purpose: "nothing needs it",
        debian: "sudo apt-get install nowhere",
        macos: "brew install nowhere",
    };

    #[test]
    fn a_missing_tool_is_one_sentence_with_the_command() {
        let error = require(&[NOWHERE]).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 1);
        assert!(error.starts_with("no-such-program-here is missing (nothing needs it)"), "{error}");
        assert!(error.contains(" install nowhere`"), "{error}");
    }

    #[test]
    fn a_program_is_found_on_path() {
        assert!(find("sh").is_some());
    }
}
