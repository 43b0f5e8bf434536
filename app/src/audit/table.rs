//! The entries as a table; where that is too wide, each becomes a block of lines.

use leptos::prelude::*;
use protocol::access::audit::{AuditEntry, Outcome};

use crate::clock::use_clock;
use crate::ui::{Glyph, StatusGlyph};

/// One row per entry, newest first.
#[component]
pub(super) fn AuditTable(entries: Vec<AuditEntry>) -> impl IntoView {
    let rows = entries.into_iter().map(|entry| view! { <Row entry/> });
    view! {
        <table class="table audit-table">
            <thead>
                <tr>
                    <th scope="col">"Time"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"How"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"To what"</th>
                    <th scope="col">"Outcome"</th>
                    <th scope="col">"Detail"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(entry: AuditEntry) -> impl IntoView {
    let clock = use_clock();
    let AuditEntry { at_ms, who, how, action, object, outcome, detail, .. } = entry;
    let (glyph, word) = face(outcome);
    view! {
        <tr>
            <td>
                <span class="audit-time num">
                    {move || clock.moment(at_ms)}
                    <small>{move || clock.since(at_ms).map(|span| format!("{span} ago"))}</small>
                </span>
            </td>
            <td>{who}</td>
            <td class="muted"><i class="cell-head">"By "</i>{how}</td>
            <td class="mono">{action}</td>
            <td class="mono">{object}</td>
            <td>
                <span class="row audit-outcome">
                    <StatusGlyph glyph word/>
                    <span aria-hidden="true">{word}</span>
                </span>
            </td>
            <td class="muted">{detail}</td>
        </tr>
    }
    .into_any()
}

/// Silhouette and word of an outcome.
fn face(outcome: Outcome) -> (Glyph, &'static str) {
    match outcome {
        Outcome::Done => (Glyph::Done, "Done"),
        Outcome::Denied => (Glyph::Offline, "Denied"),
        Outcome::Failed => (Glyph::Error, "Failed"),
    }
}
