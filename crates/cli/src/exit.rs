//! The exit codes, which scripts rely on.
//!
//! | code | meaning |
//! |-----:|---------|
//! |    0 | done |
//! |    1 | anything else went wrong; Maestro's log may say more |
//! |    2 | the command line is wrong or lacks something |
//! |    3 | Maestro is not running, or does not answer |
//! |    4 | there is no such agent, terminal, version, device or token |
//! |    5 | a value is not valid |
//! |    6 | it contradicts what is there, such as a taken name |
//! |    7 | this is not allowed |
//! |    8 | something that it needs is missing, such as a program |
//! |    9 | the token is not, or no longer, accepted |
//! |   10 | too many attempts; the sentence says when to try again |
//!
//! A command about many agents ends with 0 when none was refused, with the code of the refusals
//! when they are all of one kind, and with 1 when they are not.

use std::io;
use std::process::ExitCode;

use protocol::error::{ApiError, ErrorCode};

/// How the process ends; the module's table says what each means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// Anything else.
    Other = 1,
    /// The command line is wrong or lacks something; clap uses the same code.
    Usage = 2,
    /// Maestro is not running, or does not answer.
    Unreachable = 3,
    /// No such agent, terminal, version, device or token.
    NotFound = 4,
    /// A value is not valid.
    Invalid = 5,
    /// It contradicts what is there.
    Conflict = 6,
    /// Not allowed.
    NotAllowed = 7,
    /// Something that it needs is missing.
    Unavailable = 8,
    /// The token is not, or no longer, accepted.
    Unauthenticated = 9,
    /// Too many attempts.
    TooMany = 10,
}

impl Exit {
    /// Nobody reads on (`… | head`) is fine; any other failure to write is not.
    pub(crate) fn after_write_error(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Ok } else { Self::Other }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<ErrorCode> for Exit {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::NotFound => Self::NotFound,
            ErrorCode::Invalid | ErrorCode::TooLarge => Self::Invalid,
            ErrorCode::Conflict => Self::Conflict,
            ErrorCode::Forbidden | ErrorCode::Stale => Self::NotAllowed,
            ErrorCode::Unavailable => Self::Unavailable,
            ErrorCode::Unauthenticated => Self::Unauthenticated,
            ErrorCode::TooMany => Self::TooMany,
            _ => Self::Other,
        }
    }
}

/// A command that was not done: the sentence and the exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// How the process ends.
    pub exit: Exit,
    /// What to say.
    pub error: ApiError,
}

impl Refusal {
    /// The server cannot be reached.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self { exit: Exit::Unreachable, error: ApiError::new(ErrorCode::Unavailable, message) }
    }

    /// The command line is wrong about this field.
    pub(crate) fn usage(field: &str, message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, error: ApiError::invalid(field, message) }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self { exit: error.code.into(), error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_error_has_its_code() {
        fn check(code: ErrorCode, expected: u8) {
            assert_eq!(Exit::from(code) as u8, expected, "{code:?}");
        }
        check(ErrorCode::Internal, 1);
        check(ErrorCode::Misdirected, 1);
        check(ErrorCode::NotFound, 4);
        check(ErrorCode::Invalid, 5);
        check(ErrorCode::TooLarge, 5);
        check(ErrorCode::Conflict, 6);
        check(ErrorCode::Forbidden, 7);
        check(ErrorCode::Stale, 7);
        check(ErrorCode::Unavailable, 8);
        check(ErrorCode::Unauthenticated, 9);
        check(ErrorCode::TooMany, 10);
        assert_eq!(Refusal::unreachable("").exit as u8, 3);
    }

    #[test]
    fn a_reader_that_leaves_is_no_failure() {
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(Exit::after_write_error(&closed), Exit::Ok);
        assert_eq!(Exit::after_write_error(&io::ErrorKind::StorageFull.into()), Exit::Other);
    }
}
