//! `maestro agent …` and its neighbours: a client of the HTTP API of a running Maestro.
//!
//! [`command`] is what can be typed, [`client`] talks to the server, a module per noun does it,
//! `output` says it, [`exit`] is the table of exit codes.

mod access;
mod agents;
mod audit;
mod choice;
pub mod client;
pub mod command;
mod confirmation;
mod context;
pub mod exit;
mod host;
mod output;
mod revocation;
mod terminals;
mod tokens;
mod trash;

pub use command::ClientCommand;
pub use context::{Context, Streams};
pub use exit::Exit;

use crate::client::Client;
use crate::exit::Refusal;
use crate::output::Report;

/// Runs the command against the Maestro whose data is in `context.home`.
pub fn run(command: ClientCommand, context: Context<'_>) -> std::process::ExitCode {
    execute(command, context).into()
}

/// Like [`run`], for callers that look at the outcome.
pub fn execute(command: ClientCommand, mut context: Context<'_>) -> Exit {
    let json = command.json();
    let said = match outcome(command, &mut context) {
        Ok(report) => output::report(&report, json, &mut context).map(|()| report.exit()),
        Err(refusal) => output::refusal(&refusal, json, &mut context).map(|()| refusal.exit),
    };
    said.unwrap_or_else(|error| Exit::after_write_error(&error))
}

fn outcome(command: ClientCommand, context: &mut Context<'_>) -> Result<Report, Refusal> {
    let client = Client::choose(&context.home, &context.environment);
    match command {
        ClientCommand::Agent(command) => agents::run(command.action, &client?, context),
        ClientCommand::Terminal(command) => terminals::run(command.action, &client?),
        ClientCommand::Trash(command) => trash::run(command.action, &client?, context),
        ClientCommand::Programs(_) => host::programs(&client?),
        ClientCommand::Backup(command) => host::backup(command.action, &client?),
        ClientCommand::LoginLink(command) => access::login_link(command, &client?),
        ClientCommand::Access(command) => access::run(command, &client?, context),
        ClientCommand::Token(command) => tokens::run(command.action, &client?, context),
        ClientCommand::Audit(command) => audit::run(command, client, context),
        ClientCommand::Whoami(_) => access::whoami(&client?),
    }
}
