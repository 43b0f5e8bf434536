//! Why a terminal shows no running program.

use protocol::message::Exit;

/// Why no program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// None ran since this page was opened.
    NotStarted,
    /// It ended, with this exit code if that is known.
    Ended(Option<i32>),
}

impl End {
    /// What comes after `before`, when the server says that no program runs. A code that is known
    /// stays: after the end of a program, the server also says that its session is gone.
    pub(super) fn next(before: Option<Self>, was_open: bool, exit: Exit) -> Self {
        match (before, exit.code) {
            (Some(known @ Self::Ended(Some(_))), None) => known,
            (_, None) if !was_open => Self::NotStarted,
            (_, code) => Self::Ended(code),
        }
    }

    /// For the person who looks at the screen that stays.
    pub(super) fn sentence(self) -> String {
        match self {
            Self::NotStarted => "No program runs here. Press Start to run it.".to_owned(),
            Self::Ended(None) => "The program ended. Press Start to run it again.".to_owned(),
            Self::Ended(Some(code)) => {
                format!("The program ended with code {code}. Press Start to run it again.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_survives_the_end_of_the_session() {
        let ended = End::next(None, true, Exit { code: Some(2) });
        assert_eq!(End::next(Some(ended), true, Exit { code: None }), ended);
        assert_eq!(ended.sentence(), "The program ended with code 2. Press Start to run it again.");
        assert_eq!(End::next(None, true, Exit { code: None }), End::Ended(None));
        assert_eq!(End::next(None, false, Exit { code: None }), End::NotStarted);
    }
}
