//! Holds a request against its row of the matrix. Pure: no clock, no I/O.

use protocol::access::Role;
use protocol::error::{ApiError, ErrorCode};

use super::matrix::{Proof, Row, Who};
use super::principal::Principal;
use crate::secrets;

/// What a request says beside who sends it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The path itself, such as `/api/agents/01jd…`.
    pub path: &'a str,
    /// The secret of the login, if it was sent.
    pub secret: Option<&'a str>,
    /// Now, milliseconds since the Unix epoch.
    pub now_ms: i64,
}

/// Whether this row lets the request through.
pub fn decide(row: &Row, principal: &Principal, asked: Asked<'_>) -> Result<(), ApiError> {
    let Who::Least(least) = row.who else { return Ok(()) };
    match principal {
        Principal::Anonymous => Err(unauthenticated()),
        Principal::CommandLine => Ok(()),
        Principal::Session(terminal) => {
            if row.own && is_about(row, asked.path, terminal.agent.as_str()) {
                Ok(())
            } else {
                Err(not_own())
            }
        }
        Principal::Script(script) => {
            enough(script.role, least)?;
            if row.proof == Proof::Fresh { Err(not_a_script()) } else { Ok(()) }
        }
        Principal::Device(device) => {
            if matches!(row.proof, Proof::Secret | Proof::Fresh)
                && !asked.secret.is_some_and(|sent| secrets::matches(&device.secret_hash, sent))
            {
                return Err(unauthenticated());
            }
            enough(device.role, least)?;
            if row.proof == Proof::Fresh && !device.times.is_fresh(asked.now_ms) {
                return Err(stale());
            }
            Ok(())
        }
    }
}

fn enough(role: Role, least: Role) -> Result<(), ApiError> {
    if role >= least { Ok(()) } else { Err(too_little(role, least)) }
}

/// Whether the `{id}` of the path is this agent, or one of its terminals. A row without an `{id}`
/// is about whoever asks.
fn is_about(row: &Row, path: &str, agent: &str) -> bool {
    let Some(place) = row.path.split('/').position(|part| part == "{id}") else { return true };
    path.split('/').nth(place).is_some_and(|id| {
        let rest = id.strip_prefix(agent);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    })
}

/// Nobody that is known.
pub fn unauthenticated() -> ApiError {
    ApiError::new(
        ErrorCode::Unauthenticated,
        "You are not logged in here. Run `maestro login-link` and open the link it prints.",
    )
}

/// Known, and may not.
pub fn too_little(role: Role, least: Role) -> ApiError {
    let who = match role {
        Role::Viewer => "You only watch here: this device is a viewer.",
        Role::Operator => "This is for the owner: this device is an operator.",
        Role::Owner => "This is not allowed.",
    };
    ApiError::new(
        ErrorCode::Forbidden,
        format!("{who} The owner can make it {} under Access.", an(least)),
    )
}

fn an(role: Role) -> &'static str {
    match role {
        Role::Viewer => "a viewer",
        Role::Operator => "an operator",
        Role::Owner => "an owner",
    }
}

fn not_own() -> ApiError {
    ApiError::new(
        ErrorCode::Forbidden,
        "A program in an agent's terminal may only ask about its own agent. Use the command line \
         outside of it.",
    )
}

fn not_a_script() -> ApiError {
    ApiError::new(
        ErrorCode::Forbidden,
        "This needs a person. Do it under Access in the browser, or with the command line.",
    )
}

fn stale() -> ApiError {
    ApiError::new(
        ErrorCode::Stale,
        "Confirm that it is you: run `maestro login-link` on this machine and paste its link.",
    )
}

#[cfg(test)]
mod tests {
    use domain::logins::{FRESH_MS, LoginTimes};

    use super::*;
    use crate::access::matrix::find;
    use crate::access::principal::{DeviceProof, ScriptProof};

    const NOW: i64 = 1_700_000_000_000;
    const AGENT: &str = "01jd5m0w3v8k2q4r6s8t0v2x4z";

    fn device(role: Role) -> Principal {
        Principal::Device(DeviceProof {
            id: "d".into(),
            name: "phone".into(),
            role,
            times: LoginTimes::begun_at(NOW),
            token_hash: [0; 32],
            secret_hash: secrets::hash("secret"),
        })
    }

    fn script(role: Role) -> Principal {
        Principal::Script(ScriptProof {
            id: "t".into(),
            name: "ci".into(),
            role,
            token_hash: [0; 32],
        })
    }

    fn outcome(
        route: (&str, &str),
        path: &str,
        who: &Principal,
        secret: Option<&str>,
        now_ms: i64,
    ) -> Option<ErrorCode> {
        let row = find(route.0, route.1).unwrap();
        decide(row, who, Asked { path, secret, now_ms }).err().map(|error| error.code)
    }

    #[test]
    fn each_role_may_what_its_rows_say() {
        let view = ("GET", "/api/agents");
        let act = ("POST", "/api/agents");
        let rule = ("GET", "/api/devices");
        for (role, may) in [
            (Role::Viewer, [true, false, false]),
            (Role::Operator, [true, true, false]),
            (Role::Owner, [true, true, true]),
        ] {
            for (route, may) in [view, act, rule].into_iter().zip(may) {
                let expected = if may { None } else { Some(ErrorCode::Forbidden) };
                for who in [device(role), script(role)] {
                    let found = outcome(route, route.1, &who, Some("secret"), NOW);
                    assert_eq!(found, expected, "{route:?} {who:?}");
                }
                let nobody = outcome(route, route.1, &Principal::Anonymous, Some("secret"), NOW);
                assert_eq!(nobody, Some(ErrorCode::Unauthenticated));
                assert_eq!(outcome(route, route.1, &Principal::CommandLine, None, NOW), None);
            }
        }
    }

    #[test]
    fn a_refusal_says_who_can_change_that_and_into_what() {
        let sentence = |role, least| too_little(role, least).message;
        assert_eq!(
            sentence(Role::Viewer, Role::Operator),
            "You only watch here: this device is a viewer. The owner can make it an operator under \
             Access."
        );
        assert_eq!(
            sentence(Role::Operator, Role::Owner),
            "This is for the owner: this device is an operator. The owner can make it an owner \
             under Access."
        );
    }

    #[test]
    fn a_cookie_without_its_secret_reads_pages_and_does_nothing() {
        let owner = device(Role::Owner);
        for secret in [None, Some(""), Some("Secret"), Some("secret ")] {
            assert_eq!(outcome(("GET", "/"), "/", &owner, secret, NOW), None);
            for route in [("GET", "/api/agents"), ("POST", "/api/tokens")] {
                let found = outcome(route, route.1, &owner, secret, NOW);
                assert_eq!(found, Some(ErrorCode::Unauthenticated), "{route:?} {secret:?}");
            }
        }
    }

    #[test]
    fn what_is_dangerous_needs_somebody_who_was_just_there() {
        let route = ("POST", "/api/tokens");
        let at = |now_ms| outcome(route, route.1, &device(Role::Owner), Some("secret"), now_ms);
        assert_eq!(at(NOW + FRESH_MS - 1), None);
        assert_eq!(at(NOW + FRESH_MS), Some(ErrorCode::Stale));
        let operator = outcome(route, route.1, &device(Role::Operator), Some("secret"), NOW);
        assert_eq!(operator, Some(ErrorCode::Forbidden), "asking again would not help");
        let robot = outcome(route, route.1, &script(Role::Owner), None, NOW);
        assert_eq!(robot, Some(ErrorCode::Forbidden));
        assert_eq!(outcome(route, route.1, &Principal::CommandLine, None, NOW), None);
    }

    #[test]
    fn a_session_may_ask_about_its_own_agent_only() {
        let session = Principal::Session(format!("{AGENT}-2").parse().unwrap());
        let check = |route: (&str, &str), path: &str, may: bool| {
            let expected = if may { None } else { Some(ErrorCode::Forbidden) };
            assert_eq!(outcome(route, path, &session, None, NOW), expected, "{path}");
        };
        let other = "01jd5m0w3v8k2q4r6s8t0v2x4y";
        let show = ("GET", "/api/agents/{id}");
        check(show, &format!("/api/agents/{AGENT}"), true);
        check(show, &format!("/api/agents/{other}"), false);
        check(show, &format!("/api/agents/{AGENT}x"), false);
        let output = ("GET", "/api/terminals/{id}/output");
        check(output, &format!("/api/terminals/{AGENT}/output"), true);
        check(output, &format!("/api/terminals/{AGENT}-3/output"), true);
        check(output, &format!("/api/terminals/{other}-3/output"), false);
        check(("GET", "/api/self"), "/api/self", true);
        check(("GET", "/api/agents"), "/api/agents", false);
        check(("DELETE", "/api/agents/{id}"), &format!("/api/agents/{AGENT}"), false);
        check(("GET", "/"), "/", false);
        check(("GET", "/ws"), "/ws", false);
    }
}
