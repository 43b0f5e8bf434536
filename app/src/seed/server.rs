//! Loading a page's data from the ports, before anything is rendered.

use protocol::agents::history::HistoryQuery;
use protocol::terminals::TerminalId;

use crate::agents::HISTORY_PART;
use crate::ports::Ports;
use crate::routes::{AgentTab, DIAGNOSTICS, TRASH, agent_tab_at};
use crate::seed::{PageData, Seed};

impl Seed {
    /// Everything that the page at this path shows. Failures are part of the data: the page says
    /// what could not be loaded.
    pub async fn load(ports: &Ports, path: &str) -> Self {
        let page = PageData::load(ports, path).await;
        let health = ports.host.health().await.unwrap_or_default();
        Self { agents: ports.agents.list().await, host: ports.host.facts().await, health, page }
    }
}

impl PageData {
    async fn load(ports: &Ports, path: &str) -> Self {
        match path.trim_end_matches('/') {
            TRASH => return Self::Trash(ports.agents.trashed().await),
            DIAGNOSTICS => return Self::Diagnostics(ports.host.diagnostics().await),
            _ => {}
        }
        let Some((agent, tab)) = agent_tab_at(path) else { return Self::None };
        match tab {
            // Which of its terminals is wanted stands in the query; the screens of the others
            // come with the socket.
            AgentTab::Terminal => {
                let id = TerminalId::program(agent);
                match ports.terminals.screen(&id).await {
                    Ok(screen) => Self::Screen(id, screen),
                    Err(_unknown) => Self::None,
                }
            }
            AgentTab::History => {
                let newest = HistoryQuery { before: None, limit: Some(HISTORY_PART) };
                let entries = ports.agents.history(&agent, newest).await;
                Self::History(agent, entries)
            }
            AgentTab::Settings => {
                let versions = ports.agents.versions(&agent).await;
                Self::Versions(agent, versions)
            }
        }
    }
}
