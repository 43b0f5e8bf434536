//! The machine: programs, backups.

use protocol::host::Backup;
use protocol::programs::Program;

use super::moment::utc;
use super::table::table;
use super::{Report, visible};

/// Installed programs.
pub(crate) fn programs(programs: &[Program]) -> Report {
    if programs.is_empty() {
        let text = "No coding agent and no shell was found on Maestro's PATH. Agents can run any \
                    other program, by its absolute path too.\n";
        return Report::new(programs, text.to_owned());
    }
    let row = |program: &Program| {
        [
            program.kind.label().to_owned(),
            visible(&program.name),
            program.version.as_deref().map(visible).unwrap_or_default(),
            visible(&program.path),
        ]
    };
    let titles = ["KIND", "NAME", "VERSION", "PATH"];
    Report::new(programs, table(titles, programs.iter().map(row).collect()))
}

/// A backup that was made now: its path alone on standard output, for scripts.
pub(crate) fn backup(backup: &Backup) -> Report {
    Report::new(backup, format!("{}\n", visible(&backup.path)))
}

/// All backups.
pub(crate) fn backups(backups: &[Backup]) -> Report {
    if backups.is_empty() {
        return Report::new(backups, "No backups yet. `maestro backup` makes one.\n".to_owned());
    }
    let row = |backup: &Backup| [utc(backup.made_at_ms), size(backup.bytes), visible(&backup.path)];
    Report::new(backups, table(["MADE", "SIZE", "PATH"], backups.iter().map(row).collect()))
}

/// A size in the largest unit of which there is at least one, with one digit after the point.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)];
    let Some((unit, of)) = UNITS.into_iter().find(|(_, of)| bytes >= *of) else {
        return format!("{bytes} bytes");
    };
    format!("{}.{} {unit}", bytes / of, bytes % of * 10 / of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_a_unit_that_fits() {
        fn check(bytes: u64, expected: &str) {
            assert_eq!(size(bytes), expected);
        }
        check(0, "0 bytes");
        check(999, "999 bytes");
        check(1_000, "1.0 KB");
        check(1_990_000, "1.9 MB");
        check(u64::MAX, "18446744073.7 GB");
    }
}
