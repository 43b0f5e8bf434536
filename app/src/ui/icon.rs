//! Icons: references into the page's one sprite.

use leptos::prelude::*;

/// A symbol of the sprite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its picture")]
pub enum Icon {
    Check,
    ChevronDown,
    ChevronLeft,
    ChevronRight,
    CircleStop,
    Folder,
    Keyboard,
    Moon,
    Play,
    PlugZap,
    Plus,
    SendHorizontal,
    Server,
    SquareTerminal,
    Sun,
    SunMoon,
    Trash,
    TriangleAlert,
    WifiOff,
}

impl Icon {
    fn href(self) -> &'static str {
        match self {
            Self::Check => "#i-check",
            Self::ChevronDown => "#i-chevron-down",
            Self::ChevronLeft => "#i-chevron-left",
            Self::ChevronRight => "#i-chevron-right",
            Self::CircleStop => "#i-circle-stop",
            Self::Folder => "#i-folder",
            Self::Keyboard => "#i-keyboard",
            Self::Moon => "#i-moon",
            Self::Play => "#i-play",
            Self::PlugZap => "#i-plug-zap",
            Self::Plus => "#i-plus",
            Self::SendHorizontal => "#i-send-horizontal",
            Self::Server => "#i-server",
            Self::SquareTerminal => "#i-square-terminal",
            Self::Sun => "#i-sun",
            Self::SunMoon => "#i-sun-moon",
            Self::Trash => "#i-trash",
            Self::TriangleAlert => "#i-triangle-alert",
            Self::WifiOff => "#i-wifi-off",
        }
    }
}

/// Draws an icon. It is decoration: the words beside it, or a label, carry the meaning.
#[component]
pub fn IconView(
    /// Which.
    #[prop(into)]
    icon: Signal<Icon>,
    /// Classes, `ico` by default.
    #[prop(default = "ico")]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=class aria-hidden="true">
            <use href=move || icon.get().href()></use>
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_in_the_sprite() {
        let sprite = include_str!("sprite.svg");
        for icon in [
            Icon::Check,
            Icon::ChevronDown,
            Icon::ChevronLeft,
            Icon::ChevronRight,
            Icon::CircleStop,
            Icon::Folder,
            Icon::Keyboard,
            Icon::Moon,
            Icon::Play,
            Icon::PlugZap,
            Icon::Plus,
            Icon::SendHorizontal,
            Icon::Server,
            Icon::SquareTerminal,
            Icon::Sun,
            Icon::SunMoon,
            Icon::Trash,
            Icon::TriangleAlert,
            Icon::WifiOff,
        ] {
            let id = format!("id=\"{}\"", icon.href().trim_start_matches('#'));
            assert!(sprite.contains(&id), "{id}");
        }
    }
}
