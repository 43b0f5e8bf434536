//! `maestro login-link`.

use crate::client::Client;
use crate::exit::Refusal;
use crate::output::Report;

/// Asks for a link.
pub(crate) fn run(client: &Client) -> Result<Report, Refusal> {
    client.login_link().map(Report::LoginLink)
}
