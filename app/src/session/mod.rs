//! The login as this page knows it: the secret that proves a request comes from our own pages.

#[cfg(not(feature = "ssr"))]
mod browser;
mod client;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
pub use browser::secret;
pub use client::PageClient;
#[cfg(feature = "ssr")]
pub use server::secret;

/// Request header that carries the secret.
pub const SECRET_HEADER: &str = "x-maestro-secret";
