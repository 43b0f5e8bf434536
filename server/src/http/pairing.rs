//! Pairing a device: the page that a phone opens, its proof, and the owner's word.
//!
//! What a phone asks comes without a credential. Each attempt is counted before it is looked at,
//! by the gatekeeper and by the pairing itself, and who proves nothing learns nothing.

use axum::Json;
use axum::extract::{Extension, OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pairing::desk::{Attempt, Origin, Proven, Refusal};
use pairing::hex;
use pairing::introduction::Introduction;
use protocol::access::pairing::{ConfirmPairing, PairingList, PairingOffer};
use protocol::envelope::{Failure, Success};
use protocol::error::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Answer, Created, answer};
use super::assets::{self, Site};
use super::edge::Edge;
use super::errors::HttpError;
use super::extract::{Body, Id};
use super::logins;
use super::standalone;
use super::state::AppState;
use crate::access::about::about;
use crate::access::pairings::Word;
use crate::access::principal::Principal;

/// Folder of the site that is handed out to anybody, and the beginning of its files' addresses.
const FOLDER: &str = "pair/";
/// The names of those files tell what is in them.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const PAGE: &str = include_str!("pair.html");
const SCRIPT: &str = include_str!("pair.js");
const STYLE: &str = concat!(
    include_str!("../../../style/tokens.css"),
    include_str!("../../../style/login.css"),
    include_str!("../../../style/pair.css")
);

/// What a device that read the QR code sends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scan {
    /// Names the pairing.
    id: String,
    /// 16 random bytes in hexadecimal, drawn for this pairing.
    nonce: String,
    /// What the device calls itself.
    name: String,
    /// That it holds the secret, in hexadecimal.
    proof: String,
}

/// What a device sends first to which a code was typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    /// The code's first character.
    place: char,
    /// Its SPAKE2 message in hexadecimal.
    message: String,
}

/// The host's half of the exchange.
#[derive(Serialize, ToSchema)]
pub(crate) struct Started {
    /// Names the exchange.
    exchange: String,
    /// The host's SPAKE2 message in hexadecimal.
    message: String,
}

/// What a device sends then.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finish {
    /// Names the exchange.
    exchange: String,
    /// 16 random bytes in hexadecimal, drawn for this pairing.
    nonce: String,
    /// What the device calls itself.
    name: String,
    /// That its key is the host's, in hexadecimal.
    proof: String,
}

/// A device has proven itself, and may wait for the owner's word.
#[derive(Serialize, ToSchema)]
pub(crate) struct Recognised {
    /// Names the pairing.
    id: String,
    /// With this the device asks how it stands.
    ticket: String,
    /// That the host's key is the device's, in hexadecimal.
    proof: String,
}

/// Asks how it stands.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    /// Names the pairing.
    id: String,
    /// The device's own.
    ticket: String,
}

/// The page that a phone opens. It needs no login, and its two files neither.
#[utoipa::path(get, path = "/pair", tag = "pairing", responses((status = 200, description = "The pairing page")))]
pub(crate) async fn page(State(state): State<AppState>) -> Response {
    let module = module().unwrap_or_default();
    let instance = &*state.instance;
    let parts =
        [("instance", instance), ("module", &*module), ("style", STYLE), ("script", SCRIPT)];
    standalone::page(PAGE, &parts)
}

/// Address of the module's script; the module itself ends in `.wasm` instead.
fn module() -> Option<String> {
    let script = Site::iter().find(|name| name.starts_with(FOLDER) && name.ends_with(".js"))?;
    Some(format!("/{script}"))
}

/// A file of that page. Its name changes with its content.
#[utoipa::path(get, path = "/pair/{file}", tag = "pairing", params(("file" = String, Path)), responses(
    (status = 200, description = "The file"),
    (status = 404, body = Failure),
))]
pub(crate) async fn file(uri: OriginalUri, request: Request) -> Response {
    let mut response = assets::serve(uri, request).await;
    if response.status() != StatusCode::NOT_FOUND {
        response.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
    }
    response
}

/// A device that read the QR code proves that it holds the secret.
#[utoipa::path(post, path = "/api/pair", tag = "pairing", request_body = Scan, responses(
    (status = 200, body = Success<Recognised>),
    (status = 401, body = Failure, description = "The proof is wrong, or the pairing is over"),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 429, body = Failure, description = "Too many attempts"),
))]
pub(crate) async fn scan(
    State(state): State<AppState>,
    Extension(edge): Extension<Edge>,
    headers: HeaderMap,
    Body(Scan { id, nonce, name, proof }): Body<Scan>,
) -> Answer<Recognised> {
    let attempt = attempt(&nonce, name, &proof, &edge, &headers)?;
    let keeper = &state.access.gatekeeper;
    let reserved = keeper.reserve(&account(Some(&id)), edge.client)?;
    let proven = state.access.pairings.scan(&id, attempt)?;
    keeper.forgive(&reserved);
    about(&proven.id);
    Ok(answer(told(proven)))
}

/// A device to which a code was typed sends its half of the exchange. It takes a try.
#[utoipa::path(post, path = "/api/pair/start", tag = "pairing", request_body = Start, responses(
    (status = 200, body = Success<Started>),
    (status = 401, body = Failure, description = "There is no such code"),
    (status = 422, body = Failure, description = "A field is malformed"),
    (status = 429, body = Failure, description = "Too many attempts"),
))]
pub(crate) async fn start(
    State(state): State<AppState>,
    Extension(edge): Extension<Edge>,
    Body(Start { place, message }): Body<Start>,
) -> Answer<Started> {
    let message = bytes("message", &message)?;
    let pairings = &state.access.pairings;
    let account = account(pairings.at(place).as_deref());
    let reserved = state.access.gatekeeper.reserve(&account, edge.client)?;
    let begun = pairings.begin(place, &message, reserved)?;
    Ok(answer(Started { exchange: begun.exchange, message: hex::write(&begun.message) }))
}

/// The device proves that it knew the code.
#[utoipa::path(post, path = "/api/pair/finish", tag = "pairing", request_body = Finish, responses(
    (status = 200, body = Success<Recognised>),
    (status = 401, body = Failure, description = "The code is wrong, or the pairing is over"),
    (status = 422, body = Failure, description = "A field is malformed"),
))]
pub(crate) async fn finish(
    State(state): State<AppState>,
    Extension(edge): Extension<Edge>,
    headers: HeaderMap,
    Body(Finish { exchange, nonce, name, proof }): Body<Finish>,
) -> Answer<Recognised> {
    let attempt = attempt(&nonce, name, &proof, &edge, &headers)?;
    // The attempt was counted when the exchange began.
    let (proven, reserved) = state.access.pairings.finish(&exchange, attempt)?;
    if let Some(reserved) = reserved {
        state.access.gatekeeper.forgive(&reserved);
    }
    about(&proven.id);
    Ok(answer(told(proven)))
}

/// What the owner says. The question is held for 25 seconds while there is no answer; then the
/// status is 202 and the device asks again.
#[utoipa::path(post, path = "/api/pair/wait", tag = "pairing", request_body = Wait, responses(
    (status = 200, body = Success<logins::LoggedIn>, description = "Let in: with the login cookie"),
    (status = 202, body = Success<Option<String>>, description = "The owner has said nothing yet"),
    (status = 401, body = Failure, description = "The pairing is over"),
    (status = 403, body = Failure, description = "The owner refused the device"),
    (status = 422, body = Failure),
))]
pub(crate) async fn wait(
    State(state): State<AppState>,
    Extension(edge): Extension<Edge>,
    Body(Wait { id, ticket }): Body<Wait>,
) -> Result<Response, HttpError> {
    let mut closing = state.closing.clone();
    let word = tokio::select! {
        word = state.access.pairings.wait(&id, &ticket) => word,
        // A server that stops keeps nobody.
        _ = closing.wait_for(|closing| *closing) => Word::Pending,
    };
    match word {
        Word::Pending => {
            let nothing = Json(Success::new(None::<String>));
            Ok((StatusCode::ACCEPTED, nothing).into_response())
        }
        Word::Confirmed(login) => logins::let_in(&state, &edge, login),
        Word::Refused => Err(HttpError(ApiError::new(
            ErrorCode::Forbidden,
            "The owner did not let this device in.",
        ))),
        Word::Over => Err(Refusal::Over.into()),
    }
}

/// Makes an offer to pair one device.
#[utoipa::path(post, path = "/api/pairings", tag = "access", responses(
    (status = 201, body = Success<PairingOffer>),
    (status = 409, body = Failure, description = "Too many are open"),
))]
pub(crate) async fn offer(
    State(state): State<AppState>,
    Extension(principal): Extension<Principal>,
) -> Created<PairingOffer> {
    let offer = state.ports.access.offer_pairing(&principal.caller()).await?;
    Ok((StatusCode::CREATED, answer(offer)))
}

/// Pairings that are open or just ended, newest first.
#[utoipa::path(get, path = "/api/pairings", tag = "access", responses(
    (status = 200, body = Success<PairingList>),
))]
pub(crate) async fn list(State(state): State<AppState>) -> Answer<PairingList> {
    Ok(answer(state.ports.access.pairings().await?))
}

/// Lets a device in that waits. The data of the answer is null.
#[utoipa::path(post, path = "/api/pairings/{id}/confirm", tag = "access", request_body = ConfirmPairing, params(("id" = String, Path)), responses(
    (status = 200, body = Success<Option<String>>),
    (status = 409, body = Failure, description = "No device waits"),
    (status = 422, body = Failure),
))]
pub(crate) async fn confirm(
    State(state): State<AppState>,
    Id(id): Id<String>,
    Body(how): Body<ConfirmPairing>,
) -> Answer<Option<String>> {
    state.ports.access.confirm_pairing(&id, how).await?;
    Ok(answer(None))
}

/// Refuses a device that waits, or takes back an offer that nobody used. The data of the answer
/// is null.
#[utoipa::path(post, path = "/api/pairings/{id}/refuse", tag = "access", params(("id" = String, Path)), responses(
    (status = 200, body = Success<Option<String>>),
    (status = 409, body = Failure, description = "No device waits"),
))]
pub(crate) async fn refuse(
    State(state): State<AppState>,
    Id(id): Id<String>,
) -> Answer<Option<String>> {
    state.ports.access.refuse_pairing(&id).await?;
    Ok(answer(None))
}

fn attempt(
    nonce: &str,
    name: String,
    proof: &str,
    edge: &Edge,
    headers: &HeaderMap,
) -> Result<Attempt, HttpError> {
    let nonce = hex::read_exactly(nonce).ok_or_else(|| malformed("nonce"))?;
    Ok(Attempt {
        device: Introduction::new(nonce, name)?,
        proof: bytes("proof", proof)?,
        origin: Origin {
            address: edge.client.to_string(),
            user_agent: logins::user_agent(headers).chars().take(200).collect(),
        },
    })
}

/// Under this name the gatekeeper counts attempts at a pairing. What is no pairing's id is
/// counted together: anybody can make up names.
fn account(id: Option<&str>) -> String {
    let id = id.filter(|id| hex::read_exactly::<8>(id).is_some());
    format!("pairing {}", id.unwrap_or("unknown"))
}

fn bytes(field: &str, text: &str) -> Result<Vec<u8>, HttpError> {
    hex::read(text).ok_or_else(|| malformed(field))
}

fn malformed(field: &str) -> HttpError {
    let sentence = "That is not the hexadecimal text that the pairing page sends.";
    HttpError(ApiError::invalid(field, sentence))
}

fn told(proven: Proven) -> Recognised {
    Recognised { id: proven.id, ticket: proven.ticket, proof: hex::write(&proven.proof) }
}
