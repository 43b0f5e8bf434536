//! Pairing a phone: an offer as QR code and as short code, and whoever asks to be let in.

mod dialog;
mod qr;
mod waiting;
mod words;

use leptos::prelude::*;
use protocol::access::devices::Reach;
use protocol::access::pairing::PairingOffer;

use self::dialog::PairDialog;
use self::waiting::{Waiting, WaitingDevice};
use super::host::{AuthorityLink, LISTEN};
use super::state::AccessState;
use crate::api::access as api;
use crate::reauth::use_reauth;
use crate::ui::{Button, use_toasts};

/// Element id of the section's heading.
const TITLE: &str = "access-pair";

/// The offer that is shown, and what makes one; a copy of handles.
#[derive(Clone, Copy)]
struct Offering {
    open: RwSignal<bool>,
    offer: RwSignal<Option<PairingOffer>>,
    make: Action<(), ()>,
}

impl Offering {
    fn new() -> Self {
        let open = RwSignal::new(false);
        let offer = RwSignal::new(None);
        let reauth = use_reauth();
        let toasts = use_toasts();
        let make = Action::new(move |(): &()| async move {
            match reauth.with(api::offer_pairing).await {
                Ok(made) => {
                    offer.try_set(Some(made));
                    open.try_set(true);
                }
                Err(error) => toasts.fail(error.0.message),
            }
        });
        Self { open, offer, make }
    }

    fn start(self) {
        if !self.make.pending().get_untracked() {
            self.make.dispatch(());
        }
    }
}

/// The way to pair, and the devices that wait.
#[component]
pub(super) fn PairSection(access: AccessState) -> impl IntoView {
    let offering = Offering::new();
    // The one in the dialog is asked about there.
    let waiting = Memo::new(move |_| {
        let in_dialog = offering.offer.with(|offer| offer.as_ref().map(|offer| offer.id.clone()));
        access.pairings.with(|all| {
            let others = all.iter().filter(|one| Some(&one.id) != in_dialog.as_ref());
            others.filter_map(|one| Waiting::of(&one.id, one.state.clone())).collect::<Vec<_>>()
        })
    });
    let told = move || match waiting.with(Vec::len) {
        0 => String::new(),
        1 => "A device asks to be let in.".to_owned(),
        many => format!("{many} devices ask to be let in."),
    };
    let reach = access
        .reach
        .part("How this host is reached", |reach| view! { <Reaching reach/> }.into_any());
    view! {
        <section class="access-part" aria-labelledby=TITLE>
            <div class="access-head">
                <h2 id=TITLE tabindex="-1">"Pair a phone"</h2>
                <Button
                    class:push=true
                    class:needs-js=true
                    busy=offering.make.pending()
                    on:click=move |_| offering.start()
                >
                    "Pair a device"
                </Button>
            </div>
            <p class="muted">
                "A phone scans a code, or somebody types it. The device is let in when you say so here."
            </p>
            <p class="vh" role="status">{told}</p>
            <For
                each=move || waiting.get()
                key=|device| device.id.clone()
                children=|device| view! {
                    <div class="waiting-card">
                        <h3>{device.name.clone()} " asks to be let in"</h3>
                        <WaitingDevice device on_page=true/>
                    </div>
                }
            />
            {reach}
        </section>
        <PairDialog access offering/>
    }
    .into_any()
}

/// Where another device finds this host, or what to do so that it can.
#[component]
fn Reaching(reach: Reach) -> impl IntoView {
    let Some(origin) = reach.public else {
        return view! {
            <div class="access-note">
                <p>"Maestro only listens on this machine, so no phone reaches it. Start it with an address of this machine:"</p>
                <code class="code"><i>"$ "</i>{LISTEN}</code>
            </div>
        }
        .into_any();
    };
    let trust = reach.certificate.filter(|certificate| certificate.own_authority).map(|own| {
        view! {
            <p class="muted">
                "Its certificate is from this instance’s own authority, which other devices do not know yet. "
                "Install it there after comparing this fingerprint; until then their browsers warn. "
                <AuthorityLink/>
            </p>
            <p class="mono muted print">{own.fingerprint}</p>
        }
    });
    view! {
        <div class="access-note">
            <p>"Other devices find it at " <span class="mono strong">{origin}</span> "."</p>
            {trust}
        </div>
    }
    .into_any()
}
