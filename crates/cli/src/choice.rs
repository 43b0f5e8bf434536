//! Devices and tokens by what somebody typed: a name, an id, or how the id begins.
//!
//! A device may call itself what it likes, even like the begin of another one's id. So whatever
//! fits more than one is refused, and only a whole id goes first.

use protocol::access::devices::Device;
use protocol::access::tokens::Token;
use protocol::error::{ApiError, ErrorCode};

use crate::agents::find;

/// Fewer characters of an id are more likely a slip than a choice.
const LEAST: usize = 4;

/// What can be chosen.
pub(crate) trait Listed {
    /// What it is, such as “device”.
    const NOUN: &str;
    /// The command that lists all.
    const LIST: &str;

    /// Its id.
    fn id(&self) -> &str;

    /// What people call it.
    fn name(&self) -> &str;
}

impl Listed for Device {
    const NOUN: &str = "device";
    const LIST: &str = "maestro access list";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Listed for Token {
    const NOUN: &str = "token";
    const LIST: &str = "maestro token list";

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// The one that is meant.
pub(crate) fn one<'a, T: Listed>(all: &'a [T], wanted: &str) -> Result<&'a T, ApiError> {
    if let Some(exact) = all.iter().find(|one| one.id() == wanted) {
        return Ok(exact);
    }
    let begins = |one: &T| wanted.len() >= LEAST && one.id().starts_with(wanted);
    let fitting: Vec<&T> = all.iter().filter(|one| one.name() == wanted || begins(one)).collect();
    match fitting.as_slice() {
        [one] => Ok(one),
        [] => {
            let suggestion = find::suggested(all.iter().map(Listed::name), wanted);
            let (noun, list) = (T::NOUN, T::LIST);
            let message = format!("There is no {noun} “{wanted}”.{suggestion} `{list}` shows all.");
            Err(ApiError::new(ErrorCode::NotFound, message))
        }
        several => {
            let ids: Vec<String> =
                several.iter().map(|one| format!("{} (“{}”)", one.id(), one.name())).collect();
            let message = format!(
                "“{wanted}” fits {} {}s. Say which by its id: {}.",
                several.len(),
                T::NOUN,
                ids.join(", ")
            );
            Err(ApiError::new(ErrorCode::Conflict, message))
        }
    }
}

/// Those that are meant, each once.
pub(crate) fn several<'a, T: Listed>(
    all: &'a [T],
    wanted: &[String],
) -> Result<Vec<&'a T>, ApiError> {
    let mut chosen: Vec<&T> = Vec::new();
    for wanted in wanted {
        let found = one(all, wanted)?;
        if !chosen.iter().any(|other| other.id() == found.id()) {
            chosen.push(found);
        }
    }
    Ok(chosen)
}

/// How many characters of an id tell all of them apart, and are worth typing.
pub(crate) fn telling<T: Listed>(all: &[T]) -> usize {
    const SHORTEST: usize = 8;
    let mut ids: Vec<&str> = all.iter().map(Listed::id).collect();
    ids.sort_unstable();
    let common = |(one, other): (&&str, &&str)| {
        one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count()
    };
    let longest = ids.iter().zip(ids.iter().skip(1)).map(common).max();
    longest.map_or(SHORTEST, |common| SHORTEST.max(common + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(&'static str, &'static str);

    impl Listed for Thing {
        const NOUN: &str = "thing";
        const LIST: &str = "maestro thing list";

        fn id(&self) -> &str {
            self.0
        }

        fn name(&self) -> &str {
            self.1
        }
    }

    const ALL: [Thing; 4] = [
        Thing("01jd5m0w3v8k", "phone"),
        Thing("01jd5m0w9x2a", "laptop"),
        Thing("01jf000000zz", "laptop"),
        // A name that poses as the begin of another one's id, and one that poses as a whole id.
        Thing("01jg000000zz", "01jf00"),
    ];

    #[test]
    fn what_fits_more_than_one_is_refused() {
        for (wanted, expected) in [
            ("phone", Ok("01jd5m0w3v8k")),
            ("01jd5m0w3", Ok("01jd5m0w3v8k")),
            ("01jf000000zz", Ok("01jf000000zz")),
            ("01jg", Ok("01jg000000zz")),
            ("laptop", Err(ErrorCode::Conflict)),
            ("01jd5m0w", Err(ErrorCode::Conflict)),
            ("01jf00", Err(ErrorCode::Conflict)),
            ("01j", Err(ErrorCode::NotFound)),
            ("", Err(ErrorCode::NotFound)),
            ("Phone", Err(ErrorCode::NotFound)),
            ("3v8k", Err(ErrorCode::NotFound)),
        ] {
            let found = one(&ALL, wanted).map(Listed::id).map_err(|error| error.code);
            assert_eq!(found, expected, "{wanted}");
        }
        let twice = ["phone".to_owned(), "01jd5m0w3v8k".to_owned()];
        assert_eq!(several(&ALL, &twice).unwrap().len(), 1);
    }

    #[test]
    fn short_ids_tell_all_apart() {
        assert_eq!(telling(&ALL), 9);
        assert_eq!(telling(&ALL[2..]), 8);
        assert_eq!(telling(&ALL[..0]), 8);
    }
}
