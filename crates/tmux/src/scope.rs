//! A control group of its own for the tmux server.
//!
//! A service manager ends everything in a service's control group when the service stops. The
//! tmux server must outlive Maestro, so when Maestro runs as a service of the user's systemd, the
//! server is started as a transient scope beside it, `maestro-tmux-NUMBER.scope`. Nothing else
//! needs that: a shell or a login leaves its children alone, and a service of the system has no
//! user's systemd to ask; its unit has to say `KillMode=process`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// systemd started this process or one before it (`INVOCATION_ID`).
    service: bool,
    /// The user's systemd can be asked (a socket in `XDG_RUNTIME_DIR`).
    reachable: bool,
    /// Where `systemd-run` is.
    program: Option<PathBuf>,
}

impl Facts {
    pub(crate) fn gather() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let runtime = variable("XDG_RUNTIME_DIR").map(PathBuf::from);
        let reachable = |folder: PathBuf| {
            folder.join("bus").exists() || folder.join("systemd/private").exists()
        };
        Self {
            service: variable("INVOCATION_ID").is_some(),
            reachable: runtime.is_some_and(reachable),
            program: variable("PATH").and_then(|path| find("systemd-run", &path)),
        }
    }
}

fn find(program: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Program and arguments that go before the command that starts the server; `None` if it can be
/// started as it is. A number is used once: an old scope lasts as long as anything in it.
pub(crate) fn wrapper(facts: &Facts, number: u64) -> Option<(&Path, Vec<OsString>)> {
    let program = facts.program.as_deref().filter(|_| facts.service && facts.reachable)?;
    let unit = format!("--unit=maestro-tmux-{number:016x}");
    let words = ["--user", "--scope", "--quiet", "--collect", &unit, "--"];
    Some((program, words.iter().map(OsString::from).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_service_that_can_ask_gets_a_scope() {
        let service =
            Facts { service: true, reachable: true, program: Some("/usr/bin/systemd-run".into()) };
        let (program, words) = wrapper(&service, 0xab).unwrap();
        assert_eq!(program, Path::new("/usr/bin/systemd-run"));
        assert_eq!(words[4], "--unit=maestro-tmux-00000000000000ab");
        assert_eq!(words.last().unwrap(), "--");
        for missing in [
            Facts { service: false, ..service.clone() },
            Facts { reachable: false, ..service.clone() },
            Facts { program: None, ..service.clone() },
        ] {
            assert_eq!(wrapper(&missing, 1), None, "{missing:?}");
        }
    }

    #[test]
    fn relative_folders_are_no_place_for_a_program() {
        assert_eq!(find("sh", OsStr::new("bin:.::/nowhere")), None);
        assert_eq!(find("sh", OsStr::new("bin:/bin")), Some("/bin/sh".into()));
    }
}
