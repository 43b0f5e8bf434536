//! A QR code as one SVG path. Pure.

use leptos::prelude::*;

/// Blank modules around the code, without which scanners do not find it.
const QUIET: usize = 4;

/// Modules on one side, quiet zone included.
fn side(rows: &[String]) -> usize {
    rows.iter().map(String::len).max().unwrap_or_default().max(rows.len()) + 2 * QUIET
}

/// The dark modules: each run of a row is one rectangle.
fn path(rows: &[String]) -> String {
    let mut runs = Vec::new();
    for (y, row) in rows.iter().enumerate() {
        let mut x = 0;
        for run in row.as_bytes().chunk_by(|one, next| one == next) {
            if run.first() == Some(&b'1') {
                let (left, top, length) = (x + QUIET, y + QUIET, run.len());
                runs.push(format!("M{left} {top}h{length}v1h-{length}z"));
            }
            x += run.len();
        }
    }
    runs.concat()
}

/// Draws the code, dark on light in every theme.
#[component]
pub(super) fn QrCode(
    /// One text of `0` and `1` per row.
    rows: Vec<String>,
) -> impl IntoView {
    let side = side(&rows);
    view! {
        <svg
            class="qr"
            viewBox=format!("0 0 {side} {side}")
            shape-rendering="crispEdges"
            role="img"
            aria-label="QR code with the address for the other device"
        >
            <rect width=side height=side></rect>
            <path d=path(&rows)></path>
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_drawn_inside_the_quiet_zone() {
        let rows = ["110", "001", "000"].map(str::to_owned);
        assert_eq!(side(&rows), 3 + 8);
        assert_eq!(path(&rows), "M4 4h2v1h-2zM6 5h1v1h-1z");
        assert_eq!((side(&[]), path(&[])), (8, String::new()));
    }
}
