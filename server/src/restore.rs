//! `maestro restore`: goes back to a backup while no Maestro runs. The database that it replaces
//! is kept beside it, so that this too can be taken back.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cli::exit::{Exit, Refusal};
use protocol::error::{ApiError, ErrorCode};
use protocol::host::Backup;
use store::backups;

use crate::amounts::{between, bytes, span};
use crate::clock::now_ms;
use crate::command::complain;
use crate::config::Settings;
use crate::home::{Home, HomeError};
use crate::report::{Report, print, refusal};

/// Which backup, and whether to ask.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RestoreArgs {
    /// `latest`, or a backup's file; without it, all backups are listed
    #[arg(value_name = "latest|FILE")]
    pub backup: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &RestoreArgs, settings: &Settings) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("The restore cannot start: {error}."), 1),
    };
    let outcome = runtime.block_on(async {
        let home = Home::at(settings.home.clone()).map_err(unusable)?;
        if !home.root().exists() {
            let message = format!(
                "There is no data folder {}. Name the right one with --home.",
                home.root().display()
            );
            return Err(refusal(ErrorCode::NotFound, message));
        }
        match &args.backup {
            None => list(&home),
            Some(backup) if args.yes => restore(&home, backup, |_| Ok(true)).await,
            Some(backup) => restore(&home, backup, ask).await,
        }
    });
    print(outcome, args.json)
}

fn unusable(error: HomeError) -> Refusal {
    match error {
        HomeError::Locked(home) => refusal(
            ErrorCode::Conflict,
            format!(
                "Maestro is running for {}. Stop it first (agents go on), then restore.",
                home.display()
            ),
        ),
        other => refusal(ErrorCode::Internal, other.to_string()),
    }
}

fn from_store(error: store::StoreError) -> Refusal {
    // The owner of the data folder reads this: the whole sentence, with its paths.
    refusal(ErrorCode::Internal, error.to_string())
}

fn list(home: &Home) -> Result<Report, Refusal> {
    let folder = backups::folder_of(&home.database());
    let found = backups::list(&folder).map_err(from_store)?;
    if found.is_empty() {
        let text = format!("There are no backups in {}.\n", folder.display());
        return Ok(Report::new(found, text));
    }
    let now_ms = now_ms();
    let line = |backup: &Backup| {
        let age = span(between(backup.made_at_ms, now_ms));
        format!("{age:>10} ago  {:>10}  {}\n", bytes(backup.bytes), backup.path)
    };
    let mut text: String = found.iter().map(line).collect();
    text.push_str("`maestro restore latest` or `maestro restore FILE` goes back to one of them.\n");
    Ok(Report::new(found, text))
}

/// Goes back to a backup. `confirm` is asked with one line that says what is about to happen.
async fn restore(
    home: &Home,
    wanted: &Path,
    confirm: impl FnOnce(&str) -> Result<bool, Refusal>,
) -> Result<Report, Refusal> {
    // Held until the end: nobody may start on a half-made database.
    let _lock = home.prepare().map_err(unusable)?;
    let database = home.database();
    let folder = backups::folder_of(&database);
    let backup = if wanted == Path::new("latest") {
        backups::newest_good(&folder).await.ok_or_else(|| {
            let message = format!("There is no good backup in {}.", folder.display());
            refusal(ErrorCode::NotFound, message)
        })?
    } else {
        named(wanted, &folder)?
    };
    // Before the question: nobody should agree to what cannot be done.
    backups::verify(&backup).await.map_err(from_store)?;
    if !confirm(&question(&backup, &database))? {
        let restored = None::<PathBuf>;
        let data = serde_json::json!({ "restored": restored, "set_aside": restored });
        return Ok(Report::new(data, "Nothing was changed.\n".into()));
    }
    let backups::Restored { aside, left_behind } =
        backups::restore(&database, &backup, now_ms()).await.map_err(from_store)?;
    let kept = aside
        .as_ref()
        .map(|aside| format!("The one before was set aside as {}.\n", aside.display()));
    let lost = left_behind.as_ref().map(|why| {
        format!(
            "The audit trail since the backup and the counts of failed logins did not come along \
             ({why}).\n"
        )
    });
    let text = format!(
        "{} is the database now.\n{}{}Start `maestro` again.\n",
        backup.display(),
        kept.unwrap_or_default(),
        lost.unwrap_or_default()
    );
    let data = serde_json::json!({
        "restored": backup, "set_aside": aside, "left_behind": left_behind
    });
    Ok(Report::new(data, text))
}

/// A file by its path, or by its name in the folder of backups.
fn named(wanted: &Path, folder: &Path) -> Result<PathBuf, Refusal> {
    let in_folder = folder.join(wanted);
    if wanted.is_file() {
        Ok(wanted.to_owned())
    } else if in_folder.is_file() {
        Ok(in_folder)
    } else {
        let message = format!(
            "There is no backup {}. `maestro restore` lists those that there are.",
            wanted.display()
        );
        Err(refusal(ErrorCode::NotFound, message))
    }
}

/// What is about to happen, and what it costs.
fn question(backup: &Path, database: &Path) -> String {
    let now_ms = now_ms();
    let siblings = backups::list(backup.parent().unwrap_or(backup)).unwrap_or_default();
    let made_at_ms = siblings
        .iter()
        .find(|known| Path::new(&known.path) == backup)
        .map(|known| known.made_at_ms);
    let made = made_at_ms.map_or("at an unknown time".into(), |made_at_ms| {
        format!("{} ago", span(between(made_at_ms, now_ms)))
    });
    let lost = if !database.exists() {
        "There is no database now.".to_owned()
    } else if let Some(made_at_ms) = made_at_ms {
        let written = crate::diagnostics::written_ms(database);
        match between(made_at_ms, written).as_secs() {
            0 => "Nothing was written since.".into(),
            _ => format!(
                "What was changed in the {} after it is lost; the database of now is set aside.",
                span(between(made_at_ms, written))
            ),
        }
    } else {
        "What was changed after it is lost; the database of now is set aside.".into()
    };
    format!("Go back to {}, made {made}? {lost}", backup.display())
}

/// Asks the person at the terminal.
fn ask(question: &str) -> Result<bool, Refusal> {
    let (input, mut err) = (std::io::stdin().lock(), std::io::stderr().lock());
    if !(input.is_terminal() && err.is_terminal()) {
        let message = "Nobody can be asked here whether to restore. Add --yes if so.";
        return Err(Refusal { exit: Exit::Usage, error: ApiError::invalid("yes", message) });
    }
    let mut answer = String::new();
    let asked = write!(err, "{question} [y/N] ")
        .and_then(|()| err.flush())
        .and_then(|()| input.take(16).read_line(&mut answer));
    asked.map_err(|error| {
        let message = format!("The terminal gave no answer ({error}), so nothing was done.");
        refusal(ErrorCode::Internal, message)
    })?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Store;

    async fn home_with_backup(folder: &Path) -> (Home, Backup) {
        let home = Home::at(folder.join("home")).unwrap();
        drop(home.prepare().unwrap());
        let store = Store::open(&home.database()).await.unwrap().store;
        store.instance().id_or("aaaaaaaa").await.unwrap();
        let target = backups::folder_of(&home.database());
        let backup = store.back_up(&target, now_ms()).await.unwrap();
        store.instance().set_boot_id("after the backup").await.unwrap();
        store.close().await;
        (home, backup)
    }

    async fn boot_id(home: &Home) -> Option<String> {
        let store = Store::open(&home.database()).await.unwrap().store;
        let id = store.instance().boot_id().await.unwrap();
        store.close().await;
        id
    }

    #[tokio::test]
    async fn what_was_is_there_again_and_what_is_replaced_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (home, backup) = home_with_backup(folder.path()).await;
        assert_eq!(boot_id(&home).await.as_deref(), Some("after the backup"));

        let declined = restore(&home, Path::new("latest"), |_| Ok(false)).await.unwrap();
        assert_eq!(declined.text, "Nothing was changed.\n");
        assert_eq!(boot_id(&home).await.as_deref(), Some("after the backup"));

        let mut asked = String::new();
        let done = restore(&home, Path::new("latest"), |question| {
            question.clone_into(&mut asked);
            Ok(true)
        })
        .await
        .unwrap();
        assert!(asked.starts_with(&format!("Go back to {}, made ", backup.path)), "{asked}");
        assert_eq!(boot_id(&home).await, None);
        let data: serde_json::Value = serde_json::from_str(&done.json).unwrap();
        let aside = data["data"]["set_aside"].as_str().unwrap();
        assert!(done.text.contains(aside) && Path::new(aside).is_file(), "{}", done.text);
        assert_eq!(data["data"]["restored"], backup.path);
    }

    #[tokio::test]
    async fn a_database_that_is_damaged_or_gone_is_replaced_too() {
        let folder = tempfile::tempdir().unwrap();
        let (home, backup) = home_with_backup(folder.path()).await;
        std::fs::write(home.database(), "no database").unwrap();
        let name = Path::new(&backup.path).file_name().unwrap();
        restore(&home, Path::new(name), |_| Ok(true)).await.unwrap();
        assert_eq!(boot_id(&home).await, None);

        std::fs::remove_file(home.database()).unwrap();
        restore(&home, Path::new(&backup.path), |question| {
            assert!(question.contains("There is no database now."), "{question}");
            Ok(true)
        })
        .await
        .unwrap();
        assert_eq!(boot_id(&home).await, None);
    }

    #[tokio::test]
    async fn nothing_is_touched_by_what_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (home, backup) = home_with_backup(folder.path()).await;
        let never = |_: &str| -> Result<bool, Refusal> { panic!("nobody needs to be asked") };
        let refused = async |backup: &Path| restore(&home, backup, never).await.unwrap_err();

        let lock = home.prepare().unwrap();
        let running = refused(Path::new("latest")).await;
        assert_eq!(running.exit, Exit::Conflict);
        assert!(running.error.message.contains("Stop it first"), "{}", running.error.message);
        drop(lock);
        let unknown = refused(Path::new("nowhere.db")).await;
        assert_eq!(unknown.exit, Exit::NotFound);
        std::fs::write(&backup.path, "broken").unwrap();
        let broken = refused(Path::new(&backup.path)).await.error.message;
        assert!(broken.contains("cannot be used"), "{broken}");
        assert_eq!(refused(Path::new("latest")).await.exit, Exit::NotFound);
        assert_eq!(boot_id(&home).await.as_deref(), Some("after the backup"));
    }

    #[tokio::test]
    async fn backups_are_listed_with_what_to_type() {
        let folder = tempfile::tempdir().unwrap();
        let (home, backup) = home_with_backup(folder.path()).await;
        let listed = list(&home).unwrap();
        assert!(listed.text.contains(&backup.path), "{}", listed.text);
        assert!(listed.text.contains("`maestro restore latest`"), "{}", listed.text);
        std::fs::remove_file(&backup.path).unwrap();
        assert!(list(&home).unwrap().text.starts_with("There are no backups in "));
    }
}
