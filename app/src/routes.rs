//! Which page lives where.

use leptos::prelude::*;
use leptos_router::components::{Route, Routes};
use leptos_router::path;
use protocol::access::Role;
use protocol::agents::AgentId;
use protocol::terminals::TerminalId;

use crate::access::AccessPage;
use crate::agents::{AgentPage, AgentsPage};
use crate::audit::AuditPage;
use crate::caller::may;
use crate::diagnostics::DiagnosticsPage;
use crate::shell::{NotAllowedPage, NotFoundPage};
use crate::trash::TrashPage;

/// Address of the trash.
pub(crate) const TRASH: &str = "/trash";
/// Address of the diagnostics page.
pub(crate) const DIAGNOSTICS: &str = "/diagnostics";
/// Address of the page about who may do what.
pub(crate) const ACCESS: &str = "/access";
/// Address of the audit trail.
pub(crate) const AUDIT: &str = "/audit";

/// The page for the current address.
#[component]
pub(crate) fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <NotFoundPage/> }.into_any()>
            <Route path=path!("/") view=|| view! { <AgentsPage/> }.into_any()/>
            <Route path=path!("/a/:agent/:tab?") view=|| view! { <AgentPage/> }.into_any()/>
            <Route path=path!("/trash") view=|| view! { <TrashPage/> }.into_any()/>
            <Route path=path!("/diagnostics") view=|| view! { <DiagnosticsPage/> }.into_any()/>
            <Route path=path!("/access") view=|| for_owner(|| view! { <AccessPage/> }.into_any())/>
            <Route path=path!("/audit") view=|| for_owner(|| view! { <AuditPage/> }.into_any())/>
        </Routes>
    }
    .into_any()
}

/// A page for the owner alone; others learn why it is not theirs.
fn for_owner(page: fn() -> AnyView) -> AnyView {
    if may(Role::Owner) { page() } else { view! { <NotAllowedPage/> }.into_any() }
}

/// The views of an agent's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentTab {
    /// Its terminals.
    Terminal,
    /// What happened to it.
    History,
    /// What its owner decided, and how that changed.
    Settings,
}

impl AgentTab {
    /// All of them, in the order of the tab row.
    pub const ALL: [Self; 3] = [Self::Terminal, Self::History, Self::Settings];

    /// The last part of its address; none for the first view.
    pub fn segment(self) -> Option<&'static str> {
        match self {
            Self::Terminal => None,
            Self::History => Some("history"),
            Self::Settings => Some("settings"),
        }
    }

    /// The view with this last part of an address.
    pub fn at(segment: Option<&str>) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.segment() == segment)
    }
}

/// Address of an agent's page.
pub fn agent_path(id: &AgentId) -> String {
    format!("/a/{id}")
}

/// Address of one view of an agent's page.
pub fn agent_tab_path(id: &AgentId, tab: AgentTab) -> String {
    match tab.segment() {
        None => agent_path(id),
        Some(segment) => format!("/a/{id}/{segment}"),
    }
}

/// Address of an agent's page with this terminal in sight.
pub fn terminal_path(id: &TerminalId) -> String {
    match id.number {
        0 => agent_path(&id.agent),
        number => format!("/a/{}?t={number}", id.agent),
    }
}

/// The agent whose page has this address.
pub fn agent_at(path: &str) -> Option<AgentId> {
    agent_tab_at(path).map(|(agent, _)| agent)
}

/// The agent and the view that have this address.
pub(crate) fn agent_tab_at(path: &str) -> Option<(AgentId, AgentTab)> {
    let rest = path.strip_prefix("/a/")?.trim_end_matches('/');
    let (agent, segment) = match rest.split_once('/') {
        Some((agent, segment)) => (agent, Some(segment)),
        None => (rest, None),
    };
    Some((agent.parse().ok()?, AgentTab::at(segment)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_agent() {
        let id: AgentId = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        assert_eq!(agent_at(&agent_path(&id)), Some(id.clone()));
        assert_eq!(agent_at(&format!("/a/{id}/")), Some(id.clone()));
        for tab in AgentTab::ALL {
            let path = agent_tab_path(&id, tab);
            assert_eq!(agent_tab_at(&path), Some((id.clone(), tab)), "{path}");
        }
        assert_eq!(agent_at(&format!("/a/{id}/elsewhere")), None);
        assert_eq!(agent_at(&format!("/a/{id}/settings/more")), None);
        assert_eq!(agent_at("/a/nobody"), None);
        assert_eq!(agent_at("/"), None);
    }

    #[test]
    fn only_a_further_terminal_is_named_in_its_address() {
        let id: AgentId = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        let of = |number| terminal_path(&TerminalId { agent: id.clone(), number });
        assert_eq!(of(0), agent_path(&id));
        assert_eq!(of(2), format!("/a/{id}?t=2"));
    }
}
