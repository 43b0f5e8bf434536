//! The access page: devices, pairing, tokens of scripts, and how this host is reached. It is the
//! owner's alone.

mod devices;
mod host;
mod pair;
mod role_field;
mod scripts;
mod state;

use leptos::prelude::*;

use self::devices::Devices;
use self::host::ThisHost;
use self::pair::PairSection;
use self::role_field::RoleField;
use self::scripts::Scripts;
use self::state::AccessState;
pub(crate) use self::state::PairingsState;
use crate::routes::AUDIT;
use crate::ui::{Icon, IconView, PageHead};

/// The page at `/access`.
#[component]
pub(crate) fn AccessPage() -> impl IntoView {
    let access = AccessState::new();
    view! {
        <PageHead title="Access">
            <span class="meta trunc">"Who may use this machine"</span>
            <a class="btn is-quiet push" href=AUDIT>
                <IconView icon=Icon::ScrollText class="ico sm"/>
                "Audit"
            </a>
        </PageHead>
        <div class="access">
            <Devices access/>
            <PairSection access/>
            <Scripts access/>
            <ThisHost access/>
        </div>
    }
    .into_any()
}
