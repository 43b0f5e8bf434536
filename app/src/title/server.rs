//! leptos_meta 0.8 writes a title into the page as it is, so it has to be HTML already.

/// The text as HTML.
pub(super) fn shown(title: String) -> String {
    title.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_title_ends_itself() {
        let typed = "</title><script>alert(1)</script> &lt; a & b";
        let html = shown(typed.to_owned());
        assert!(!html.contains('<'), "{html}");
        assert_eq!(html.replace("&lt;", "<").replace("&amp;", "&"), typed);
    }
}
