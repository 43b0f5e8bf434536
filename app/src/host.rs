//! The machine's facts as client state.

use leptos::prelude::*;
use protocol::host::{HostFacts, HostHealth, Problem};

/// What is known about the machine; `None` when it could not be loaded.
#[derive(Clone, Copy)]
pub(crate) struct HostState(RwSignal<Option<HostFacts>>);

impl HostState {
    /// Provides the facts to every component below.
    pub(crate) fn provide(facts: Option<HostFacts>) {
        provide_context(Self(RwSignal::new(facts)));
    }

    /// The facts; tracks changes.
    pub(crate) fn get(self) -> Option<HostFacts> {
        self.0.get()
    }

    /// The machine's name, or a word that stands for it; tracks changes.
    pub(crate) fn name(self) -> String {
        self.0.with(|facts| {
            facts.as_ref().map_or_else(|| "this host".to_owned(), |facts| facts.name.clone())
        })
    }

    /// A path with the user's home folder as `~`; tracks changes.
    pub(crate) fn short_path(self, path: &str) -> String {
        self.0.with(|facts| {
            let home = facts.as_ref().map_or("", |facts| facts.user_home.as_str());
            shorten(path, home)
        })
    }

    /// Facts that arrived later.
    pub(crate) fn set(self, facts: HostFacts) {
        self.0.set(Some(facts));
    }
}

/// What is wrong with the machine: seeded by the page, kept up to date by the socket.
#[derive(Clone, Copy)]
pub(crate) struct HealthState(RwSignal<HostHealth>);

impl HealthState {
    /// Provides the state to every component below.
    pub(crate) fn provide(health: HostHealth) -> Self {
        let state = Self(RwSignal::new(health));
        provide_context(state);
        state
    }

    /// All problems; tracks changes.
    pub(crate) fn problems(self) -> Vec<Problem> {
        self.0.with(|health| health.problems.clone())
    }

    /// What is wrong now.
    pub(crate) fn apply(self, health: HostHealth) {
        // A revision counts within one run of the server, so only equality is telling.
        self.0.maybe_update(|known| {
            let changed = *known != health;
            *known = health;
            changed
        });
    }
}

/// The machine of this page.
pub(crate) fn use_host() -> HostState {
    expect_context()
}

fn shorten(path: &str, home: &str) -> String {
    match path.strip_prefix(home) {
        Some("") if !home.is_empty() => "~".to_owned(),
        Some(rest) if !home.is_empty() && rest.starts_with('/') => format!("~{rest}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_folders_are_shortened() {
        fn check(path: &str, home: &str, short: &str) {
            assert_eq!(shorten(path, home), short, "{path}");
        }
        check("/home/ana/code", "/home/ana", "~/code");
        check("/home/ana", "/home/ana", "~");
        check("/home/anabel", "/home/ana", "/home/anabel");
        check("/srv", "", "/srv");
    }
}
