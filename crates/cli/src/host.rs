//! `maestro programs`, `maestro backup`.

use crate::client::Client;
use crate::command::host::BackupAction;
use crate::exit::Refusal;
use crate::output::Report;
use crate::output::host as say;

/// Lists what is installed.
pub(crate) fn programs(client: &Client) -> Result<Report, Refusal> {
    client.programs().map(|programs| say::programs(&programs))
}

/// Makes a backup, or lists those that were made.
pub(crate) fn backup(action: Option<BackupAction>, client: &Client) -> Result<Report, Refusal> {
    match action {
        None => client.back_up().map(|backup| say::backup(&backup)),
        Some(BackupAction::List) => client.backups().map(|backups| say::backups(&backups)),
    }
}
