//! Dark, light, or whatever the device prefers. A cookie keeps the choice, so the server renders
//! the right one at once.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;
mod toggle;

use leptos::prelude::*;

#[cfg(not(feature = "ssr"))]
use browser::{apply, current};
#[cfg(feature = "ssr")]
use server::{apply, current};
pub use toggle::ThemeToggle;

/// Name of the cookie; it is readable by the page and holds nothing but the theme's name.
pub const THEME_COOKIE: &str = "maestro_theme";

/// The colours of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light text on dark ground.
    Dark,
    /// Dark text on light ground.
    Light,
    /// The device decides, until somebody chooses.
    #[default]
    Auto,
}

impl Theme {
    /// The theme that a cookie or `data-theme` names; the device's when it names none.
    pub fn named(name: &str) -> Self {
        match name {
            "dark" => Self::Dark,
            "light" => Self::Light,
            _ => Self::Auto,
        }
    }

    /// Its name in the cookie and in `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Auto => "auto",
        }
    }

    /// The one that the toggle goes to from here.
    fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Auto,
            Self::Auto => Self::Dark,
        }
    }
}

/// The chosen theme, for whoever paints outside of CSS, such as a terminal.
#[derive(Clone, Copy)]
pub struct ThemeState(RwSignal<Theme>);

impl ThemeState {
    /// Reads the theme of this page and provides it to every component below.
    pub fn provide() {
        provide_context(Self(RwSignal::new(current())));
    }

    /// The theme now; tracks changes.
    pub fn get(self) -> Theme {
        self.0.get()
    }

    fn advance(self) {
        let next = self.0.get_untracked().next();
        apply(next);
        self.0.set(next);
    }
}

/// The theme of this page.
pub fn use_theme() -> ThemeState {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_cookie_and_the_toggle_visits_all() {
        for theme in [Theme::Dark, Theme::Light, Theme::Auto] {
            assert_eq!(Theme::named(theme.name()), theme);
            assert_eq!(theme.next().next().next(), theme);
        }
        assert_eq!(Theme::named("<script>"), Theme::Auto);
    }
}
