//! `maestro audit …`: what each action asks for and what it reports.

mod export;
mod file;

use protocol::access::audit::{AuditEntry, AuditQuery};

use crate::client::Client;
use crate::command::audit::ShowArgs;
use crate::command::{AuditAction, AuditCommand};
use crate::context::Context;
use crate::exit::Refusal;
use crate::output::{Report, audit as say};

/// Most entries that the server returns at once.
const PAGE: u32 = 1_000;

/// Does it. A file can be checked without a server, so there need not be a client.
pub(crate) fn run(
    command: AuditCommand,
    client: Result<Client, Refusal>,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    match command.action {
        AuditAction::Show(args) => show(args, &client?),
        AuditAction::Verify(args) => match args.file {
            Some(file) => file::verify(&file, context),
            None => client?.verify_audit().map(|report| say::verified(&report)),
        },
        AuditAction::Export(args) => export::run(&args, &client?, context),
    }
}

fn show(args: ShowArgs, client: &Client) -> Result<Report, Refusal> {
    let mut entries: Vec<AuditEntry> = Vec::new();
    let mut missing = args.limit;
    while missing > 0 {
        let asked = missing.min(PAGE);
        let before = entries.last().map(|entry| entry.seq).or(args.before);
        let part = AuditQuery { before, limit: Some(asked), outcome: args.outcome };
        let page = client.audit(&part)?;
        let received = u32::try_from(page.len()).unwrap_or(u32::MAX);
        entries.extend(page);
        if received < asked {
            break;
        }
        missing = missing.saturating_sub(received);
    }
    Ok(say::list(&entries))
}
