//! Finds programs on this machine, and what they say of their version.

use std::collections::HashMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use protocol::error::{ApiError, ErrorCode};
use protocol::programs::{Program, ProgramKind};
use protocol::text::is_invisible;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// A program says its version within this time, or has none.
const VERSION_WITHIN: Duration = Duration::from_secs(3);
/// Programs that are asked at the same time.
const ASKED_AT_ONCE: usize = 4;
/// Bytes of an answer that are read, and characters of it that are kept.
const ANSWER_BYTES: u64 = 4096;
const VERSION_CHARS: usize = 80;

/// The program's absolute path: as given, or the first match on `PATH`.
pub(super) async fn find(program: &str) -> Result<PathBuf, ApiError> {
    let given = Path::new(program);
    if given.is_absolute() {
        if is_executable(given).await {
            return Ok(given.to_owned());
        }
        return Err(ApiError::new(
            ErrorCode::Unavailable,
            format!("“{program}” cannot be run on this machine. Check the path and its rights."),
        )
        .about("program"));
    }
    on_path(program, &search_path()).await.ok_or_else(|| {
        ApiError::new(
            ErrorCode::Unavailable,
            format!(
                "“{program}” is not installed on this machine. Install it, or give the \
                 program's full path."
            ),
        )
        .about("program")
    })
}

/// The owner's shell.
pub(super) async fn shell() -> Result<PathBuf, ApiError> {
    if let Some(own) = own_shell().await {
        return Ok(own);
    }
    match on_path("bash", &search_path()).await {
        Some(bash) => Ok(bash),
        None => find("sh").await,
    }
}

async fn own_shell() -> Option<PathBuf> {
    let own = env::var_os("SHELL").map(PathBuf::from)?;
    (own.is_absolute() && is_executable(&own).await).then_some(own)
}

fn search_path() -> OsString {
    env::var_os("PATH").unwrap_or_default()
}

async fn on_path(program: &str, path: &OsStr) -> Option<PathBuf> {
    for folder in env::split_paths(path).filter(|folder| folder.is_absolute()) {
        let candidate = folder.join(program);
        if is_executable(&candidate).await {
            return Some(candidate);
        }
    }
    None
}

async fn is_executable(path: &Path) -> bool {
    match tokio::fs::metadata(path).await {
        Ok(facts) => facts.is_file() && facts.permissions().mode() & 0o111 != 0,
        Err(_absent) => false,
    }
}

/// What tells one file at a path from another that replaced it: inode, size, and time of its last
/// change in seconds and nanoseconds.
type Identity = (u64, u64, i64, i64);
/// What the program at each path said.
type Answers = HashMap<PathBuf, (Identity, Option<String>)>;

/// What is installed; remembers what each program said until its file is another one. Clones
/// share it.
#[derive(Clone, Debug, Default)]
pub struct Programs(Arc<Mutex<Answers>>);

impl Programs {
    /// Coding agents, then shells. Each program is asked once, also when it gave no answer; who
    /// comes meanwhile waits.
    pub async fn installed(&self) -> Vec<Program> {
        let path = search_path();
        let mut programs = self.agents_on(&path).await;
        programs.extend(shells(&path).await);
        programs
    }

    async fn agents_on(&self, path: &OsStr) -> Vec<Program> {
        let mut known = self.0.lock().await;
        let mut found = Vec::new();
        for kind in ProgramKind::AGENTS {
            for name in kind.binaries() {
                if let Some(path) = on_path(name, path).await {
                    found.push((kind, (*name).to_owned(), path));
                    break;
                }
            }
        }
        let asked = stream::iter(found)
            .map(|(kind, name, path)| {
                let remembered = known.get(&path).cloned();
                async move {
                    let identity = identity(&path).await;
                    let version = match remembered {
                        Some((of, version)) if Some(of) == identity => version,
                        _ => version(&path).await,
                    };
                    (kind, name, path, identity, version)
                }
            })
            .buffered(ASKED_AT_ONCE);
        let asked: Vec<_> = asked.collect().await;
        known.clear();
        let mut programs = Vec::with_capacity(asked.len());
        for (kind, name, path, identity, version) in asked {
            let shown = path.to_string_lossy().into_owned();
            if let Some(identity) = identity {
                known.insert(path, (identity, version.clone()));
            }
            programs.push(Program { kind, name, path: shown, version });
        }
        programs
    }
}

/// The owner's own first, then the usual ones; a shell's version interests nobody.
async fn shells(path: &OsStr) -> Vec<Program> {
    let mut shells: Vec<Program> = Vec::new();
    let own = own_shell().await;
    let mut usual = Vec::new();
    for name in ["bash", "zsh", "fish", "sh"] {
        usual.extend(on_path(name, path).await);
    }
    for shell in own.into_iter().chain(usual) {
        let name = shell.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if shells.iter().all(|listed| listed.name != name) {
            let path = shell.to_string_lossy().into_owned();
            shells.push(Program { kind: ProgramKind::Shell, name, path, version: None });
        }
    }
    shells
}

async fn identity(path: &Path) -> Option<Identity> {
    let facts = tokio::fs::metadata(path).await.ok()?;
    Some((facts.ino(), facts.size(), facts.mtime(), facts.mtime_nsec()))
}

/// A program that is asked, with all that it starts: they end with this value.
struct Asked(Child);

impl Drop for Asked {
    fn drop(&mut self) {
        // Without an id it was waited for, and its number may be somebody else's by now.
        let group = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = group {
            // It has ended by itself meanwhile: just what is wanted.
            let _gone = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The first line of what `--version` prints.
async fn version(program: &Path) -> Option<String> {
    let child = Command::new(program)
        .arg("--version")
        // Nobody's project: what lies in the working folder may change what a program does.
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // Ctrl-C in Maestro's terminal is not for it, and it ends with all that it started.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut asked = Asked(child);
    let output = asked.0.stdout.take()?;
    let mut answer = Vec::new();
    let read = async {
        match output.take(ANSWER_BYTES).read_to_end(&mut answer).await {
            // Whoever talks on and on does not say a version.
            Ok(bytes) if bytes as u64 == ANSWER_BYTES => false,
            Ok(_all) => asked.0.wait().await.is_ok_and(|status| status.success()),
            Err(_unreadable) => false,
        }
    };
    if !timeout(VERSION_WITHIN, read).await.unwrap_or(false) {
        return None;
    }
    let line = String::from_utf8_lossy(&answer);
    let line = line.lines().map(str::trim).find(|line| !line.is_empty())?;
    let seen = line.chars().filter(|char| !char.is_control() && !is_invisible(*char));
    Some(seen.take(VERSION_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn programs_are_found_on_the_path_or_named_in_full() {
        assert!(find("sh").await.unwrap().is_absolute());
        assert_eq!(find("/bin/sh").await.unwrap(), Path::new("/bin/sh"));
        for missing in ["no-such-program-here", "/etc/hostname-not-there", "/etc"] {
            let error = find(missing).await.unwrap_err();
            assert_eq!(
                (error.code, error.field.as_deref()),
                (ErrorCode::Unavailable, Some("program"))
            );
        }
        assert!(is_executable(&shell().await.unwrap()).await);
    }

    fn write_program(path: &Path, script: &str) {
        let text = path.with_extension("txt");
        fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
        // A file that this process has open for writing, if only in a child that another test
        // is starting, cannot be run. So another process writes it.
        let installed =
            std::process::Command::new("install").args(["-m", "755"]).args([&text, path]).status();
        assert!(installed.unwrap().success());
    }

    async fn says(script: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        write_program(&program, script);
        version(&program).await
    }

    #[tokio::test]
    async fn a_version_is_one_line_without_surprises() {
        let answer = says("echo; echo ' 2.1.197 (Claude Code) '; echo more").await;
        assert_eq!(answer.unwrap(), "2.1.197 (Claude Code)");
        assert_eq!(says("printf '1.0\\033[2Jx'").await.unwrap(), "1.0[2Jx");
        assert_eq!(says("printf '1.0\\342\\200\\256x'").await.unwrap(), "1.0x");
        assert_eq!(says("exit 3").await, None);
        assert_eq!(says("echo 1.0; exit 3").await, None);
        assert_eq!(says("printf '%0100d' 7").await.map(|line| line.len()), Some(VERSION_CHARS));
        assert_eq!(says("exec yes").await, None, "it talks without end");
        assert_eq!(says("cat; pwd").await.as_deref(), Some("/"));
    }

    #[tokio::test]
    async fn who_does_not_answer_in_time_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
        write_program(&program, &format!("exec 3> {}; sleep 60 & wait", pipe.display()));
        // Has an end when the last process that holds the pipe has ended.
        let all_ended = tokio::task::spawn_blocking(move || fs::read(pipe));
        assert_eq!(version(&program).await, None);
        let read = timeout(VERSION_WITHIN, all_ended).await.expect("something still runs");
        assert_eq!(read.unwrap().unwrap(), b"");
    }

    #[tokio::test]
    async fn each_program_is_asked_once_until_it_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (claude, codex) = (folder.path().join("claude"), folder.path().join("codex"));
        let count = folder.path().join("count");
        let script = |answer: &str| format!("echo asked >> {}; {answer}", count.display());
        let asked = || fs::read_to_string(&count).unwrap().lines().count();
        write_program(&claude, &script("echo 1.0"));
        write_program(&codex, &script("exit 1"));
        write_program(&folder.path().join("unknown"), &script("echo 1.0"));
        fs::write(folder.path().join("gemini"), "not executable").unwrap();
        let path = folder.path().as_os_str();

        let programs = Programs::default();
        let other = programs.clone();
        let (first, second) = tokio::join!(programs.agents_on(path), other.agents_on(path));
        assert_eq!(first, second);
        let found: Vec<_> =
            first.iter().map(|program| (program.kind, program.version.as_deref())).collect();
        assert_eq!(found, [(ProgramKind::Claude, Some("1.0")), (ProgramKind::Codex, None)]);
        assert_eq!(first[0].path, claude.to_str().unwrap());
        assert_eq!(first[0].name, "claude");
        assert_eq!(asked(), 2);

        let next = folder.path().join("next");
        write_program(&next, &script("echo 2.0.0"));
        fs::rename(&next, &claude).unwrap();
        let replaced = programs.agents_on(path).await;
        assert_eq!(replaced[0].version.as_deref(), Some("2.0.0"));
        assert_eq!(asked(), 3);

        fs::remove_file(&claude).unwrap();
        let left = programs.agents_on(path).await;
        assert_eq!(
            left.iter().map(|program| program.kind).collect::<Vec<_>>(),
            [ProgramKind::Codex]
        );
        assert_eq!(asked(), 3);
    }

    #[tokio::test]
    async fn each_shell_is_listed_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["zsh", "sh", "dash"] {
            write_program(&folder.path().join(name), "exit 0");
        }
        let mut names: Vec<String> =
            shells(folder.path().as_os_str()).await.into_iter().map(|shell| shell.name).collect();
        if let Some(own) = own_shell().await {
            let own = own.file_name().unwrap().to_string_lossy().into_owned();
            assert_eq!(names[0], own);
            names.retain(|name| *name != own || ["zsh", "sh"].contains(&name.as_str()));
        }
        names.sort();
        assert_eq!(names, ["sh", "zsh"]);
    }
}
