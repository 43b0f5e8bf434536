//! The filter of the agents' list: words that must all be found, `tag:x` and the like. Pure.

use protocol::agents::{Agent, AgentSettings};

/// What an agent must have to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter(Vec<Term>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    /// Found anywhere.
    Anywhere(String),
    /// The beginning of what the key names.
    Of(Key, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Name,
    Tag,
    State,
    Program,
    Folder,
}

const KEYS: [(&str, Key); 5] = [
    ("name:", Key::Name),
    ("tag:", Key::Tag),
    ("state:", Key::State),
    ("program:", Key::Program),
    ("folder:", Key::Folder),
];

impl Filter {
    /// Reads what a person typed: terms between blanks, quotes around blanks that belong to one.
    pub(super) fn of(text: &str) -> Self {
        Self(words(&text.to_lowercase()).into_iter().filter_map(term).collect())
    }

    /// Whether it lets everything through.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this agent has everything that is asked for; capitals make no difference.
    pub(super) fn admits(&self, agent: &Agent) -> bool {
        self.0.iter().all(|term| match term {
            Term::Anywhere(text) => anywhere(&agent.settings, text),
            Term::Of(key, start) => has(agent, *key, start),
        })
    }
}

fn anywhere(settings: &AgentSettings, text: &str) -> bool {
    let AgentSettings { name, label, program, folder, tags, .. } = settings;
    let fields = [name, label, program, folder];
    fields.into_iter().chain(tags).any(|field| field.to_lowercase().contains(text))
}

fn has(agent: &Agent, key: Key, start: &str) -> bool {
    let begins = |field: &str| field.to_lowercase().starts_with(start);
    let settings = &agent.settings;
    match key {
        Key::Name => begins(&settings.name),
        Key::Tag => settings.tags.iter().any(|tag| begins(tag)),
        Key::State => begins(agent.state.word()),
        Key::Program => begins(&settings.program),
        // Nobody types a path from its root on.
        Key::Folder => settings.folder.to_lowercase().contains(start),
    }
}

fn term(word: String) -> Option<Term> {
    for (prefix, key) in KEYS {
        if let Some(start) = word.strip_prefix(prefix) {
            // Half typed, it asks for nothing yet.
            return (!start.is_empty()).then(|| Term::Of(key, start.to_owned()));
        }
    }
    Some(Term::Anywhere(word))
}

fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            letter if letter.is_whitespace() && !quoted => words.push(String::new()),
            letter => words.last_mut().expect("there is always a last word").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentState;

    use super::*;

    fn ledger() -> Agent {
        let settings = AgentSettings {
            name: "payments-ledger-fix".into(),
            label: "Ledger Fixer".into(),
            program: "claude".into(),
            folder: "/home/ana/wt/Ledger".into(),
            tags: vec!["backend".into(), "needs review".into()],
            ..AgentSettings::default()
        };
        let agent = Agent::new("01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap(), settings, 0);
        Agent { state: AgentState::Lost { at_ms: 0 }, ..agent }
    }

    #[test]
    fn all_terms_must_fit() {
        let check = |text: &str, admitted: bool| {
            assert_eq!(Filter::of(text).admits(&ledger()), admitted, "{text}");
        };
        check("", true);
        check("  ", true);
        check("ledger", true);
        check("LEDGER claude", true);
        check("ledger codex", false);
        check("fixer", true);
        check("review", true);
        check("/wt/ledger", true);
        check("tag:back", true);
        check("tag:end", false);
        check("tag:\"needs review\"", true);
        check("\"needs review\" fix", true);
        check("\"review needs\"", false);
        check("state:lost", true);
        check("state:Running", false);
        check("program:cl folder:wt name:pay", true);
        check("tag:", true);
        check("colour:red", false);
        check("\"", true);
    }

    #[test]
    fn only_something_asked_for_is_a_filter() {
        assert!(Filter::of(" tag: \"\" ").is_empty());
        assert!(!Filter::of("x").is_empty());
    }
}
