//! Agents: list, tree, page, and what can be done with them.

mod api;
mod create;
mod delete;
mod header;
mod name;
mod overview;
mod page;
pub mod state;
mod status;
mod tree;
mod welcome;

pub(crate) use create::{CreateAgentDialog, NewAgentButton, provide_create_dialog};
pub(crate) use name::OwnName;
pub(crate) use overview::AgentsPage;
pub(crate) use page::AgentPage;
pub use state::{AgentsState, Load, use_agents};
pub(crate) use status::count_words;
pub(crate) use tree::AgentTree;
