//! Three roles, each of which may do what the one before may.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// What somebody may do on this host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Sees agents and their terminals; changes nothing, types nothing.
    #[default]
    Viewer,
    /// Works with agents and types into their terminals.
    Operator,
    /// Also decides who may do what.
    Owner,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Owner];

    /// Its word, as it is written and stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }

    /// The role of this word. One that is not known, since a newer version wrote it, may do
    /// least.
    pub fn stored(word: &str) -> Self {
        word.parse().unwrap_or_default()
    }

    /// What it means, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Viewer => "Sees agents and terminals, changes nothing.",
            Self::Operator => "Works with agents and types into their terminals.",
            Self::Owner => "Does everything, and decides who may do what.",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// A word that is no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A role is viewer, operator or owner.")]
pub struct NoSuchRole;

impl FromStr for Role {
    type Err = NoSuchRole;

    fn from_str(word: &str) -> Result<Self, NoSuchRole> {
        Self::ALL.into_iter().find(|role| role.word() == word).ok_or(NoSuchRole)
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let word = String::deserialize(input)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_what_the_one_before_may_and_unknown_words_may_least() {
        assert!(Role::Viewer < Role::Operator && Role::Operator < Role::Owner);
        for role in Role::ALL {
            assert_eq!(Role::stored(role.word()), role);
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
        }
        for word in ["", "admin", "OWNER", "owner ", "root"] {
            assert_eq!(Role::stored(word), Role::Viewer, "{word}");
            assert_eq!(word.parse::<Role>(), Err(NoSuchRole));
        }
        assert!(serde_json::from_str::<Role>("\"admin\"").is_err(), "a request is not guessed at");
    }
}
