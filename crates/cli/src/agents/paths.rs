//! Paths as the server wants them: absolute, or starting with `~/`.

use std::path::Path;

use protocol::error::ApiError;

/// The path, relative ones from the working folder. A `~` that the shell left alone is the
/// server's to expand. `field` is the one that it is about.
pub(super) fn absolute(
    typed: &Path,
    working_folder: &Path,
    field: &str,
) -> Result<String, ApiError> {
    let path = if typed.starts_with("~") || typed.as_os_str().is_empty() {
        typed.to_owned()
    } else {
        working_folder.join(typed).components().collect()
    };
    path.into_os_string().into_string().map_err(|_| {
        ApiError::invalid(
            field,
            "The path is not valid UTF-8. Rename what it names, or choose another one.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_sent_absolute_or_with_a_tilde() {
        fn check(typed: &str, expected: &str) {
            let path = absolute(Path::new(typed), Path::new("/home/ada"), "folder");
            assert_eq!(path.unwrap(), expected, "{typed}");
        }
        check(".", "/home/ada");
        check("work/", "/home/ada/work");
        check("./work", "/home/ada/work");
        check("/srv", "/srv");
        check("~", "~");
        check("~/work", "~/work");
        check("~work", "/home/ada/~work");
        check("", "");
    }
}
