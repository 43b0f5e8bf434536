//! What became of many agents: one line each, refusals on standard error.

use protocol::agents::requests::BulkReport;
use protocol::error::ApiError;

use super::agents::Deed;
use super::{Report, quoted, visible};
use crate::exit::Exit;

/// Tells what became of each; the process ends well only if none was refused.
pub(crate) fn outcomes(deed: Deed, outcomes: &BulkReport) -> Report {
    let text = match outcomes.outcomes.as_slice() {
        [] => "There was nothing to do.\n".to_owned(),
        all => {
            all.iter().filter_map(|one| one.agent.as_ref()).map(|agent| deed.told(agent)).collect()
        }
    };
    let refusals = outcomes.outcomes.iter().filter_map(|outcome| outcome.error.as_ref());
    let mut report = Report::new(outcomes, text).ending(exit(refusals));
    for outcome in &outcomes.outcomes {
        if let Some(error) = &outcome.error {
            let (name, why) = (quoted(&outcome.name), visible(&error.message));
            report = report.remark(format!("Agent {name} was refused: {why}"));
        }
    }
    let trashed = deed == Deed::Trashed && outcomes.outcomes.iter().any(|one| one.agent.is_some());
    if trashed {
        report = report.remark(
            "`maestro trash list` shows the trash, `maestro trash restore NAME` brings one back."
                .to_owned(),
        );
    }
    report
}

/// The exit code that all refusals have in common.
pub(super) fn exit<'a>(refusals: impl Iterator<Item = &'a ApiError>) -> Exit {
    let mut exits = refusals.map(|error| Exit::from(error.code));
    let Some(first) = exits.next() else { return Exit::Ok };
    if exits.all(|exit| exit == first) { first } else { Exit::Other }
}

#[cfg(test)]
mod tests {
    use protocol::error::ErrorCode;

    use super::*;

    #[test]
    fn refusals_of_one_kind_keep_their_exit_code() {
        fn check(codes: &[ErrorCode], expected: Exit) {
            let refusals: Vec<_> = codes.iter().map(|code| ApiError::new(*code, "No.")).collect();
            assert_eq!(exit(refusals.iter()), expected, "{codes:?}");
        }
        check(&[], Exit::Ok);
        check(&[ErrorCode::Conflict], Exit::Conflict);
        check(&[ErrorCode::Conflict, ErrorCode::Conflict], Exit::Conflict);
        check(&[ErrorCode::Conflict, ErrorCode::Invalid], Exit::Other);
    }
}
