//! What only somebody may do who logged in just now: asks for that once, and then does what was
//! asked for.

mod answer;
mod link;

use std::future::Future;

use leptos::prelude::*;
use protocol::access::devices::Reauthenticate;
use protocol::error::ErrorCode;

use self::answer::Answer;
use self::link::token_of;
use crate::api::access as api;
use crate::error::AppError;
use crate::ui::{Button, Dialog, TextField, Tone, focus};

const FIELD: &str = "reauth-link";

/// The one place that asks for a fresh login; a copy of handles.
#[derive(Clone, Copy)]
pub(crate) struct Reauth {
    open: RwSignal<bool>,
    /// Who waits for the answer.
    asked: StoredValue<Option<Answer>>,
}

/// The place of this page.
pub(crate) fn use_reauth() -> Reauth {
    expect_context()
}

impl Reauth {
    /// Provides it to every component below.
    pub(crate) fn provide() {
        provide_context(Self { open: RwSignal::new(false), asked: StoredValue::new(None) });
    }

    /// Does what is asked. If it needs a fresh login, asks for one and does it again; a person who
    /// rather does not gets the server's first answer.
    pub(crate) async fn with<T, F>(self, ask: impl Fn() -> F) -> Result<T, AppError>
    where
        F: Future<Output = Result<T, AppError>>,
    {
        let answer = ask().await;
        let stale = matches!(&answer, Err(AppError(error)) if error.code == ErrorCode::Stale);
        if stale && self.confirmed().await { ask().await } else { answer }
    }

    /// Whether the person logged in anew.
    async fn confirmed(self) -> bool {
        let answer = Answer::default();
        // One dialog, one question: whoever asked before gets no for an answer.
        self.settle(false);
        self.asked.set_value(Some(answer.clone()));
        self.open.set(true);
        answer.wait().await
    }

    fn settle(self, fresh: bool) {
        if let Some(answer) = self.asked.try_update_value(Option::take).flatten() {
            answer.give(fresh);
        }
    }
}

/// “Confirm that it is you”. There is one per page.
#[component]
pub(crate) fn ReauthDialog() -> impl IntoView {
    let reauth = use_reauth();
    let open = reauth.open;
    let link = RwSignal::new(String::new());
    let refusal = RwSignal::new(None::<String>);
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if now {
            focus(FIELD);
        } else if before == Some(true) {
            reauth.settle(false);
        }
        // A link opens something: it is not kept for the next time.
        link.set(String::new());
        refusal.set(None);
        now
    });
    let confirm = Action::new(move |token: &String| {
        let with = Reauthenticate { token: token.clone() };
        async move {
            match api::log_in_again(with).await {
                Ok(()) => {
                    reauth.settle(true);
                    open.set(false);
                }
                Err(error) => {
                    refusal.set(Some(error.0.message));
                    focus(FIELD);
                }
            }
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if confirm.pending().get_untracked() {
            return;
        }
        if let Some(token) = link.with_untracked(|link| token_of(link)) {
            refusal.set(None);
            confirm.dispatch(token);
        } else {
            refusal.set(Some("The link is missing. Paste what the command printed.".into()));
            focus(FIELD);
        }
    };
    view! {
        <Dialog open title_id="reauth-title">
            <form class="form" novalidate on:submit=submit>
                <h2 id="reauth-title">"Confirm that it is you"</h2>
                <p class="muted">
                    "This decides who may use this machine, so it needs a login of the last five minutes. Run "
                    <code class="mono strong">"maestro login-link"</code>
                    " in a terminal on this machine and paste the link."
                </p>
                <TextField id=FIELD label="Login link" value=link error=refusal required=true mono=true/>
                <div class="row dialog-acts">
                    <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Cancel"</Button>
                    <Button tone=Tone::Primary submit=true busy=confirm.pending()>"Confirm"</Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
