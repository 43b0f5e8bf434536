//! Names: groups quiet, the own part strong.

use leptos::prelude::*;
use protocol::agents::{Agent, split_levels};

/// Something with a levelled name.
pub(crate) trait OwnName {
    /// The part after the groups.
    fn own_name(&self) -> &str;
}

impl OwnName for Agent {
    fn own_name(&self) -> &str {
        self.levels().1
    }
}

/// `payments-ledger-` quiet, `idempotency` strong.
pub(crate) fn levelled(name: &str) -> impl IntoView + use<> {
    let (_, own) = split_levels(name);
    let groups = name[..name.len() - own.len()].to_owned();
    let groups = (!groups.is_empty()).then(|| view! { <i>{groups}</i> });
    view! { {groups} <span>{own.to_owned()}</span> }
}
