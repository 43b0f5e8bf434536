//! Icons: references into the page's one sprite.

use leptos::prelude::*;

/// A symbol of the sprite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its picture")]
pub enum Icon {
    Activity,
    Check,
    ChevronDown,
    ChevronLeft,
    ChevronRight,
    ChevronUp,
    CircleStop,
    Copy,
    Ellipsis,
    Eye,
    Folder,
    FolderInput,
    FunnelX,
    History,
    KeyRound,
    Keyboard,
    MessageSquare,
    Moon,
    Pencil,
    Play,
    PlugZap,
    Plus,
    Power,
    RotateCcw,
    RotateCw,
    ScrollText,
    Search,
    SendHorizontal,
    Server,
    SquareTerminal,
    Star,
    Sun,
    SunMoon,
    Tag,
    Trash,
    TriangleAlert,
    WifiOff,
    X,
}

impl Icon {
    fn href(self) -> &'static str {
        match self {
            Self::Activity => "#i-activity",
            Self::Check => "#i-check",
            Self::ChevronDown => "#i-chevron-down",
            Self::ChevronLeft => "#i-chevron-left",
            Self::ChevronRight => "#i-chevron-right",
            Self::ChevronUp => "#i-chevron-up",
            Self::CircleStop => "#i-circle-stop",
            Self::Copy => "#i-copy",
            Self::Ellipsis => "#i-ellipsis",
            Self::Eye => "#i-eye",
            Self::Folder => "#i-folder",
            Self::FolderInput => "#i-folder-input",
            Self::FunnelX => "#i-funnel-x",
            Self::History => "#i-history",
            Self::KeyRound => "#i-key-round",
            Self::Keyboard => "#i-keyboard",
            Self::MessageSquare => "#i-message-square",
            Self::Moon => "#i-moon",
            Self::Pencil => "#i-pencil",
            Self::Play => "#i-play",
            Self::PlugZap => "#i-plug-zap",
            Self::Plus => "#i-plus",
            Self::Power => "#i-power",
            Self::RotateCcw => "#i-rotate-ccw",
            Self::RotateCw => "#i-rotate-cw",
            Self::ScrollText => "#i-scroll-text",
            Self::Search => "#i-search",
            Self::SendHorizontal => "#i-send-horizontal",
            Self::Server => "#i-server",
            Self::SquareTerminal => "#i-square-terminal",
            Self::Star => "#i-star",
            Self::Sun => "#i-sun",
            Self::SunMoon => "#i-sun-moon",
            Self::Tag => "#i-tag",
            Self::Trash => "#i-trash",
            Self::TriangleAlert => "#i-triangle-alert",
            Self::WifiOff => "#i-wifi-off",
            Self::X => "#i-x",
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
            Icon::Activity,
            Icon::Check,
            Icon::ChevronDown,
            Icon::ChevronLeft,
            Icon::ChevronRight,
            Icon::ChevronUp,
            Icon::CircleStop,
            Icon::Copy,
            Icon::Ellipsis,
            Icon::Eye,
            Icon::Folder,
            Icon::FolderInput,
            Icon::FunnelX,
            Icon::History,
            Icon::KeyRound,
            Icon::Keyboard,
            Icon::MessageSquare,
            Icon::Moon,
            Icon::Pencil,
            Icon::Play,
            Icon::PlugZap,
            Icon::Plus,
            Icon::Power,
            Icon::RotateCcw,
            Icon::RotateCw,
            Icon::ScrollText,
            Icon::Search,
            Icon::SendHorizontal,
            Icon::Server,
            Icon::SquareTerminal,
            Icon::Star,
            Icon::Sun,
            Icon::SunMoon,
            Icon::Tag,
            Icon::Trash,
            Icon::TriangleAlert,
            Icon::WifiOff,
            Icon::X,
        ] {
            let id = format!("id=\"{}\"", icon.href().trim_start_matches('#'));
            assert!(sprite.contains(&id), "{id}");
        }
    }
}
