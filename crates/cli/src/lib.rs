//! `maestro agent …` and `maestro login-link`: a client of the HTTP API of a running Maestro.
//!
//! [`command`] is what can be typed, [`client`] talks to the server, `agents` and `logins` do
//! it, `output` says it, [`exit`] is the table of exit codes.

mod agents;
pub mod client;
pub mod command;
mod context;
pub mod exit;
mod logins;
mod output;

pub use command::ClientCommand;
pub use context::{Context, Streams};
pub use exit::Exit;

use crate::client::Client;

/// Runs the command against the Maestro whose data is in `context.home`.
pub fn run(command: ClientCommand, context: Context<'_>) -> std::process::ExitCode {
    execute(command, context).into()
}

/// Like [`run`], for callers that look at the outcome.
pub fn execute(command: ClientCommand, mut context: Context<'_>) -> Exit {
    let json = command.json();
    let outcome = Client::connect(&context.home).and_then(|client| match command {
        ClientCommand::Agent(command) => agents::run(command.action, &client, &mut context),
        ClientCommand::LoginLink(_) => logins::run(&client),
    });
    let said = match outcome {
        Ok(report) => output::report(&report, json, &mut context).map(|()| Exit::Ok),
        Err(refusal) => output::refusal(&refusal, json, &mut context).map(|()| refusal.exit),
    };
    said.unwrap_or_else(|error| Exit::after_write_error(&error))
}
