//! Who is asking, and how that is proven.

use domain::logins::LoginTimes;
use protocol::access::{Caller, Role};
use protocol::terminals::TerminalId;

/// What came along as proof, not yet looked at.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    /// Nothing.
    None,
    /// The value of the login cookie.
    Cookie(&'a str),
    /// A bearer token. Browsers never send one by themselves.
    Bearer(&'a str),
}

/// Proven identity of a request or socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Nobody that is known.
    Anonymous,
    /// A browser that logged in or was paired.
    Device(DeviceProof),
    /// The owner, on the command line of this machine.
    CommandLine,
    /// A script with a token of its own.
    Script(ScriptProof),
    /// A program in the terminal of an agent; it may look after its own agent only.
    Session(TerminalId),
}

/// A device that showed its cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceProof {
    /// The login.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it came in, and when somebody last proved to be there.
    pub times: LoginTimes,
    /// Hash of its cookie's token, to look the login up again.
    pub token_hash: [u8; 32],
    /// Hash of the secret that only the page which logged in holds. A cookie alone is not enough
    /// for anything that acts: cookies also reach servers on other ports.
    pub secret_hash: [u8; 32],
}

/// A script that showed its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptProof {
    /// The token's record.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Hash of the token.
    pub token_hash: [u8; 32],
}

impl Principal {
    /// What it may do; `None` for those that have no role.
    pub fn role(&self) -> Option<Role> {
        match self {
            Self::Anonymous | Self::Session(_) => None,
            Self::Device(device) => Some(device.role),
            Self::Script(script) => Some(script.role),
            Self::CommandLine => Some(Role::Owner),
        }
    }

    /// What a page may know of it.
    pub fn caller(&self) -> Caller {
        let id = match self {
            Self::Anonymous | Self::CommandLine => None,
            Self::Device(device) => Some(device.id.clone()),
            Self::Script(script) => Some(script.id.clone()),
            Self::Session(terminal) => Some(terminal.to_string()),
        };
        Caller { id, role: self.role().unwrap_or_default() }
    }

    /// The record behind it that can be revoked.
    pub fn record(&self) -> Option<&str> {
        match self {
            Self::Device(device) => Some(&device.id),
            Self::Script(script) => Some(&script.id),
            Self::Anonymous | Self::CommandLine | Self::Session(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_principal_has_its_role_and_what_can_be_revoked() {
        let device = Principal::Device(DeviceProof {
            id: "d".into(),
            name: "phone".into(),
            role: Role::Operator,
            times: LoginTimes::begun_at(0),
            token_hash: [0; 32],
            secret_hash: [0; 32],
        });
        let script = Principal::Script(ScriptProof {
            id: "t".into(),
            name: "ci".into(),
            role: Role::Viewer,
            token_hash: [0; 32],
        });
        let terminal: TerminalId = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        let id = terminal.to_string();
        for (principal, role, record, told) in [
            (Principal::Anonymous, None, None, None),
            (Principal::CommandLine, Some(Role::Owner), None, None),
            (device, Some(Role::Operator), Some("d"), Some("d")),
            (script, Some(Role::Viewer), Some("t"), Some("t")),
            (Principal::Session(terminal), None, None, Some(id.as_str())),
        ] {
            assert_eq!(principal.role(), role, "{principal:?}");
            assert_eq!(principal.record(), record, "{principal:?}");
            let caller = principal.caller();
            assert_eq!(caller.id.as_deref(), told, "{principal:?}");
            assert_eq!(caller.role, role.unwrap_or(Role::Viewer), "{principal:?}");
        }
    }
}
