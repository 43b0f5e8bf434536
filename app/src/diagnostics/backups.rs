//! The backups, and a button that makes one.

use leptos::prelude::*;
use protocol::host::Backup;

use crate::api::host as api;
use crate::caller::OperatorOnly;
use crate::clock::Ago;
use crate::host::use_host;
use crate::ui::{Button, use_toasts};

/// All backups, newest first. `made` is told of a new one.
#[component]
pub(super) fn Backups(
    backups: Vec<Backup>,
    made: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = use_toasts();
    let back_up = Action::new(move |(): &()| async move {
        match api::back_up().await {
            Ok(backup) => {
                toasts.say(format!("Made a backup of {}.", size(backup.bytes)));
                made();
            }
            Err(error) => toasts.fail(error.0.message),
        }
    });
    let table = if backups.is_empty() {
        view! { <p class="muted">"There is no backup yet."</p> }.into_any()
    } else {
        view! { <BackupTable backups/> }.into_any()
    };
    view! {
        <section aria-labelledby="diag-backups" class="diag-wide">
            <div class="row">
                <h2 id="diag-backups" class="label">"Backups"</h2>
                <OperatorOnly>
                    <Button
                        class:push=true
                        class:needs-js=true
                        busy=back_up.pending()
                        on:click=move |_| { if !back_up.pending().get_untracked() { back_up.dispatch(()); } }
                    >
                        "Back up now"
                    </Button>
                </OperatorOnly>
            </div>
            {table}
        </section>
    }
    .into_any()
}

#[component]
fn BackupTable(backups: Vec<Backup>) -> impl IntoView {
    let host = use_host();
    let row = |backup: Backup| {
        let path = backup.path;
        view! {
            <tr>
                <td><Ago at_ms=backup.made_at_ms/></td>
                <td class="r">{size(backup.bytes)}</td>
                <td class="muted"><span class="mono">{move || host.short_path(&path)}</span></td>
            </tr>
        }
    };
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">"Made"</th>
                    <th scope="col" class="r">"Size"</th>
                    <th scope="col">"File"</th>
                </tr>
            </thead>
            <tbody>{backups.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// A size in its largest unit with at most one decimal.
fn size(bytes: u64) -> String {
    let units = [(1_u64 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    let fitting = units.into_iter().find(|(unit, _)| bytes >= *unit);
    fitting.map_or_else(
        || format!("{bytes} bytes"),
        |(unit, name)| {
            let tenths = bytes.saturating_mul(10) / unit;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_their_largest_unit() {
        fn check(bytes: u64, words: &str) {
            assert_eq!(size(bytes), words);
        }
        check(0, "0 bytes");
        check(1_023, "1023 bytes");
        check(1_536, "1.5 KB");
        check(5 << 20, "5.0 MB");
        check(u64::MAX, "1717986918.3 GB");
    }
}
