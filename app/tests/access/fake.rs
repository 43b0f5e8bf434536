//! Fixed answers about who may do what. Pages only read while they are rendered.

use async_trait::async_trait;
use protocol::access::Caller;
use protocol::access::audit::{AuditEntry, AuditQuery, AuditReport};
use protocol::access::devices::{
    Device, DeviceList, NewLink, Reach, Reauthenticate, RenameDevice, SetRole,
};
use protocol::access::pairing::{ConfirmPairing, PairingList, PairingOffer};
use protocol::access::tokens::{CreateToken, NewToken, Token};
use protocol::error::ApiError;
use protocol::logins::LoginLink;
use protocol::ports::AccessPort;

use crate::FakeHost;

/// What is known of access.
pub(crate) struct FakeAccess {
    pub(crate) devices: Result<Vec<Device>, ApiError>,
    pub(crate) tokens: Result<Vec<Token>, ApiError>,
    pub(crate) reach: Reach,
    pub(crate) pairings: PairingList,
    pub(crate) audit: Result<Vec<AuditEntry>, ApiError>,
}

impl Default for FakeAccess {
    /// Nobody but the owner on this machine.
    fn default() -> Self {
        Self {
            devices: Ok(Vec::new()),
            tokens: Ok(Vec::new()),
            reach: Reach { loopback: "http://127.0.0.1:23000".into(), ..Reach::default() },
            pairings: PairingList::default(),
            audit: Ok(Vec::new()),
        }
    }
}

#[async_trait]
impl AccessPort for FakeHost {
    async fn reach(&self) -> Result<Reach, ApiError> {
        Ok(self.access.reach.clone())
    }
    async fn devices(&self, caller: &Caller) -> Result<DeviceList, ApiError> {
        let devices = self.access.devices.clone()?;
        Ok(DeviceList { devices, current: caller.id.clone() })
    }
    async fn rename_device(&self, _id: &str, _new: RenameDevice) -> Result<Device, ApiError> {
        Err(ApiError::internal())
    }
    async fn set_role(&self, _id: &str, _new: SetRole) -> Result<Device, ApiError> {
        Err(ApiError::internal())
    }
    async fn revoke_device(&self, _id: &str) -> Result<(), ApiError> {
        Err(ApiError::internal())
    }
    async fn create_link(&self, _: &Caller, _new: NewLink) -> Result<LoginLink, ApiError> {
        Err(ApiError::internal())
    }
    async fn reauthenticate(&self, _: &Caller, _with: Reauthenticate) -> Result<(), ApiError> {
        Err(ApiError::internal())
    }
    async fn tokens(&self) -> Result<Vec<Token>, ApiError> {
        self.access.tokens.clone()
    }
    async fn create_token(&self, _new: CreateToken) -> Result<NewToken, ApiError> {
        Err(ApiError::internal())
    }
    async fn revoke_token(&self, _id: &str) -> Result<(), ApiError> {
        Err(ApiError::internal())
    }
    async fn offer_pairing(&self, _caller: &Caller) -> Result<PairingOffer, ApiError> {
        Err(ApiError::internal())
    }
    async fn pairings(&self) -> Result<PairingList, ApiError> {
        Ok(self.access.pairings.clone())
    }
    async fn confirm_pairing(&self, _id: &str, _how: ConfirmPairing) -> Result<(), ApiError> {
        Err(ApiError::internal())
    }
    async fn refuse_pairing(&self, _id: &str) -> Result<(), ApiError> {
        Err(ApiError::internal())
    }
    async fn audit(&self, _part: AuditQuery) -> Result<Vec<AuditEntry>, ApiError> {
        self.access.audit.clone()
    }
    async fn verify_audit(&self) -> Result<AuditReport, ApiError> {
        Err(ApiError::internal())
    }
}
