//! Reads SPDX licence expressions and says whether one can be met with the licences we accept.

/// Licences that anything may have: they ask for a notice at most.
const PERMISSIVE: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
/// Crates under the MPL that only build the project and are no part of what is shipped.
const MPL_BUILD_TOOLS: [&str; 7] = [
    "cssparser",
    "cssparser-color",
    "cssparser-macros",
    "dtoa-short",
    "lightningcss",
    "lightningcss-derive",
    "parcel_selectors",
];

/// Whether the stated licence of this crate can be met.
pub(crate) fn is_allowed(stated: &str, name: &str) -> bool {
    // Before SPDX expressions, crates wrote "MIT/Apache-2.0".
    let spaced = stated.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, name };
    let allowed = reader.alternatives();
    !words.is_empty() && reader.words.is_empty() && allowed
}

/// Reads an expression from the front: OR binds weakest, then AND, then a licence or a bracket.
struct Reader<'a> {
    words: &'a [&'a str],
    name: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn alternatives(&mut self) -> bool {
        let mut allowed = self.parts();
        while self.take("OR") {
            allowed |= self.parts();
        }
        allowed
    }

    fn parts(&mut self) -> bool {
        let mut allowed = self.single();
        while self.take("AND") {
            allowed &= self.single();
        }
        allowed
    }

    fn single(&mut self) -> bool {
        if self.take("(") {
            let allowed = self.alternatives();
            return self.take(")") && allowed;
        }
        let Some((first, rest)) = self.words.split_first() else { return false };
        self.words = rest;
        let mut licence = (*first).to_owned();
        if self.take("WITH")
            && let Some((exception, rest)) = self.words.split_first()
        {
            self.words = rest;
            licence = format!("{licence} WITH {exception}");
        }
        PERMISSIVE.contains(&licence.as_str())
            || licence == "MPL-2.0" && MPL_BUILD_TOOLS.contains(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_weighed() {
        let check = |stated, expected| assert_eq!(is_allowed(stated, "any"), expected, "{stated}");
        check("MIT", true);
        check("MIT OR Apache-2.0", true);
        check("MIT/Apache-2.0", true);
        check("GPL-3.0-only OR MIT", true);
        check("GPL-3.0-only AND MIT", false);
        check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
        check("(MIT OR GPL-3.0-only) AND GPL-3.0-only", false);
        check("Apache-2.0 WITH LLVM-exception OR MIT", true);
        check("MPL-2.0", false);
        check("", false);
        check("MIT OR", true);
        check("MIT )", false);
    }

    #[test]
    fn the_mpl_is_for_build_tools() {
        assert!(is_allowed("MPL-2.0", "lightningcss"));
    }
}
