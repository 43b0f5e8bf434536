//! Agents: list, tree, page, and what can be done with them.

mod actions;
mod bulk;
mod create;
mod header;
mod history;
mod lost;
mod menu;
mod name;
mod name_dialog;
mod overview;
mod page;
mod settings;
pub mod state;
mod status;
mod tabs;
mod terminals;
mod tree;
mod welcome;

pub(crate) use create::{CreateAgentDialog, NewAgentButton, provide_create_dialog};
#[cfg(feature = "ssr")]
pub(crate) use history::PART as HISTORY_PART;
pub(crate) use lost::LostNotice;
pub(crate) use name::{OwnName, levelled};
pub(crate) use name_dialog::{NameDialog, NameWords};
pub(crate) use overview::AgentsPage;
pub(crate) use page::AgentPage;
pub(crate) use settings::Drafts;
pub use state::{AgentsState, Load, use_agents};
pub(crate) use status::count_words;
pub(crate) use tree::AgentTree;
