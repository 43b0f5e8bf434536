//! Why there is no certificate, and what to do.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::home::HomeError;

/// Why there is no certificate, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// Folders and files that are not as private as they must be.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file that is not what it should be.
    #[error("{path} cannot be used: {problem}. Correct the file, or name another one.")]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Two files that do not belong together.
    #[error(
        "The key in {key} does not belong to the certificate in {cert}. Give the key that the certificate was made for."
    )]
    Mismatch {
        /// The certificate.
        cert: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// Too late.
    #[error("The certificate in {path} expired on {day}. Renew it, then start Maestro again.")]
    Expired {
        /// The certificate.
        path: PathBuf,
        /// Its last day.
        day: String,
    },
    /// Too early: more often than not this machine's clock is wrong.
    #[error(
        "The certificate in {path} is not valid before {day}. Check this machine's clock, or use \
         another certificate."
    )]
    NotYet {
        /// The certificate.
        path: PathBuf,
        /// Its first day.
        day: String,
    },
    /// An authority that can sign nothing any more.
    #[error(
        "{key} is missing, so this instance's certificate authority cannot sign. Put the file \
         back, or delete {pem}: another authority is made, which every device must trust anew."
    )]
    LostKey {
        /// The authority's key.
        key: PathBuf,
        /// Its certificate.
        pem: PathBuf,
    },
    /// No such program.
    #[error(
        "The program {} was not found. Install Tailscale, or use --tls own instead.",
        .0.display()
    )]
    NoTailscale(PathBuf),
    /// The program has no certificate for us.
    #[error("Tailscale gives no certificate: {0}. Mend that, or use --tls own instead.")]
    Tailscale(String),
    /// A library refused.
    #[error("The certificate cannot be made: {0}. Check --name, or use --tls-cert and --tls-key.")]
    Make(String),
}

impl TlsError {
    pub(super) fn file(path: &Path, problem: impl fmt::Display) -> Self {
        Self::File { path: path.to_owned(), problem: problem.to_string() }
    }

    pub(super) fn make(error: impl fmt::Display) -> Self {
        Self::Make(error.to_string())
    }
}
