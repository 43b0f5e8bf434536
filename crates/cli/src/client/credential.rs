//! Who asks: the environment says it for scripts and agents, else the data folder.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use protocol::error::{ApiError, ErrorCode};

use super::run_files;
use crate::exit::Refusal;

const TOKEN: &str = "MAESTRO_TOKEN";
const TOKEN_FILE: &str = "MAESTRO_TOKEN_FILE";
pub(super) const ADDRESS: &str = "MAESTRO_ADDRESS";
pub(super) const AUTHORITY_FILE: &str = "MAESTRO_CA_FILE";

/// What the environment says about who asks, and whom. A variable that is set to nothing counts
/// as a mistake and not as absent: the owner's credential must not step in for it.
#[derive(Clone, Default)]
pub struct Environment {
    /// A token.
    pub token: Option<OsString>,
    /// A file that holds one.
    pub token_file: Option<PathBuf>,
    /// Where Maestro is, for such a token.
    pub address: Option<OsString>,
    /// A certificate authority to trust there, in PEM.
    pub authority_file: Option<PathBuf>,
}

impl Environment {
    /// That of this process.
    pub fn of_process() -> Self {
        Self {
            token: std::env::var_os(TOKEN),
            token_file: std::env::var_os(TOKEN_FILE).map(PathBuf::from),
            address: std::env::var_os(ADDRESS),
            authority_file: std::env::var_os(AUTHORITY_FILE).map(PathBuf::from),
        }
    }
}

/// Where a credential came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The data folder: its owner asks.
    DataFolder,
    /// The variable for tokens.
    Variable,
    /// The file that a variable names.
    File(PathBuf),
}

impl Source {
    /// What to call it in a sentence.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::DataFolder => "the data folder".to_owned(),
            Self::Variable => TOKEN.to_owned(),
            Self::File(path) => format!("the file {} ({TOKEN_FILE})", path.display()),
        }
    }
}

/// A token and where it came from.
pub(super) struct Credential {
    pub(super) token: String,
    pub(super) source: Source,
}

impl Credential {
    /// The first that there is: variable, file, data folder.
    pub(super) fn find(
        home: &Path,
        environment: &Environment,
        not_running: &str,
    ) -> Result<Self, Refusal> {
        if let Some(token) = &environment.token {
            let source = Source::Variable;
            return Ok(Self {
                token: usable(token.to_str().unwrap_or_default(), &source)?,
                source,
            });
        }
        if let Some(path) = &environment.token_file {
            let source = Source::File(path.clone());
            return Ok(Self { token: usable(&private(path)?, &source)?, source });
        }
        let token = run_files::token(home, not_running)?;
        Ok(Self { token, source: Source::DataFolder })
    }
}

/// The token, if it can be one. The text is never repeated: it may be a secret all the same.
fn usable(text: &str, source: &Source) -> Result<String, Refusal> {
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!(
            "There is no token in {}. `maestro token create` makes one; without {TOKEN} and \
             {TOKEN_FILE} the data folder's own is used.",
            source.place()
        );
        return Err(Refusal::usage(TOKEN, message));
    }
    Ok(token.to_owned())
}

/// The text of a file that nobody else can read.
fn private(path: &Path) -> Result<String, Refusal> {
    let unreadable = |error: std::io::Error| {
        let path = path.display();
        let message = format!("{TOKEN_FILE} names {path}, which cannot be read: {error}.");
        Refusal::usage(TOKEN_FILE, message)
    };
    let facts = fs::metadata(path).map_err(unreadable)?;
    if facts.permissions().mode() & 0o077 != 0 {
        let path = path.display();
        let message = format!(
            "Others on this machine can read the token in {path}. Revoke it with `maestro token \
             revoke`, make another one, and keep it in a file of mode 0600."
        );
        return Err(ApiError::new(ErrorCode::Forbidden, message).into());
    }
    fs::read_to_string(path).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_no_token_is_not_sent() {
        for text in ["", " \n", "a b", "a\nb", "tö", "a\u{7}"] {
            let refusal = usable(text, &Source::Variable).unwrap_err();
            assert!(text.trim().is_empty() || !refusal.error.message.contains(text), "{text:?}");
        }
        assert_eq!(usable("mt_abc\n", &Source::Variable).unwrap(), "mt_abc");
    }
}
