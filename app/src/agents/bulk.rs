//! One action on many agents: asked in portions, told in one sentence.

use protocol::agents::AgentId;
use protocol::agents::requests::{BulkAction, BulkReport, BulkRequest};
use protocol::limits;

use crate::api::agents as api;
use crate::error::AppError;

/// What became of a bulk action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BulkResult {
    /// The agents it was done to.
    pub(super) done: Vec<AgentId>,
    /// The others: name, and why not.
    pub(super) refused: Vec<(String, String)>,
}

impl BulkResult {
    /// Adds what was reported of these agents, which are in the order that they were asked in.
    fn add(&mut self, asked: &[AgentId], report: BulkReport) {
        for (id, outcome) in asked.iter().zip(report.outcomes) {
            match outcome.error {
                Some(error) => self.refused.push((outcome.name, error.message)),
                None => self.done.push(id.clone()),
            }
        }
    }

    /// The refusals as one text: `a: The folder is gone. b: …`.
    pub(super) fn sentence(&self) -> String {
        let lines: Vec<String> =
            self.refused.iter().map(|(name, reason)| format!("{name}: {reason}")).collect();
        lines.join(" ")
    }
}

/// Does one thing to all of these agents, in as many requests as the limit demands.
pub(super) async fn run(agents: Vec<AgentId>, action: BulkAction) -> Result<BulkResult, AppError> {
    let mut result = BulkResult::default();
    for portion in agents.chunks(limits::BULK) {
        let request = BulkRequest { agents: portion.to_vec(), action: action.clone() };
        result.add(portion, api::bulk(request).await?);
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use protocol::agents::requests::BulkOutcome;
    use protocol::error::{ApiError, ErrorCode};

    use super::*;

    #[test]
    fn refusals_are_told_by_name() {
        let ids: Vec<AgentId> = ["1", "2"].map(|id| format!("{id:0>26}").parse().unwrap()).to_vec();
        let gone = ApiError::new(ErrorCode::Unavailable, "The folder is gone.");
        let outcomes = vec![
            BulkOutcome { name: "a".into(), agent: None, error: None },
            BulkOutcome { name: "b".into(), agent: None, error: Some(gone) },
        ];
        let mut result = BulkResult::default();
        result.add(&ids, BulkReport { outcomes });
        assert_eq!(result.done, ids[..1]);
        assert_eq!(result.sentence(), "b: The folder is gone.");
    }
}
