//! What a page starts with: loaded by the server, rendered, and sent along for hydration, so the
//! browser never asks again for what it was just given.

#[cfg(feature = "ssr")]
mod server;

use leptos::prelude::*;
use protocol::agents::{AgentId, AgentList};
use protocol::error::ApiError;
use protocol::host::HostFacts;
use protocol::terminals::ScreenText;
use serde::{Deserialize, Serialize};

/// The data of one page load. The server loads it with `Seed::load` and provides it as context
/// before it renders.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seed {
    /// All agents, or why they could not be read.
    pub agents: Result<AgentList, ApiError>,
    /// The machine, or why it could not be read.
    pub host: Result<HostFacts, ApiError>,
    /// The screen of the agent whose page this is.
    pub screen: Option<(AgentId, ScreenText)>,
}

impl Seed {
    /// On the server: what was provided. In the browser: the same, from the page's own HTML.
    pub(crate) fn take() -> Self {
        SharedValue::new(|| use_context().unwrap_or_else(Self::missing)).into_inner()
    }

    /// A page without data says so and offers to load it.
    fn missing() -> Self {
        let error = ApiError::internal();
        Self { agents: Err(error.clone()), host: Err(error), screen: None }
    }
}

/// The screen that came with the page, for the terminal to show until it is connected.
#[derive(Clone)]
pub(crate) struct FirstScreen(Option<(AgentId, ScreenText)>);

impl FirstScreen {
    /// Provides the screen of this page load to every component below.
    pub(crate) fn provide(screen: Option<(AgentId, ScreenText)>) {
        provide_context(Self(screen));
    }

    /// The screen of this agent; empty for agents opened later, whose socket is already there.
    pub(crate) fn of(id: &AgentId) -> ScreenText {
        use_context::<Self>()
            .and_then(|first| first.0)
            .filter(|(owner, _)| owner == id)
            .map(|(_, screen)| screen)
            .unwrap_or_default()
    }
}
