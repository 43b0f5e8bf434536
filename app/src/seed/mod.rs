//! What a page starts with: loaded by the server, rendered, and sent along for hydration, so the
//! browser never asks again for what it was just given.

#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::*;
use protocol::agents::AgentList;
use protocol::error::ApiError;
use protocol::host::{HostFacts, HostHealth};
use protocol::terminals::{ScreenText, TerminalId};
use serde::{Deserialize, Serialize};

/// The data of one page load. The server loads it with `Seed::load` and provides it as context
/// before it renders.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seed {
    /// All agents, or why they could not be read.
    pub agents: Result<AgentList, ApiError>,
    /// The machine, or why it could not be read.
    pub host: Result<HostFacts, ApiError>,
    /// What is wrong with it, as far as it is known.
    pub health: HostHealth,
    /// The screen of the terminal that this page shows.
    pub screen: Option<(TerminalId, ScreenText)>,
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
            agents: Err(error.clone()),
            host: Err(error),
            health: HostHealth::default(),
            screen: None,
        }
    }
}

/// The screen that came with the page, for the terminal to show until it is connected.
#[derive(Clone)]
pub(crate) struct FirstScreen(Option<(TerminalId, ScreenText)>);

impl FirstScreen {
    /// Provides the screen of this page load to every component below.
    pub(crate) fn provide(screen: Option<(TerminalId, ScreenText)>) {
        provide_context(Self(screen));
    }

    /// The screen of this terminal; empty for those opened later, whose socket is already there.
    pub(crate) fn of(id: &TerminalId) -> ScreenText {
        use_context::<Self>()
            .and_then(|first| first.0)
            .filter(|(owner, _)| owner == id)
            .map(|(_, screen)| screen)
            .unwrap_or_default()
    }
}
