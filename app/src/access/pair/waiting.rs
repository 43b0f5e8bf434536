//! A device that proved itself and waits for the owner's word.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::access::pairing::{ConfirmPairing, PairingState};

use super::TITLE;
use crate::access::RoleField;
use crate::api::access as api;
use crate::reauth::use_reauth;
use crate::ui::{Button, Tone, focus};

/// One that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    /// Of its pairing.
    pub(super) id: String,
    /// What it calls itself.
    pub(super) name: String,
    pub(super) fingerprint: String,
    pub(super) address: String,
    pub(super) user_agent: String,
}

impl Waiting {
    /// The device of this pairing, if it waits.
    pub(super) fn of(id: &str, state: PairingState) -> Option<Self> {
        match state {
            PairingState::Waiting { name, fingerprint, address, user_agent } => {
                Some(Self { id: id.to_owned(), name, fingerprint, address, user_agent })
            }
            _ => None,
        }
    }
}

/// Who asks, what to compare, and the two answers.
#[component]
pub(super) fn WaitingDevice(
    device: Waiting,
    /// Whether the focus goes to the section's heading when this is settled: on the page itself
    /// nothing else is left of it.
    #[prop(optional)]
    on_page: bool,
) -> impl IntoView {
    let reauth = use_reauth();
    let role = RwSignal::new(Role::Viewer);
    let refusal = RwSignal::new(None::<String>);
    let Waiting { id, name, fingerprint, address, user_agent } = device;
    let field = format!("pairing-role-{id}");
    let told = name.clone();
    // `None` refuses.
    let answer = Action::new(move |role: &Option<Role>| {
        let (id, role) = (id.clone(), *role);
        refusal.set(None);
        async move {
            let outcome = match role {
                Some(role) => {
                    reauth.with(|| api::confirm(id.clone(), ConfirmPairing { role })).await
                }
                None => reauth.with(|| api::refuse(id.clone())).await,
            };
            match outcome {
                Ok(()) if on_page => focus(TITLE),
                Ok(()) => {}
                Err(error) => {
                    refusal.try_set(Some(error.0.message));
                }
            }
        }
    });
    let asked = answer.input();
    let busy = move |confirms: bool| {
        Signal::derive(move || {
            let runs = asked.with(|role| role.as_ref().map(Option::is_some)) == Some(confirms);
            answer.pending().get() && runs
        })
    };
    let run = move |role: Option<Role>| {
        if !answer.pending().get_untracked() {
            answer.dispatch(role);
        }
    };
    view! {
        <div class="waiting">
            <p>"Check that the device shows the same numbers:"</p>
            <p class="fingerprint mono num">{fingerprint}</p>
            <dl class="access-facts">
                <div><dt>"Calls itself"</dt><dd>{name}</dd></div>
                <div><dt>"Address"</dt><dd class="mono">{address}</dd></div>
                <div><dt>"Browser"</dt><dd class="meta">{user_agent}</dd></div>
            </dl>
            <RoleField id=field value=role/>
            {move || refusal.get().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
            <div class="row waiting-acts needs-js">
                <Button busy=busy(false) on:click=move |_| run(None)>
                    "Refuse" <span class="vh">{format!(" {told}")}</span>
                </Button>
                <Button tone=Tone::Primary busy=busy(true) on:click=move |_| run(Some(role.get_untracked()))>
                    "Let it in"
                </Button>
            </div>
        </div>
    }
    .into_any()
}
