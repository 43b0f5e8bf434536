//! Moving the keyboard's focus.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
pub use browser::focus;
#[cfg(feature = "ssr")]
pub use server::focus;

/// Id of the page's one `<h1>`: it gets the focus when the route changes.
pub(crate) const PAGE_TITLE: &str = "page-title";
