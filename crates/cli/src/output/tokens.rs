//! Tokens of scripts.

use protocol::access::tokens::{NewToken, Token};

use super::moment::{minute, utc};
use super::table::table;
use super::{Report, quoted, visible};
use crate::choice;

/// A token that was just made: its secret alone on standard output, for scripts.
pub(crate) fn created(made: &NewToken) -> Report {
    let Token { name, role, expires_at_ms, .. } = &made.token;
    let until = expires_at_ms.map(|at| format!(" until {}", utc(at))).unwrap_or_default();
    Report::new(made, format!("{}\n", visible(&made.secret))).remark(format!(
        "This is the secret of token {}, which may act as {role}{until}. It is shown this once: \
         keep it where only the script can read it.",
        quoted(name)
    ))
}

/// Tokens, one per row.
pub(crate) fn list(tokens: &[Token]) -> Report {
    if tokens.is_empty() {
        let text = "There are no tokens. `maestro token create` makes one.\n";
        return Report::new(tokens, text.to_owned());
    }
    let telling = choice::telling(tokens);
    let or_never = |at_ms: Option<i64>| at_ms.map_or_else(|| "never".to_owned(), minute);
    let row = |token: &Token| {
        [
            visible(&token.name),
            token.role.to_string(),
            format!("{}…", visible(&token.prefix)),
            minute(token.created_at_ms),
            or_never(token.expires_at_ms),
            or_never(token.last_used_at_ms),
            visible(&token.id.chars().take(telling).collect::<String>()),
        ]
    };
    let titles = ["NAME", "ROLE", "SECRET", "MADE (UTC)", "EXPIRES (UTC)", "LAST USED (UTC)", "ID"];
    Report::new(tokens, table(titles, tokens.iter().map(row).collect()))
}
