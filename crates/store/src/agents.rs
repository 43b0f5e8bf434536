//! The table of agents.

use protocol::agents::{Agent, AgentId, AgentState};
use sqlx::FromRow;

use crate::database::Store;
use crate::error::StoreError;

/// The agents of this host.
#[derive(Clone, Copy, Debug)]
pub struct Agents<'a> {
    pub(crate) store: &'a Store,
}

impl Agents<'_> {
    /// All agents, ordered by name.
    pub async fn list(self) -> Result<Vec<Agent>, StoreError> {
        sqlx::query_as::<_, AgentRow>("SELECT * FROM agents ORDER BY name, id")
            .fetch_all(&self.store.read)
            .await?
            .into_iter()
            .map(Agent::try_from)
            .collect()
    }

    /// One agent.
    pub async fn get(self, id: &AgentId) -> Result<Agent, StoreError> {
        sqlx::query_as::<_, AgentRow>("SELECT * FROM agents WHERE id = ?")
            .bind(id.as_str())
            .fetch_optional(&self.store.read)
            .await?
            .ok_or(StoreError::NoSuchAgent)?
            .try_into()
    }

    /// Stores a new agent; its name must be free.
    pub async fn insert(self, agent: &Agent) -> Result<(), StoreError> {
        let state = StateColumns::from(agent.state);
        sqlx::query(
            "INSERT INTO agents
                (id, name, program, args, folder, note,
                 state, state_at_ms, exit_code, created_at_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(agent.id.as_str())
        .bind(&agent.name)
        .bind(&agent.program)
        .bind(serde_json::Value::from(agent.args.as_slice()).to_string())
        .bind(&agent.folder)
        .bind(&agent.note)
        .bind(state.state)
        .bind(state.state_at_ms)
        .bind(state.exit_code)
        .bind(agent.created_at_ms)
        .execute(&self.store.write)
        .await
        .map_err(|error| match error.as_database_error() {
            // SQLite names the columns of a broken constraint, not the constraint.
            Some(broken)
                if broken.is_unique_violation() && broken.message().ends_with("agents.name") =>
            {
                StoreError::NameTaken { name: agent.name.clone() }
            }
            _ => error.into(),
        })?;
        Ok(())
    }

    /// Replaces what is known about the agent's session.
    pub async fn set_state(self, id: &AgentId, state: AgentState) -> Result<(), StoreError> {
        let state = StateColumns::from(state);
        let changed =
            sqlx::query("UPDATE agents SET state = ?, state_at_ms = ?, exit_code = ? WHERE id = ?")
                .bind(state.state)
                .bind(state.state_at_ms)
                .bind(state.exit_code)
                .bind(id.as_str())
                .execute(&self.store.write)
                .await?;
        if changed.rows_affected() == 0 { Err(StoreError::NoSuchAgent) } else { Ok(()) }
    }

    /// Forgets the agent.
    pub async fn delete(self, id: &AgentId) -> Result<(), StoreError> {
        let changed = sqlx::query("DELETE FROM agents WHERE id = ?")
            .bind(id.as_str())
            .execute(&self.store.write)
            .await?;
        if changed.rows_affected() == 0 { Err(StoreError::NoSuchAgent) } else { Ok(()) }
    }
}

#[derive(FromRow)]
struct AgentRow {
    id: String,
    name: String,
    program: String,
    args: String,
    folder: String,
    note: String,
    state: String,
    state_at_ms: Option<i64>,
    exit_code: Option<i32>,
    created_at_ms: i64,
}

impl TryFrom<AgentRow> for Agent {
    type Error = StoreError;

    fn try_from(row: AgentRow) -> Result<Self, StoreError> {
        let state = match (row.state.as_str(), row.state_at_ms) {
            ("stopped", None) => AgentState::Stopped,
            ("running", Some(since_ms)) => AgentState::Running { since_ms },
            ("exited", Some(at_ms)) => AgentState::Exited { code: row.exit_code, at_ms },
            ("lost", Some(at_ms)) => AgentState::Lost { at_ms },
            _ => return Err(StoreError::Damaged { what: "agents.state" }),
        };
        Ok(Self {
            id: row.id.parse().map_err(|_| StoreError::Damaged { what: "agents.id" })?,
            name: row.name,
            program: row.program,
            args: serde_json::from_str(&row.args)
                .map_err(|_| StoreError::Damaged { what: "agents.args" })?,
            folder: row.folder,
            note: row.note,
            state,
            created_at_ms: row.created_at_ms,
        })
    }
}

/// An [`AgentState`] as its three columns hold it.
struct StateColumns {
    state: &'static str,
    state_at_ms: Option<i64>,
    exit_code: Option<i32>,
}

impl From<AgentState> for StateColumns {
    fn from(state: AgentState) -> Self {
        let (state, state_at_ms, exit_code) = match state {
            AgentState::Stopped => ("stopped", None, None),
            AgentState::Running { since_ms } => ("running", Some(since_ms), None),
            AgentState::Exited { code, at_ms } => ("exited", Some(at_ms), code),
            AgentState::Lost { at_ms } => ("lost", Some(at_ms), None),
        };
        Self { state, state_at_ms, exit_code }
    }
}
