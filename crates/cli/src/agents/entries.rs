//! New agents as JSON: one array, or one object after the other (JSON lines).

use std::fmt;

use protocol::agents::CreateAgent;
use serde_json::{Deserializer, Value};

/// Why a text does not describe agents.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// It is not JSON; the error names the line.
    Json(serde_json::Error),
    /// One of them is not an agent.
    Agent(Place, serde_json::Error),
    /// A variable of one of them is not a reference. The text may hold a secret there, so it is
    /// not repeated.
    Variable(Place),
    /// There is none.
    Empty,
}

/// Where in the text an agent stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Entry of the array, counted from 1.
    Entry(usize),
    /// Line where it begins, counted from 1.
    Line(usize),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(out, "is not JSON: {error}."),
            Self::Agent(place, error) => {
                write!(out, "holds in {place} what is not a new agent: {error}.")
            }
            Self::Variable(place) => write!(
                out,
                "holds in {place} an “env” that is not a list of {{\"name\": …, \"variable\": …}} \
                 and {{\"name\": …, \"file\": …}}. Values are never stored, only where they come \
                 from."
            ),
            Self::Empty => out.write_str("holds no agent."),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(entry) => write!(out, "entry {entry}"),
            Self::Line(line) => write!(out, "line {line}"),
        }
    }
}

/// The agents that the text describes, at least one.
pub(super) fn read(text: &str) -> Result<Vec<CreateAgent>, Unreadable> {
    let mut values = placed(text)?;
    if let [(_, Value::Array(entries))] = values.as_mut_slice() {
        let entries = std::mem::take(entries);
        values = (1..).map(Place::Entry).zip(entries).collect();
    }
    if values.is_empty() {
        return Err(Unreadable::Empty);
    }
    let agent = |(place, value): (Place, Value)| {
        if value.get("env").is_some_and(|env| !refers_only(env)) {
            return Err(Unreadable::Variable(place));
        }
        serde_json::from_value(value).map_err(|error| Unreadable::Agent(place, error))
    };
    values.into_iter().map(agent).collect()
}

/// Whether this is a list of references, each with its name, one source and nothing else.
fn refers_only(env: &Value) -> bool {
    let Value::Array(references) = env else { return false };
    references.iter().all(|reference| {
        let texts = reference
            .as_object()
            .is_some_and(|fields| fields.len() == 2 && fields.values().all(Value::is_string));
        let sources = ["variable", "file"];
        texts
            && reference.get("name").is_some()
            && sources.iter().any(|source| reference.get(source).is_some())
    })
}

/// The values that follow each other, each with the line where it begins.
fn placed(text: &str) -> Result<Vec<(Place, Value)>, Unreadable> {
    let mut values = Vec::new();
    let mut stream = Deserializer::from_str(text).into_iter::<Value>();
    let (mut line, mut seen) = (1, 0);
    loop {
        let rest = &text[stream.byte_offset()..];
        let start = text.len() - rest.trim_start().len();
        line += text[seen..start].matches('\n').count();
        seen = start;
        match stream.next() {
            Some(Ok(value)) => values.push((Place::Line(line), value)),
            Some(Err(error)) => return Err(Unreadable::Json(error)),
            None => return Ok(values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = r#"{"name":"a","program":"sh","folder":"/"}"#;
    const B: &str = r#"{"name":"b","program":"sh","folder":"/","start":false}"#;

    #[test]
    fn references_are_taken() {
        let env = r#"[{"name":"A","variable":"B"},{"name":"K","file":"/k"}]"#;
        let read = read(&A.replace('{', &format!("{{\"env\":{env},"))).unwrap();
        assert_eq!(serde_json::to_string(&read[0].settings.env).unwrap(), env);
    }

    #[test]
    fn an_array_and_lines_are_the_same() {
        fn check(text: &str) {
            let read = read(text).unwrap();
            let told: Vec<_> =
                read.iter().map(|new| (new.settings.name.as_str(), new.start)).collect();
            assert_eq!(told, [("a", true), ("b", false)], "{text}");
        }
        check(&format!("[{A}, {B}]\n"));
        check(&format!("{A}\n{B}\n"));
        check(&format!("\n\n{A}{B}"));
        check(&format!("{}\n{B}", A.replace(',', ",\n  ")));
    }

    #[test]
    fn errors_name_the_place() {
        fn check(text: &str, expected: &str) {
            assert_eq!(read(text).unwrap_err().to_string(), expected, "{text}");
        }
        let missing = r#"{"name":"x","program":"sh"}"#;
        let agent = "what is not a new agent: missing field `folder`.";
        check(&format!("[{A},{missing}]"), &format!("holds in entry 2 {agent}"));
        check(&format!("{A}\n\n{missing}\n"), &format!("holds in line 3 {agent}"));
        let spread = A.replace(',', ",\n");
        check(&format!("{spread}\n{missing}\n"), &format!("holds in line 4 {agent}"));
        check("{\"name\":\n oops}", "is not JSON: expected value at line 2 column 2.");
        check(" \n", "holds no agent.");
        check("[]", "holds no agent.");
        for env in [
            r#"{"A":"s3cret"}"#,
            r#"["A=s3cret"]"#,
            r#"[{"name":"A","value":"s3cret"}]"#,
            r#"[{"name":"A","variable":"B","value":"s3cret"}]"#,
        ] {
            let told = read(&A.replace('{', &format!("{{\"env\":{env},"))).unwrap_err().to_string();
            assert!(told.starts_with("holds in line 1 an “env” that is not a list"), "{told}");
            assert!(!told.contains("s3cret"), "{told}");
        }
        let unknown = read(&format!("{A}\n{}", A.replace("\"name", "\"dir\":1,\"name")));
        let told = unknown.unwrap_err().to_string();
        assert!(told.contains("line 2") && told.contains("unknown field `dir`"), "{told}");
    }
}
