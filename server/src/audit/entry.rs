//! What callers hand over: an attempt in the trail's own words.

use domain::audit::Event;
use protocol::access::audit::Outcome;

use super::actor::{Actor, Way, visible};

/// An attempt to be written down. It may hold names and ids and our own sentences; never a
/// secret, a token, a cookie, bytes of a terminal, an argument or a value of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    who: String,
    how: String,
    action: String,
    object: String,
    outcome: Outcome,
    detail: String,
}

impl NewEntry {
    /// Somebody did something: [`Outcome::Done`] until something else is said. `action` is a verb
    /// of ours (`agent.trash`) or a route as it is declared, never as it was asked for.
    pub fn new(actor: &Actor, way: Way, action: impl Into<String>) -> Self {
        Self::of(actor.to_string(), way.to_string(), action.into())
    }

    /// The server did something by itself.
    pub fn by_itself(action: impl Into<String>) -> Self {
        Self::of(Actor::Maestro.to_string(), String::new(), action.into())
    }

    /// What stands for several.
    pub(super) fn counted(who: &str, how: &str, action: &str) -> Self {
        Self::of(who.to_owned(), how.to_owned(), action.to_owned())
    }

    fn of(who: String, how: String, action: String) -> Self {
        let (object, detail) = (String::new(), String::new());
        Self { who, how, action, object, outcome: Outcome::Done, detail }
    }

    /// To what: a name or an id.
    #[must_use]
    pub fn on(mut self, object: impl Into<String>) -> Self {
        self.object = object.into();
        self
    }

    /// It was not allowed; a sentence says why.
    #[must_use]
    pub fn denied(mut self, why: impl Into<String>) -> Self {
        (self.outcome, self.detail) = (Outcome::Denied, why.into());
        self
    }

    /// It was allowed and did not work; a sentence says why.
    #[must_use]
    pub fn failed(mut self, why: impl Into<String>) -> Self {
        (self.outcome, self.detail) = (Outcome::Failed, why.into());
        self
    }

    /// More to say of it, in a sentence.
    #[must_use]
    pub fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Whether it was done; what was not may come in floods.
    pub(super) fn is_done(&self) -> bool {
        self.outcome == Outcome::Done
    }

    pub(super) fn who(&self) -> &str {
        &self.who
    }

    pub(super) fn how(&self) -> &str {
        &self.how
    }

    pub(super) fn action(&self) -> &str {
        &self.action
    }

    /// As it is stored: short, and nothing in it invisible. Names that people chose come in here
    /// by many ways; this is the one place that all of them pass.
    pub(super) fn event(self, at_ms: i64) -> Event {
        let Self { who, how, action, object, outcome, detail } = self;
        let event = Event { at_ms, who, how, action, object, outcome, detail }.bounded();
        Event {
            who: visible(&event.who),
            how: visible(&event.how),
            action: visible(&event.action),
            object: visible(&event.object),
            detail: visible(&event.detail),
            ..event
        }
        .bounded()
    }
}

#[cfg(test)]
mod tests {
    use super::super::actor::Carrier;
    use super::*;

    #[test]
    fn all_that_is_stored_can_be_seen_and_is_short() {
        let long = "\n".repeat(100_000);
        let actor = Actor::Device { name: "a\tb".into(), id: "1".into() };
        let entry = NewEntry::new(&actor, Way { carrier: Carrier::Page, from: None }, "x\u{7}y")
            .on("z\u{202e}")
            .denied(long);
        let event = entry.event(5);
        assert_eq!((event.at_ms, event.outcome), (5, Outcome::Denied));
        assert_eq!((event.who.as_str(), event.how.as_str()), (r"device a\u{9}b (1)", "page"));
        assert_eq!((event.action.as_str(), event.object.as_str()), (r"x\u{7}y", r"z\u{202e}"));
        assert!(event.detail.starts_with(r"\u{a}\u{a}"));
        assert_eq!(event.detail.chars().count(), domain::audit::TEXT_CHARS);
    }

    #[test]
    fn what_the_server_does_came_no_way() {
        let event = NewEntry::by_itself("audit.missed").failed("Why.").event(1);
        assert_eq!((event.who.as_str(), event.how.as_str()), ("maestro", ""));
        assert_eq!(event.outcome, Outcome::Failed);
    }
}
