//! Keeps a panic of the interpreter away from the server.

use std::panic::{AssertUnwindSafe, catch_unwind};

use protocol::terminals::TerminalSize;

use super::Model;

/// A model that starts anew when its interpreter panics. Output is hostile by nature; a flaw in
/// the interpreter may cost one terminal its picture, never the server its life.
pub(crate) struct Guarded<M> {
    model: M,
    size: TerminalSize,
}

impl<M: Model> Guarded<M> {
    fn guard<R>(&mut self, action: impl FnOnce(&mut M) -> R) -> Option<R> {
        // The model is replaced when this fails, so nobody sees it half changed.
        let result = catch_unwind(AssertUnwindSafe(|| action(&mut self.model)));
        if result.is_err() {
            tracing::error!("the terminal interpreter failed; one screen starts anew");
            self.model = M::new(self.size);
        }
        result.ok()
    }
}

impl<M: Model> Guarded<M> {
    pub(crate) fn new(size: TerminalSize) -> Self {
        Self { model: M::new(size), size }
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.guard(|model| model.feed(bytes));
    }

    pub(crate) fn resize(&mut self, size: TerminalSize) {
        self.size = size;
        self.guard(|model| model.resize(size));
    }

    pub(crate) fn snapshot(&mut self) -> Vec<u8> {
        self.guard(|model| model.snapshot()).unwrap_or_else(|| b"\x1bc".to_vec())
    }

    pub(crate) fn text(&mut self) -> Vec<String> {
        self.guard(|model| model.text()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fragile(Vec<u8>);

    impl Model for Fragile {
        fn new(_: TerminalSize) -> Self {
            Self(Vec::new())
        }
        fn feed(&mut self, bytes: &[u8]) {
            self.0.extend(bytes);
            assert!(!bytes.contains(&b'!'), "a flaw");
        }
        fn resize(&mut self, _: TerminalSize) {}
        fn snapshot(&self) -> Vec<u8> {
            self.0.clone()
        }
        fn text(&self) -> Vec<String> {
            panic!("another flaw")
        }
    }

    #[test]
    fn a_flaw_costs_the_picture_and_nothing_else() {
        let mut model = Guarded::<Fragile>::new(TerminalSize::UNSEEN);
        model.feed(b"before");
        model.feed(b"oh!");
        assert_eq!(model.snapshot(), b"");
        model.feed(b"after");
        assert_eq!(model.snapshot(), b"after");
        assert!(model.text().is_empty());
    }
}
