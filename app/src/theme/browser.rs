//! In the browser the theme is an attribute of the document, kept in a cookie.

use wasm_bindgen::JsCast;

use super::{THEME_COOKIE, Theme};

/// Cookies last at most 400 days; the choice is renewed with every change.
const KEEP_SECONDS: u32 = 400 * 24 * 60 * 60;

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}

/// The theme that the server rendered.
pub(super) fn current() -> Theme {
    document()
        .and_then(|document| document.document_element()?.get_attribute("data-theme"))
        .map_or(Theme::Auto, |name| Theme::named(&name))
}

/// Paints the page in this theme and keeps the choice.
pub(super) fn apply(theme: Theme) {
    let Some(document) = document() else { return };
    let name = theme.name();
    if let Some(root) = document.document_element() {
        // Setting an attribute fails for malformed names only; this one is constant.
        let _ = root.set_attribute("data-theme", name);
    }
    if let Some(html) = document.dyn_ref::<web_sys::HtmlDocument>() {
        let cookie = format!("{THEME_COOKIE}={name}; Path=/; Max-Age={KEEP_SECONDS}; SameSite=Lax");
        // A browser that blocks cookies keeps the theme until the next load.
        let _ = html.set_cookie(&cookie);
    }
}
