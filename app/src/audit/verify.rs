//! Whether the trail is as it was written, and how to take it along.

use leptos::prelude::*;
use protocol::access::audit::AuditReport;
use protocol::error::ApiError;

use crate::api::access as api;
use crate::ui::{Button, Glyph, StatusGlyph};

/// What a check found, in words.
fn words(report: &AuditReport) -> String {
    let entries = match report.entries {
        1 => "1 entry".to_owned(),
        many => format!("{many} entries"),
    };
    match &report.broken {
        Some(broken) => format!(
            "The trail was changed: entry {} is not as it was written. {} ({entries} were read.)",
            broken.seq, broken.problem
        ),
        None if report.entries == 0 => "There is nothing to check yet.".to_owned(),
        None => {
            let head: String = report.head.chars().take(12).collect();
            format!("{entries} are as they were written. The last one’s hash begins with {head}.")
        }
    }
}

/// A button that checks the whole trail, and what that found.
#[component]
pub(super) fn Verify() -> impl IntoView {
    let found = RwSignal::new(None::<Result<AuditReport, ApiError>>);
    let verify = Action::new(move |(): &()| async move {
        let report = api::verify_audit().await.map_err(|error| error.0);
        found.try_set(Some(report));
    });
    let result = move || {
        found.get().map(|found| {
            let (glyph, word, sentence) = match &found {
                Ok(report) if report.broken.is_none() => (Glyph::Done, "Good", words(report)),
                Ok(report) => (Glyph::Error, "Changed", words(report)),
                Err(error) => (Glyph::Error, "Failed", error.message.clone()),
            };
            view! { <p class="row audit-result"><StatusGlyph glyph word/> <span>{sentence}</span></p> }
        })
    };
    view! {
        <section class="audit-check" aria-label="Check and export">
            <p class="muted">
                "Each entry’s hash covers the one before, so a change shows. To take the trail along, run "
                <code class="mono strong">"maestro audit export"</code> " in a terminal."
            </p>
            <Button
                class:needs-js=true
                busy=verify.pending()
                on:click=move |_| { if !verify.pending().get_untracked() { verify.dispatch(()); } }
            >
                "Check the whole trail"
            </Button>
            <div class="audit-found" role="status">{result}</div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use protocol::access::audit::BrokenChain;

    use super::*;

    #[test]
    fn a_check_is_told_in_words() {
        let report =
            |entries, broken| AuditReport { entries, head: "0123456789abcdef".into(), broken };
        let good = words(&report(12, None));
        assert!(good.starts_with("12 entries are as they were written."));
        assert!(good.ends_with("begins with 0123456789ab."));
        let broken = BrokenChain { seq: 7, problem: "Its hash does not fit.".into() };
        let bad = words(&report(12, Some(broken)));
        assert!(bad.contains("entry 7 is not as it was written. Its hash does not fit."));
        assert_eq!(words(&report(0, None)), "There is nothing to check yet.");
    }
}
