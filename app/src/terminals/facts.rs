//! What the frame around the page may say about the terminal that is shown.

use leptos::prelude::*;
use protocol::message::SizeChange;

/// Size of the shown terminal, and whether this window sets it.
#[derive(Clone, Copy)]
pub struct TerminalFacts(pub(super) RwSignal<Option<SizeChange>>);

impl TerminalFacts {
    /// Provides a place for the facts to every component below.
    pub fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }
}

/// The facts of the terminal on this page; nothing while there is none, or before it is open.
pub fn use_terminal_facts() -> Signal<Option<SizeChange>> {
    use_context::<TerminalFacts>().map_or_else(|| Signal::stored(None), |facts| facts.0.into())
}
