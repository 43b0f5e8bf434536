//! The trash as a table.

use leptos::prelude::*;
use protocol::agents::Agent;

use super::state::{TrashState, restore_button};
use crate::agents::levelled;
use crate::caller::OperatorOnly;
use crate::clock::Ago;
use crate::host::use_host;
use crate::ui::{Avatar, Button, Icon, Tone};

/// One row per agent, last trashed first.
#[component]
pub(super) fn TrashTable(trash: TrashState) -> impl IntoView {
    view! {
        <div class="trash">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Agent"</th>
                        <th scope="col">"Trashed"</th>
                        <th scope="col" class="opt">"Program"</th>
                        <th scope="col" class="opt">"Folder"</th>
                        <OperatorOnly><th scope="col"><span class="vh">"Actions"</span></th></OperatorOnly>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || trash.list()
                        key=|agent| agent.id.clone()
                        children=move |agent| view! { <Row trash agent/> }
                    />
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(trash: TrashState, agent: Agent) -> impl IntoView {
    let host = use_host();
    let id = agent.id.clone();
    let settings = agent.settings.clone();
    let folder = settings.folder.clone();
    let restored = agent.clone();
    let restore = Action::new(move |(): &()| trash.restore(restored.clone(), None));
    let busy = Memo::new(move |_| trash.busy.with(|busy| busy.as_ref() == Some(&id)));
    let purged = agent.clone();
    let purge = move |_| {
        trash.asked.set(Some(purged.clone()));
        trash.purging.set(true);
    };
    let button = restore_button(&agent.id);
    let at_ms = agent.trashed_at_ms.unwrap_or(agent.created_at_ms);
    let name = settings.name.clone();
    let spoken = name.clone();
    view! {
        <tr>
            <td>
                <span class="row">
                    <Avatar agent=agent/>
                    <span class="agent-names trunc">
                        <span class="levelled trunc">{levelled(&name)}</span>
                        {(!settings.label.is_empty()).then(|| view! { <small class="trunc">{settings.label}</small> })}
                    </span>
                </span>
            </td>
            <td class="muted"><Ago at_ms/></td>
            <td class="opt trunc">{settings.program}</td>
            <td class="opt muted"><span class="mono trunc">{move || host.short_path(&folder)}</span></td>
            <OperatorOnly>
                <td>
                    <span class="row row-acts needs-js">
                        <Button
                            icon=Icon::RotateCcw
                            attr:id=button
                            busy
                            on:click=move |_| { if !busy.get_untracked() { restore.dispatch(()); } }
                        >
                            "Restore" <span class="vh">{format!(" {spoken}")}</span>
                        </Button>
                        <Button tone=Tone::Quiet on:click=purge>
                            "Delete for good…" <span class="vh">{format!(" {name}")}</span>
                        </Button>
                    </span>
                </td>
            </OperatorOnly>
        </tr>
    }
    .into_any()
}
