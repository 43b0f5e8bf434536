//! The copy of the signed heads outside the database: one JSON line each, only ever added to.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use store::audit::Head;

use super::head::Line;

/// Longest line that is looked at.
const LONGEST: u64 = 4_096;

/// Adds a line and waits for the disk.
pub(super) fn append(path: &Path, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    let mut file =
        OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
    drop_torn_end(&mut file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Removes what a crash left of a line that was never finished.
fn drop_torn_end(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(LONGEST);
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    io::Read::take(&mut *file, LONGEST).read_to_end(&mut end)?;
    match end.iter().rposition(|byte| *byte == b'\n') {
        _ if end.is_empty() || end.ends_with(b"\n") => Ok(()),
        Some(at) => file.set_len(from + at as u64 + 1),
        None if from == 0 => file.set_len(0),
        // No crash leaves that much: somebody wrote it, and a check shall tell.
        None => file.write_all(b"\n"),
    }
}

/// Calls `each` with every line's head, or with the number of a line that cannot be read. A
/// last line that was never finished is left out. No file is no line.
pub(super) fn read(path: &Path, mut each: impl FnMut(Result<Head, usize>)) -> io::Result<()> {
    let mut lines = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        (&mut lines).take(LONGEST).read_until(b'\n', &mut line)?;
        if line.ends_with(b"\n") {
            let head = serde_json::from_slice(&line).ok().and_then(|line: Line| line.head());
            each(head.ok_or(number));
        } else if line.len() as u64 == LONGEST {
            each(Err(number));
            lines.skip_until(b'\n')?;
        } else {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use ed25519_dalek::SigningKey;

    use super::super::head::Notary;
    use super::*;

    fn all(path: &Path) -> Vec<Result<i64, usize>> {
        let mut found = Vec::new();
        read(path, |head| found.push(head.map(|head| head.seq))).unwrap();
        found
    }

    fn add(path: &Path, seq: i64) {
        let notary = Notary::new(SigningKey::from_bytes(&[1; 32]), "abc");
        append(path, &notary.line(&notary.sign(seq, 5, [3; 32]))).unwrap();
    }

    #[test]
    fn lines_are_added_privately_and_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads");
        assert_eq!(all(&path), []);
        for seq in 1..4 {
            add(&path, seq);
        }
        assert_eq!(all(&path), [Ok(1), Ok(2), Ok(3)]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_line_that_a_crash_cut_off_goes_with_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads");
        add(&path, 1);
        let whole = fs::read(&path).unwrap();
        for length in 1..whole.len() {
            let mut torn = whole.clone();
            torn.extend(&whole[..length]);
            fs::write(&path, &torn).unwrap();
            assert_eq!(all(&path), [Ok(1)]);
            add(&path, 2);
            assert_eq!(all(&path), [Ok(1), Ok(2)]);
            fs::write(&path, &whole[..length]).unwrap();
            add(&path, 2);
            assert_eq!(all(&path), [Ok(2)]);
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads");
        add(&path, 1);
        let one = fs::read_to_string(&path).unwrap();
        let long = "x".repeat(10_000);
        fs::write(&path, format!("{one}\n{{}}\n{long}\n{one}{long}")).unwrap();
        assert_eq!(all(&path), [Ok(1), Err(2), Err(3), Err(4), Ok(1), Err(6)]);
        add(&path, 2);
        assert_eq!(all(&path), [Ok(1), Err(2), Err(3), Err(4), Ok(1), Err(6), Ok(2)]);
    }
}
