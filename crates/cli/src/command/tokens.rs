//! `maestro token …`: what can be typed after it.

use clap::{Args, Subcommand};
use protocol::access::Role;

use super::access::{RevokeArgs, role_among};

/// `maestro token …`
#[derive(Clone, Debug, Args)]
pub struct TokenCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: TokenAction,
}

/// What to do with the tokens of scripts.
#[derive(Clone, Debug, Subcommand)]
pub enum TokenAction {
    /// Make a token and print its secret, this once
    Create(CreateTokenArgs),
    /// List the tokens, newest first; never their secrets
    List,
    /// End tokens: whatever uses them is refused from then on
    Revoke(RevokeArgs),
}

/// A new token.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Only the secret goes to standard output:\n  \
    MAESTRO_TOKEN=$(maestro token create ci --role operator --days 30)\n\
    A script hands it to `maestro …` in MAESTRO_TOKEN, or in a file of mode 0600 that\n\
    MAESTRO_TOKEN_FILE names, and over HTTP as “Authorization: Bearer …”. No token may decide\n\
    who may do what.")]
pub struct CreateTokenArgs {
    /// What to call it, to find it again; not taken yet
    pub name: String,
    /// What it may do: see agents and terminals, or also work with them and type
    #[arg(long, default_value = "viewer", value_parser = role_among(&[Role::Viewer, Role::Operator]))]
    pub role: Role,
    /// Days until it stops working, up to 3650 [default: never]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: Option<u32>,
}
