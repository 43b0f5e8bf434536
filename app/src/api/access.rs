//! What the owner's pages ask about who may do what.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::access::audit::{AuditEntry, AuditQuery, AuditReport};
use protocol::access::devices::{
    Device, DeviceList, NewLink, Reach, Reauthenticate, RenameDevice, SetRole,
};
use protocol::access::pairing::{ConfirmPairing, PairingList, PairingOffer};
use protocol::access::tokens::{CreateToken, NewToken, Token};
use protocol::logins::LoginLink;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::ports;
use crate::session::PageClient;

/// How other devices reach this host.
#[server(prefix = "/fn", endpoint = "access/reach", input = Json, client = PageClient)]
pub(crate) async fn find_reach() -> Result<Reach, AppError> {
    Ok(ports::access()?.reach().await?)
}

/// All devices, last used first.
#[server(prefix = "/fn", endpoint = "access/devices", input = Json, client = PageClient)]
pub(crate) async fn devices() -> Result<DeviceList, AppError> {
    Ok(ports::access()?.devices(&ports::caller()?).await?)
}

/// Gives a device another name.
#[server(prefix = "/fn", endpoint = "access/rename", input = Json, client = PageClient)]
pub(crate) async fn rename(id: String, new: RenameDevice) -> Result<Device, AppError> {
    Ok(ports::access()?.rename_device(&id, new).await?)
}

/// Gives a device another role.
#[server(prefix = "/fn", endpoint = "access/role", input = Json, client = PageClient)]
pub(crate) async fn change_role(id: String, new: SetRole) -> Result<Device, AppError> {
    Ok(ports::access()?.set_role(&id, new).await?)
}

/// Ends a device's login.
#[server(prefix = "/fn", endpoint = "access/revoke", input = Json, client = PageClient)]
pub(crate) async fn revoke(id: String) -> Result<(), AppError> {
    Ok(ports::access()?.revoke_device(&id).await?)
}

/// Makes a login link.
#[server(prefix = "/fn", endpoint = "access/link", input = Json, client = PageClient)]
pub(crate) async fn create_link(new: NewLink) -> Result<LoginLink, AppError> {
    Ok(ports::access()?.create_link(&ports::caller()?, new).await?)
}

/// Confirms with a new login link that it is still the same person.
#[server(prefix = "/fn", endpoint = "access/reauthenticate", input = Json, client = PageClient)]
pub(crate) async fn log_in_again(with: Reauthenticate) -> Result<(), AppError> {
    Ok(ports::access()?.reauthenticate(&ports::caller()?, with).await?)
}

/// All tokens of scripts, newest first.
#[server(prefix = "/fn", endpoint = "access/tokens", input = Json, client = PageClient)]
pub(crate) async fn tokens() -> Result<Vec<Token>, AppError> {
    Ok(ports::access()?.tokens().await?)
}

/// Makes a token for a script.
#[server(prefix = "/fn", endpoint = "access/create-token", input = Json, client = PageClient)]
pub(crate) async fn make_token(new: CreateToken) -> Result<NewToken, AppError> {
    Ok(ports::access()?.create_token(new).await?)
}

/// Ends a token.
#[server(prefix = "/fn", endpoint = "access/revoke-token", input = Json, client = PageClient)]
pub(crate) async fn revoke_token(id: String) -> Result<(), AppError> {
    Ok(ports::access()?.revoke_token(&id).await?)
}

/// Offers to pair a device.
#[server(prefix = "/fn", endpoint = "access/pair", input = Json, client = PageClient)]
pub(crate) async fn offer_pairing() -> Result<PairingOffer, AppError> {
    Ok(ports::access()?.offer_pairing(&ports::caller()?).await?)
}

/// All pairings that are open or just ended.
#[server(prefix = "/fn", endpoint = "access/pairings", input = Json, client = PageClient)]
pub(crate) async fn pairings() -> Result<PairingList, AppError> {
    Ok(ports::access()?.pairings().await?)
}

/// Lets a waiting device in.
#[server(prefix = "/fn", endpoint = "access/confirm", input = Json, client = PageClient)]
pub(crate) async fn confirm(id: String, how: ConfirmPairing) -> Result<(), AppError> {
    Ok(ports::access()?.confirm_pairing(&id, how).await?)
}

/// Turns a waiting device away, or takes an offer back.
#[server(prefix = "/fn", endpoint = "access/refuse", input = Json, client = PageClient)]
pub(crate) async fn refuse(id: String) -> Result<(), AppError> {
    Ok(ports::access()?.refuse_pairing(&id).await?)
}

/// A part of the audit trail, newest first.
#[server(prefix = "/fn", endpoint = "access/audit", input = Json, client = PageClient)]
pub(crate) async fn audit(part: AuditQuery) -> Result<Vec<AuditEntry>, AppError> {
    Ok(ports::access()?.audit(part).await?)
}

/// Reads the whole trail and checks that every entry is as it was written.
#[server(prefix = "/fn", endpoint = "access/verify", input = Json, client = PageClient)]
pub(crate) async fn verify_audit() -> Result<AuditReport, AppError> {
    Ok(ports::access()?.verify_audit().await?)
}
