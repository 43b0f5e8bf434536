//! The dialog of one offer, from its code to the word about the device that used it.

use leptos::prelude::*;
use protocol::access::pairing::{PairingOffer, PairingState};

use super::qr::QrCode;
use super::waiting::{Waiting, WaitingDevice};
use super::{Offering, words};
use crate::access::host::LISTEN;
use crate::access::state::AccessState;
use crate::api::access as api;
use crate::clock::use_clock;
use crate::ui::{Button, CopyButton, Dialog, Glyph, StatusGlyph, Tone, focus};

const DIALOG_TITLE: &str = "pair-title";

/// How far the offer in the dialog is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// There is none.
    None,
    /// Nobody has used it.
    Open,
    Waiting(Waiting),
    Confirmed,
    Refused,
    Over,
}

impl Stage {
    fn of(id: &str, state: Option<PairingState>) -> Self {
        match state {
            // The answer to the offer may be faster than the socket.
            None | Some(PairingState::Open { .. }) => Self::Open,
            Some(PairingState::Confirmed) => Self::Confirmed,
            Some(PairingState::Refused) => Self::Refused,
            Some(PairingState::Over) => Self::Over,
            Some(waiting) => Waiting::of(id, waiting).map_or(Self::Open, Self::Waiting),
        }
    }

    fn title(&self) -> String {
        match self {
            Self::None | Self::Open => "Pair a device".to_owned(),
            Self::Waiting(device) => format!("{} asks to be let in", device.name),
            Self::Confirmed => "The device is let in".to_owned(),
            Self::Refused => "The device was refused".to_owned(),
            Self::Over => "This pairing is over".to_owned(),
        }
    }
}

/// Shows the offer while it is open. Closing it takes the offer back, unless a device waits: then
/// it goes on waiting on the page.
#[component]
pub(super) fn PairDialog(access: AccessState, offering: Offering) -> impl IntoView {
    let Offering { open, offer, .. } = offering;
    let stage = Memo::new(move |_| {
        offer.with(|offer| {
            offer.as_ref().map_or(Stage::None, |offer| {
                Stage::of(&offer.id, access.pairings.state_of(&offer.id))
            })
        })
    });
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            take_back(offer.get_untracked(), &stage.get_untracked());
            offer.set(None);
        }
        now
    });
    // What had the focus is gone with the stage before.
    Effect::new(move |before: Option<Stage>| {
        let now = stage.get();
        if before.is_some_and(|before| before != now && before != Stage::None) {
            focus(DIALOG_TITLE);
        }
        now
    });
    let title = move || stage.with(Stage::title);
    let content = move || match stage.get() {
        Stage::None => ().into_any(),
        Stage::Open => offer.get().map(|offer| view! { <Offer access offer/> }).into_any(),
        Stage::Waiting(device) => view! { <WaitingDevice device/> }.into_any(),
        Stage::Confirmed => view! {
            <p class="row">
                <StatusGlyph glyph=Glyph::Done word="Done"/>
                "It is in the list of devices now."
            </p>
        }
        .into_any(),
        Stage::Refused => view! {
            <p class="row">
                <StatusGlyph glyph=Glyph::Offline word="Refused"/>
                "It knows that, and cannot use this code again."
            </p>
        }
        .into_any(),
        Stage::Over => view! {
            <p class="row">
                <StatusGlyph glyph=Glyph::Offline word="Over"/>
                "Two minutes passed, or too many wrong codes were typed."
            </p>
        }
        .into_any(),
    };
    let over = Memo::new(move |_| matches!(stage.get(), Stage::Over | Stage::Refused));
    let settled = Memo::new(move |_| over.get() || stage.get() == Stage::Confirmed);
    view! {
        <Dialog open title_id=DIALOG_TITLE>
            <h2 id=DIALOG_TITLE tabindex="-1">{title}</h2>
            <p class="vh" role="status">{move || stage.with(|stage| match stage {
                Stage::None | Stage::Open => String::new(),
                other => other.title(),
            })}</p>
            {content}
            <div class="row dialog-acts">
                <Show when=move || over.get()>
                    <Button
                        tone=Tone::Primary
                        busy=offering.make.pending()
                        on:click=move |_| offering.start()
                    >
                        "Make a new code"
                    </Button>
                </Show>
                <Show when=move || settled.get()>
                    <Button on:click=move |_| open.set(false)>"Done"</Button>
                </Show>
                <Show when=move || !settled.get()>
                    <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Close"</Button>
                </Show>
            </div>
        </Dialog>
    }
    .into_any()
}

/// An offer that nobody looks at any more is worth nothing to its owner.
fn take_back(offer: Option<PairingOffer>, stage: &Stage) {
    if let (Some(offer), Stage::Open) = (offer, stage) {
        leptos::task::spawn_local(async move {
            // It ends by itself within two minutes when this fails.
            let _ended = api::refuse(offer.id).await;
        });
    }
}

/// Both ways to use the offer, and how long it stands.
#[component]
fn Offer(access: AccessState, offer: PairingOffer) -> impl IntoView {
    let clock = use_clock();
    let PairingOffer { id, url, qr, code, expires_at_ms } = offer;
    let copied = code.clone();
    let left = move || clock.until(expires_at_ms).map(words::time_left);
    let tries = move || match access.pairings.state_of(&id) {
        Some(PairingState::Open { tries_left }) => words::tries(tries_left),
        _ => None,
    };
    let origin = url.split_once("/pair").map_or(url.clone(), |(origin, _)| origin.to_owned());
    let local =
        Memo::new(move |_| access.reach.with(|reach| reach.public.is_none()).unwrap_or(false));
    view! {
        <div class="offer">
            <QrCode rows=qr/>
            <div class="stack">
                <p>"Scan this with the phone’s camera."</p>
                <p>
                    "Or open " <span class="mono strong">{origin} "/pair"</span>
                    " there and type this code:"
                </p>
                <div class="copy-row">
                    <output class="pair-code mono num" aria-label="Code">{code}</output>
                    <CopyButton text=Signal::stored(copied) label="Copy code"/>
                </div>
                <p class="muted num">{left}</p>
                <p class="warn" role="status">{tries}</p>
            </div>
        </div>
        <Show when=move || local.get()>
            <div class="access-note">
                <p>"Only this machine reaches that address. For a phone, start Maestro with an address of this machine:"</p>
                <code class="code"><i>"$ "</i>{LISTEN}</code>
            </div>
        </Show>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_that_the_socket_has_not_told_of_is_open() {
        assert_eq!(Stage::of("p", None), Stage::Open);
        assert_eq!(Stage::of("p", Some(PairingState::Over)), Stage::Over);
        let waiting = PairingState::Waiting {
            name: "phone".into(),
            fingerprint: "1234 5678".into(),
            address: "10.0.0.7".into(),
            user_agent: String::new(),
        };
        let stage = Stage::of("p", Some(waiting));
        assert_eq!(stage.title(), "phone asks to be let in");
    }
}
