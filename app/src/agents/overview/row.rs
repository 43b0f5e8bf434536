//! One agent in the list.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::agents::{Agent, AgentId};

use super::list::ListState;
use crate::agents::name::levelled;
use crate::agents::status;
use crate::caller::{OperatorOnly, may};
use crate::clock::use_clock;
use crate::host::use_host;
use crate::routes::agent_path;
use crate::ui::{Avatar, StatusGlyph, focus};

/// A row with its checkbox. `x` marks the row that has the focus, arrows and `j`/`k` move it.
#[component]
pub(super) fn Row(agent: Memo<Agent>, list: ListState) -> impl IntoView {
    let host = use_host();
    let clock = use_clock();
    let id = agent.with_untracked(|agent| agent.id.clone());
    let name = Memo::new(move |_| agent.with(|agent| agent.settings.name.clone()));
    let label = Memo::new(move |_| agent.with(|agent| agent.settings.label.clone()));
    let state = Memo::new(move |_| agent.with(|agent| agent.state));
    let chosen = {
        let id = id.clone();
        Memo::new(move |_| list.selection.with(|selection| selection.has(&id)))
    };
    let mark = {
        let id = id.clone();
        move |range: bool| {
            let shown = list.shown.get_untracked();
            list.selection.update(|selection| {
                if range { selection.extend(&id, &shown) } else { selection.toggle(&id) }
            });
        }
    };
    let clicked = mark.clone();
    let here = id.clone();
    let acts = may(Role::Operator);
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let step = match event.key().as_str() {
            "x" | "X" if acts => {
                mark(event.shift_key());
                return event.prevent_default();
            }
            "ArrowDown" | "j" => 1,
            "ArrowUp" | "k" => -1,
            _ => return,
        };
        event.prevent_default();
        list.shown.with_untracked(|shown| {
            if let Some(next) = neighbour(shown, &here, step) {
                focus(link_id(next));
            }
        });
    };
    view! {
        <tr class:is-chosen=move || chosen.get() on:keydown=on_key>
            <OperatorOnly>
                <td class="pick needs-js">
                    <label>
                        <input
                            type="checkbox"
                            aria-label=move || format!("Select {}", name.get())
                            prop:checked=move || chosen.get()
                            on:click=move |event| clicked(event.shift_key())
                        />
                    </label>
                </td>
            </OperatorOnly>
            <td>
                <a id=link_id(&id) class="row row-link" href=agent_path(&id)>
                    <Avatar agent/>
                    <span class="agent-names trunc">
                        <span class="levelled trunc">{move || name.with(|name| levelled(name))}</span>
                        {move || label.with(|label| (!label.is_empty()).then(|| view! { <small class="trunc">{label.clone()}</small> }))}
                    </span>
                </a>
            </td>
            <td>
                <span class="row">
                    <StatusGlyph
                        glyph=Signal::derive(move || status::glyph(state.get()))
                        word=Signal::derive(move || state.get().word())
                    />
                    <span aria-hidden="true">{move || state.get().word()}</span>
                </span>
            </td>
            <td class="trunc">{move || agent.with(|agent| agent.settings.program.clone())}</td>
            <td class="opt">
                <span class="tag-row">
                    {move || agent.with(|agent| {
                        agent.settings.tags.iter().map(|tag| view! { <span class="tag">{tag.clone()}</span> }).collect_view()
                    })}
                </span>
            </td>
            <td class="opt muted">
                <span class="mono trunc" title=move || agent.with(|agent| agent.settings.folder.clone())>
                    {move || agent.with(|agent| host.short_path(&agent.settings.folder))}
                </span>
            </td>
            <td class="r opt muted">{move || status::since(state.get(), clock)}</td>
        </tr>
    }
    .into_any()
}

/// Element id of an agent's link.
fn link_id(id: &AgentId) -> String {
    format!("list-{id}")
}

fn neighbour<'list>(
    shown: &'list [AgentId],
    from: &AgentId,
    step: isize,
) -> Option<&'list AgentId> {
    let at = shown.iter().position(|id| id == from)?;
    shown.get(at.checked_add_signed(step)?)
}
