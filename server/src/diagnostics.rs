//! What can be looked at on this machine: the same list for `maestro doctor` and for the
//! diagnostics page of a running server. Nothing here creates or changes anything.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::host::{Backup, Check, HostHealth, ProblemKind};
use store::StoreError;
use store::backups;

use crate::amounts::{between, bytes, span};
use crate::clock::now_ms;
use crate::config::Settings;
use crate::home::Home;
use crate::http::assets::Site;
use crate::http::listen::PortError;
use crate::{platform, service};

/// Below this it is time to make room: the log, a backup and the database still fit.
const FREE_BYTES: u64 = 500_000_000;
/// Fewer open files than this do not carry a few hundred terminals and windows.
const OPEN_FILES: u64 = 4_096;
/// A backup is made every day, so one that is older than what was written since has failed.
const BACKUP_AGE: Duration = Duration::from_hours(48);

/// Who looks.
#[derive(Clone, Debug)]
pub(crate) enum Viewpoint {
    /// A command beside the server, or without one; what a running server answered when it was
    /// asked for its own checks.
    Outside {
        /// Where it listens, and what it found.
        server: Option<(SocketAddr, Vec<Check>)>,
    },
    /// The server itself.
    Server {
        /// Where it listens.
        address: SocketAddr,
        /// The tmux that it uses.
        tmux_version: String,
        /// What it knows to be wrong.
        health: HostHealth,
    },
}

type Found = Result<String, String>;

fn check(name: &str, found: Found) -> Check {
    let ok = found.is_ok();
    let (Ok(detail) | Err(detail)) = found;
    Check { name: name.to_owned(), ok, detail }
}

/// Looks at everything; takes as long as it takes to read the database once.
pub(crate) async fn checks(settings: &Settings, viewpoint: &Viewpoint) -> Vec<Check> {
    let home = Home::at(settings.home.clone()).map_err(|error| error.to_string());
    let (database, backups) = match &home {
        Ok(home) => (database(home, viewpoint).await, newest_backup(home, viewpoint)),
        Err(unusable) => (Err(unusable.clone()), Err(unusable.clone())),
    };
    vec![
        check("tmux", tmux(&settings.tmux, viewpoint).await),
        check("data folder", home.and_then(|home| folder(&home))),
        check("database", database),
        check("backups", backups),
        check("disk space", disk(&settings.home)),
        check("port", port(settings, viewpoint)),
        check("web assets", assets()),
        check("open files", open_files(platform::open_files_limit())),
        check("service", service(settings, viewpoint)),
        check("runtime folder", runtime_folder(platform::runtime_folder())),
    ]
}

async fn tmux(program: &Path, viewpoint: &Viewpoint) -> Found {
    match viewpoint {
        Viewpoint::Server { tmux_version, health, .. } => {
            known(health, &[ProblemKind::Tmux])?;
            Ok(format!("tmux {tmux_version} answers"))
        }
        Viewpoint::Outside { .. } => {
            let version = tmux::installed_version(program).await;
            version.map(|version| format!("tmux {version}")).map_err(|error| error.to_string())
        }
    }
}

/// The words for what the server knows to be wrong.
fn known(health: &HostHealth, kinds: &[ProblemKind]) -> Result<(), String> {
    let problem = health.problems.iter().find(|problem| kinds.contains(&problem.kind));
    problem.map_or(Ok(()), |problem| Err(problem.message.clone()))
}

fn folder(home: &Home) -> Found {
    home.check().map_err(|error| error.to_string())?;
    let path = home.root().display();
    Ok(match (home.root().exists(), home.is_in_use()) {
        (false, _) => format!("{path} will be made at the first start"),
        (true, false) => format!("{path} is private and free"),
        (true, true) => format!("{path} is private and in use by a running Maestro"),
    })
}

async fn database(home: &Home, viewpoint: &Viewpoint) -> Found {
    match viewpoint {
        Viewpoint::Server { health, .. } => {
            known(health, &[ProblemKind::Store, ProblemKind::LostWrite])?;
            return Ok("every row was checked when Maestro started; no problem since".into());
        }
        // Who opened it knows: a second look from outside could only get in the way.
        Viewpoint::Outside { server: Some((_, found)) } => {
            if let Some(found) = found.iter().find(|check| check.name == "database") {
                return if found.ok { Ok(found.detail.clone()) } else { Err(found.detail.clone()) };
            }
        }
        Viewpoint::Outside { server: None } => {}
    }
    if home.is_in_use() {
        return Err(format!(
            "A running Maestro uses {} and does not answer. Look at its log, or stop it and run \
             this again.",
            home.root().display()
        ));
    }
    let path = home.database();
    let backups = backups::list(&backups::folder_of(&path)).unwrap_or_default();
    match (path.exists(), backups.first()) {
        (false, None) => return Ok("will be made at the first start".into()),
        (false, Some(_)) => {
            return Err(format!(
                "{} is missing, though there are backups. Run `maestro restore latest`.",
                path.display()
            ));
        }
        (true, _) => {}
    }
    match backups::verify(&path).await {
        Ok(()) => Ok(format!("{} is whole: every row was checked", path.display())),
        Err(error) => {
            let problem = match error {
                StoreError::BadBackup { problem, .. } => problem,
                other => other.to_string(),
            };
            let advice = if backups.is_empty() {
                "There is no backup to go back to: keep a copy of the data folder."
            } else {
                "`maestro restore` lists the backups to go back to."
            };
            Err(format!("{} is not good: {problem}. {advice}", path.display()))
        }
    }
}

fn newest_backup(home: &Home, viewpoint: &Viewpoint) -> Found {
    if let Viewpoint::Server { health, .. } = viewpoint {
        known(health, &[ProblemKind::Backup])?;
    }
    let database = home.database();
    let backups =
        backups::list(&backups::folder_of(&database)).map_err(|error| error.to_string())?;
    let count = backups.len();
    let Some(newest) = backups.into_iter().max_by_key(|backup| backup.made_at_ms) else {
        return Ok(
            "none yet; the first is made within an hour of the first agent, then one every day"
                .into(),
        );
    };
    age(&newest, count, written_ms(&database), now_ms())
}

/// When the database or its write-ahead log was last written, milliseconds since the Unix epoch.
pub(crate) fn written_ms(database: &Path) -> i64 {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let written = [database.to_owned(), PathBuf::from(log)].into_iter().filter_map(|file| {
        let written = std::fs::metadata(file).ok()?.modified().ok()?;
        let since = written.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_millis()).ok()
    });
    written.max().unwrap_or_default()
}

fn age(newest: &Backup, count: usize, written_ms: i64, now_ms: i64) -> Found {
    let told = format!(
        "{count}, the newest made {} ago: {}",
        span(between(newest.made_at_ms, now_ms)),
        newest.path
    );
    if between(newest.made_at_ms, written_ms) <= BACKUP_AGE {
        return Ok(told);
    }
    Err(format!("{told}. Much was written since. Run `maestro backup` while Maestro runs."))
}

fn disk(home: &Path) -> Found {
    let there = home.ancestors().find(|folder| folder.exists()).unwrap_or(home);
    let free = platform::free_bytes(there).map_err(|error| {
        format!("The disk of {} cannot be asked for its free space: {error}.", there.display())
    })?;
    room(free, there)
}

fn room(free: u64, place: &Path) -> Found {
    let free_text = bytes(free);
    if free >= FREE_BYTES {
        return Ok(format!("{free_text} free at {}", place.display()));
    }
    Err(format!(
        "Only {free_text} are free at {}. Make room: on a full disk no change can be stored.",
        place.display()
    ))
}

fn port(settings: &Settings, viewpoint: &Viewpoint) -> Found {
    match viewpoint {
        Viewpoint::Server { address, .. } | Viewpoint::Outside { server: Some((address, _)) } => {
            Ok(format!("port {} serves this data folder", address.port()))
        }
        Viewpoint::Outside { server: None } => {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port)) {
                Ok(_released_at_once) => Ok(format!("port {} is free", settings.port)),
                Err(error) => Err(PortError::new(settings.port, error).to_string()),
            }
        }
    }
}

fn assets() -> Found {
    match Site::get("pkg/maestro.wasm") {
        Some(file) => Ok(format!("present, program of {} KB", file.data.len() / 1024)),
        None => Err("The web page was not built. Build with `make run` or `make dist`.".into()),
    }
}

fn open_files((now, most): (Option<u64>, Option<u64>)) -> Found {
    let word = |limit: Option<u64>| limit.map_or("any number".into(), |limit| limit.to_string());
    let told = format!("{} at once, up to {} when needed", word(now), word(most));
    if most.is_none_or(|most| most >= OPEN_FILES) {
        return Ok(told);
    }
    Err(format!(
        "{told}: too few for many agents. Raise the limit (`ulimit -Hn {OPEN_FILES}` as root, or \
         LimitNOFILE of the service)."
    ))
}

fn service(settings: &Settings, viewpoint: &Viewpoint) -> Found {
    let status = match viewpoint {
        // systemd tells its services so; no program is started to ask.
        Viewpoint::Server { .. } => {
            service::status_seen_from_inside(settings, std::env::var_os("INVOCATION_ID").is_some())
        }
        Viewpoint::Outside { .. } => service::status_of(settings),
    };
    match status {
        Ok(status) => started_by(&status),
        // A machine without systemd is as good as any; the sentence says what is not possible.
        Err(unreachable) => Ok(unreachable),
    }
}

fn started_by(status: &service::Status) -> Found {
    let name = &status.name;
    if !status.installed {
        return Ok("not installed; `maestro service install` has the system start Maestro".into());
    }
    if !status.enabled {
        return Err(format!("{name} is installed and not enabled. Run `maestro service install`."));
    }
    if status.linger == Some(false) {
        return Err(format!(
            "{name} and all agents end when you log out. Run: loginctl enable-linger"
        ));
    }
    let state = if status.active { "runs" } else { "does not run now" };
    Ok(format!("{name} is installed and {state}"))
}

fn runtime_folder(folder: Option<PathBuf>) -> Found {
    match folder {
        None => Ok("XDG_RUNTIME_DIR is not set; sockets lie in the data folder".into()),
        Some(folder) if folder.is_dir() => Ok(folder.display().to_string()),
        Some(folder) => Err(format!(
            "XDG_RUNTIME_DIR names {}, which is not there. Log in again, or unset it.",
            folder.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn a_backup_is_old_when_much_was_written_after_it() {
        fn check(written_hours: i64, good: bool) {
            let made_at_ms = 100 * HOUR_MS;
            let backup = Backup { path: "/b/x.db".into(), made_at_ms, bytes: 1 };
            let found = age(&backup, 3, written_hours * HOUR_MS, 300 * HOUR_MS);
            assert_eq!(found.is_ok(), good, "{found:?}");
            let (Ok(detail) | Err(detail)) = found;
            assert!(detail.starts_with("3, the newest made 8 d 8 h ago: /b/x.db"), "{detail}");
        }
        check(90, true);
        check(148, true);
        check(149, false);
    }

    #[test]
    fn limits_are_told_with_what_to_do() {
        assert!(room(FREE_BYTES, Path::new("/x")).is_ok());
        let full = room(FREE_BYTES - 1, Path::new("/x")).unwrap_err();
        assert_eq!(
            full,
            "Only 499.9 MB are free at /x. Make room: on a full disk no change can be stored."
        );
        assert!(open_files((Some(1_024), None)).is_ok());
        assert!(open_files((Some(1_024), Some(4_096))).is_ok());
        let few = open_files((Some(256), Some(1_024))).unwrap_err();
        assert!(few.starts_with("256 at once, up to 1024 when needed: too few"), "{few}");
    }

    #[test]
    fn a_service_that_ends_with_the_login_is_no_good() {
        let status = service::Status {
            name: "maestro.service".into(),
            file: "/f".into(),
            installed: true,
            enabled: true,
            active: true,
            linger: Some(true),
        };
        assert_eq!(started_by(&status).unwrap(), "maestro.service is installed and runs");
        let none = service::Status { installed: false, linger: Some(false), ..status.clone() };
        assert!(started_by(&none).unwrap().starts_with("not installed"));
        let logged_out = service::Status { linger: Some(false), ..status.clone() };
        assert!(started_by(&logged_out).unwrap_err().contains("loginctl enable-linger"));
        let off = service::Status { enabled: false, ..status };
        assert!(started_by(&off).unwrap_err().contains("`maestro service install`"));
    }

    #[test]
    fn what_the_server_knows_to_be_wrong_is_said() {
        let health = crate::health::Health::default();
        health.report(ProblemKind::Store, "The disk is full.");
        assert!(known(&health.now(), &[ProblemKind::Tmux]).is_ok());
        let both = [ProblemKind::LostWrite, ProblemKind::Store];
        assert_eq!(known(&health.now(), &both).unwrap_err(), "The disk is full.");
    }

    #[tokio::test]
    async fn a_look_from_outside_creates_nothing_and_finds_damage() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("home")).unwrap();
        let outside = Viewpoint::Outside { server: None };
        assert_eq!(database(&home, &outside).await.unwrap(), "will be made at the first start");
        assert!(folder_detail(&home).contains("will be made"));
        assert!(newest_backup(&home, &outside).unwrap().starts_with("none yet"));
        assert!(!home.root().exists());

        let lock = home.prepare().unwrap();
        let store = store::Store::open(&home.database()).await.unwrap().store;
        let backups = backups::folder_of(&home.database());
        store.back_up(&backups, now_ms()).await.unwrap();
        store.close().await;
        let silent = database(&home, &outside).await.unwrap_err();
        assert!(silent.contains("does not answer"), "{silent}");
        drop(lock);
        assert!(database(&home, &outside).await.unwrap().contains("is whole"));
        assert!(newest_backup(&home, &outside).unwrap().starts_with("1, the newest made "));

        let mut bytes = std::fs::read(home.database()).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..].fill(0xff);
        std::fs::write(home.database(), &bytes).unwrap();
        let damaged = database(&home, &outside).await.unwrap_err();
        assert!(damaged.contains("`maestro restore` lists the backups"), "{damaged}");
        std::fs::remove_file(home.database()).unwrap();
        let missing = database(&home, &outside).await.unwrap_err();
        assert!(missing.contains("is missing, though there are backups"), "{missing}");
    }

    fn folder_detail(home: &Home) -> String {
        super::folder(home).unwrap()
    }
}
