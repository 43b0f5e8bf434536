//! One answer that somebody waits for.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

/// A question of yes or no; both sides hold a copy.
#[derive(Clone, Default)]
pub(super) struct Answer(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    given: Option<bool>,
    waiting: Option<Waker>,
}

impl Answer {
    /// Answers; only the first answer counts.
    pub(super) fn give(&self, answer: bool) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.given.get_or_insert(answer);
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
    }

    /// Waits for the answer.
    pub(super) async fn wait(self) -> bool {
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.given.map_or_else(
                || {
                    state.waiting = Some(context.waker().clone());
                    Poll::Pending
                },
                Poll::Ready,
            )
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Context;

    use super::*;

    #[test]
    fn whoever_waits_gets_the_first_answer() {
        let answer = Answer::default();
        let mut waiting = pin!(answer.clone().wait());
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(waiting.as_mut().poll(&mut context), Poll::Pending);
        answer.give(true);
        answer.give(false);
        assert_eq!(waiting.as_mut().poll(&mut context), Poll::Ready(true));
    }
}
