//! Data that one page shows beyond what all pages have: it comes with a page that the server
//! rendered, and is asked for by the browser later.
//!
//! Not a Leptos `Resource`: the server loads a page's data before it renders, so a render never
//! waits for anything.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::error::ApiError;

use crate::error::AppError;
use crate::ui::{Button, Skeleton};

/// What was loaded, or why it could not be; a copy of handles.
pub(crate) struct Loaded<T: Send + Sync + 'static> {
    value: RwSignal<Option<Result<T, ApiError>>>,
    asked: Trigger,
}

impl<T: Send + Sync + 'static> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loaded<T> {}

impl<T: Clone + Send + Sync + 'static> Loaded<T> {
    /// Starts with what came with the page, if anything did. Loads again whenever `source`
    /// changes; until that has arrived, what was there stays.
    pub(crate) fn new<S, F>(
        first: Option<Result<T, ApiError>>,
        source: impl Fn() -> S + Send + Sync + 'static,
        load: impl Fn(S) -> F + 'static,
    ) -> Self
    where
        S: Clone + PartialEq + Send + Sync + 'static,
        F: Future<Output = Result<T, AppError>> + 'static,
    {
        let value = RwSignal::new(first);
        let asked = Trigger::new();
        let source = Memo::new(move |_| source());
        let newest = StoredValue::new(0_u32);
        Effect::new(move |before: Option<()>| {
            asked.track();
            let source = source.get();
            if before.is_none() && value.with_untracked(Option::is_some) {
                return;
            }
            newest.update_value(|number| *number += 1);
            let number = newest.get_value();
            let answer = load(source);
            spawn_local(async move {
                let outcome = answer.await.map_err(|AppError(error)| error);
                // An answer that was overtaken, or whose page was left, is of no use.
                if newest.try_get_value() == Some(number) {
                    value.try_set(Some(outcome));
                }
            });
        });
        Self { value, asked }
    }

    /// What is there; `None` while it was never loaded. Tracks changes.
    pub(crate) fn get(self) -> Option<Result<T, ApiError>> {
        self.value.get()
    }

    /// Reads what was loaded; `None` while there is nothing. Tracks changes.
    pub(crate) fn with<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.value.with(|value| value.as_ref()?.as_ref().ok().map(read))
    }

    /// Why it could not be loaded; `None` when it could, or while that is open. Tracks changes.
    pub(crate) fn error(self) -> Option<ApiError> {
        self.value.with(|value| value.as_ref()?.as_ref().err().cloned())
    }

    /// Changes what is there, until it is loaded again.
    pub(crate) fn update(self, change: impl FnOnce(&mut T)) {
        self.value.update(|value| {
            if let Some(Ok(value)) = value {
                change(value);
            }
        });
    }

    /// Asks again.
    pub(crate) fn again(self) {
        self.asked.notify();
    }

    /// A part of a page that shows it: lines where it will be while it is on its way, or why
    /// `what` (`The history`) cannot be shown and a way to try again.
    pub(crate) fn part(
        self,
        what: &'static str,
        content: impl Fn(T) -> AnyView + Send + Sync + 'static,
    ) -> impl IntoView {
        move || match self.get() {
            None => view! { <Skeleton/> }.into_any(),
            Some(Ok(value)) => content(value),
            Some(Err(error)) => view! {
                <div role="alert" class="stack">
                    <p class="err">{format!("{what} cannot be loaded. {}", error.message)}</p>
                    <div class="row needs-js">
                        <Button on:click=move |_| self.again()>"Retry now"</Button>
                    </div>
                </div>
            }
            .into_any(),
        }
    }
}
