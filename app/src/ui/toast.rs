//! Short notices at the edge of the window: what was done, with a way back, or what failed.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use super::{Button, Icon, IconView, Tone};

/// More than this many are too many to read.
const MOST: usize = 3;
/// A notice that nobody points at stays this long.
const STAYS: Duration = Duration::from_secs(10);

/// The notices of this page.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    made: StoredValue<u64>,
}

/// One notice.
#[derive(Clone)]
struct Toast {
    id: u64,
    /// Stays until it is dismissed.
    is_error: bool,
    text: String,
    offer: Option<Offer>,
}

/// What a notice offers. It outlives the page that showed it, so it holds no signals of a page.
#[derive(Clone)]
struct Offer {
    label: &'static str,
    run: Arc<dyn Fn() + Send + Sync>,
}

/// The notices of this page.
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Provides a place for notices to every component below.
    pub fn provide() {
        provide_context(Self { list: RwSignal::new(Vec::new()), made: StoredValue::new(0) });
    }

    /// Says what was done.
    pub fn say(self, text: impl Into<String>) {
        self.show(false, text.into(), None);
    }

    /// Says what was done, and offers one thing to do about it. `run` may be called after the
    /// component that gave it is gone: it must use no signal of that component.
    pub fn offer(
        self,
        text: impl Into<String>,
        label: &'static str,
        run: impl Fn() + Send + Sync + 'static,
    ) {
        self.show(false, text.into(), Some(Offer { label, run: Arc::new(run) }));
    }

    /// Says what failed. It stays until somebody dismisses it.
    pub fn fail(self, text: impl Into<String>) {
        self.show(true, text.into(), None);
    }

    fn show(self, is_error: bool, text: String, offer: Option<Offer>) {
        self.made.update_value(|made| *made += 1);
        let toast = Toast { id: self.made.get_value(), is_error, text, offer };
        self.list.update(|list| add(list, toast));
    }

    fn dismiss(self, id: u64) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Adds a notice; when there are too many, the oldest goes, errors last.
fn add(list: &mut Vec<Toast>, toast: Toast) {
    list.push(toast);
    if list.len() > MOST {
        let oldest = list.iter().position(|toast| !toast.is_error).unwrap_or_default();
        list.remove(oldest);
    }
}

/// Where the notices appear. There is one per page.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let of_kind = move |is_error: bool| {
        view! {
            <For
                each=move || {
                    toasts.list.with(|list| {
                        let of_kind = list.iter().filter(|toast| toast.is_error == is_error);
                        of_kind.cloned().collect::<Vec<_>>()
                    })
                }
                key=|toast| toast.id
                children=|toast| view! { <ToastView toast/> }
            />
        }
    };
    view! {
        <div class="toasts">
            <div role="status" class="toast-list">{of_kind(false)}</div>
            <div role="alert" class="toast-list">{of_kind(true)}</div>
        </div>
    }
    .into_any()
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let toasts = use_toasts();
    let Toast { id, is_error, text, offer } = toast;
    let pointed = RwSignal::new(false);
    let focused = RwSignal::new(false);
    Effect::new(move |_| {
        if !is_error && !pointed.get() && !focused.get() {
            let timer = set_timeout_with_handle(move || toasts.dismiss(id), STAYS);
            if let Ok(timer) = timer {
                on_cleanup(move || timer.clear());
            }
        }
    });
    let offer = offer.map(|Offer { label, run }| {
        view! {
            <button
                type="button"
                class="btn is-quiet toast-offer"
                on:click=move |_| {
                    toasts.dismiss(id);
                    run();
                }
            >
                {label}
            </button>
        }
    });
    view! {
        <div
            class="toast"
            class:is-err=is_error
            on:pointerenter=move |_| pointed.set(true)
            on:pointerleave=move |_| pointed.set(false)
            on:focusin=move |_| focused.set(true)
            on:focusout=move |_| focused.set(false)
        >
            {is_error.then(|| view! { <IconView icon=Icon::TriangleAlert class="ico sm"/> })}
            <p>{text}</p>
            {offer}
            <Button tone=Tone::Quiet icon=Icon::X label="Dismiss" on:click=move |_| toasts.dismiss(id)/>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toast(id: u64, is_error: bool) -> Toast {
        Toast { id, is_error, text: String::new(), offer: None }
    }

    #[test]
    fn errors_are_the_last_to_make_room() {
        let mut list = Vec::new();
        for (id, is_error) in [(1, true), (2, false), (3, true), (4, false)] {
            add(&mut list, toast(id, is_error));
        }
        let ids = |list: &[Toast]| list.iter().map(|toast| toast.id).collect::<Vec<_>>();
        assert_eq!(ids(&list), [1, 3, 4]);
        add(&mut list, toast(5, true));
        assert_eq!(ids(&list), [1, 3, 5]);
        add(&mut list, toast(6, true));
        assert_eq!(ids(&list), [3, 5, 6]);
    }
}
