//! The `maestro` binary: without a subcommand it serves.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::command::run(std::env::args_os())
}
