//! `maestro licenses`: the notices of everything that is part of this binary.

use std::io::Write as _;
use std::process::ExitCode;

use crate::http::assets::Site;

/// Prints the notices that the build gathered.
pub(crate) fn print() -> ExitCode {
    let Some(notices) = Site::get("licenses.txt") else {
        return crate::command::complain(
            "This build carries no licence notices. Build it with `make dist`.",
            1,
        );
    };
    match std::io::stdout().write_all(&notices.data) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_reader_gone) => ExitCode::FAILURE,
    }
}
