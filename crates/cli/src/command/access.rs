//! `maestro access …`, `maestro login-link` and `maestro whoami`: what can be typed after them.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use protocol::access::Role;

/// What the roles mean, below the help of every command that takes one.
pub(super) const ROLES: &str = "Roles:\n  \
    viewer    sees agents and their terminals, changes nothing\n  \
    operator  also works with agents and types into their terminals\n  \
    owner     does everything, and decides who may do what";

/// `maestro access …`
#[derive(Clone, Debug, Args)]
pub struct AccessCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: AccessAction,
}

/// What to do about devices.
#[derive(Clone, Debug, Subcommand)]
pub enum AccessAction {
    /// List the devices (browsers) that may use this Maestro, last used first
    List,
    /// Give a device another name
    Rename(RenameArgs),
    /// Give a device another role; its open windows reconnect with it
    Role(RoleArgs),
    /// Log devices out for good: their windows close within seconds
    Revoke(RevokeArgs),
    /// Let a phone or another computer in, by a QR code or a short code
    ///
    /// Prints an offer that is good for one device and two minutes, waits for the device, shows
    /// its name and its digits, and asks you whether to let it in. With --json, or where nobody
    /// can be asked, the offer is all: the page “Access” has the question.
    Pair(PairArgs),
    /// Show the addresses under which Maestro can be reached, and its certificate
    Show,
}

/// A device's new name.
#[derive(Clone, Debug, Args)]
pub struct RenameArgs {
    /// Name of the device, its id, or how its id begins
    #[arg(value_name = "NAME|ID")]
    pub which: String,
    /// Its new name
    #[arg(value_name = "NEW")]
    pub new: String,
}

/// A device's new role.
#[derive(Clone, Debug, Args)]
#[command(after_help = ROLES)]
pub struct RoleArgs {
    /// Name of the device, its id, or how its id begins
    #[arg(value_name = "NAME|ID")]
    pub which: String,
    /// What it may do from now on
    #[arg(value_name = "ROLE", value_parser = role())]
    pub role: Role,
}

/// What to revoke.
#[derive(Clone, Debug, Args)]
pub struct RevokeArgs {
    /// Names, ids, or how the ids begin
    #[arg(value_name = "NAME|ID", required = true)]
    pub which: Vec<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// How to show an offer.
#[derive(Clone, Copy, Debug, Args)]
pub struct PairArgs {
    /// Leave the QR code out
    #[arg(long)]
    pub no_qr: bool,
}

/// `maestro login-link`
#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = ROLES)]
pub struct LoginLinkCommand {
    /// What the browser that uses the link may do [default: owner]
    #[arg(long, value_parser = role())]
    pub role: Option<Role>,
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long)]
    pub json: bool,
}

/// `maestro whoami`
#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = "The credential is taken from MAESTRO_TOKEN, else from the file that \
    MAESTRO_TOKEN_FILE\nnames, else from the data folder, whose owner may do everything. With one \
    of the first two,\nMAESTRO_ADDRESS (such as https://studio.local:23443) says where Maestro \
    is, and\nMAESTRO_CA_FILE names the certificate authority to trust there (PEM).")]
pub struct WhoamiCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long)]
    pub json: bool,
}

/// Any role.
fn role() -> impl TypedValueParser<Value = Role> {
    role_among(&Role::ALL)
}

/// One of these roles.
pub(super) fn role_among(roles: &[Role]) -> impl TypedValueParser<Value = Role> + use<> {
    let words: Vec<&'static str> = roles.iter().map(|role| role.word()).collect();
    PossibleValuesParser::new(words).try_map(|word| word.parse::<Role>())
}
