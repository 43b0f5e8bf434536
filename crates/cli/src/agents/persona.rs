//! `--persona TEXT` and `--persona-file FILE`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use protocol::error::ApiError;
use protocol::limits;

/// The persona that was typed or lies in a file, without the line break at its end; nothing if
/// neither was named.
pub(super) fn persona(
    text: Option<String>,
    file: Option<&Path>,
    working_folder: &Path,
) -> Result<Option<String>, ApiError> {
    let Some(file) = file else { return Ok(text) };
    let wrong = |why: String| ApiError::invalid("persona", format!("{} {why}", file.display()));
    let unreadable =
        |error| wrong(format!("cannot be read: {error}. Name a file that you can read."));
    // One byte more than allowed, to see that there is more, and never the whole of a huge file.
    let most = limits::PERSONA_BYTES as u64 + 2;
    let mut bytes = Vec::new();
    File::open(working_folder.join(file))
        .and_then(|opened| opened.take(most).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(wrong("is not text in UTF-8. Write the persona as plain text.".to_owned()));
    };
    let text = text.strip_suffix('\n').unwrap_or(&text);
    if text.len() > limits::PERSONA_BYTES {
        let most = limits::PERSONA_BYTES;
        return Err(wrong(format!("is too long. Shorten the persona to {most} bytes or fewer.")));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let folder = tempfile::TempDir::new().unwrap();
        let read = |content: &[u8]| {
            std::fs::write(folder.path().join("p"), content).unwrap();
            persona(None, Some(Path::new("p")), folder.path())
        };
        assert_eq!(read(b"You test.\n\n").unwrap().as_deref(), Some("You test.\n"));
        let longest = "x".repeat(limits::PERSONA_BYTES);
        assert_eq!(read(format!("{longest}\n").as_bytes()).unwrap(), Some(longest.clone()));
        let error = read(format!("{longest}é").as_bytes()).unwrap_err();
        assert_eq!(error.message, "p is too long. Shorten the persona to 16384 bytes or fewer.");
        let error = read(b"\xff").unwrap_err();
        assert_eq!(error.message, "p is not text in UTF-8. Write the persona as plain text.");
    }
}
