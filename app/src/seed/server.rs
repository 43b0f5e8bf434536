//! Loading a page's data from the ports, before anything is rendered.

use protocol::access::audit::AuditQuery;
use protocol::access::{Caller, Role};
use protocol::agents::history::HistoryQuery;
use protocol::terminals::TerminalId;

use crate::agents::HISTORY_PART;
use crate::audit::PART as AUDIT_PART;
use crate::ports::Ports;
use crate::routes::{ACCESS, AUDIT, AgentTab, DIAGNOSTICS, TRASH, agent_tab_at};
use crate::seed::{AccessData, PageData, Seed};

impl Seed {
    /// Everything that the page at this path shows. Failures are part of the data: the page says
    /// what could not be loaded. What this caller may not see is not loaded, and the page says
    /// that instead.
    pub async fn load(ports: &Ports, path: &str, caller: Caller) -> Self {
        let page = PageData::load(ports, path, &caller).await;
        let health = ports.host.health().await.unwrap_or_default();
        let (agents, host) = (ports.agents.list().await, ports.host.facts().await);
        Self { caller, agents, host, health, page }
    }
}

impl PageData {
    async fn load(ports: &Ports, path: &str, caller: &Caller) -> Self {
        match path.trim_end_matches('/') {
            TRASH => return Self::Trash(ports.agents.trashed().await),
            DIAGNOSTICS => return Self::Diagnostics(ports.host.diagnostics().await),
            ACCESS | AUDIT if caller.role < Role::Owner => return Self::None,
            ACCESS => return Self::Access(Box::new(AccessData::load(ports, caller).await)),
            AUDIT => {
                let newest = AuditQuery { limit: Some(AUDIT_PART), ..AuditQuery::default() };
                return Self::Audit(ports.access.audit(newest).await);
            }
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

impl AccessData {
    async fn load(ports: &Ports, caller: &Caller) -> Self {
        Self {
            devices: ports.access.devices(caller).await,
            tokens: ports.access.tokens().await,
            reach: ports.access.reach().await,
            pairings: ports.access.pairings().await,
        }
    }
}
