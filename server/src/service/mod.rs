//! `maestro service`: lets the system start Maestro, and start it again when it fails.
//!
//! `definition` says what the system is to do, `systemd` and `launchd` write that down and ask
//! the system for it; this file decides what happens in which order. Agents are not part of it:
//! they run in tmux, which both systems are told to leave alone.

mod definition;
mod launchd;
mod systemd;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use clap::Subcommand;
use cli::exit::Refusal;
use protocol::error::ErrorCode;
use serde::Serialize;

use crate::config::Settings;
use crate::home::Home;
use crate::report::{Report, print, refusal};
use definition::Definition;
use launchd::Launchd;
use systemd::Systemd;

/// In every file that this command writes: what lacks it is not ours to change.
const MARKER: &str = "Written by `maestro service install`";

/// What can be done about the service.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Have the system start Maestro from now on, and start it again when it fails
    Install {
        /// Print the file that would be written, and do nothing
        #[arg(long)]
        print: bool,
        /// Replace a file that is there already, whoever wrote it
        #[arg(long)]
        force: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Stop it and have the system forget it; agents go on
    Uninstall {
        /// Remove the file whoever wrote it
        #[arg(long)]
        force: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Say whether it is installed and runs
    Status {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// What the system knows of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    /// What the system calls it.
    pub name: String,
    /// The file that describes it.
    pub file: PathBuf,
    /// Whether that file is there.
    pub installed: bool,
    /// Whether it is started by itself.
    pub enabled: bool,
    /// Whether it runs now.
    pub active: bool,
    /// Whether it also runs while its user is logged out; absent where the system has no such
    /// difference.
    pub linger: Option<bool>,
}

/// Runs one command.
pub(crate) fn run(command: ServiceCommand, settings: &Settings) -> ExitCode {
    let json = match command {
        ServiceCommand::Install { json, .. }
        | ServiceCommand::Uninstall { json, .. }
        | ServiceCommand::Status { json } => json,
    };
    let outcome = Place::of_this_process(settings).and_then(|place| match command {
        ServiceCommand::Install { print: true, .. } => {
            let text = place.system().text(&place.definition);
            Ok(Report::new(&text, text.clone()))
        }
        ServiceCommand::Install { force, .. } => install(&place, force),
        ServiceCommand::Uninstall { force, .. } => uninstall(&place, force),
        ServiceCommand::Status { .. } => status(&place),
    });
    print(outcome, json)
}

/// The status of these settings' service, if the system can be asked.
pub(crate) fn status_of(settings: &Settings) -> Result<Status, String> {
    let place = Place::of_this_process(settings).map_err(|refusal| refusal.error.message)?;
    let system = place.system();
    system.reach().map_err(|refusal| refusal.error.message)?;
    Ok(status_in(&*system))
}

/// The status as the server itself can tell it without starting a program. `as_service` is
/// whether the system started it.
pub(crate) fn status_seen_from_inside(
    settings: &Settings,
    as_service: bool,
) -> Result<Status, String> {
    let place = Place::of_this_process(settings).map_err(|refusal| refusal.error.message)?;
    let system = place.system();
    let file = system.file();
    let installed = file.is_file();
    let linger = system.lingers();
    let name = system.name();
    Ok(Status { name, file, installed, enabled: installed, active: as_service, linger })
}

/// Where the service belongs and whom to ask.
struct Place {
    definition: Definition,
    /// Of the person whose service it is.
    user_home: PathBuf,
    /// `systemctl` or `launchctl`.
    program: PathBuf,
    /// Where systemd notes who lingers.
    linger: PathBuf,
    user: String,
    macos: bool,
}

impl Place {
    fn of_this_process(settings: &Settings) -> Result<Self, Refusal> {
        let user_home =
            std::env::var_os("HOME").filter(|home| !home.is_empty()).ok_or_else(|| {
                refusal(ErrorCode::Unavailable, "Maestro does not know your home folder. Set HOME.")
            })?;
        let macos = cfg!(target_os = "macos");
        Ok(Self {
            definition: Definition::of_this_process(settings)?,
            user_home: user_home.into(),
            program: if macos { "launchctl" } else { "systemctl" }.into(),
            linger: "/var/lib/systemd/linger".into(),
            user: crate::platform::user_name().unwrap_or_default(),
            macos,
        })
    }

    fn system(&self) -> Box<dyn System + '_> {
        if self.macos { Box::new(Launchd::new(self)) } else { Box::new(Systemd::new(self)) }
    }
}

/// What starts services.
trait System {
    /// What it calls this one.
    fn name(&self) -> String;
    /// The file that describes it to the system.
    fn file(&self) -> PathBuf;
    /// The text of that file. Pure.
    fn text(&self, definition: &Definition) -> String;
    /// Whether such a text is about the data folder of this definition.
    fn is_about(&self, text: &str, definition: &Definition) -> bool;
    /// Fails with a sentence when the system cannot be asked.
    fn reach(&self) -> Result<(), Refusal>;
    /// Has the service started now and from now on; `changed` when the file is another one than
    /// the service was started with.
    fn start(&self, changed: bool) -> Result<(), Refusal>;
    /// Has it stopped, and not started any more.
    fn stop(&self) -> Result<(), Refusal>;
    /// Called when the file is gone.
    fn forget(&self) -> Result<(), Refusal>;
    fn is_enabled(&self) -> bool;
    fn is_active(&self) -> bool;
    fn lingers(&self) -> Option<bool>;
    /// What to do so that it also runs while nobody is logged in; empty if it does.
    fn advice(&self) -> String;
}

fn install(place: &Place, force: bool) -> Result<Report, Refusal> {
    let system = place.system();
    system.reach()?;
    // The system would look for a program that was replaced while it ran, as it does after an
    // update, and for one that was moved.
    if !Path::new(&place.definition.executable).is_file() {
        let message = format!(
            "{} is not there any more. Run this command again with the program that is to be \
             started.",
            place.definition.executable
        );
        return Err(refusal(ErrorCode::Unavailable, message));
    }
    let file = system.file();
    let wanted = system.text(&place.definition);
    let found = read(&file)?;
    let changed = found.as_ref() != Some(&wanted);
    if let Some(found) = found.filter(|_| changed && !force) {
        check_ours(&*system, &found, &place.definition)?;
    }
    let active = system.is_active();
    let in_use = Home::at(place.definition.home.clone()).is_ok_and(|home| home.is_in_use());
    if in_use && !active {
        return Err(refusal(
            ErrorCode::Conflict,
            format!(
                "A Maestro that is no service runs for {}. Stop it first (Ctrl+C where it runs; \
                 agents go on), then install the service.",
                place.definition.home.display()
            ),
        ));
    }
    if changed {
        write(&file, &wanted)?;
    }
    system.start(changed)?;
    let status = status_in(&*system);
    let home = place.definition.home.display();
    let text = format!(
        "{} is installed and serves {home}.\n{}`maestro login-link` makes a link to log in with. \
         `maestro service uninstall` takes the service back.\n",
        status.name,
        system.advice(),
    );
    Ok(Report::new(status, text))
}

fn uninstall(place: &Place, force: bool) -> Result<Report, Refusal> {
    let system = place.system();
    let file = system.file();
    let Some(found) = read(&file)? else {
        let text = format!("{} is not installed. Nothing was changed.\n", system.name());
        return Ok(Report::new(status_in(&*system), text));
    };
    system.reach()?;
    if !force {
        check_ours(&*system, &found, &place.definition)?;
    }
    system.stop()?;
    std::fs::remove_file(&file).map_err(|error| unusable(&file, &error))?;
    system.forget()?;
    let text = format!(
        "{} is stopped and removed. Agents go on: start `maestro` to see them again.\n",
        system.name()
    );
    Ok(Report::new(status_in(&*system), text))
}

fn status(place: &Place) -> Result<Report, Refusal> {
    let system = place.system();
    system.reach()?;
    let status = status_in(&*system);
    let yes_no = |yes: bool| if yes { "yes" } else { "no" };
    let linger = status.linger.map(|linger| format!("  lingers     {}\n", yes_no(linger)));
    let advice = if status.installed {
        system.advice()
    } else {
        "`maestro service install` installs it.\n".into()
    };
    let text = format!(
        "{}\n  file        {}\n  installed   {}\n  enabled     {}\n  runs        {}\n{}{advice}",
        status.name,
        status.file.display(),
        yes_no(status.installed),
        yes_no(status.enabled),
        yes_no(status.active),
        linger.unwrap_or_default(),
    );
    Ok(Report::new(status, text))
}

fn status_in(system: &dyn System) -> Status {
    let file = system.file();
    Status {
        name: system.name(),
        installed: file.is_file(),
        file,
        enabled: system.is_enabled(),
        active: system.is_active(),
        linger: system.lingers(),
    }
}

/// Refuses what somebody else wrote, or what serves another data folder.
fn check_ours(system: &dyn System, text: &str, definition: &Definition) -> Result<(), Refusal> {
    let file = system.file();
    let problem = if !text.contains(MARKER) {
        "was not written by Maestro"
    } else if !system.is_about(text, definition) {
        "serves another data folder"
    } else {
        return Ok(());
    };
    Err(refusal(
        ErrorCode::Conflict,
        format!(
            "{} {problem}. Nothing was changed. Look at it, then add --force, or name another \
             service with --profile.",
            file.display()
        ),
    ))
}

/// The text of a file; `None` if there is none.
fn read(file: &Path) -> Result<Option<String>, Refusal> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(file, &error)),
    }
}

/// Replaces the file in one step.
fn write(file: &Path, text: &str) -> Result<(), Refusal> {
    let folder = file.parent().unwrap_or(file);
    let fresh = file.with_extension("new");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&fresh, text))
        .and_then(|()| std::fs::rename(&fresh, file))
        .map_err(|error| unusable(file, &error))
}

fn unusable(file: &Path, error: &std::io::Error) -> Refusal {
    let message = format!(
        "{} cannot be used: {error}. Check that it and its folder belong to you.",
        file.display()
    );
    refusal(ErrorCode::Internal, message)
}

/// Runs the system's program; what it says on failure becomes part of a sentence.
#[expect(clippy::disallowed_methods, reason = "a command line of its own: no server waits for it")]
fn ask(program: &Path, arguments: &[&str]) -> Result<Output, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(std::process::Stdio::null());
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    Err(if said.is_empty() { output.status.to_string() } else { said.join(" ") })
}

#[cfg(test)]
mod tests;
