//! Tokens of scripts.

use axum::extract::State;
use axum::http::StatusCode;
use protocol::access::tokens::{CreateToken, NewToken, Token};
use protocol::envelope::{Failure, Success};

use super::answer::{Answer, Created, answer};
use super::extract::{Body, Id};
use super::state::AppState;

/// All tokens of scripts, newest first.
#[utoipa::path(get, path = "/api/tokens", tag = "access", responses(
    (status = 200, body = Success<Vec<Token>>),
))]
pub(crate) async fn list(State(state): State<AppState>) -> Answer<Vec<Token>> {
    Ok(answer(state.ports.access.tokens().await?))
}

/// Makes a token for a script. Its secret is in this answer and never again.
#[utoipa::path(post, path = "/api/tokens", tag = "access", request_body = CreateToken, responses(
    (status = 201, body = Success<NewToken>),
    (status = 409, body = Failure, description = "The name is taken"),
    (status = 422, body = Failure, description = "A field is malformed"),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Body(new): Body<CreateToken>,
) -> Created<NewToken> {
    Ok((StatusCode::CREATED, answer(state.ports.access.create_token(new).await?)))
}

/// Ends a token. The data of the answer is null.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "access", params(("id" = String, Path)), responses(
    (status = 200, body = Success<Option<Token>>),
    (status = 404, body = Failure),
))]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    Id(id): Id<String>,
) -> Answer<Option<Token>> {
    state.ports.access.revoke_token(&id).await?;
    Ok(answer(None))
}
