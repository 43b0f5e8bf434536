//! `maestro access …`, `maestro login-link`, `maestro whoami`: what each asks for and reports.

mod pair;

use protocol::access::Role;
use protocol::access::devices::{NewLink, RenameDevice, SetRole};

use crate::choice;
use crate::client::Client;
use crate::command::access::RevokeArgs;
use crate::command::{AccessAction, AccessCommand, LoginLinkCommand};
use crate::context::Context;
use crate::exit::Refusal;
use crate::output::{Report, access as say};
use crate::revocation;

/// Does it.
pub(crate) fn run(
    command: AccessCommand,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    match command.action {
        AccessAction::List => client.devices().map(|devices| say::list(&devices)),
        AccessAction::Rename(args) => {
            let devices = client.devices()?;
            let before = choice::one(&devices, &args.which)?;
            let device = client.rename_device(&before.id, &RenameDevice { name: args.new })?;
            Ok(say::renamed(before, &device))
        }
        AccessAction::Role(args) => {
            let devices = client.devices()?;
            let before = choice::one(&devices, &args.which)?;
            let device = client.set_role(&before.id, SetRole { role: args.role })?;
            Ok(say::role(&device))
        }
        AccessAction::Revoke(args) => revoke(&args, client, context),
        AccessAction::Pair(args) => pair::run(args, command.json, client, context),
        AccessAction::Show => client.reach().map(|reach| say::reach(&reach)),
    }
}

/// Asks for a link.
pub(crate) fn login_link(command: LoginLinkCommand, client: &Client) -> Result<Report, Refusal> {
    let new = NewLink { role: command.role };
    client.login_link(new).map(|link| say::login_link(&link, new.role.unwrap_or(Role::Owner)))
}

/// Asks as whom the server sees this command line.
pub(crate) fn whoami(client: &Client) -> Result<Report, Refusal> {
    client.caller().map(|caller| say::caller(&caller, client.source(), client.origin()))
}

fn revoke(
    args: &RevokeArgs,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    let warning = "Open windows are closed and logged out at once.";
    revocation::run(args, warning, || client.devices(), |id| client.revoke_device(id), context)
}
