//! The devices as a table; where that is too wide, each becomes a block of lines.

use leptos::prelude::*;
use protocol::access::devices::{Device, DeviceList, Entrance};

use super::{Asked, name_id};
use crate::access::role_field::title;
use crate::clock::Ago;
use crate::ui::{Icon, Menu, MenuItem, MenuSeparator};

/// One row per device, last used first.
#[component]
pub(super) fn DeviceTable(list: DeviceList, asked: Asked) -> impl IntoView {
    let DeviceList { devices, current } = list;
    let rows = devices.into_iter().map(move |device| {
        let here = current.as_ref() == Some(&device.id);
        view! { <Row device here asked/> }
    });
    view! {
        <table class="table access-table">
            <thead>
                <tr>
                    <th scope="col">"Device"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Came in"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col">"Address"</th>
                    <th scope="col" class="r">"Open pages"</th>
                    <th scope="col" class="acts"><span class="vh">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(device: Device, here: bool, asked: Asked) -> impl IntoView {
    let shown = device.clone();
    let (renamed, changed, revoked) = (device.clone(), device.clone(), device);
    let label = format!("Actions for {}", shown.name);
    view! {
        <tr>
            <td>
                <span class="access-who">
                    <span class="row">
                        <span id=name_id(&shown.id) tabindex="-1" class="strong">{shown.name}</span>
                        {here.then(|| view! { <span class="tag">"This device"</span> })}
                    </span>
                    <small class="trunc" title=shown.user_agent.clone()>{shown.user_agent.clone()}</small>
                </span>
            </td>
            <td>{title(shown.role)}</td>
            <td class="muted">
                {entrance(shown.entrance)} ", " <Ago at_ms=shown.created_at_ms/>
            </td>
            <td class="muted"><i class="cell-head">"Last used "</i><Ago at_ms=shown.last_seen_at_ms/></td>
            <td class="muted"><i class="cell-head">"From "</i><span class="mono">{shown.address}</span></td>
            <td class="r muted"><i class="cell-head">"Open pages "</i>{shown.sockets}</td>
            <td class="acts">
                <Menu id=format!("device-menu-{}", shown.id) label=label>
                    <MenuItem icon=Icon::Pencil on:click=move |_| asked.about(&renamed, asked.renaming)>
                        "Rename…"
                    </MenuItem>
                    <MenuItem icon=Icon::KeyRound on:click=move |_| asked.about(&changed, asked.changing)>
                        "Change role…"
                    </MenuItem>
                    <MenuSeparator/>
                    <MenuItem icon=Icon::X on:click=move |_| asked.about(&revoked, asked.revoking)>
                        "Revoke…"
                    </MenuItem>
                </Menu>
            </td>
        </tr>
    }
    .into_any()
}

fn entrance(how: Entrance) -> &'static str {
    match how {
        Entrance::Link => "By a login link",
        Entrance::Paired => "Paired",
    }
}
