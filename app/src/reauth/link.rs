//! The token in what a person pastes.

/// What a login link has before its token.
const FRAGMENT: &str = "#t=";

/// The token of a whole login link, or of the token alone; none in an empty text.
pub(super) fn token_of(text: &str) -> Option<String> {
    let text = text.trim();
    let token = text.split_once(FRAGMENT).map_or(text, |(_, token)| token);
    (!token.is_empty()).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_and_its_token_are_the_same() {
        let check = |text: &str, token: Option<&str>| {
            assert_eq!(token_of(text).as_deref(), token, "{text:?}");
        };
        check("http://127.0.0.1:23000/login#t=a1b2", Some("a1b2"));
        check("  https://studio.local:23443/login#t=a1b2\n", Some("a1b2"));
        check("a1b2", Some("a1b2"));
        check("#t=", None);
        check("  ", None);
    }
}
