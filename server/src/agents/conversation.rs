//! The records that programs keep of their conversations. Only whether there is one is looked at;
//! nothing is read.
//!
//! Claude Code 2.1.197 keeps that of conversation `ID` in `<config>/projects/<project>/ID.jsonl`,
//! where `<config>` is `CLAUDE_CONFIG_DIR` or `~/.claude`, and `<project>` the real path of the
//! folder with “-” for each UTF-16 unit that is no ASCII letter or digit; from 200 characters on
//! it is cut off there and followed by “-” and a hash. It comes into being with the first prompt
//! and outlives SIGKILL. In the same folder, `--resume ID` is refused without it and
//! `--session-id ID` with it. In another folder both see nothing of it; but for a git worktree
//! that Claude Code made itself (`-w NAME`), which `--resume ID` finds from its repository. So an
//! agent whose folder was changed begins anew, and goes on when it is changed back.
//!
//! Copilot CLI 1.0.102 keeps it in `<home>/session-state/ID/events.jsonl`, where `<home>` is
//! `COPILOT_HOME` or `~/.copilot`, from the first prompt on, whatever the folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use protocol::error::ApiError;
use protocol::programs::ProgramKind;

/// Folders that are looked at: more than a person's projects, less than a disk full of them.
const FOLDERS: usize = 10_000;
/// Longest name of a project that Claude Code does not cut off.
const PROJECT_CHARS: usize = 200;
/// What follows a repository's project in that of a worktree that Claude Code made.
const WORKTREE: &str = "--claude-worktrees-";

/// Whether a program that starts in `folder` with the variables `env` on top of Maestro's own
/// will find a record of this conversation.
pub(super) async fn is_recorded(
    kind: ProgramKind,
    id: &str,
    folder: &Path,
    user_home: &Path,
    env: &[(String, String)],
) -> bool {
    let variable = |name: &str| {
        let own = env.iter().find(|(own, _)| own == name).map(|(_, value)| value.into());
        own.or_else(|| std::env::var_os(name)).filter(|value: &OsString| !value.is_empty())
    };
    let place = |name: &str, usual: &str| {
        let own_home = env.iter().find(|(own, _)| own == "HOME").map(|(_, home)| Path::new(home));
        variable(name).map_or_else(|| own_home.unwrap_or(user_home).join(usual), PathBuf::from)
    };
    match kind {
        ProgramKind::Claude => {
            let projects = place("CLAUDE_CONFIG_DIR", ".claude").join("projects");
            is_in_projects(&projects, &format!("{id}.jsonl"), folder).await
        }
        ProgramKind::Copilot => {
            let sessions = place("COPILOT_HOME", ".copilot").join("session-state");
            is_file(&sessions.join(id).join("events.jsonl")).await
        }
        _ => false,
    }
}

async fn is_in_projects(projects: &Path, record: &str, folder: &Path) -> bool {
    let Ok(folder) = tokio::fs::canonicalize(folder).await else { return false };
    let project = project_of(&folder.to_string_lossy());
    if is_file(&projects.join(&project).join(record)).await {
        return true;
    }
    // Names that are cut off, and worktrees, which the program may have called as it liked.
    let Ok(mut folders) = tokio::fs::read_dir(projects).await else { return false };
    for _ in 0..FOLDERS {
        let Ok(Some(found)) = folders.next_entry().await else { return false };
        if belongs(&found.file_name().to_string_lossy(), &project)
            && is_file(&found.path().join(record)).await
        {
            return true;
        }
    }
    false
}

/// The name of a folder's project, not cut off.
fn project_of(folder: &str) -> String {
    let units = folder.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii_alphanumeric() => char::from(byte),
        _ => '-',
    });
    units.collect()
}

/// Whether `name` is that project with its end cut off, or a worktree of it.
fn belongs(name: &str, project: &str) -> bool {
    match project.get(..PROJECT_CHARS).filter(|start| start.len() < project.len()) {
        Some(start) => name.strip_prefix(start).is_some_and(|hash| hash.starts_with('-')),
        None => name.strip_prefix(project).is_some_and(|rest| rest.starts_with(WORKTREE)),
    }
}

async fn is_file(path: &Path) -> bool {
    tokio::fs::metadata(path).await.is_ok_and(|facts| facts.is_file())
}

/// A name for a new conversation: a random UUID (RFC 9562, version 4).
pub(super) fn new_id() -> Result<String, ApiError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the system gives no random numbers");
        ApiError::internal()
    })?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = crate::secrets::hex(&bytes);
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const ID: &str = "11111111-2222-4333-8444-555555555555";

    #[test]
    fn ids_are_random_uuids() {
        let (one, other) = (new_id().unwrap(), new_id().unwrap());
        assert_ne!(one, other);
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&one.as_bytes()[19]), "{one}");
    }

    #[test]
    fn projects_are_called_as_claude_code_calls_them() {
        // The names that it made.
        assert_eq!(project_of("/srv/h1/wörk.a_b 😀"), "-srv-h1-w-rk-a-b---");
        let long = project_of(&format!("/srv/{}", "long".repeat(60)));
        assert!(belongs(&format!("{}-lqi6g4", &long[..200]), &long));
        assert!(!belongs(&format!("{}-lqi6g4", &long[..199]), &long));
        assert!(belongs("-srv-repo--claude-worktrees-foo", "-srv-repo"));
        for other in ["-srv-repo", "-srv-repo-2", "-srv-rep", "-srv-repo--claude"] {
            assert!(!belongs(other, "-srv-repo"), "{other}");
        }
    }

    /// A home with a working folder; and what is recorded for it, with these variables.
    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Self {
            let home = Self(tempfile::tempdir().unwrap());
            fs::create_dir(home.path("work")).unwrap();
            home
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().canonicalize().unwrap().join(name)
        }

        fn write(&self, config: &str, project: &str) {
            let project = self.path(config).join("projects").join(project);
            fs::create_dir_all(&project).unwrap();
            fs::write(project.join(format!("{ID}.jsonl")), "{}").unwrap();
        }

        async fn recorded(&self, kind: ProgramKind, folder: &str, env: &[(&str, &str)]) -> bool {
            // Whoever runs the tests may have chosen other places for their own.
            let mut full = vec![
                ("CLAUDE_CONFIG_DIR".to_owned(), String::new()),
                ("COPILOT_HOME".to_owned(), String::new()),
            ];
            full.retain(|(name, _)| env.iter().all(|(own, _)| own != name));
            let path = |(name, folder): &(&str, &str)| {
                ((*name).to_owned(), self.path(folder).to_str().unwrap().to_owned())
            };
            full.extend(env.iter().map(path));
            is_recorded(kind, ID, &self.path(folder), self.0.path(), &full).await
        }
    }

    #[tokio::test]
    async fn claude_code_finds_the_record_of_the_same_folder() {
        let home = Home::new();
        assert!(!home.recorded(ProgramKind::Claude, "work", &[]).await);
        home.write(".claude", &project_of(home.path("work").to_str().unwrap()));
        assert!(home.recorded(ProgramKind::Claude, "work", &[]).await);
        assert!(!home.recorded(ProgramKind::Codex, "work", &[]).await);

        fs::create_dir(home.path("other")).unwrap();
        assert!(!home.recorded(ProgramKind::Claude, "other", &[]).await);
        assert!(!home.recorded(ProgramKind::Claude, "absent", &[]).await);
        std::os::unix::fs::symlink(home.path("work"), home.path("link")).unwrap();
        assert!(home.recorded(ProgramKind::Claude, "link", &[]).await);

        let elsewhere = [("CLAUDE_CONFIG_DIR", "config")];
        assert!(!home.recorded(ProgramKind::Claude, "work", &elsewhere).await);
        home.write("config", &project_of(home.path("work").to_str().unwrap()));
        assert!(home.recorded(ProgramKind::Claude, "work", &elsewhere).await);
        assert!(!home.recorded(ProgramKind::Claude, "work", &[("HOME", "other")]).await);
    }

    #[tokio::test]
    async fn claude_code_finds_the_record_of_a_worktree() {
        let home = Home::new();
        let project = project_of(home.path("work").to_str().unwrap());
        home.write(".claude", &format!("{project}-2"));
        assert!(!home.recorded(ProgramKind::Claude, "work", &[]).await);
        home.write(".claude", &format!("{project}--claude-worktrees-foo"));
        assert!(home.recorded(ProgramKind::Claude, "work", &[]).await);
    }

    #[tokio::test]
    async fn copilot_finds_its_record_from_the_first_prompt_on() {
        let home = Home::new();
        let session = home.path(".copilot/session-state").join(ID);
        fs::create_dir_all(&session).unwrap();
        assert!(!home.recorded(ProgramKind::Copilot, "work", &[]).await);
        fs::write(session.join("events.jsonl"), "{}").unwrap();
        assert!(home.recorded(ProgramKind::Copilot, "work", &[]).await);
        assert!(home.recorded(ProgramKind::Copilot, "absent", &[]).await);
        assert!(!home.recorded(ProgramKind::Copilot, "work", &[("COPILOT_HOME", "work")]).await);
    }
}
