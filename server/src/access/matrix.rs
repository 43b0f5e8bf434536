//! The access matrix: a text file that people can read, enforced on every request and frame.

use std::sync::LazyLock;

use protocol::access::Role;

/// The table itself.
pub const TABLE: &str = include_str!("matrix.txt");

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody who passes the Host and Origin gates.
    Anonymous,
    /// Whoever has at least this role.
    Least(Role),
}

/// How somebody must prove itself beyond the Host and Origin gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Not at all.
    None,
    /// A device by its cookie.
    Cookie,
    /// A device by its cookie and the secret in a header.
    Secret,
    /// A device by its cookie at the upgrade and the secret in the first frame.
    Frame,
    /// As `Secret`, and somebody proved to be there a few minutes ago.
    Fresh,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// HTTP method (HEAD follows GET), or `FRAME`, or `CLI`.
    pub method: String,
    /// Route template, such as `/api/agents/{id}`; name of the frame; words of the command.
    pub path: String,
    /// Who may.
    pub who: Who,
    /// Whether a program in an agent's terminal may, about its own agent.
    pub own: bool,
    /// With what proof.
    pub proof: Proof,
    /// Whether the audit trail says so when it was done. What was denied is always noted.
    pub noted: bool,
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
    let who = words.next()?;
    let (who, own) = match who.strip_suffix("+self") {
        Some(who) => (who, true),
        None => (who, false),
    };
    let who = match who {
        "anonymous" => Who::Anonymous,
        // Not the lenient reading: a mistyped word must not open anything.
        role => Who::Least(role.parse().ok()?),
    };
    let proof = match words.next()? {
        "none" => Proof::None,
        "cookie" => Proof::Cookie,
        "secret" => Proof::Secret,
        "frame" => Proof::Frame,
        "fresh" => Proof::Fresh,
        _ => return None,
    };
    let noted = match words.next() {
        None => false,
        Some("noted") => true,
        Some(_) => return None,
    };
    words.next().is_none().then_some(Row { method, path, who, own, proof, noted })
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

/// Whether somebody with this role may send this kind of frame. What has no row is refused.
pub fn may_send(frame: &str, role: Role) -> bool {
    find("FRAME", frame).is_some_and(|row| match row.who {
        Who::Anonymous => true,
        Who::Least(least) => role >= least,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_none_is_doubled() {
        let rows = rows();
        assert!(rows.len() > 100, "{} rows", rows.len());
        for (index, row) in rows.iter().enumerate() {
            let same = |other: &&Row| other.method == row.method && other.path == row.path;
            assert!(!rows[..index].iter().any(|other| same(&other)), "{row:?} stands twice");
            let consistent = (row.who == Who::Anonymous) == (row.proof == Proof::None);
            assert!(consistent, "{row:?}: who and proof disagree");
            assert!(!row.own || row.who != Who::Anonymous, "{row:?}: everybody may anyway");
            assert!(!row.own || row.proof == Proof::Secret, "{row:?}: a session has no cookie");
        }
    }

    #[test]
    fn what_has_no_row_is_not_found() {
        assert!(find("GET", "/healthz").is_some());
        assert!(find("HEAD", "/healthz").is_some());
        assert!(find("POST", "/healthz").is_none());
        assert!(find("GET", "/secret-door").is_none());
        assert!(row("GET /x everybody none").is_none());
        assert!(row("GET /x admin secret").is_none());
        assert!(row("GET /x owner").is_none());
        assert!(row("GET /x owner cookie extra").is_none());
        assert!(row("GET /x owner cookie noted extra").is_none());
        let own = row("GET /x viewer+self secret").unwrap();
        assert!(own.own && own.who == Who::Least(Role::Viewer));
    }

    #[test]
    fn a_viewer_may_send_no_frame_that_reaches_a_program() {
        for (frame, viewer, operator) in [
            ("PING", true, true),
            ("SUBSCRIBE", true, true),
            ("OPEN", true, true),
            ("INPUT", false, true),
            ("NO-SUCH-FRAME", false, false),
        ] {
            assert_eq!(may_send(frame, Role::Viewer), viewer, "{frame}");
            assert_eq!(may_send(frame, Role::Operator), operator, "{frame}");
        }
    }
}
