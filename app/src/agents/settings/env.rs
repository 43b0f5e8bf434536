//! Environment references as rows: name, kind of source, source.

use leptos::prelude::*;

use super::draft::EnvRow;
use crate::caller::OperatorOnly;
use crate::ui::{Button, Icon, IconView, Tone, focus};

/// Rows with keys of their own, so that removing one does not touch the others.
#[derive(Clone, Copy)]
pub(in crate::agents) struct EnvRows {
    rows: RwSignal<Vec<(u32, EnvRow)>>,
    keys: StoredValue<u32>,
}

impl EnvRows {
    /// No rows.
    pub(in crate::agents) fn new() -> Self {
        Self { rows: RwSignal::new(Vec::new()), keys: StoredValue::new(0) }
    }

    /// What stands in the rows; tracks it.
    pub(in crate::agents) fn get(self) -> Vec<EnvRow> {
        self.rows.with(|rows| rows.iter().map(|(_, row)| row.clone()).collect())
    }

    /// Other rows instead.
    pub(in crate::agents) fn set(self, rows: Vec<EnvRow>) {
        self.rows.set(rows.into_iter().map(|row| (self.new_key(), row)).collect());
    }

    /// Adds an empty row and returns its key.
    fn add(self) -> u32 {
        let key = self.new_key();
        self.rows.update(|rows| rows.push((key, EnvRow::default())));
        key
    }

    fn new_key(self) -> u32 {
        self.keys.update_value(|key| *key += 1);
        self.keys.get_value()
    }
}

/// The rows, and a way to add one.
#[component]
pub(in crate::agents) fn EnvFields(
    env: EnvRows,
    /// What is wrong with them.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// What element ids begin with; the button that adds a row has the id `{prefix}-add`.
    prefix: &'static str,
) -> impl IntoView {
    let keys = move || env.rows.with(|rows| rows.iter().map(|(key, _)| *key).collect::<Vec<_>>());
    let hint_id = format!("{prefix}-hint");
    let described_by = hint_id.clone();
    view! {
        <fieldset class="env" aria-describedby=described_by>
            <legend class="form-label">"Environment" <span class="faint">"optional"</span></legend>
            <For each=keys key=|key| *key children=move |key| view! { <Row env prefix key/> }/>
            {move || error.get().map(|sentence| view! { <p class="meta err" role="alert">{sentence}</p> })}
            <p id=hint_id class="meta">
                "A value is looked up at each start, in a variable of the server or in a file that only you can read. It is never stored."
            </p>
            <OperatorOnly>
                <button
                    id=add_id(prefix)
                    type="button"
                    class="btn needs-js env-add"
                    on:click=move |_| focus(name_id(prefix, env.add()))
                >
                    <IconView icon=Icon::Plus class="ico sm"/>
                    "Add variable"
                </button>
            </OperatorOnly>
        </fieldset>
    }
    .into_any()
}

fn name_id(prefix: &str, key: u32) -> String {
    format!("{prefix}-{key}")
}

fn add_id(prefix: &str) -> String {
    format!("{prefix}-add")
}

#[component]
fn Row(env: EnvRows, prefix: &'static str, key: u32) -> impl IntoView {
    let read = move |part: fn(&EnvRow) -> String| {
        env.rows.with(|rows| {
            rows.iter()
                .find(|(known, _)| *known == key)
                .map(|(_, row)| part(row))
                .unwrap_or_default()
        })
    };
    let write = move |change: &dyn Fn(&mut EnvRow)| {
        env.rows.update(|rows| {
            if let Some((_, row)) = rows.iter_mut().find(|(known, _)| *known == key) {
                change(row);
            }
        });
    };
    let from_file = move || {
        env.rows.with(|rows| rows.iter().any(|(known, row)| *known == key && row.from_file))
    };
    let remove = move |_| {
        env.rows.update(|rows| rows.retain(|(known, _)| *known != key));
        focus(add_id(prefix));
    };
    view! {
        <div class="env-row" role="group" aria-label=move || read(|row| format!("Variable {}", row.name))>
            <input
                id=name_id(prefix, key)
                type="text"
                class="field mono"
                aria-label="Name"
                placeholder="NAME"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                value=untrack(|| read(|row| row.name.clone()))
                prop:value=move || read(|row| row.name.clone())
                on:input=move |event| {
                    let text = event_target_value(&event);
                    write(&|row| row.name.clone_from(&text));
                }
            />
            <select
                class="field"
                aria-label="Where its value comes from"
                prop:value=move || if from_file() { "file" } else { "variable" }
                on:change=move |event| {
                    let file = event_target_value(&event) == "file";
                    write(&|row| row.from_file = file);
                }
            >
                <option value="variable" selected=move || !from_file()>"Variable"</option>
                <option value="file" selected=from_file>"File"</option>
            </select>
            <input
                type="text"
                class="field mono"
                aria-label=move || if from_file() { "Path of the file" } else { "Variable of the server" }
                placeholder=move || if from_file() { "~/.keys/name" } else { "NAME" }
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                value=untrack(|| read(|row| row.source.clone()))
                prop:value=move || read(|row| row.source.clone())
                on:input=move |event| {
                    let text = event_target_value(&event);
                    write(&|row| row.source.clone_from(&text));
                }
            />
            <OperatorOnly>
                <Button tone=Tone::Quiet icon=Icon::X label="Remove variable" class:needs-js=true on:click=remove/>
            </OperatorOnly>
        </div>
    }
    .into_any()
}
