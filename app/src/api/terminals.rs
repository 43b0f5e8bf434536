//! What pages ask of terminals, beside the socket.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::agents::{Agent, AgentId};
use protocol::terminals::{NameTerminal, OutputQuery, ScreenText, TerminalId};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::ports;
use crate::session::PageClient;

/// The last lines of a terminal, history included.
#[server(prefix = "/fn", endpoint = "terminals/output", input = Json, client = PageClient)]
pub(crate) async fn output(id: TerminalId, part: OutputQuery) -> Result<ScreenText, AppError> {
    Ok(ports::terminals()?.output(&id, part).await?)
}

/// Opens one more terminal.
#[server(prefix = "/fn", endpoint = "terminals/open", input = Json, client = PageClient)]
pub(crate) async fn open(agent: AgentId, name: NameTerminal) -> Result<Agent, AppError> {
    Ok(ports::terminals()?.open(&agent, name).await?)
}

/// Starts the shell of a terminal.
#[server(prefix = "/fn", endpoint = "terminals/start", input = Json, client = PageClient)]
pub(crate) async fn start(id: TerminalId) -> Result<Agent, AppError> {
    Ok(ports::terminals()?.start(&id).await?)
}

/// Gives a terminal another name.
#[server(prefix = "/fn", endpoint = "terminals/rename", input = Json, client = PageClient)]
pub(crate) async fn rename(id: TerminalId, name: NameTerminal) -> Result<Agent, AppError> {
    Ok(ports::terminals()?.rename(&id, name).await?)
}

/// Ends a terminal's session and removes it.
#[server(prefix = "/fn", endpoint = "terminals/close", input = Json, client = PageClient)]
pub(crate) async fn close(id: TerminalId) -> Result<Agent, AppError> {
    Ok(ports::terminals()?.close(&id).await?)
}
