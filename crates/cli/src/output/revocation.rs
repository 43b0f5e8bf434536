//! What became of devices and tokens that were to be revoked.

use protocol::error::ApiError;
use serde::Serialize;

use super::{Report, many, quoted, text, visible};

/// What became of one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Revocation {
    /// Its id.
    pub(crate) id: String,
    /// What people called it.
    pub(crate) name: String,
    /// Why it is still there, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ApiError>,
}

#[derive(Serialize)]
struct Outcomes {
    outcomes: Vec<Revocation>,
}

/// Tells what became of each, in a word such as “device”; the process ends well only if none was
/// refused.
pub(crate) fn outcomes(noun: &str, outcomes: Vec<Revocation>) -> Report {
    let (mut done, mut remarks) = (Vec::new(), Vec::new());
    for Revocation { name, error, .. } in &outcomes {
        let name = quoted(name);
        match error {
            None => done.push(format!("Revoked {noun} {name}.")),
            Some(error) => {
                let why = visible(&error.message);
                remarks.push(format!("Revoking {noun} {name} was refused: {why}"));
            }
        }
    }
    let exit = many::exit(outcomes.iter().filter_map(|one| one.error.as_ref()));
    let report = Report::new(Outcomes { outcomes }, text::lines(done)).ending(exit);
    remarks.into_iter().fold(report, Report::remark)
}
