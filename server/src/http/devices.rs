//! Who asks, the devices that may, and how this host is reached.

use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::access::Caller;
use protocol::access::devices::{
    Device, DeviceList, NewLink, Reach, Reauthenticate, RenameDevice, SetRole,
};
use protocol::envelope::{Failure, Success};
use protocol::error::{ApiError, ErrorCode};
use protocol::logins::LoginLink;

use super::answer::{Answer, Created, answer};
use super::errors::HttpError;
use super::extract::{Body, BodyOrDefault, Id};
use super::state::AppState;
use crate::access::principal::Principal;

/// Who asks, and what it may do.
#[utoipa::path(get, path = "/api/self", tag = "access", responses(
    (status = 200, body = Success<Caller>),
))]
pub(crate) async fn caller(Extension(principal): Extension<Principal>) -> Answer<Caller> {
    Ok(answer(principal.caller()))
}

/// How other devices reach this host.
#[utoipa::path(get, path = "/api/reach", tag = "access", responses(
    (status = 200, body = Success<Reach>),
))]
pub(crate) async fn reach(State(state): State<AppState>) -> Answer<Reach> {
    Ok(answer(state.ports.access.reach().await?))
}

/// All devices, last used first.
#[utoipa::path(get, path = "/api/devices", tag = "access", responses(
    (status = 200, body = Success<DeviceList>),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Extension(principal): Extension<Principal>,
) -> Answer<DeviceList> {
    Ok(answer(state.ports.access.devices(&principal.caller()).await?))
}

/// Gives a device another name.
#[utoipa::path(patch, path = "/api/devices/{id}", tag = "access", request_body = RenameDevice, params(("id" = String, Path)), responses(
    (status = 200, body = Success<Device>),
    (status = 404, body = Failure),
    (status = 422, body = Failure, description = "A field is malformed"),
))]
pub(crate) async fn rename(
    State(state): State<AppState>,
    Id(id): Id<String>,
    Body(new): Body<RenameDevice>,
) -> Answer<Device> {
    Ok(answer(state.ports.access.rename_device(&id, new).await?))
}

/// Gives a device another role. Its sockets are closed and come back with it.
#[utoipa::path(put, path = "/api/devices/{id}/role", tag = "access", request_body = SetRole, params(("id" = String, Path)), responses(
    (status = 200, body = Success<Device>),
    (status = 404, body = Failure),
    (status = 422, body = Failure, description = "A field is malformed"),
))]
pub(crate) async fn set_role(
    State(state): State<AppState>,
    Id(id): Id<String>,
    Body(new): Body<SetRole>,
) -> Answer<Device> {
    Ok(answer(state.ports.access.set_role(&id, new).await?))
}

/// Ends a device's login and closes its sockets. The data of the answer is null.
#[utoipa::path(delete, path = "/api/devices/{id}", tag = "access", params(("id" = String, Path)), responses(
    (status = 200, body = Success<Option<Device>>),
    (status = 404, body = Failure),
))]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    Id(id): Id<String>,
) -> Answer<Option<Device>> {
    state.ports.access.revoke_device(&id).await?;
    Ok(answer(None))
}

/// Makes a link that logs one browser in: once, within ten minutes. The body may be left out.
#[utoipa::path(post, path = "/api/login-links", tag = "access", request_body = NewLink, responses(
    (status = 201, body = Success<LoginLink>),
    (status = 422, body = Failure, description = "A field is malformed"),
))]
pub(crate) async fn create_link(
    State(state): State<AppState>,
    Extension(principal): Extension<Principal>,
    BodyOrDefault(new): BodyOrDefault<NewLink>,
) -> Created<LoginLink> {
    let link = state.ports.access.create_link(&principal.caller(), new).await?;
    Ok((StatusCode::CREATED, answer(link)))
}

/// Uses a login link up to confirm that a person is at this device. The data of the answer is
/// null.
#[utoipa::path(post, path = "/api/reauthenticate", tag = "access", request_body = Reauthenticate, responses(
    (status = 200, body = Success<Option<Caller>>),
    (status = 422, body = Failure, description = "A field is malformed"),
))]
pub(crate) async fn reauthenticate(
    State(state): State<AppState>,
    Extension(principal): Extension<Principal>,
    Body(with): Body<Reauthenticate>,
) -> Answer<Option<Caller>> {
    state.ports.access.reauthenticate(&principal.caller(), with).await?;
    Ok(answer(None))
}

/// This instance's certificate authority, for a device to trust.
#[utoipa::path(get, path = "/ca.pem", tag = "access", responses(
    (status = 200, description = "The certificate in PEM", content_type = "application/x-pem-file"),
    (status = 404, body = Failure, description = "There is none"),
))]
pub(crate) async fn authority(State(state): State<AppState>) -> Result<Response, HttpError> {
    let Some(pem) = state.authority.as_deref() else {
        return Err(HttpError(ApiError::new(
            ErrorCode::NotFound,
            "This Maestro has no certificate authority of its own. Start it with --tls own.",
        )));
    };
    let headers = [
        (header::CONTENT_TYPE, "application/x-pem-file"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"maestro-ca.pem\""),
    ];
    Ok((headers, pem.to_owned()).into_response())
}
