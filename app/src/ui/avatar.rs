//! Avatars: the hue is chosen or comes from the group, the picture is an emoji or four bars made
//! from the identity.

use leptos::prelude::*;
use protocol::agents::{Agent, Colour};

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

/// The hue of a chosen colour, in degrees; none for the colour that follows the group.
pub fn hue_of_colour(colour: Colour) -> Option<u16> {
    match colour {
        Colour::Group => None,
        Colour::Cyan => Some(HUES[0]),
        Colour::Rose => Some(HUES[1]),
        Colour::Amber => Some(HUES[2]),
        Colour::Green => Some(HUES[3]),
        Colour::Purple => Some(HUES[4]),
        Colour::Violet => Some(HUES[5]),
        Colour::Lime => Some(HUES[6]),
        Colour::Teal => Some(HUES[7]),
    }
}

/// The hue that an agent is drawn in: the chosen one, else that of its first group, else its own.
fn hue_of_agent(agent: &Agent) -> u16 {
    let settings = &agent.settings;
    hue_of_colour(settings.colour).unwrap_or_else(|| {
        hue_of(agent.levels().0.first().copied().unwrap_or(settings.name.as_str()))
    })
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

/// A decoration that makes one agent recognisable; its name stands beside it. Draws the agent's
/// emoji, or bars made from its id, in its colour, and follows changes of both.
#[component]
pub fn Avatar(
    /// Whose: `Memo<Agent>`, `Signal<Agent>`, or an `Agent` that never changes.
    #[prop(into)]
    agent: Signal<Agent>,
    /// Size.
    #[prop(optional)]
    size: AvatarSize,
) -> impl IntoView {
    let class = match size {
        AvatarSize::Row => "av",
        AvatarSize::Header => "av lg",
    };
    let hue = Memo::new(move |_| agent.with(hue_of_agent));
    let emoji = Memo::new(move |_| agent.with(|agent| agent.settings.avatar.clone()));
    let bars = agent.with_untracked(|agent| bars_of(agent.id.as_str()));
    let picture = move || {
        emoji.with(|emoji| {
            if emoji.is_empty() {
                view! { <path d=bars.clone()></path> }.into_any()
            } else {
                view! { <text x="12" y="12.5">{emoji.clone()}</text> }.into_any()
            }
        })
    };
    view! {
        <svg class=class viewBox="0 0 24 24" style=move || format!("--h:{}", hue.get()) aria-hidden="true">
            <rect width="24" height="24"></rect>
            {picture}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use protocol::agents::AgentSettings;

    use super::*;

    #[test]
    fn hue_and_bars_are_stable() {
        assert_eq!(hue_of("payments"), hue_of("payments"));
        let bars = bars_of("01jd5m0w3v8k2q4r6s8t0v2x4z");
        assert_eq!(bars.matches('M').count(), 4);
        assert_ne!(bars, bars_of("01jd5m0w3v8k2q4r6s8t0v2x50"));
    }

    #[test]
    fn a_chosen_colour_wins_over_the_group() {
        let settings = AgentSettings { name: "payments-fix".into(), ..AgentSettings::default() };
        let mut agent = Agent::new("01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap(), settings, 0);
        assert_eq!(hue_of_agent(&agent), hue_of("payments"));
        agent.settings.colour = Colour::Rose;
        assert_eq!(hue_of_agent(&agent), 330);
        let hues: Vec<u16> = Colour::ALL.into_iter().filter_map(hue_of_colour).collect();
        assert_eq!(hues, HUES);
    }
}
