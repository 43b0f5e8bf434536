//! Avatars: the hue comes from the group, the four bars from the identity.

use leptos::prelude::*;

use super::stable_hash;

/// Hues that keep apart from each other and from the status colours.
const HUES: [u16; 8] = [200, 330, 60, 150, 300, 275, 110, 175];
/// Where bars may begin and end, on a grid of 24.
const STOPS: [&str; 5] = ["5.5", "8.75", "12", "15.25", "18.5"];
/// Where the four bars stand.
const BARS: [&str; 4] = ["5.25", "9.75", "14.25", "18.75"];

/// The hue of everything that belongs to this group, in degrees.
pub fn hue_of(group: &str) -> u16 {
    HUES[stable_hash(group) as usize % HUES.len()]
}

/// The four bars as an SVG path.
fn bars_of(identity: &str) -> String {
    let mut bits = stable_hash(identity) as usize;
    let bars = BARS.map(|x| {
        let top = bits % 3;
        let bottom = top + 1 + (bits >> 2) % (STOPS.len() - 1 - top);
        bits >>= 8;
        format!("M{x} {}V{}", STOPS[top], STOPS[bottom])
    });
    bars.concat()
}

/// How large an avatar is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AvatarSize {
    /// 20 px, in lists.
    #[default]
    Row,
    /// 36 px, in headers.
    Header,
}

/// A decoration that makes one agent recognisable; its name stands beside it.
#[component]
pub fn Avatar(
    /// What the hue stands for.
    group: String,
    /// What the bars stand for.
    identity: String,
    /// Size.
    #[prop(optional)]
    size: AvatarSize,
) -> impl IntoView {
    let class = match size {
        AvatarSize::Row => "av",
        AvatarSize::Header => "av lg",
    };
    view! {
        <svg
            class=class
            viewBox="0 0 24 24"
            style=format!("--h:{}", hue_of(&group))
            aria-hidden="true"
        >
            <rect width="24" height="24"></rect>
            <path d=bars_of(&identity)></path>
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hue_and_bars_are_stable() {
        assert_eq!(hue_of("payments"), hue_of("payments"));
        let bars = bars_of("01jd5m0w3v8k2q4r6s8t0v2x4z");
        assert_eq!(bars.matches('M').count(), 4);
        assert_ne!(bars, bars_of("01jd5m0w3v8k2q4r6s8t0v2x50"));
    }
}
