//! The document's title. It holds what people typed, such as the name of an agent.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
use browser::shown;
#[cfg(feature = "ssr")]
use server::shown;

/// The whole title of a page that calls itself so.
pub(crate) fn whole(page: &str) -> String {
    shown(format!("{page} · Maestro"))
}
