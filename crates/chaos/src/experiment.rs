//! What an experiment is, and what may come of it.

use futures_util::future::LocalBoxFuture;

use crate::Outcome;
use crate::lab::Lab;

/// One way to break things, with the promise that must hold.
pub(crate) struct Experiment {
    /// Its number in the list of promises.
    pub(crate) id: &'static str,
    /// What is done.
    pub(crate) title: &'static str,
    /// Whether it belongs to the quick set.
    pub(crate) quick: bool,
    /// Does it; an error is a broken promise.
    pub(crate) run: for<'a> fn(&'a mut Lab) -> LocalBoxFuture<'a, Outcome<Verdict>>,
}

/// What came of it when no promise was broken.
pub(crate) enum Verdict {
    /// It held this often.
    Held {
        /// How many times something was tried.
        n: usize,
        /// What was measured.
        figure: String,
    },
    /// This machine cannot do it.
    Impossible(String),
}

impl Verdict {
    /// The promise held.
    pub(crate) fn held(n: usize, figure: impl Into<String>) -> Self {
        Self::Held { n, figure: figure.into() }
    }

    /// It cannot be tried here.
    pub(crate) fn impossible(reason: impl Into<String>) -> Self {
        Self::Impossible(reason.into())
    }
}

/// An error with this sentence unless the condition holds.
pub(crate) fn ensure(holds: bool, broken: impl FnOnce() -> String) -> Outcome<()> {
    if holds { Ok(()) } else { Err(broken().into()) }
}
