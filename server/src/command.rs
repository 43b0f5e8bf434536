//! What can be typed after `maestro`, and which part answers it.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::config::{self, Flags, Settings};
use crate::restore::RestoreArgs;
use crate::service::ServiceCommand;
use crate::{doctor, licenses, restore, serve, service};

/// Mission control for AI coding agents.
#[derive(Parser)]
#[command(name = "maestro", version, about, disable_help_subcommand = true)]
#[command(after_help = "Without a command, maestro serves its web page and prints how to log in.")]
struct Maestro {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

/// All that can be typed, for those who compare it with something.
pub fn tree() -> clap::Command {
    Maestro::command()
}

#[derive(Subcommand)]
enum Command {
    /// Everything that talks to a running Maestro.
    #[command(flatten)]
    Client(cli::ClientCommand),
    /// Check this machine and the data folder, and say what to mend
    Doctor {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Start Maestro with this machine, as a service of yours that never ends agents
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Put the data of a backup in place of what is there now; the old data is set aside
    Restore(RestoreArgs),
    /// Print the licences of everything that is part of this program
    Licenses,
    /// Start an agent's program inside its pane (used by tmux)
    #[command(hide = true)]
    Launch {
        /// File that says what to start
        spec: PathBuf,
    },
    /// Carry a pane's output to the server (used by tmux)
    #[command(hide = true)]
    Tap {
        /// The server's socket
        socket: PathBuf,
        /// Agent id
        agent: String,
        /// Stream id
        epoch: String,
    },
}

/// Exit code for a wrong command line, a wrong setting or a wrong value, as clap has it.
const USAGE: u8 = 2;

/// Runs one command line to its end.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let maestro = match Maestro::try_parse_from(arguments) {
        Ok(maestro) => maestro,
        // clap knows whether this is help (standard output, 0) or a mistake (2).
        Err(error) => error.exit(),
    };
    match maestro.command {
        Some(Command::Launch { spec }) => tmux::launch::run(&spec),
        Some(Command::Tap { socket, agent, epoch }) => {
            // The server went away: there is nobody left to tell.
            let _server_gone = tmux::tap::run(&socket, &agent, &epoch);
            ExitCode::SUCCESS
        }
        Some(Command::Licenses) => licenses::print(),
        command => with_settings(&maestro.flags, command),
    }
}

fn with_settings(flags: &Flags, command: Option<Command>) -> ExitCode {
    let settings = match Settings::decide(flags, &config::environment()) {
        Ok(settings) => settings,
        Err(error) => return complain(&error.to_string(), USAGE),
    };
    match command {
        Some(Command::Client(command)) => match std::env::current_dir() {
            Ok(folder) => {
                let mut streams = cli::Streams::lock();
                cli::run(command, streams.context(settings.home, folder))
            }
            Err(error) => complain(
                &format!("The current folder cannot be used: {error}. Change to another one."),
                USAGE,
            ),
        },
        Some(Command::Service(command)) => service::run(command, &settings),
        Some(Command::Restore(arguments)) => restore::run(&arguments, &settings),
        Some(Command::Doctor { json }) => doctor::run(&settings, json),
        _ => serve::run(settings),
    }
}

/// One sentence on standard error and an exit code.
pub(crate) fn complain(sentence: &str, code: u8) -> ExitCode {
    // If standard error is closed, the exit code still tells.
    let _closed = writeln!(std::io::stderr(), "{sentence}");
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Maestro::command().debug_assert();
    }
}
