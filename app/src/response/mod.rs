//! The HTTP status of a page, decided by the component that knows.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
pub(crate) use browser::set_status;
#[cfg(feature = "ssr")]
pub(crate) use server::set_status;

/// What a page that is not simply there answers with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PageStatus {
    /// 403: whoever asks may not see it.
    Forbidden,
    /// 404: nothing lives at this address.
    NotFound,
    /// 503: its data could not be loaded.
    Unavailable,
}
