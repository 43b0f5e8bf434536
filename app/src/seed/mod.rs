//! What a page starts with: loaded by the server, rendered, and sent along for hydration, so the
//! browser never asks again for what it was just given.

#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::access::Caller;
use protocol::access::audit::AuditEntry;
use protocol::access::devices::{DeviceList, Reach};
use protocol::access::pairing::PairingList;
use protocol::access::tokens::Token;
use protocol::agents::history::HistoryEntry;
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentId, AgentList};
use protocol::error::ApiError;
use protocol::host::{Diagnostics, HostFacts, HostHealth};
use protocol::terminals::{ScreenText, TerminalId};
use serde::{Deserialize, Serialize};

/// The data of one page load. The server loads it with `Seed::load` and provides it as context
/// before it renders.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seed {
    /// Who looks at the page.
    pub caller: Caller,
    /// All agents, or why they could not be read.
    pub agents: Result<AgentList, ApiError>,
    /// The machine, or why it could not be read.
    pub host: Result<HostFacts, ApiError>,
    /// What is wrong with it, as far as it is known.
    pub health: HostHealth,
    /// What only this page shows.
    pub page: PageData,
}

/// What a single page shows beyond what all have.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum PageData {
    /// Nothing.
    #[default]
    None,
    /// The screen of its terminal.
    Screen(TerminalId, ScreenText),
    /// What is in the trash.
    Trash(Result<Vec<Agent>, ApiError>),
    /// What the checks found.
    Diagnostics(Result<Diagnostics, ApiError>),
    /// The newest part of an agent's history.
    History(AgentId, Result<Vec<HistoryEntry>, ApiError>),
    /// All versions of an agent's settings.
    Versions(AgentId, Result<Vec<AgentVersion>, ApiError>),
    /// Who may do what.
    Access(Box<AccessData>),
    /// The newest part of the audit trail.
    Audit(Result<Vec<AuditEntry>, ApiError>),
}

/// What the access page shows, each part on its own: one that fails hides no other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessData {
    /// Devices that may use this host.
    pub devices: Result<DeviceList, ApiError>,
    /// Tokens of scripts.
    pub tokens: Result<Vec<Token>, ApiError>,
    /// How other devices reach this host.
    pub reach: Result<Reach, ApiError>,
    /// Pairings that are open or just ended.
    pub pairings: Result<PairingList, ApiError>,
}

impl Seed {
    /// On the server: what was provided. In the browser: the same, from the page's own HTML.
    pub(crate) fn take() -> Self {
        SharedValue::new(|| use_context().unwrap_or_else(Self::missing)).into_inner()
    }

    /// A page without data says so and offers to load it.
    fn missing() -> Self {
        let error = ApiError::internal();
        Self {
            caller: Caller::nobody(),
            agents: Err(error.clone()),
            host: Err(error),
            health: HostHealth::default(),
            page: PageData::None,
        }
    }
}

/// What came for this page alone. It is taken by the part that shows it; a part that comes into
/// being later finds nothing here and asks for its own.
#[derive(Clone)]
pub(crate) struct FirstData(Arc<Mutex<PageData>>);

impl FirstData {
    /// Provides the data of this page load to every component below.
    pub(crate) fn provide(page: PageData) {
        provide_context(Self(Arc::new(Mutex::new(page))));
    }

    /// Takes the data if `wanted` picks it; otherwise it stays for others.
    pub(crate) fn take<T>(wanted: impl FnOnce(PageData) -> Result<T, PageData>) -> Option<T> {
        let first = use_context::<Self>()?;
        let mut page = first.0.lock().unwrap_or_else(PoisonError::into_inner);
        match wanted(std::mem::take(&mut *page)) {
            Ok(data) => Some(data),
            Err(others) => {
                *page = others;
                None
            }
        }
    }
}
