//! Versions of an agent's settings, and how two of them differ.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::settings::AgentSettings;

/// Settings as they were from one moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentVersion {
    /// Number, from 1.
    pub version: u32,
    /// Since when, milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The version whose settings were taken back, if this was a roll-back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// The settings.
    pub settings: AgentSettings,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldChange {
    /// Name of the field in [`AgentSettings`].
    pub field: String,
    /// Its value before, as text; lists have one entry per line.
    pub before: String,
    /// Its value after.
    pub after: String,
}

impl AgentSettings {
    /// The fields that `later` has otherwise, in the order of their names.
    pub fn changes_to(&self, later: &Self) -> Vec<FieldChange> {
        let (Value::Object(before), Value::Object(after)) = (fields(self), fields(later)) else {
            return Vec::new();
        };
        let differing = before.into_iter().filter_map(|(field, before)| {
            let after = after.get(&field)?;
            (before != *after).then(|| FieldChange {
                field,
                before: readable(&before),
                after: readable(after),
            })
        });
        differing.collect()
    }
}

fn fields(settings: &AgentSettings) -> Value {
    // Strings, lists and flags: writing them cannot fail.
    serde_json::to_value(settings).unwrap_or_default()
}

fn readable(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Array(entries) => entries.iter().map(readable).collect::<Vec<_>>().join("\n"),
        Value::Object(entry) => {
            let text = |name: &str| entry.get(name).and_then(Value::as_str);
            match (text("name"), text("variable"), text("file")) {
                (Some(name), Some(variable), _) => format!("{name} = ${variable}"),
                (Some(name), _, Some(file)) => format!("{name} = content of {file}"),
                _ => value.to_string(),
            }
        }
        Value::Null | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{EnvReference, EnvSource};

    #[test]
    fn only_what_differs_is_told_in_words() {
        let before = AgentSettings { name: "a".into(), favourite: true, ..Default::default() };
        let after = AgentSettings {
            name: "b".into(),
            args: vec!["-x".into(), "y z".into()],
            env: vec![EnvReference { name: "K".into(), source: EnvSource::File("/k".into()) }],
            ..Default::default()
        };
        let told: Vec<String> = before
            .changes_to(&after)
            .into_iter()
            .map(|change| format!("{}: {:?} {:?}", change.field, change.before, change.after))
            .collect();
        let expected = [
            r#"args: "" "-x\ny z""#,
            r#"env: "" "K = content of /k""#,
            r#"favourite: "yes" "no""#,
            r#"name: "a" "b""#,
        ];
        assert_eq!(told, expected);
        assert!(before.changes_to(&before).is_empty());
    }
}
