//! Devices: browsers that logged in by a link or were paired.

mod dialogs;
mod link;
mod table;

use leptos::prelude::*;
use protocol::access::devices::Device;

use self::dialogs::{RenameDialog, RevokeDialog, RoleDialog};
use self::link::LinkDialog;
use self::table::DeviceTable;
use super::state::AccessState;
use crate::ui::Button;

/// Element id of the section's heading.
const TITLE: &str = "access-devices";

/// What the dialogs are about, and which is open; a copy of handles.
#[derive(Clone, Copy)]
struct Asked {
    device: RwSignal<Option<Device>>,
    renaming: RwSignal<bool>,
    changing: RwSignal<bool>,
    revoking: RwSignal<bool>,
}

impl Asked {
    /// Opens one of the dialogs for this device.
    fn about(self, device: &Device, dialog: RwSignal<bool>) {
        self.device.set(Some(device.clone()));
        dialog.set(true);
    }

    /// Name of the device; tracks it.
    fn name(self) -> String {
        self.device
            .with(|device| device.as_ref().map(|device| device.name.clone()))
            .unwrap_or_default()
    }

    fn id_untracked(self) -> Option<String> {
        self.device.with_untracked(|device| device.as_ref().map(|device| device.id.clone()))
    }
}

/// Element id of a device's name.
fn name_id(id: &str) -> String {
    format!("device-{id}")
}

/// The list, and a way to log another browser in.
#[component]
pub(super) fn Devices(access: AccessState) -> impl IntoView {
    let asked = Asked {
        device: RwSignal::new(None),
        renaming: RwSignal::new(false),
        changing: RwSignal::new(false),
        revoking: RwSignal::new(false),
    };
    let linking = RwSignal::new(false);
    let table = access
        .devices
        .part("The list of devices", move |list| view! { <DeviceTable list asked/> }.into_any());
    view! {
        <section class="access-part" aria-labelledby=TITLE>
            <div class="access-head">
                <h2 id=TITLE tabindex="-1">"Devices"</h2>
                <Button class:push=true class:needs-js=true on:click=move |_| linking.set(true)>
                    "Make a login link…"
                </Button>
            </div>
            <p class="muted">"Browsers that logged in. Each may do what its role allows."</p>
            {table}
        </section>
        <RenameDialog access asked/>
        <RoleDialog access asked/>
        <RevokeDialog access asked/>
        <LinkDialog open=linking/>
    }
    .into_any()
}
