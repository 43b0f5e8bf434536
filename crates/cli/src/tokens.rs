//! `maestro token …`: what each action asks for and what it reports.

use protocol::access::tokens::CreateToken;

use crate::client::Client;
use crate::command::TokenAction;
use crate::context::Context;
use crate::exit::Refusal;
use crate::output::{Report, tokens as say};
use crate::revocation;

/// Does it.
pub(crate) fn run(
    action: TokenAction,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    match action {
        TokenAction::Create(args) => {
            let new = CreateToken { name: args.name, role: args.role, days: args.days };
            client.create_token(&new).map(|made| say::created(&made))
        }
        TokenAction::List => client.tokens().map(|tokens| say::list(&tokens)),
        TokenAction::Revoke(args) => {
            let warning = "Whatever still uses the secret is refused.";
            let end = |id: &str| client.revoke_token(id);
            revocation::run(&args, warning, || client.tokens(), end, context)
        }
    }
}
