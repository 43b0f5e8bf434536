//! Looks up the values of environment references. They go to the agent's launcher and nowhere
//! else: not into the database, not into the log, not into an error.

use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use protocol::agents::{EnvReference, EnvSource};
use protocol::error::ApiError;
use protocol::limits;
use rustix::fs::OFlags;

/// Names and values, in the order of the references.
pub(super) async fn resolve(
    references: &[EnvReference],
) -> Result<Vec<(String, String)>, ApiError> {
    let mut values = Vec::with_capacity(references.len());
    for EnvReference { name, source } in references {
        let value = match source {
            EnvSource::Variable(variable) => from_variable(name, variable)?,
            EnvSource::File(file) => {
                let (name, file) = (name.clone(), file.clone());
                // A file may lie on a disk that is slow.
                tokio::task::spawn_blocking(move || from_file(&name, Path::new(&file)))
                    .await
                    .map_err(|_panicked| ApiError::internal())??
            }
        };
        values.push((name.clone(), value));
    }
    Ok(values)
}

fn refuse(name: &str, what: &str) -> ApiError {
    ApiError::invalid("env", format!("{name} has no value: {what}"))
}

fn from_variable(name: &str, variable: &str) -> Result<String, ApiError> {
    match std::env::var(variable) {
        Ok(value) => usable(name, value),
        Err(std::env::VarError::NotPresent) => Err(refuse(
            name,
            &format!(
                "the variable {variable} is not set where Maestro runs. Set it there and restart \
                 Maestro, or take the value from a file."
            ),
        )),
        Err(std::env::VarError::NotUnicode(_)) => {
            let what = format!("the variable {variable} is not valid UTF-8. Set it to text.");
            Err(refuse(name, &what))
        }
    }
}

fn from_file(name: &str, file: &Path) -> Result<String, ApiError> {
    let shown = file.display();
    let unreadable = |error: std::io::Error| {
        refuse(name, &format!("the file {shown} cannot be read: {error}. Check the path."))
    };
    // A pipe at this path must not hold up the start until somebody writes into it.
    let waiting_for_nobody = OFlags::NONBLOCK.bits().cast_signed();
    let mut opened = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(waiting_for_nobody)
        .open(file)
        .map_err(unreadable)?;
    let facts = opened.metadata().map_err(unreadable)?;
    if !facts.is_file() {
        let what = format!("{shown} is not a regular file. Name the file that holds the value.");
        return Err(refuse(name, &what));
    }
    if facts.uid() != rustix::process::geteuid().as_raw() {
        let what = format!("the file {shown} belongs to somebody else. Name one of your own.");
        return Err(refuse(name, &what));
    }
    if facts.permissions().mode() & 0o077 != 0 {
        return Err(refuse(
            name,
            &format!("others can read or change the file {shown}. Run: chmod 600 {}", quoted(file)),
        ));
    }
    // One byte more than a value with the longest line break shows that there is too much.
    let most = limits::ENV_VALUE_BYTES as u64 + 3;
    let mut bytes = Vec::new();
    opened.by_ref().take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    if bytes.len() > limits::ENV_VALUE_BYTES {
        return Err(too_long(name));
    }
    let value = String::from_utf8(bytes).map_err(|_bytes| {
        refuse(name, &format!("the file {shown} is not valid UTF-8. Write the value as text."))
    })?;
    usable(name, value)
}

/// The path as one word of a shell, for a command that people copy.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

fn too_long(name: &str) -> ApiError {
    let most = limits::ENV_VALUE_BYTES;
    refuse(name, &format!("it is longer than {most} bytes. Shorten it."))
}

fn usable(name: &str, value: String) -> Result<String, ApiError> {
    if value.len() > limits::ENV_VALUE_BYTES {
        return Err(too_long(name));
    }
    if value.contains('\0') {
        return Err(refuse(name, "it holds a NUL character. Remove it."));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    async fn from(source: EnvSource) -> Result<String, ApiError> {
        let reference = EnvReference { name: "KEY".into(), source };
        resolve(&[reference]).await.map(|mut values| values.remove(0).1)
    }

    #[tokio::test]
    async fn values_come_from_variables_and_private_files() {
        let path = from(EnvSource::Variable("PATH".into())).await.unwrap();
        assert_eq!(path, std::env::var("PATH").unwrap());
        let missing = from(EnvSource::Variable("MST_NOT_SET".into())).await.unwrap_err();
        assert_eq!(missing.field.as_deref(), Some("env"));
        assert!(missing.message.contains("MST_NOT_SET is not set"), "{missing}");
    }

    #[tokio::test]
    async fn a_file_is_private_and_loses_one_line_break() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("the owner's key");
        let source = EnvSource::File(file.to_string_lossy().into_owned());
        let absent = from(source.clone()).await.unwrap_err();
        assert!(absent.message.contains("cannot be read"), "{absent}");
        fs::write(&file, "line one\nline two\n").unwrap();
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let open = from(source.clone()).await.unwrap_err();
            assert_eq!(open.field.as_deref(), Some("env"));
            assert!(open.message.contains(r"the owner'\''s key'"), "{open}");
        }
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        let full = "x".repeat(limits::ENV_VALUE_BYTES);
        for (content, value) in [
            ("line one\nline two\n", "line one\nline two"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("a", "a"),
            ("\n", ""),
            (&format!("{full}\n"), &full),
            (&format!("{full}\r\n"), &full),
        ] {
            fs::write(&file, content).unwrap();
            assert_eq!(from(source.clone()).await.unwrap(), value);
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        fs::write(&file, "linked").unwrap();
        let linked = EnvSource::File(link.to_string_lossy().into_owned());
        assert_eq!(from(linked).await.unwrap(), "linked");

        for (content, words) in [
            (format!("{full}\r\nsecret").into_bytes(), "longer than"),
            (vec![b'x'; limits::ENV_VALUE_BYTES + 1], "longer than"),
            ("é".repeat(limits::ENV_VALUE_BYTES).into_bytes(), "longer than"),
            (b"secret\0".to_vec(), "NUL"),
            (b"secret\xff".to_vec(), "UTF-8"),
        ] {
            fs::write(&file, content).unwrap();
            let error = from(source.clone()).await.unwrap_err();
            assert!(error.message.contains(words), "{error}");
            assert!(!error.message.contains("secret"), "{error}");
        }
    }

    #[tokio::test]
    async fn folders_and_pipes_are_no_values_and_hold_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        for path in [folder.path(), &pipe] {
            let source = EnvSource::File(path.to_string_lossy().into_owned());
            let error = from(source).await.unwrap_err();
            assert!(error.message.contains("not a regular file"), "{error}");
        }
    }
}
