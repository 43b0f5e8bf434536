//! The access matrix: a text file that people can read, enforced on every request.

use std::sync::LazyLock;

/// The table itself.
pub const TABLE: &str = include_str!("matrix.txt");

/// Least identity that a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody who passes the Host and Origin gates.
    Anonymous,
    /// The owner.
    Owner,
}

/// How a browser must prove itself beyond the Host and Origin gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Not at all.
    None,
    /// By its cookie.
    Cookie,
    /// By cookie and the secret in a header.
    Secret,
    /// By cookie at the upgrade and the secret in the first frame.
    Frame,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// HTTP method; HEAD follows GET.
    pub method: String,
    /// Route template, such as `/api/agents/{id}`.
    pub path: String,
    /// Who may.
    pub who: Who,
    /// With what proof.
    pub proof: Proof,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let rows = TABLE.lines().enumerate().filter(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    rows.map(|(number, line)| {
        // The table is part of the program: a bad line is found by the first test that runs.
        row(line).unwrap_or_else(|| panic!("matrix.txt line {}: cannot read “{line}”", number + 1))
    })
    .collect()
});

fn row(line: &str) -> Option<Row> {
    let mut words = line.split_whitespace();
    let method = words.next()?.to_owned();
    let path = words.next()?.to_owned();
    let who = match words.next()? {
        "anonymous" => Who::Anonymous,
        "owner" => Who::Owner,
        _ => return None,
    };
    let proof = match words.next()? {
        "none" => Proof::None,
        "cookie" => Proof::Cookie,
        "secret" => Proof::Secret,
        "frame" => Proof::Frame,
        _ => return None,
    };
    words.next().is_none().then_some(Row { method, path, who, proof })
}

/// All rows.
pub fn rows() -> &'static [Row] {
    &ROWS
}

/// The row for a request, if the route has one.
pub fn find(method: &str, path: &str) -> Option<&'static Row> {
    let method = if method == "HEAD" { "GET" } else { method };
    ROWS.iter().find(|row| row.path == path && row.method == method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_none_is_doubled() {
        let rows = rows();
        for (index, row) in rows.iter().enumerate() {
            let same = |other: &&Row| other.method == row.method && other.path == row.path;
            assert!(!rows[..index].iter().any(|other| same(&other)), "{row:?} stands twice");
            let consistent = (row.who == Who::Anonymous) == (row.proof == Proof::None);
            assert!(consistent, "{row:?}: who and proof disagree");
        }
    }

    #[test]
    fn what_has_no_row_is_not_found() {
        assert!(find("GET", "/healthz").is_some());
        assert!(find("HEAD", "/healthz").is_some());
        assert!(find("POST", "/healthz").is_none());
        assert!(find("GET", "/secret-door").is_none());
        assert!(row("GET /x everybody none").is_none());
        assert!(row("GET /x owner").is_none());
        assert!(row("GET /x owner cookie extra").is_none());
    }
}
