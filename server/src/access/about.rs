//! What a request is about, told by whoever carries it out: the audit trail names the object,
//! which may stand in the path, in the body, or be made by the request.

use std::cell::RefCell;
use std::fmt::Display;

tokio::task_local! {
    static OBJECT: RefCell<String>;
}

/// Carries something out; gives what came of it, and what [`about`] said meanwhile.
pub async fn noticing<F: Future>(work: F) -> (F::Output, String) {
    let noticed = async {
        let outcome = work.await;
        (outcome, OBJECT.with(RefCell::take))
    };
    OBJECT.scope(RefCell::default(), noticed).await
}

/// Says what the request that is being carried out is about. Outside of one it does nothing.
pub fn about(object: impl Display) {
    let _outside_of_a_request = OBJECT.try_with(|told| *told.borrow_mut() = object.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_request_hears_only_what_was_said_within_it() {
        about("nobody listens");
        let one = noticing(async {
            about("agent a");
            tokio::task::yield_now().await;
            1
        });
        let other = noticing(async {
            tokio::task::yield_now().await;
            2
        });
        let (one, other) = tokio::join!(one, other);
        assert_eq!(one, (1, "agent a".to_owned()));
        assert_eq!(other, (2, String::new()));
    }
}
