//! Tokens for scripts.

mod create;
mod revoke;

use leptos::prelude::*;
use protocol::access::tokens::Token;

use self::create::CreateTokenDialog;
use self::revoke::RevokeTokenDialog;
use super::host::AgoOrNever;
use super::role_field::title;
use super::state::AccessState;
use crate::clock::{Ago, use_clock};
use crate::ui::{Button, Tone};

/// Element id of the section's heading.
const TITLE: &str = "access-scripts";

/// The tokens, and a way to make one.
#[component]
pub(super) fn Scripts(access: AccessState) -> impl IntoView {
    let creating = RwSignal::new(false);
    let revoking = RwSignal::new(false);
    let asked = RwSignal::new(None::<Token>);
    let revoke = Callback::new(move |token| {
        asked.set(Some(token));
        revoking.set(true);
    });
    let table = access.tokens.part("The list of tokens", move |tokens| {
        if tokens.is_empty() {
            view! { <p class="muted">"There is no token yet."</p> }.into_any()
        } else {
            view! { <TokenTable tokens revoke/> }.into_any()
        }
    });
    view! {
        <section class="access-part" aria-labelledby=TITLE>
            <div class="access-head">
                <h2 id=TITLE tabindex="-1">"Scripts"</h2>
                <Button class:push=true class:needs-js=true on:click=move |_| creating.set(true)>
                    "New token…"
                </Button>
            </div>
            <p class="muted">"A script sends its token with every request. It is never an owner."</p>
            {table}
        </section>
        <CreateTokenDialog access open=creating/>
        <RevokeTokenDialog access asked open=revoking/>
    }
    .into_any()
}

#[component]
fn TokenTable(tokens: Vec<Token>, revoke: Callback<Token>) -> impl IntoView {
    let rows = tokens.into_iter().map(move |token| view! { <Row token revoke/> });
    view! {
        <table class="table access-table">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Begins with"</th>
                    <th scope="col">"Made"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col">"Expires"</th>
                    <th scope="col" class="acts"><span class="vh">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(token: Token, revoke: Callback<Token>) -> impl IntoView {
    let clock = use_clock();
    let shown = token.clone();
    let spoken = shown.name.clone();
    let expires = move || match shown.expires_at_ms {
        Some(at_ms) => clock.moment(at_ms),
        None => "never".to_owned(),
    };
    view! {
        <tr>
            <td><span class="strong">{shown.name}</span></td>
            <td>{title(shown.role)}</td>
            <td class="muted"><i class="cell-head">"Begins with "</i><span class="mono">{shown.prefix} "…"</span></td>
            <td class="muted"><i class="cell-head">"Made "</i><Ago at_ms=shown.created_at_ms/></td>
            <td class="muted"><i class="cell-head">"Last used "</i><AgoOrNever at_ms=shown.last_used_at_ms/></td>
            <td class="muted num"><i class="cell-head">"Expires "</i>{expires}</td>
            <td class="acts">
                <Button tone=Tone::Quiet class:needs-js=true on:click=move |_| revoke.run(token.clone())>
                    "Revoke…" <span class="vh">{format!(" {spoken}")}</span>
                </Button>
            </td>
        </tr>
    }
    .into_any()
}
