//! The HTML document around the app. Only the server renders it.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::shell::App;
use crate::theme::Theme;

/// All icons and glyphs, once per page; `<use href="#…">` refers to them.
const SPRITE: &str = include_str!("ui/sprite.svg");

/// What the server knows about a request and the document needs. Provide it as context before
/// rendering; the browser reads it back from the document.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// From the theme cookie.
    pub theme: Theme,
    /// Id of this Maestro instance: names the secret in the browser's storage.
    pub instance: String,
    /// Id of this build: a tab that was opened with another one learns that it is outdated.
    pub build: String,
}

/// The document. Scripts carry the nonce of the response.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let request = use_context::<PageRequest>().unwrap_or_default();
    let stylesheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=request.theme.name() data-density="dense">
            <head>
                <meta charset="utf-8"/>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <meta name="color-scheme" content="dark light"/>
                <meta name="maestro-instance" content=request.instance/>
                <meta name="maestro-build" content=request.build/>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                <link
                    rel="preload"
                    href="/fonts/inter-ui.woff2"
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin="anonymous"
                />
                <link rel="stylesheet" href=stylesheet/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
                // Behind the app: hydration starts at the first child of the body.
                <svg class="sprite" aria-hidden="true" inner_html=SPRITE></svg>
            </body>
        </html>
    }
    .into_any()
}
