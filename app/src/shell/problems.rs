//! What is wrong with the machine, as slim banners over every page. Each stays until it is solved.

use leptos::prelude::*;
use protocol::host::{Problem, ProblemKind};

use crate::host::HealthState;
use crate::routes::DIAGNOSTICS;
use crate::ui::{Icon, IconView};

/// One banner per problem, oldest first; none when all is well.
#[component]
pub(super) fn ProblemBanners() -> impl IntoView {
    let health: HealthState = expect_context();
    let problems = Memo::new(move |_| health.problems());
    // A problem whose sentence changed is a new one: it is read aloud again.
    let key = |problem: &Problem| (problem.kind, problem.message.clone());
    view! {
        <For each=move || problems.get() key children=|problem| view! { <Banner problem/> }/>
    }
    .into_any()
}

#[component]
fn Banner(problem: Problem) -> impl IntoView {
    view! {
        <div class="notice problem" class:is-err=is_fatal(problem.kind) role="alert">
            <IconView icon=Icon::TriangleAlert class="ico sm"/>
            <span>{problem.message}</span>
            <a class="btn is-quiet push" href=DIAGNOSTICS>"Diagnostics"</a>
        </div>
    }
    .into_any()
}

/// Whether something does not work now; the rest only may go wrong later.
fn is_fatal(kind: ProblemKind) -> bool {
    match kind {
        ProblemKind::Store | ProblemKind::Tmux => true,
        ProblemKind::LostWrite | ProblemKind::Backup | ProblemKind::Audit => false,
    }
}
