//! Which page lives where.

use leptos::prelude::*;
use leptos_router::components::{Route, Routes};
use leptos_router::path;
use protocol::agents::AgentId;

use crate::agents::{AgentPage, AgentsPage};
use crate::shell::NotFoundPage;

/// The page for the current address.
#[component]
pub(crate) fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <NotFoundPage/> }.into_any()>
            <Route path=path!("/") view=|| view! { <AgentsPage/> }.into_any()/>
            <Route path=path!("/a/:agent") view=|| view! { <AgentPage/> }.into_any()/>
        </Routes>
    }
    .into_any()
}

/// Address of an agent's page.
pub fn agent_path(id: &AgentId) -> String {
    format!("/a/{id}")
}

/// The agent whose page has this address.
pub fn agent_at(path: &str) -> Option<AgentId> {
    path.strip_prefix("/a/")?.trim_end_matches('/').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_agent() {
        let id: AgentId = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        assert_eq!(agent_at(&agent_path(&id)), Some(id.clone()));
        assert_eq!(agent_at(&format!("/a/{id}/")), Some(id));
        assert_eq!(agent_at("/a/nobody"), None);
        assert_eq!(agent_at("/"), None);
    }
}
