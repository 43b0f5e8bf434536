//! The whole trail, as it comes from the server, into a file or onto standard output.

use std::io::{self, Read, Write};
use std::path::Path;

use protocol::error::{ApiError, ErrorCode};
use tempfile::NamedTempFile;

use crate::client::Client;
use crate::command::audit::ExportArgs;
use crate::context::Context;
use crate::exit::{Exit, Refusal};
use crate::output::{Report, audit as say};

/// Read and written at once.
const PART_BYTES: usize = 64 * 1024;

/// Copies it.
pub(super) fn run(
    args: &ExportArgs,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    let file = args.file.as_deref().filter(|file| *file != Path::new("-"));
    let Some(file) = file else {
        let mut trail = client.export_audit()?;
        return match copy(&mut trail, context.out) {
            // Nobody reads on (`… | head`): that is their choice.
            Err(Broken::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                Ok(say::streamed())
            }
            Err(broken) => Err(broken.into_refusal("Standard output")),
            Ok(_entries) => Ok(say::streamed()),
        };
    };
    let path = context.working_folder.join(file);
    let shown = path.display().to_string();
    if !args.force && path.symlink_metadata().is_ok() {
        return Err(taken(&shown));
    }
    let unwritable = |error: io::Error| Broken::Write(error).into_refusal(&shown);
    // Beside the place where it belongs, and readable by nobody else: what lies at that place is
    // always whole.
    let folder = path.parent().unwrap_or(&context.working_folder);
    let mut draft = NamedTempFile::new_in(folder).map_err(unwritable)?;
    let mut trail = client.export_audit()?;
    let entries =
        copy(&mut trail, draft.as_file_mut()).map_err(|broken| broken.into_refusal(&shown))?;
    draft.as_file().sync_all().map_err(unwritable)?;
    let kept = if args.force { draft.persist(&path) } else { draft.persist_noclobber(&path) };
    match kept {
        Ok(_file) => Ok(say::exported(&shown, entries)),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(taken(&shown)),
        Err(error) => Err(unwritable(error.error)),
    }
}

/// Which side failed.
enum Broken {
    Read(io::Error),
    Write(io::Error),
}

impl Broken {
    fn into_refusal(self, shown: &str) -> Refusal {
        match self {
            Self::Read(error) => Refusal::unreachable(format!(
                "Maestro stopped in the middle of the trail: {error}. Export it again."
            )),
            Self::Write(error) => {
                let message = format!("{shown} cannot be written: {error}.");
                Refusal { exit: Exit::Other, error: ApiError::new(ErrorCode::Internal, message) }
            }
        }
    }
}

/// Copies all lines and returns how many there were.
fn copy(from: &mut impl Read, to: &mut (impl Write + ?Sized)) -> Result<u64, Broken> {
    let mut part = vec![0; PART_BYTES];
    let mut lines = 0;
    loop {
        let read = match from.read(&mut part) {
            Ok(0) => break,
            Ok(read) => &part[..read],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Broken::Read(error)),
        };
        lines += read.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        to.write_all(read).map_err(Broken::Write)?;
    }
    to.flush().map_err(Broken::Write)?;
    Ok(lines)
}

fn taken(shown: &str) -> Refusal {
    let message = format!("{shown} is there already. Name another file, or add --force.");
    ApiError::new(ErrorCode::Conflict, message).into()
}
