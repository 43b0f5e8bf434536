//! The `maestro` executable of this crate's tests: launcher, tap, and a program that tells what it got.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let text = |index: usize| args.get(index).map(|arg| arg.to_string_lossy()).unwrap_or_default();
    match &*text(0) {
        "launch" => tmux::launch::run(Path::new(&args[1])),
        "tap" => tmux::tap::run(Path::new(&args[1]), &text(2), &text(3)),
        "tell" => {
            let told = serde_json::json!({
                "args": args.iter().skip(2).map(|arg| arg.to_string_lossy()).collect::<Vec<_>>(),
                "folder": std::env::current_dir()?,
                "env": std::env::vars().collect::<Vec<_>>(),
            });
            std::fs::write(&args[1], told.to_string())?;
            writeln!(io::stdout(), "told")
        }
        other => Err(io::Error::other(format!("no subcommand {other:?}"))),
    }
}
