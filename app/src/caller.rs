//! Who looks at this page, and what that lets it offer. The server decides all the same: a page
//! only leaves out what would be refused.
//!
//! A page belongs to one role from its first byte on. When the role becomes another one, the
//! socket says so and the page is loaded again.

use leptos::prelude::*;
use protocol::access::{Caller, Role};

/// What a device that only watches is told, wherever it would act.
pub(crate) const WATCHING: &str = "You only watch here: this device is a viewer.";

/// The caller of this page.
#[derive(Clone)]
struct PageCaller(Caller);

/// Provides the caller to every component below.
pub(crate) fn provide_caller(caller: Caller) {
    provide_context(PageCaller(caller));
}

/// Who looks at this page; nobody where none was named.
pub(crate) fn use_caller() -> Caller {
    use_context::<PageCaller>().map_or_else(Caller::nobody, |PageCaller(caller)| caller)
}

/// Whether this page may offer what needs this role.
pub(crate) fn may(role: Role) -> bool {
    use_context::<PageCaller>().is_some_and(|PageCaller(caller)| caller.role >= role)
}

/// What acts on agents: nothing of it is there for a viewer.
#[component]
pub(crate) fn OperatorOnly(children: Children) -> impl IntoView {
    may(Role::Operator).then(children).into_any()
}

/// What decides who may do what: nothing of it is there for others.
#[component]
pub(crate) fn OwnerOnly(children: Children) -> impl IntoView {
    may(Role::Owner).then(children).into_any()
}
