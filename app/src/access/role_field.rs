//! A choice of roles, with what the chosen one means.

use leptos::prelude::*;
use protocol::access::Role;

/// The role as a heading of its own.
pub(super) fn title(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Operator => "Operator",
        Role::Owner => "Owner",
    }
}

/// One of these roles.
#[component]
pub(super) fn RoleField(
    /// Element id, unique on the page.
    #[prop(into)]
    id: String,
    /// The choice.
    value: RwSignal<Role>,
    /// What there is to choose from.
    #[prop(default = &Role::ALL)]
    roles: &'static [Role],
) -> impl IntoView {
    let meaning = format!("{id}-meaning");
    let described_by = meaning.clone();
    let option = move |role: &Role| {
        let role = *role;
        view! {
            <option value=role.word() selected=move || value.get() == role>{title(role)}</option>
        }
    };
    view! {
        <div class="form-field">
            <label for=id.clone() class="form-label">"Role"</label>
            <select
                id=id
                class="field"
                aria-describedby=described_by
                prop:value=move || value.get().word()
                on:change=move |event| {
                    if let Ok(role) = event_target_value(&event).parse() {
                        value.set(role);
                    }
                }
            >
                {roles.iter().map(option).collect_view()}
            </select>
            <p id=meaning class="meta">{move || value.get().meaning()}</p>
        </div>
    }
    .into_any()
}
