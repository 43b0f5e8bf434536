//! What may be asked of agents.

use serde::{Deserialize, Serialize};

use super::settings::{AgentSettings, Colour, EnvReference};
use super::{Agent, AgentId};
use crate::error::ApiError;

/// What a new agent needs: its settings, and whether to start it. Unknown fields are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateAgent {
    /// On the wire these fields stand beside `start`.
    #[serde(flatten)]
    pub settings: AgentSettings,
    /// Start it at once.
    #[serde(default = "start_by_default")]
    pub start: bool,
}

fn start_by_default() -> bool {
    true
}

/// A change of settings: fields that are absent stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "the fields are those of AgentSettings")]
pub struct EditAgent {
    /// Only if the settings still have this version; else the answer is a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persona: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<Vec<EnvReference>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favourite: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autostart: Option<bool>,
}

impl EditAgent {
    /// The settings after this change, not yet checked.
    #[must_use]
    pub fn applied_to(self, old: &AgentSettings) -> AgentSettings {
        let old = old.clone();
        AgentSettings {
            name: self.name.unwrap_or(old.name),
            label: self.label.unwrap_or(old.label),
            avatar: self.avatar.unwrap_or(old.avatar),
            persona: self.persona.unwrap_or(old.persona),
            program: self.program.unwrap_or(old.program),
            args: self.args.unwrap_or(old.args),
            folder: self.folder.unwrap_or(old.folder),
            env: self.env.unwrap_or(old.env),
            note: self.note.unwrap_or(old.note),
            tags: self.tags.unwrap_or(old.tags),
            colour: self.colour.unwrap_or(old.colour),
            favourite: self.favourite.unwrap_or(old.favourite),
            autostart: self.autostart.unwrap_or(old.autostart),
        }
    }
}

/// A new agent with the settings of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CloneAgent {
    /// Name of the copy.
    pub name: String,
    /// Start it at once.
    #[serde(default)]
    pub start: bool,
}

/// How an agent comes back from the trash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestoreAgent {
    /// Another name, for when its own was taken meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// How an agent is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WakeAgent {
    /// Begin a new conversation instead of taking up the last one.
    pub fresh: bool,
}

/// The version to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollBack {
    /// Its number.
    pub version: u32,
}

/// One action on many agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkRequest {
    /// Which, at most [`crate::limits::BULK`].
    pub agents: Vec<AgentId>,
    /// What to do with each.
    pub action: BulkAction,
}

/// What can be done with many agents at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BulkAction {
    /// Start those that do not run.
    Wake,
    /// End their sessions.
    Hibernate,
    /// End their sessions and start them again.
    Restart,
    /// Move them to the trash.
    Trash,
    /// Add a tag to those that do not have it.
    AddTag(String),
    /// Take a tag away from those that have it.
    RemoveTag(String),
    /// Mark them as favourites, or not.
    Favourite(bool),
    /// Start them when the machine has started, or not.
    Autostart(bool),
}

/// What became of each agent, in the order that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkReport {
    /// One entry per agent.
    pub outcomes: Vec<BulkOutcome>,
}

/// What became of one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkOutcome {
    /// Its name, or its id when it is not known.
    pub name: String,
    /// Its record afterwards; absent when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
}

impl BulkOutcome {
    /// What became of the agent of this name.
    pub fn of(name: String, result: Result<Agent, ApiError>) -> Self {
        match result {
            Ok(agent) => Self { name, agent: Some(agent), error: None },
            Err(error) => Self { name, agent: None, error: Some(error) },
        }
    }
}

/// Many new agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateAgents {
    /// At most [`crate::limits::BULK`].
    pub agents: Vec<CreateAgent>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_flat_and_refuses_what_it_does_not_know() {
        let json = r#"{"name":"a","program":"sh","folder":"/","start":false}"#;
        let new: CreateAgent = serde_json::from_str(json).unwrap();
        assert_eq!((new.settings.name.as_str(), new.start), ("a", false));
        let wrong = r#"{"name":"a","program":"sh","folder":"/","colr":"red"}"#;
        let error = serde_json::from_str::<CreateAgent>(wrong).unwrap_err().to_string();
        assert!(error.contains("unknown field `colr`"), "{error}");
        let missing = serde_json::from_str::<CreateAgent>(r#"{"name":"a"}"#).unwrap_err();
        assert!(missing.to_string().contains("missing field"), "{missing}");
    }

    #[test]
    fn an_edit_changes_what_it_names() {
        let old = AgentSettings { name: "a".into(), label: "A".into(), ..Default::default() };
        let edit =
            EditAgent { label: Some("B".into()), favourite: Some(true), ..Default::default() };
        let new = edit.applied_to(&old);
        assert_eq!(new, AgentSettings { label: "B".into(), favourite: true, ..old });
        assert!(serde_json::from_str::<EditAgent>(r#"{"nmae":"x"}"#).is_err());
    }
}
