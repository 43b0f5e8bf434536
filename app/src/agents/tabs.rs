//! Rows of tabs: real links, one tab stop, arrows move the focus, Enter opens (ARIA tabs pattern
//! with manual activation).

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use protocol::agents::Agent;

use crate::routes::{AgentTab, agent_tab_path};
use crate::ui::focus;

/// The tab that a key leads to, of `count`, when the focus is on `at`.
fn target(key: &str, at: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowRight" => Some(if at >= last { 0 } else { at + 1 }),
        "ArrowLeft" => Some(at.checked_sub(1).unwrap_or(last)),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

/// Moves the focus along a row of tabs with these element ids.
pub(super) fn walk(event: &KeyboardEvent, at: usize, ids: &[String]) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    if let Some(id) = target(&event.key(), at, ids.len()).and_then(|to| ids.get(to)) {
        event.prevent_default();
        focus(id.clone());
    }
}

impl AgentTab {
    fn word(self) -> &'static str {
        match self {
            Self::Terminal => "Terminal",
            Self::History => "History",
            Self::Settings => "Settings",
        }
    }

    /// Element id of its tab.
    pub(super) fn tab_id(self) -> &'static str {
        match self {
            Self::Terminal => "tab-terminal",
            Self::History => "tab-history",
            Self::Settings => "tab-settings",
        }
    }

    /// Element id of its panel.
    pub(super) fn panel_id(self) -> &'static str {
        match self {
            Self::Terminal => "panel-terminal",
            Self::History => "panel-history",
            Self::Settings => "panel-settings",
        }
    }
}

/// The views of an agent's page.
#[component]
pub(super) fn ViewTabs(
    agent: Memo<Agent>,
    /// The one in sight.
    tab: Memo<AgentTab>,
    /// Where the terminals are: coming back leads to the one that was in sight.
    terminals: Memo<String>,
) -> impl IntoView {
    let ids = AgentTab::ALL.map(|tab| tab.tab_id().to_owned());
    let link = move |(at, this): (usize, AgentTab)| {
        let ids = ids.clone();
        let path = move || match this {
            AgentTab::Terminal => terminals.get(),
            _ => agent.with(|agent| agent_tab_path(&agent.id, this)),
        };
        view! {
            <a
                id=this.tab_id()
                class="tab"
                role="tab"
                href=path
                aria-selected=move || (tab.get() == this).to_string()
                aria-controls=this.panel_id()
                tabindex=move || if tab.get() == this { "0" } else { "-1" }
                on:keydown=move |event| walk(&event, at, &ids)
            >
                {this.word()}
            </a>
        }
    };
    view! {
        <div class="tab-list" role="tablist" aria-label="Views of this agent">
            {AgentTab::ALL.into_iter().enumerate().map(link).collect_view()}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_run_in_a_circle() {
        assert_eq!(target("ArrowRight", 2, 3), Some(0));
        assert_eq!(target("ArrowLeft", 0, 3), Some(2));
        assert_eq!(target("ArrowLeft", 2, 3), Some(1));
        assert_eq!(target("Home", 2, 3), Some(0));
        assert_eq!(target("End", 0, 3), Some(2));
        assert_eq!(target("Enter", 0, 3), None);
        assert_eq!(target("End", 0, 0), None);
    }
}
