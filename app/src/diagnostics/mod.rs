//! The diagnostics page: whether this machine and the data folder are in order, how much of
//! everything there is, and the backups.

mod backups;

use leptos::prelude::*;
use protocol::host::{Check, Diagnostics, Measure, Problem};

use self::backups::Backups;
use crate::api::host as api;
use crate::clock::Ago;
use crate::host::HealthState;
use crate::loaded::Loaded;
use crate::seed::{FirstData, PageData};
use crate::ui::{Button, Glyph, Icon, IconView, PageHead, StatusGlyph, Tone};

/// The page at `/diagnostics`.
#[component]
pub(crate) fn DiagnosticsPage() -> impl IntoView {
    let health: HealthState = expect_context();
    let problems = Memo::new(move |_| health.problems());
    // What is wrong and what the checks find belong together.
    let first = FirstData::take(|data| match data {
        PageData::Diagnostics(found) => Ok(found),
        other => Err(other),
    });
    let found = Loaded::new(first, move || problems.get().len(), |_| api::diagnose());
    let again = move || found.again();
    let content = found.part("The report", move |diagnostics: Diagnostics| {
        view! {
            <div class="diagnostics">
                <Problems problems=problems.get()/>
                <Checks checks=diagnostics.checks/>
                <Measures measures=diagnostics.measures/>
                <Backups backups=diagnostics.backups made=again/>
            </div>
        }
        .into_any()
    });
    view! {
        <PageHead title="Diagnostics">
            <Button
                tone=Tone::Quiet
                icon=Icon::RotateCw
                class:push=true
                class:needs-js=true
                on:click=move |_| again()
            >
                "Check again"
            </Button>
        </PageHead>
        {content}
    }
    .into_any()
}

#[component]
fn Problems(problems: Vec<Problem>) -> impl IntoView {
    (!problems.is_empty()).then(|| {
        let entry = |problem: Problem| {
            view! {
                <li>
                    <IconView icon=Icon::TriangleAlert class="ico err"/>
                    <span class="diag-text">
                        <span>{problem.message}</span>
                        <span class="meta">"Since " <Ago at_ms=problem.since_ms/></span>
                    </span>
                </li>
            }
        };
        view! {
            <section aria-labelledby="diag-problems">
                <h2 id="diag-problems" class="label">"Problems"</h2>
                <ul class="diag-list">{problems.into_iter().map(entry).collect_view()}</ul>
            </section>
        }
    })
}

#[component]
fn Checks(checks: Vec<Check>) -> impl IntoView {
    let failed = checks.iter().filter(|check| !check.ok).count();
    let summary = match failed {
        0 => "all good".to_owned(),
        failed => format!("{failed} of {} need attention", checks.len()),
    };
    let entry = |check: Check| {
        let (glyph, word) = if check.ok { (Glyph::Done, "Good") } else { (Glyph::Error, "Failed") };
        view! {
            <li>
                <StatusGlyph glyph word/>
                <span class="diag-text">
                    <span class="strong">{check.name}</span>
                    <span class="muted">{check.detail}</span>
                </span>
            </li>
        }
    };
    view! {
        <section aria-labelledby="diag-checks">
            <h2 id="diag-checks" class="label row">"Checks" <span class="muted">{summary}</span></h2>
            <ul class="diag-list">{checks.into_iter().map(entry).collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Measures(measures: Vec<Measure>) -> impl IntoView {
    let entry = |measure: Measure| {
        view! { <div><dt>{measure.name}</dt><dd class="num">{measure.value}</dd></div> }
    };
    view! {
        <section aria-labelledby="diag-measures">
            <h2 id="diag-measures" class="label">"Measures"</h2>
            <dl class="diag-measures">{measures.into_iter().map(entry).collect_view()}</dl>
        </section>
    }
    .into_any()
}
