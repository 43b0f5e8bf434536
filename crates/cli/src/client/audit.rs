//! What can be asked about the audit trail.

use std::io::Read;
use std::time::Duration;

use protocol::access::audit::{AuditEntry, AuditQuery, AuditReport};
use ureq::http::Method;

use super::Client;
use crate::exit::Refusal;

/// Reading and checking years of entries takes a while.
const LONG_PATIENCE: Duration = Duration::from_mins(2);

impl Client {
    /// A part of the trail, newest first.
    pub fn audit(&self, part: &AuditQuery) -> Result<Vec<AuditEntry>, Refusal> {
        let parameters = [
            part.before.map(|seq| format!("before={seq}")),
            part.limit.map(|limit| format!("limit={limit}")),
            part.outcome.map(|outcome| format!("outcome={}", outcome.word())),
        ];
        let parameters: Vec<String> = parameters.into_iter().flatten().collect();
        self.get(&format!("/api/audit?{}", parameters.join("&")))
    }

    /// Has the whole trail checked.
    pub fn verify_audit(&self) -> Result<AuditReport, Refusal> {
        self.ask(Method::GET, "/api/audit/verify", (), LONG_PATIENCE)
    }

    /// The whole trail, oldest first, one entry as JSON per line.
    pub fn export_audit(&self) -> Result<impl Read + use<>, Refusal> {
        self.stream("/api/audit/export", LONG_PATIENCE)
            .map(|response| response.into_body().into_reader())
    }
}
