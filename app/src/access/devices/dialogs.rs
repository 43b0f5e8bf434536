//! What is asked before a device gets another name or role, or is shut out.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::access::devices::{Device, RenameDevice, SetRole};
use protocol::error::ApiError;

use super::{Asked, TITLE, name_id};
use crate::access::RoleField;
use crate::access::state::AccessState;
use crate::agents::{NameDialog, NameWords};
use crate::api::access as api;
use crate::reauth::use_reauth;
use crate::ui::{Button, Dialog, Tone, focus, use_toasts};

/// Puts a changed device in the place of what was known of it.
fn learn(access: AccessState, device: Device) {
    let name = name_id(&device.id);
    access.devices.update(|list| {
        if let Some(known) = list.devices.iter_mut().find(|known| known.id == device.id) {
            *known = device;
        }
    });
    // The button that asked was drawn again.
    focus(name);
}

/// Asks for another name.
#[component]
pub(super) fn RenameDialog(access: AccessState, asked: Asked) -> impl IntoView {
    let open = asked.renaming;
    let reauth = use_reauth();
    let refusal = RwSignal::new(None::<ApiError>);
    let rename = Action::new(move |name: &String| {
        let new = RenameDevice { name: name.clone() };
        let id = asked.id_untracked().unwrap_or_default();
        async move {
            match reauth.with(|| api::rename(id.clone(), new.clone())).await {
                Ok(device) => {
                    open.try_set(false);
                    learn(access, device);
                }
                Err(error) => {
                    refusal.try_set(Some(error.0));
                }
            }
        }
    });
    let words = NameWords {
        title_id: "rename-device-title",
        field_id: "rename-device-name",
        title: "Rename device",
        hint: None,
        act: "Rename",
    };
    let first = Signal::derive(move || asked.name());
    let run = Callback::new(move |name| {
        rename.dispatch(name);
    });
    view! { <NameDialog open words first refusal busy=rename.pending() run/> }.into_any()
}

/// Asks for another role.
#[component]
pub(super) fn RoleDialog(access: AccessState, asked: Asked) -> impl IntoView {
    let open = asked.changing;
    let reauth = use_reauth();
    let role = RwSignal::new(Role::Viewer);
    let refusal = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if open.get() {
            let now = asked.device.with_untracked(|device| device.as_ref().map(|one| one.role));
            role.set(now.unwrap_or_default());
            refusal.set(None);
        }
    });
    let change = Action::new(move |role: &Role| {
        let new = SetRole { role: *role };
        let id = asked.id_untracked().unwrap_or_default();
        async move {
            match reauth.with(|| api::change_role(id.clone(), new)).await {
                Ok(device) => {
                    open.try_set(false);
                    learn(access, device);
                }
                Err(error) => {
                    refusal.try_set(Some(error.0.message));
                }
            }
        }
    });
    let here = Memo::new(move |_| is_this_device(access, asked));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !change.pending().get_untracked() {
            refusal.set(None);
            change.dispatch(role.get_untracked());
        }
    };
    view! {
        <Dialog open title_id="device-role-title">
            <form class="form" novalidate on:submit=submit>
                <h2 id="device-role-title">{move || format!("What may {} do?", asked.name())}</h2>
                <RoleField id="device-role" value=role/>
                <p class="muted">
                    {move || if here.get() {
                        "This is the device that you use: with another role it cannot change this back."
                    } else {
                        "Its open pages are loaded again in the new role."
                    }}
                </p>
                {move || refusal.get().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
                <div class="row dialog-acts">
                    <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Cancel"</Button>
                    <Button tone=Tone::Primary submit=true busy=change.pending()>"Change role"</Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// Asks before a device is shut out.
#[component]
pub(super) fn RevokeDialog(access: AccessState, asked: Asked) -> impl IntoView {
    let open = asked.revoking;
    let reauth = use_reauth();
    let toasts = use_toasts();
    let refusal = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if open.get() {
            refusal.set(None);
        }
    });
    let revoke = Action::new(move |(): &()| {
        let id = asked.id_untracked().unwrap_or_default();
        let name = untrack(|| asked.name());
        async move {
            match reauth.with(|| api::revoke(id.clone())).await {
                Ok(()) => {
                    open.try_set(false);
                    toasts.say(format!("Revoked {name}."));
                    access.devices.update(|list| list.devices.retain(|device| device.id != id));
                    focus(TITLE);
                }
                Err(error) => {
                    refusal.try_set(Some(error.0.message));
                }
            }
        }
    });
    let here = Memo::new(move |_| is_this_device(access, asked));
    let consequence = move || {
        if here.get() {
            "This is the device that you use: it is logged out at once, and this page with it."
        } else {
            "It is logged out at once and its open pages end. It must be let in again to come back."
        }
    };
    view! {
        <Dialog open title_id="revoke-device-title" alert=true>
            <h2 id="revoke-device-title">{move || format!("Revoke {}?", asked.name())}</h2>
            <p class="muted">{consequence}</p>
            {move || refusal.get().map(|sentence| view! { <p class="err" role="alert">{sentence}</p> })}
            <div class="row dialog-acts">
                <Button on:click=move |_| open.set(false)>"Keep it"</Button>
                <Button
                    tone=Tone::Fatal
                    busy=revoke.pending()
                    on:click=move |_| { if !revoke.pending().get_untracked() { revoke.dispatch(()); } }
                >
                    "Revoke"
                </Button>
            </div>
        </Dialog>
    }
    .into_any()
}

/// Whether the dialog is about the device that shows it; tracks that.
fn is_this_device(access: AccessState, asked: Asked) -> bool {
    let current = access.devices.with(|list| list.current.clone()).flatten();
    asked
        .device
        .with(|device| device.as_ref().is_some_and(|device| current.as_ref() == Some(&device.id)))
}
