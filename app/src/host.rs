//! The machine's facts as client state.

use leptos::prelude::*;
use protocol::host::HostFacts;

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
