//! A login link for another browser.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::access::devices::NewLink;
use protocol::logins::LoginLink;

use crate::access::RoleField;
use crate::api::access as api;
use crate::reauth::use_reauth;
use crate::ui::{Button, CopyButton, Dialog, Tone};

/// Asks for a role and shows the link, as long as the dialog is open.
#[component]
pub(super) fn LinkDialog(open: RwSignal<bool>) -> impl IntoView {
    let reauth = use_reauth();
    let role = RwSignal::new(Role::Viewer);
    let fresh = RwSignal::new(None::<LoginLink>);
    let refusal = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        open.track();
        role.set(Role::Viewer);
        fresh.set(None);
        refusal.set(None);
    });
    let make = Action::new(move |role: &Role| {
        let new = NewLink { role: Some(*role) };
        async move {
            match reauth.with(|| api::create_link(new)).await {
                Ok(link) => {
                    refusal.try_set(None);
                    fresh.try_set(Some(link));
                }
                Err(error) => {
                    refusal.try_set(Some(error.0.message));
                }
            }
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !make.pending().get_untracked() {
            make.dispatch(role.get_untracked());
        }
    };
    let waiting = Memo::new(move |_| fresh.with(Option::is_none));
    let link = move || {
        fresh.get().map(|link| {
            let url = link.url.clone();
            view! {
                <p class="muted">
                    "Open it in the other browser within a few minutes. It logs one browser in, once."
                </p>
                <div class="copy-row">
                    <code class="code">{link.url}</code>
                    <CopyButton text=Signal::stored(url) label="Copy link"/>
                </div>
            }
        })
    };
    view! {
        <Dialog open title_id="login-link-title">
            <form class="form" novalidate on:submit=submit>
                <h2 id="login-link-title">"Log another browser in"</h2>
                <Show when=move || waiting.get()>
                    <RoleField id="login-link-role" value=role/>
                </Show>
                <div class="stack" role="status">{link}</div>
                {move || refusal.get().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
                <div class="row dialog-acts">
                    <Show when=move || waiting.get()>
                        <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Cancel"</Button>
                        <Button tone=Tone::Primary submit=true busy=make.pending()>"Make link"</Button>
                    </Show>
                    <Show when=move || !waiting.get()>
                        <Button on:click=move |_| open.set(false)>"Done"</Button>
                    </Show>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
