//! A dialog that asks for one name.

use leptos::prelude::*;
use protocol::error::ApiError;

use crate::ui::{Button, Dialog, TextField, Tone, focus};

/// The words of a dialog.
#[derive(Clone, Copy)]
pub(crate) struct NameWords {
    /// Element id of the heading.
    pub(crate) title_id: &'static str,
    /// Element id of the field.
    pub(crate) field_id: &'static str,
    /// Heading.
    pub(crate) title: &'static str,
    /// One sentence below the field.
    pub(crate) hint: Option<&'static str>,
    /// On the button that does it.
    pub(crate) act: &'static str,
}

/// Asks for a name and hands it to `run`. Whoever runs it closes the dialog when it was done, and
/// says in `refusal` when it was not.
#[component]
pub(crate) fn NameDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What it says.
    words: NameWords,
    /// What stands in the field when it opens; read once, then.
    #[prop(into)]
    first: Signal<String>,
    /// What was refused.
    refusal: RwSignal<Option<ApiError>>,
    /// While `run` is at work.
    #[prop(into)]
    busy: Signal<bool>,
    /// Does it.
    #[prop(into)]
    run: Callback<String>,
) -> impl IntoView {
    let NameWords { title_id, field_id, title, hint, act } = words;
    let value = RwSignal::new(String::new());
    Effect::new(move |_| {
        if open.get() {
            value.set(first.get_untracked());
            refusal.set(None);
        }
    });
    Effect::new(move |_| {
        if refusal.with(Option::is_some) {
            focus(field_id);
        }
    });
    let error = Signal::derive(move || {
        refusal.with(|refusal| refusal.as_ref().map(|error| error.message.clone()))
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !busy.get_untracked() {
            refusal.set(None);
            run.run(value.get_untracked().trim().to_owned());
        }
    };
    let field = match hint {
        Some(hint) => {
            view! { <TextField id=field_id label="Name" value error hint required=true/> }
        }
        None => view! { <TextField id=field_id label="Name" value error required=true/> },
    };
    view! {
        <Dialog open title_id>
            <form class="form" novalidate on:submit=submit>
                <h2 id=title_id>{title}</h2>
                {field}
                <div class="row dialog-acts">
                    <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Cancel"</Button>
                    <Button tone=Tone::Primary submit=true busy>{act}</Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
