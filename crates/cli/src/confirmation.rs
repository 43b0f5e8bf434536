//! Asking before something that is meant seldom or cannot be taken back.

use protocol::error::{ApiError, ErrorCode};

use crate::context::Context;
use crate::exit::Refusal;

/// A question that `--yes` answers.
pub(crate) struct Confirmation {
    ask: bool,
}

impl Confirmation {
    /// Refuses at once where an answer is needed and nobody can give one. `whether` is what it
    /// is about, such as “whether all agents are meant”.
    pub(crate) fn possible(
        yes: bool,
        context: &Context<'_>,
        whether: &str,
    ) -> Result<Self, Refusal> {
        if !yes && !context.interactive {
            let message = format!("Nobody can be asked here {whether}. Add --yes if so.");
            return Err(Refusal::usage("yes", message));
        }
        Ok(Self { ask: !yes })
    }

    /// Whether somebody wants it. The question is one line, visible text only.
    pub(crate) fn given(self, question: &str, context: &mut Context<'_>) -> Result<bool, Refusal> {
        if !self.ask {
            return Ok(true);
        }
        let instead = "Add --yes to do it.";
        let answer = answer(&format!("{question} [y/N] "), instead, context)?;
        Ok(matches!(answer.as_str(), "y" | "yes"))
    }
}

/// What somebody answers to this question, in lower case; nothing if there is nobody any more.
/// `instead` is what to do when the terminal fails.
pub(crate) fn answer(
    question: &str,
    instead: &str,
    context: &mut Context<'_>,
) -> Result<String, Refusal> {
    let mut answer = String::new();
    let asked = write!(context.err, "{question}")
        .and_then(|()| context.err.flush())
        .and_then(|()| context.input.read_line(&mut answer));
    asked.map_err(|_| {
        let message = format!("The terminal gave no answer, so nothing was done. {instead}");
        ApiError::new(ErrorCode::Internal, message)
    })?;
    Ok(answer.trim().to_lowercase())
}
