//! Which boot of the machine this is: after another one, no program of before can still run.

use std::path::Path;

/// Where Linux names it.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// An id that changes with every boot; `None` where the system does not tell (macOS), so that
/// nothing is concluded from it.
pub(crate) fn boot_id() -> Option<String> {
    boot_id_in(Path::new(BOOT_ID))
}

/// The id that this file holds; `None` when it cannot be read or does not look like one.
pub(crate) fn boot_id_in(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let id = text.trim();
    let good = (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    good.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_only_if_it_looks_like_one() {
        fn check(content: &str, expected: Option<&str>) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("boot_id");
            std::fs::write(&file, content).unwrap();
            assert_eq!(boot_id_in(&file).as_deref(), expected, "{content:?}");
        }
        check(
            "6f9619ff-8b86-d011-b42d-00c04fc964ff\n",
            Some("6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        );
        check("", None);
        check("\n", None);
        check("two words\n", None);
        check(&"a".repeat(65), None);
        assert_eq!(boot_id_in(Path::new("/nowhere/boot_id")), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_machine_has_one() {
        assert_eq!(boot_id(), boot_id());
        assert!(boot_id().is_some());
    }
}
