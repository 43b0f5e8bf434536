//! Where a key leads inside a menu.

/// The entry to focus, of `count`, when the focus is on `at`; nothing for other keys.
pub(super) fn target(key: &str, at: Option<usize>, count: usize) -> Option<usize> {
    let last = count.saturating_sub(1);
    match (key, at) {
        ("Home", _) | ("ArrowDown", None) => Some(0),
        ("End", _) | ("ArrowUp", None | Some(0)) => Some(last),
        ("ArrowDown", Some(at)) if at >= last => Some(0),
        ("ArrowDown", Some(at)) => Some(at + 1),
        ("ArrowUp", Some(at)) => Some(at - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_focus_runs_in_a_circle() {
        let check = |key: &str, at: Option<usize>, to: usize| {
            assert_eq!(target(key, at, 3), Some(to), "{key} from {at:?}");
        };
        check("ArrowDown", None, 0);
        check("ArrowDown", Some(1), 2);
        check("ArrowDown", Some(2), 0);
        check("ArrowUp", Some(2), 1);
        check("ArrowUp", Some(0), 2);
        check("ArrowUp", None, 2);
        check("Home", Some(2), 0);
        check("End", Some(0), 2);
        assert_eq!(target("a", Some(0), 3), None);
        assert_eq!(target("ArrowDown", None, 0), Some(0));
    }
}
