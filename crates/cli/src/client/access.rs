//! What can be asked about who may do what.

use protocol::access::Caller;
use protocol::access::devices::{Device, DeviceList, NewLink, Reach, RenameDevice, SetRole};
use protocol::access::pairing::{ConfirmPairing, PairingList, PairingOffer};
use protocol::access::tokens::{CreateToken, NewToken, Token};
use protocol::logins::LoginLink;
use ureq::http::Method;

use super::Client;
use crate::exit::Refusal;

impl Client {
    /// As whom the server sees this client.
    pub fn caller(&self) -> Result<Caller, Refusal> {
        self.get("/api/self")
    }

    /// How the server can be reached.
    pub fn reach(&self) -> Result<Reach, Refusal> {
        self.get("/api/reach")
    }

    /// Makes a login link.
    pub fn login_link(&self, new: NewLink) -> Result<LoginLink, Refusal> {
        self.send(Method::POST, "/api/login-links", &new)
    }

    /// All devices, last used first.
    pub fn devices(&self) -> Result<Vec<Device>, Refusal> {
        let list: DeviceList = self.get("/api/devices")?;
        Ok(list.devices)
    }

    /// Gives a device another name.
    pub fn rename_device(&self, id: &str, new: &RenameDevice) -> Result<Device, Refusal> {
        self.send(Method::PATCH, &device(id), new)
    }

    /// Gives a device another role.
    pub fn set_role(&self, id: &str, new: SetRole) -> Result<Device, Refusal> {
        self.send(Method::PUT, &format!("{}/role", device(id)), &new)
    }

    /// Logs a device out.
    pub fn revoke_device(&self, id: &str) -> Result<(), Refusal> {
        self.order(Method::DELETE, &device(id))
    }

    /// Makes a token for a script.
    pub fn create_token(&self, new: &CreateToken) -> Result<NewToken, Refusal> {
        self.send(Method::POST, "/api/tokens", new)
    }

    /// All tokens of scripts, newest first.
    pub fn tokens(&self) -> Result<Vec<Token>, Refusal> {
        self.get("/api/tokens")
    }

    /// Ends a token.
    pub fn revoke_token(&self, id: &str) -> Result<(), Refusal> {
        self.order(Method::DELETE, &format!("/api/tokens/{id}"))
    }

    /// Offers to pair a device.
    pub fn offer_pairing(&self) -> Result<PairingOffer, Refusal> {
        self.order(Method::POST, "/api/pairings")
    }

    /// Pairings that are open or just ended.
    pub fn pairings(&self) -> Result<PairingList, Refusal> {
        self.get("/api/pairings")
    }

    /// Lets a waiting device in.
    pub fn confirm_pairing(&self, id: &str, how: ConfirmPairing) -> Result<(), Refusal> {
        self.send(Method::POST, &format!("/api/pairings/{id}/confirm"), &how)
    }

    /// Turns a waiting device away.
    pub fn refuse_pairing(&self, id: &str) -> Result<(), Refusal> {
        self.order(Method::POST, &format!("/api/pairings/{id}/refuse"))
    }
}

fn device(id: &str) -> String {
    format!("/api/devices/{id}")
}
