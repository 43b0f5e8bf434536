//! Pairing a device from the command line: the offer, the wait, the owner's word.

use std::io;
use std::time::Duration;

use protocol::access::Role;
use protocol::access::pairing::{ConfirmPairing, PairingOffer, PairingState};
use protocol::error::{ApiError, ErrorCode};

use crate::client::Client;
use crate::command::access::PairArgs;
use crate::confirmation;
use crate::context::Context;
use crate::exit::{Exit, Refusal};
use crate::output::Report;
use crate::output::pairing::{self as say, Waiting};

/// Between two looks; a person does not notice it.
const PAUSE: Duration = Duration::from_secs(1);
/// The server ends an offer after two minutes; no look comes long after that.
const LOOKS: u32 = 125;

/// Makes an offer, waits for a device, and asks whether to let it in.
pub(super) fn run(
    args: PairArgs,
    json: bool,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    let offer = client.offer_pairing()?;
    let with_qr = context.on_screen && !args.no_qr;
    if json || !context.interactive {
        return Ok(say::offer_alone(&offer, with_qr));
    }
    let offered = say::offer(&offer, with_qr);
    shown(context.out.write_all(offered.as_bytes()).and_then(|()| context.out.flush()))?;
    shown(context.err.write_all(say::WAITING.as_bytes()).and_then(|()| context.err.flush()))?;
    let mut tries_before = None;
    for _ in 0..LOOKS {
        match state(&offer, client)? {
            PairingState::Open { tries_left } => {
                if tries_before.is_some_and(|before| before > tries_left) {
                    let told = writeln!(context.err, "{}", say::wrong_code(tries_left));
                    shown(told.and_then(|()| context.err.flush()))?;
                }
                tries_before = Some(tries_left);
            }
            PairingState::Waiting { name, fingerprint, address, user_agent } => {
                let waiting = Waiting { name, fingerprint, address, user_agent };
                return decide(&offer, &waiting, client, context);
            }
            PairingState::Confirmed => return Ok(say::decided_elsewhere(true)),
            PairingState::Refused => return Ok(say::decided_elsewhere(false)),
            PairingState::Over => break,
        }
        (context.pause)(PAUSE);
    }
    let message = "No device was paired: two minutes passed, or too many wrong codes were typed. \
                   `maestro access pair` makes another offer.";
    Err(Refusal { exit: Exit::Other, error: ApiError::new(ErrorCode::Unavailable, message) })
}

/// How far it is; one that the server has forgotten is over.
fn state(offer: &PairingOffer, client: &Client) -> Result<PairingState, Refusal> {
    let pairings = client.pairings()?.pairings;
    let own = pairings.into_iter().find(|pairing| pairing.id == offer.id);
    Ok(own.map_or(PairingState::Over, |pairing| pairing.state))
}

/// Asks the person; whatever is not clearly a yes is a no.
fn decide(
    offer: &PairingOffer,
    waiting: &Waiting,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    let instead = "The page “Access” of Maestro has the question too.";
    let answer = confirmation::answer(&say::question(waiting), instead, context)?;
    let Some(role) = role(&answer) else {
        client.refuse_pairing(&offer.id)?;
        return Ok(say::refused(waiting));
    };
    client.confirm_pairing(&offer.id, ConfirmPairing { role })?;
    Ok(say::confirmed(waiting, role))
}

/// The role that somebody's answer gives, if it gives one.
fn role(answer: &str) -> Option<Role> {
    match answer {
        "y" | "yes" => Some(Role::Viewer),
        word => word.parse().ok(),
    }
}

/// Whether the person has something to go by.
fn shown(written: io::Result<()>) -> Result<(), Refusal> {
    written.map_err(|_| {
        let message = "The terminal takes no output, so nothing can be shown or asked. Use the \
                       page “Access” of Maestro.";
        ApiError::new(ErrorCode::Internal, message).into()
    })
}
