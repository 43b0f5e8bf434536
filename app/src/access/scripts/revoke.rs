//! What is asked before a token stops working.

use leptos::prelude::*;
use protocol::access::tokens::Token;

use super::TITLE;
use crate::access::state::AccessState;
use crate::api::access as api;
use crate::reauth::use_reauth;
use crate::ui::{Button, Dialog, Tone, focus, use_toasts};

/// Asks about the token in `asked`.
#[component]
pub(super) fn RevokeTokenDialog(
    access: AccessState,
    asked: RwSignal<Option<Token>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let reauth = use_reauth();
    let toasts = use_toasts();
    let refusal = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if open.get() {
            refusal.set(None);
        }
    });
    let name = move || {
        asked.with(|token| token.as_ref().map(|token| token.name.clone())).unwrap_or_default()
    };
    let revoke = Action::new(move |token: &Token| {
        let Token { id, name, .. } = token.clone();
        async move {
            match reauth.with(|| api::revoke_token(id.clone())).await {
                Ok(()) => {
                    open.try_set(false);
                    toasts.say(format!("Revoked {name}."));
                    access.tokens.update(|tokens| tokens.retain(|token| token.id != id));
                    focus(TITLE);
                }
                Err(error) => {
                    refusal.try_set(Some(error.0.message));
                }
            }
        }
    });
    let confirm = move |_| {
        if let Some(token) = asked.get_untracked().filter(|_| !revoke.pending().get_untracked()) {
            revoke.dispatch(token);
        }
    };
    view! {
        <Dialog open title_id="revoke-token-title" alert=true>
            <h2 id="revoke-token-title">{move || format!("Revoke {}?", name())}</h2>
            <p class="muted">"Scripts that use this token are refused from now on. It cannot be given back; make a new one instead."</p>
            {move || refusal.get().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
            <div class="row dialog-acts">
                <Button on:click=move |_| open.set(false)>"Keep it"</Button>
                <Button tone=Tone::Fatal busy=revoke.pending() on:click=confirm>"Revoke"</Button>
            </div>
        </Dialog>
    }
    .into_any()
}
