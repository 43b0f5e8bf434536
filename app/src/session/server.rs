//! The server renders pages; it never holds a browser's secret.

/// Always nothing here: the secret never leaves the browser except in a header.
pub fn secret() -> Option<String> {
    None
}
