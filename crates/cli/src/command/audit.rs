//! `maestro audit …`: what can be typed after it.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use protocol::access::audit::Outcome;

/// `maestro audit …`
#[derive(Clone, Debug, Args)]
pub struct AuditCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: AuditAction,
}

/// What to do with the audit trail: who did what, how, and with what result.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditAction {
    /// Show the last entries, newest first, times in UTC
    Show(ShowArgs),
    /// Check that no entry was changed, removed or put in; exit code 1 if one was
    Verify(VerifyArgs),
    /// Write the whole trail, oldest entry first, one JSON object per line
    Export(ExportArgs),
}

/// Which entries to show.
#[derive(Clone, Copy, Debug, Args)]
pub struct ShowArgs {
    /// At most this many entries, up to 10000
    #[arg(long, value_name = "N", default_value_t = 50,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Only what was done, what was not allowed (denied), or what did not work (failed)
    #[arg(long, value_parser = outcome())]
    pub outcome: Option<Outcome>,
    /// Only entries before the one with this number
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(i64).range(1..))]
    pub before: Option<i64>,
}

/// What to check.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Each entry's hash covers the one before, so a changed, removed or added \
    entry breaks the\nchain. Maestro also compares its own trail with heads that it signed, which \
    shows a trail\nthat was cut at its end. A file has no signed heads: only its chain is checked, \
    and it can\nbe compared with the last hash that is printed.")]
pub struct VerifyArgs {
    /// Check a file that `maestro audit export` wrote; Maestro need not run
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Where to write.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// New file, which only you can read; “-” or none is standard output
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

fn outcome() -> impl TypedValueParser<Value = Outcome> {
    const ALL: [Outcome; 3] = [Outcome::Done, Outcome::Denied, Outcome::Failed];
    PossibleValuesParser::new(ALL.map(Outcome::word)).try_map(|word| {
        ALL.into_iter().find(|outcome| outcome.word() == word).ok_or("no such outcome")
    })
}
