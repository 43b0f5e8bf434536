//! What pages may ask of the server: object-safe traits, implemented there, handed to the
//! pages through Leptos context. Pages can be tested with fakes of these.

use async_trait::async_trait;

use crate::access::Caller;
use crate::access::audit::{AuditEntry, AuditQuery, AuditReport};
use crate::access::devices::{
    Device, DeviceList, NewLink, Reach, Reauthenticate, RenameDevice, SetRole,
};
use crate::access::pairing::{ConfirmPairing, PairingList, PairingOffer};
use crate::access::tokens::{CreateToken, NewToken, Token};
use crate::agents::history::{HistoryEntry, HistoryQuery};
use crate::agents::requests::{BulkReport, BulkRequest, RestoreAgent, WakeAgent};
use crate::agents::versions::AgentVersion;
use crate::agents::{Agent, AgentId, AgentList, CloneAgent, CreateAgent, EditAgent};
use crate::error::ApiError;
use crate::host::{Backup, Diagnostics, HostFacts, HostHealth};
use crate::logins::LoginLink;
use crate::programs::Program;
use crate::terminals::{NameTerminal, OutputQuery, ScreenText, TerminalId};

/// The agents of this host. Every method that names an agent answers `NotFound` when there is
/// none; one in the trash is found only by the methods that say so.
#[async_trait]
pub trait AgentsPort: Send + Sync {
    /// All agents that are not in the trash, ordered by name.
    async fn list(&self) -> Result<AgentList, ApiError>;
    /// One agent.
    async fn get(&self, id: &AgentId) -> Result<Agent, ApiError>;
    /// Stores a new agent and, if asked, starts it. Nothing stays behind when it fails.
    async fn create(&self, new: CreateAgent) -> Result<Agent, ApiError>;
    /// Stores many; one that is refused does not hold up the others.
    async fn create_many(&self, new: Vec<CreateAgent>) -> Result<BulkReport, ApiError>;
    /// Changes settings. A running program goes on with the old ones until it is restarted.
    async fn edit(&self, id: &AgentId, edit: EditAgent) -> Result<Agent, ApiError>;
    /// Stores a new agent with the settings of this one.
    async fn duplicate(&self, id: &AgentId, copy: CloneAgent) -> Result<Agent, ApiError>;
    /// Starts its program, which takes up its conversation if it can; a running agent is
    /// returned as it is.
    async fn wake(&self, id: &AgentId, how: WakeAgent) -> Result<Agent, ApiError>;
    /// Ends all its sessions; a hibernated agent is returned as it is.
    async fn hibernate(&self, id: &AgentId) -> Result<Agent, ApiError>;
    /// Ends its program's session and starts it again.
    async fn restart(&self, id: &AgentId, how: WakeAgent) -> Result<Agent, ApiError>;
    /// Ends all its sessions and moves it to the trash.
    async fn trash(&self, id: &AgentId) -> Result<(), ApiError>;
    /// Does the same to many agents; one that fails does not hold up the others.
    async fn bulk(&self, request: BulkRequest) -> Result<BulkReport, ApiError>;
    /// All agents in the trash, last trashed first.
    async fn trashed(&self) -> Result<Vec<Agent>, ApiError>;
    /// Takes an agent out of the trash; `Conflict` when its name is taken.
    async fn restore(&self, id: &AgentId, how: RestoreAgent) -> Result<Agent, ApiError>;
    /// Deletes an agent that is in the trash for good.
    async fn purge(&self, id: &AgentId) -> Result<(), ApiError>;
    /// All versions of its settings, newest first; also of an agent in the trash.
    async fn versions(&self, id: &AgentId) -> Result<Vec<AgentVersion>, ApiError>;
    /// Gives it the settings of an earlier version, as a new version.
    async fn roll_back(&self, id: &AgentId, version: u32) -> Result<Agent, ApiError>;
    /// What happened to it, newest first; also to an agent in the trash.
    async fn history(
        &self,
        id: &AgentId,
        part: HistoryQuery,
    ) -> Result<Vec<HistoryEntry>, ApiError>;
}

/// The terminals of agents, as far as a page without a socket needs them.
#[async_trait]
pub trait TerminalsPort: Send + Sync {
    /// The screen now, or the last one of an ended program; empty when there was none.
    async fn screen(&self, id: &TerminalId) -> Result<ScreenText, ApiError>;
    /// The last lines of its output, history included, as plain text.
    async fn output(&self, id: &TerminalId, part: OutputQuery) -> Result<ScreenText, ApiError>;
    /// Opens one more terminal with a shell.
    async fn open(&self, agent: &AgentId, name: NameTerminal) -> Result<Agent, ApiError>;
    /// Starts the shell of a terminal; a running one is left as it is.
    async fn start(&self, id: &TerminalId) -> Result<Agent, ApiError>;
    /// Gives a terminal another name.
    async fn rename(&self, id: &TerminalId, name: NameTerminal) -> Result<Agent, ApiError>;
    /// Ends a terminal's session and removes it; never that of the program.
    async fn close(&self, id: &TerminalId) -> Result<Agent, ApiError>;
}

/// The machine.
#[async_trait]
pub trait HostPort: Send + Sync {
    /// Facts for sidebar and strip.
    async fn facts(&self) -> Result<HostFacts, ApiError>;
    /// What is wrong right now.
    async fn health(&self) -> Result<HostHealth, ApiError>;
    /// Coding agents and shells that are installed.
    async fn programs(&self) -> Result<Vec<Program>, ApiError>;
    /// What the diagnostics page shows.
    async fn diagnostics(&self) -> Result<Diagnostics, ApiError>;
    /// Copies the database while it is in use.
    async fn back_up(&self) -> Result<Backup, ApiError>;
}

/// Who may do what. The access matrix has been asked before any of these is called.
#[async_trait]
pub trait AccessPort: Send + Sync {
    /// How other devices reach this host.
    async fn reach(&self) -> Result<Reach, ApiError>;
    /// All devices, last used first.
    async fn devices(&self, caller: &Caller) -> Result<DeviceList, ApiError>;
    /// Gives a device another name.
    async fn rename_device(&self, id: &str, new: RenameDevice) -> Result<Device, ApiError>;
    /// Gives a device another role; its sockets are closed and come back with it. `Conflict` when
    /// no owner would be left.
    async fn set_role(&self, id: &str, new: SetRole) -> Result<Device, ApiError>;
    /// Ends a device's login and closes its sockets.
    async fn revoke_device(&self, id: &str) -> Result<(), ApiError>;
    /// Makes a login link. A device's links end with the device.
    async fn create_link(&self, caller: &Caller, new: NewLink) -> Result<LoginLink, ApiError>;
    /// Uses a login link up to confirm that the caller is still who it was; `Forbidden` when the
    /// caller made it.
    async fn reauthenticate(&self, caller: &Caller, with: Reauthenticate) -> Result<(), ApiError>;
    /// All tokens of scripts, newest first.
    async fn tokens(&self) -> Result<Vec<Token>, ApiError>;
    /// Makes one; `Conflict` when the name is taken.
    async fn create_token(&self, new: CreateToken) -> Result<NewToken, ApiError>;
    /// Ends one, by its id.
    async fn revoke_token(&self, id: &str) -> Result<(), ApiError>;
    /// Offers to pair a device.
    async fn offer_pairing(&self, caller: &Caller) -> Result<PairingOffer, ApiError>;
    /// All open pairings.
    async fn pairings(&self) -> Result<PairingList, ApiError>;
    /// Lets a waiting device in.
    async fn confirm_pairing(&self, id: &str, how: ConfirmPairing) -> Result<(), ApiError>;
    /// Turns a waiting device away, or takes an offer back.
    async fn refuse_pairing(&self, id: &str) -> Result<(), ApiError>;
    /// A part of the audit trail, newest first.
    async fn audit(&self, part: AuditQuery) -> Result<Vec<AuditEntry>, ApiError>;
    /// Reads the whole trail and checks that every entry is as it was written.
    async fn verify_audit(&self) -> Result<AuditReport, ApiError>;
}
