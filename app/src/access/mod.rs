//! The access page: devices, pairing, tokens of scripts, and how this host is reached. It is the
//! owner's alone.

mod devices;
mod host;
mod pair;
mod role_field;
mod scripts;
mod state;

use leptos::prelude::*;
use leptos_meta::Title;

use self::devices::Devices;
use self::host::ThisHost;
use self::pair::PairSection;
use self::role_field::RoleField;
use self::scripts::Scripts;
use self::state::AccessState;
pub(crate) use self::state::PairingsState;
use crate::routes::AUDIT;
use crate::ui::{Icon, IconView, PAGE_TITLE};

/// The page at `/access`.
#[component]
pub(crate) fn AccessPage() -> impl IntoView {
    let access = AccessState::new();
    view! {
        <Title text="Access"/>
        <header class="page-head">
            <a class="btn is-quiet is-icon phone-only" href="/" aria-label="Back to agents">
                <IconView icon=Icon::ChevronLeft/>
            </a>
            <h1 id=PAGE_TITLE tabindex="-1">"Access"</h1>
            <span class="meta trunc">"Who may use this machine"</span>
            <a class="btn is-quiet push" href=AUDIT>
                <IconView icon=Icon::ScrollText class="ico sm"/>
                "Audit"
            </a>
        </header>
        <div class="access">
            <Devices access/>
            <PairSection access/>
            <Scripts access/>
            <ThisHost access/>
        </div>
    }
    .into_any()
}
