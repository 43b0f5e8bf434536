//! Agents, versions and history as their tables hold them.

use protocol::agents::history::{HistoryEntry, HistoryEvent};
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentId, AgentSettings, AgentState};
use protocol::terminals::TerminalRecord;
use serde_json::Value;

use crate::error::StoreError;
use crate::seal::sealed_table;
use crate::states::{self, StateColumns};

sealed_table! {
    struct AgentRow of "agents" by id {
        id: String,
        name: String,
        settings: String,
        version: i64,
        conversation: String,
        next_terminal: i64,
        state: String,
        state_at_ms: Option<i64>,
        exit_code: Option<i64>,
        created_at_ms: i64,
        trashed_at_ms: Option<i64>,
    }
}

sealed_table! {
    struct VersionRow of "agent_versions" by agent version {
        agent: String,
        version: i64,
        at_ms: i64,
        from_version: Option<i64>,
        settings: String,
    }
}

sealed_table! {
    struct HistoryRow of "agent_history" by seq {
        seq: i64,
        agent: String,
        at_ms: i64,
        event: String,
    }
}

fn damaged(table: &str, key: &str, column: &str) -> StoreError {
    StoreError::Damaged { what: format!("{table} {key}: {column} makes no sense") }
}

impl AgentRow {
    pub(crate) fn new(agent: &Agent, conversation: &str) -> Result<Self, StoreError> {
        let last_terminal = agent.terminals.iter().map(|terminal| terminal.number).max();
        let StateColumns { state, state_at_ms, exit_code } = agent.state.into();
        Ok(Self {
            id: agent.id.to_string(),
            name: agent.settings.name.clone(),
            settings: without_name(&agent.settings)?,
            version: agent.version.into(),
            conversation: conversation.to_owned(),
            next_terminal: i64::from(last_terminal.unwrap_or(0)) + 1,
            state,
            state_at_ms,
            exit_code,
            created_at_ms: agent.created_at_ms,
            trashed_at_ms: agent.trashed_at_ms,
        })
    }

    pub(crate) fn set_settings(&mut self, settings: &AgentSettings) -> Result<(), StoreError> {
        self.name.clone_from(&settings.name);
        self.settings = without_name(settings)?;
        Ok(())
    }

    pub(crate) fn set_state(&mut self, state: AgentState) {
        StateColumns {
            state: self.state,
            state_at_ms: self.state_at_ms,
            exit_code: self.exit_code,
        } = state.into();
    }

    pub(crate) fn settings(&self) -> Result<AgentSettings, StoreError> {
        let damaged = || damaged("agents", &self.id, "settings");
        let mut fields: Value = serde_json::from_str(&self.settings).map_err(|_| damaged())?;
        fields
            .as_object_mut()
            .ok_or_else(damaged)?
            .insert("name".into(), Value::String(self.name.clone()));
        serde_json::from_value(fields).map_err(|_| damaged())
    }

    pub(crate) fn version(&self) -> Result<u32, StoreError> {
        u32::try_from(self.version).map_err(|_| damaged("agents", &self.id, "version"))
    }

    pub(crate) fn agent(&self, terminals: Vec<TerminalRecord>) -> Result<Agent, StoreError> {
        let damaged = |column| damaged("agents", &self.id, column);
        Ok(Agent {
            id: self.id.parse().map_err(|_| damaged("id"))?,
            settings: self.settings()?,
            version: self.version()?,
            state: states::read(&self.state, self.state_at_ms, self.exit_code)
                .ok_or_else(|| damaged("state"))?,
            terminals,
            created_at_ms: self.created_at_ms,
            trashed_at_ms: self.trashed_at_ms,
        })
    }
}

/// The settings but for the name, which has its own column so that it can be unique.
fn without_name(settings: &AgentSettings) -> Result<String, StoreError> {
    let mut fields = serde_json::to_value(settings).map_err(StoreError::unwritable)?;
    if let Some(fields) = fields.as_object_mut() {
        fields.remove("name");
    }
    Ok(fields.to_string())
}

impl VersionRow {
    pub(crate) fn new(
        agent: &AgentId,
        version: u32,
        at_ms: i64,
        from: Option<u32>,
        settings: &AgentSettings,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            agent: agent.to_string(),
            version: version.into(),
            at_ms,
            from_version: from.map(i64::from),
            settings: serde_json::to_string(settings).map_err(StoreError::unwritable)?,
        })
    }

    pub(crate) fn read(&self) -> Result<AgentVersion, StoreError> {
        let damaged = |column| damaged("agent_versions", &self.agent, column);
        Ok(AgentVersion {
            version: u32::try_from(self.version).map_err(|_| damaged("version"))?,
            at_ms: self.at_ms,
            from: self
                .from_version
                .map(u32::try_from)
                .transpose()
                .map_err(|_| damaged("from_version"))?,
            settings: serde_json::from_str(&self.settings).map_err(|_| damaged("settings"))?,
        })
    }
}

impl HistoryRow {
    pub(crate) fn new(
        seq: i64,
        agent: &AgentId,
        event: &HistoryEvent,
        at_ms: i64,
    ) -> Result<Self, StoreError> {
        let event = serde_json::to_string(event).map_err(StoreError::unwritable)?;
        Ok(Self { seq, agent: agent.to_string(), at_ms, event })
    }

    pub(crate) fn read(&self) -> Result<HistoryEntry, StoreError> {
        let event = serde_json::from_str(&self.event)
            .map_err(|_| damaged("agent_history", &self.seq.to_string(), "event"))?;
        Ok(HistoryEntry { seq: self.seq, at_ms: self.at_ms, event })
    }
}
