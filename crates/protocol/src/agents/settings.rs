//! What the owner of an agent decides about it.

use serde::{Deserialize, Serialize};

/// Everything about an agent that its owner can change. Each change makes a new version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentSettings {
    /// Unique on its host; the first two hyphens split level 1, level 2 and name.
    pub name: String,
    /// What people call it, in a few words; empty = its name.
    #[serde(default)]
    pub label: String,
    /// One emoji; empty = an avatar generated from its id.
    #[serde(default)]
    pub avatar: String,
    /// Who the agent is, in words. Given to programs that take such a text at their start.
    #[serde(default)]
    pub persona: String,
    /// Program to run, as it was typed: a name on `PATH` or an absolute path.
    pub program: String,
    /// Arguments, handed over one by one, never through a shell.
    #[serde(default)]
    pub args: Vec<String>,
    /// Absolute working folder; in a request it may start with `~/`.
    pub folder: String,
    /// Variables of its environment. Values are looked up at each start and never stored.
    #[serde(default)]
    pub env: Vec<EnvReference>,
    /// Free text of the owner.
    #[serde(default)]
    pub note: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Colour of its avatar.
    #[serde(default)]
    pub colour: Colour,
    /// Shown first.
    #[serde(default)]
    pub favourite: bool,
    /// Start it when the machine has started.
    #[serde(default)]
    pub autostart: bool,
}

/// A variable of an agent's environment and where its value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnvReference {
    /// Name inside the agent, such as `ANTHROPIC_API_KEY`.
    pub name: String,
    /// Where its value comes from: on the wire `"variable": …` or `"file": …`.
    #[serde(flatten)]
    pub source: EnvSource,
}

/// Where a value comes from. Values themselves are never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EnvSource {
    /// A variable of the server's own environment.
    Variable(String),
    /// The content of a file that only its owner can read (mode 0600), without its last line
    /// break. Absolute, or in a request starting with `~/`.
    File(String),
}

/// Colour of an avatar: by the agent's first group, or chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "the names are the colours")]
pub enum Colour {
    /// The colour of its first group.
    #[default]
    Group,
    Cyan,
    Rose,
    Amber,
    Green,
    Purple,
    Violet,
    Lime,
    Teal,
}

impl Colour {
    /// All of them, the automatic one first.
    pub const ALL: [Self; 9] = [
        Self::Group,
        Self::Cyan,
        Self::Rose,
        Self::Amber,
        Self::Green,
        Self::Purple,
        Self::Violet,
        Self::Lime,
        Self::Teal,
    ];

    /// Its name on the wire and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Cyan => "cyan",
            Self::Rose => "rose",
            Self::Amber => "amber",
            Self::Green => "green",
            Self::Purple => "purple",
            Self::Violet => "violet",
            Self::Lime => "lime",
            Self::Teal => "teal",
        }
    }

    /// The colour of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|colour| colour.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_colours_are_those_of_the_wire() {
        for colour in Colour::ALL {
            assert_eq!(serde_json::to_value(colour).unwrap(), colour.name());
            assert_eq!(Colour::named(colour.name()), Some(colour));
        }
    }

    #[test]
    fn references_name_their_source_as_a_key() {
        let json = r#"[{"name":"A","variable":"B"},{"name":"C","file":"/k"}]"#;
        let read: Vec<EnvReference> = serde_json::from_str(json).unwrap();
        assert_eq!(read[0].source, EnvSource::Variable("B".into()));
        assert_eq!(read[1].source, EnvSource::File("/k".into()));
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
        for wrong in [r#"{"name":"A"}"#, r#"{"name":"A","variable":"B","value":"secret"}"#] {
            assert!(serde_json::from_str::<EnvReference>(wrong).is_err(), "{wrong}");
        }
    }
}
