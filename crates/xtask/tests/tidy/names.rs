//! The rule that a module is called by the noun it is about.

use crate::source::{Finding, Source};

/// Names that say nothing about what is inside, and so collect everything.
pub(crate) const EMPTY_NAMES: [&str; 8] =
    ["core", "util", "utils", "common", "helper", "helpers", "misc", "services"];

/// No file or folder of Rust code has a name that says nothing.
pub(crate) fn file(source: &Source) -> Vec<Finding> {
    let empty = source.kind() == "rs"
        && source.path.split('/').any(|part| {
            let stem = part.strip_suffix(".rs").unwrap_or(part);
            EMPTY_NAMES.contains(&stem)
        });
    let advice = "name the file after the noun that it is about";
    empty.then(|| source.finding(1, "name", advice)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::check_sample;

    #[test]
    fn empty_names_are_found() {
        check_sample(file, "server/src/utils.rs", "", 1);
        check_sample(file, "app/src/common/mod.rs", "", 1);
        check_sample(file, "server/src/access/mod.rs", "", 0);
        check_sample(file, "public/core.css", "", 0);
    }
}
