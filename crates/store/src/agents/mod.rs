//! Agents: their settings with all versions, their state, their history and the trash.
//!
//! Every change and the entry of the history that tells of it are one transaction.

pub mod history;
pub(crate) mod rows;
pub mod versions;

use std::collections::HashMap;

use protocol::agents::history::{HistoryEntry, HistoryEvent, HistoryQuery};
use protocol::agents::versions::AgentVersion;
use protocol::agents::{Agent, AgentId, AgentSettings, AgentState};
use protocol::terminals::TerminalRecord;
use sqlx::sqlite::SqliteConnection;

use self::rows::{AgentRow, VersionRow};
use crate::database::Store;
use crate::error::StoreError;
use crate::seal::{self, Sealed};
use crate::terminals::{self, TerminalRow};

/// The agents of this host.
#[derive(Clone, Copy, Debug)]
pub struct Agents<'a> {
    pub(crate) store: &'a Store,
}

impl Agents<'_> {
    /// All agents that are not in the trash, with their terminals, ordered by name.
    ///
    /// One damaged row fails all of it: a list that silently lacks an agent is a lie.
    /// [`Store::open`] has looked at every row, so a running server does not meet one.
    pub async fn list(self) -> Result<Vec<Agent>, StoreError> {
        self.many(
            "SELECT * FROM agents WHERE trashed_at_ms IS NULL ORDER BY name",
            "SELECT terminals.* FROM agents CROSS JOIN terminals ON terminals.agent = agents.id
             WHERE agents.trashed_at_ms IS NULL ORDER BY terminals.agent, terminals.number",
        )
        .await
    }

    /// All agents in the trash, last trashed first.
    pub async fn trashed(self) -> Result<Vec<Agent>, StoreError> {
        self.many(
            "SELECT * FROM agents WHERE trashed_at_ms IS NOT NULL
             ORDER BY trashed_at_ms DESC, rowid DESC",
            "SELECT terminals.* FROM agents CROSS JOIN terminals ON terminals.agent = agents.id
             WHERE agents.trashed_at_ms IS NOT NULL ORDER BY terminals.agent, terminals.number",
        )
        .await
    }

    async fn many(
        self,
        agents: &'static str,
        terminals: &'static str,
    ) -> Result<Vec<Agent>, StoreError> {
        // Both queries see the same moment.
        let mut reading = self.store.read.begin().await?;
        let agents: Vec<Sealed<AgentRow>> = sqlx::query_as(agents).fetch_all(&mut *reading).await?;
        let terminals: Vec<Sealed<TerminalRow>> =
            sqlx::query_as(terminals).fetch_all(&mut *reading).await?;
        reading.commit().await?;

        let mut by_agent: HashMap<String, Vec<TerminalRecord>> = HashMap::new();
        for Sealed(row) in terminals {
            let record = row.record()?;
            by_agent.entry(row.agent).or_default().push(record);
        }
        agents
            .iter()
            .map(|Sealed(row)| row.agent(by_agent.remove(&row.id).unwrap_or_default()))
            .collect()
    }

    /// One agent, also from the trash.
    pub async fn get(self, id: &AgentId) -> Result<Agent, StoreError> {
        let mut reading = self.store.read.begin().await?;
        let agent = record(&mut reading, id).await;
        reading.commit().await?;
        agent
    }

    /// Stores a new agent with version 1 of its settings; its name must be free.
    /// `conversation` is the UUID that its program will know the conversation by.
    pub async fn insert(
        self,
        agent: &Agent,
        conversation: &str,
        event: &HistoryEvent,
    ) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = insert(&mut change, agent, conversation, event).await;
        change.finish(outcome).await
    }

    /// Stores many in one transaction, each as [`Self::insert`] does. A taken name refuses only
    /// its own; any other failure refuses all, and is the outer error.
    pub async fn insert_many(
        self,
        agents: &[(Agent, String, HistoryEvent)],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = insert_many(&mut change, agents).await;
        change.finish(outcome).await
    }

    /// Replaces the settings, if they still have version `old_version`; returns their new one.
    /// `from` is the version whose settings these are, for a roll-back.
    pub async fn edit(
        self,
        id: &AgentId,
        settings: &AgentSettings,
        old_version: u32,
        from: Option<u32>,
        event: &HistoryEvent,
        at_ms: i64,
    ) -> Result<u32, StoreError> {
        let mut change = self.store.change().await?;
        let edit = Edit { settings, from, event, at_ms };
        let outcome = edit.apply(&mut change, id, old_version).await;
        change.finish(outcome).await
    }

    /// Replaces what is known about the session of the agent's program.
    pub async fn set_state(
        self,
        id: &AgentId,
        state: AgentState,
        event: Option<&HistoryEvent>,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = set_state(&mut change, id, state, event, at_ms).await;
        change.finish(outcome).await
    }

    /// Adds to the agent's history.
    pub async fn record(
        self,
        id: &AgentId,
        event: &HistoryEvent,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = match load(&mut change, id).await {
            Ok(_) => history::record(&mut change, id, event, at_ms).await,
            Err(missing) => Err(missing),
        };
        change.finish(outcome).await
    }

    /// Moves the agent to the trash; one that is there already stays as it is.
    pub async fn trash(self, id: &AgentId, at_ms: i64) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = trash(&mut change, id, at_ms).await;
        change.finish(outcome).await
    }

    /// Takes the agent out of the trash. Another `name` makes a new version of its settings.
    pub async fn restore(
        self,
        id: &AgentId,
        name: Option<&str>,
        at_ms: i64,
    ) -> Result<Agent, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = restore(&mut change, id, name, at_ms).await;
        change.finish(outcome).await
    }

    /// Forgets the agent and all that belongs to it, wherever it is.
    pub async fn purge(self, id: &AgentId) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let deleted = sqlx::query("DELETE FROM agents WHERE id = ?")
            .bind(id.as_str())
            .execute(&mut *change)
            .await;
        let outcome = match deleted {
            Ok(deleted) if deleted.rows_affected() == 0 => Err(StoreError::NoSuchAgent),
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        };
        change.finish(outcome).await
    }

    /// The UUID of the agent's conversation.
    pub async fn conversation(self, id: &AgentId) -> Result<String, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        Ok(load(&mut connection, id).await?.conversation)
    }

    /// Gives the agent another conversation.
    pub async fn set_conversation(
        self,
        id: &AgentId,
        conversation: &str,
    ) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = match load(&mut change, id).await {
            Ok(row) => {
                let row = AgentRow { conversation: conversation.to_owned(), ..row };
                seal::update(&mut change, &row).await.map(drop)
            }
            Err(missing) => Err(missing),
        };
        change.finish(outcome).await
    }

    /// All versions that are kept, newest first; also of an agent in the trash.
    pub async fn versions(self, id: &AgentId) -> Result<Vec<AgentVersion>, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        load(&mut connection, id).await?;
        versions::all(&mut connection, id).await
    }

    /// One version.
    pub async fn version(self, id: &AgentId, version: u32) -> Result<AgentVersion, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        load(&mut connection, id).await?;
        let found = versions::one(&mut connection, id, version).await?;
        found.ok_or(StoreError::NoSuchVersion { version })
    }

    /// What happened to the agent, newest first; also to one in the trash.
    pub async fn history(
        self,
        id: &AgentId,
        part: HistoryQuery,
    ) -> Result<Vec<HistoryEntry>, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        load(&mut connection, id).await?;
        history::read(&mut connection, id, part).await
    }
}

/// The row of an agent, also from the trash.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    id: &AgentId,
) -> Result<AgentRow, StoreError> {
    let row: Option<Sealed<AgentRow>> = sqlx::query_as("SELECT * FROM agents WHERE id = ?")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|Sealed(row)| row).ok_or(StoreError::NoSuchAgent)
}

/// The row of an agent that is not in the trash.
pub(crate) async fn load_used(
    connection: &mut SqliteConnection,
    id: &AgentId,
) -> Result<AgentRow, StoreError> {
    let row = load(connection, id).await?;
    if row.trashed_at_ms.is_some() { Err(StoreError::NoSuchAgent) } else { Ok(row) }
}

async fn record(connection: &mut SqliteConnection, id: &AgentId) -> Result<Agent, StoreError> {
    let row = load(connection, id).await?;
    row.agent(terminals::of(connection, id).await?)
}

/// Write transactions come one after the other, so a name that is free now stays so until the
/// end of this one.
async fn check_name(connection: &mut SqliteConnection, name: &str) -> Result<(), StoreError> {
    let taken: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM agents WHERE name = ? AND trashed_at_ms IS NULL")
            .bind(name)
            .fetch_optional(connection)
            .await?;
    match taken {
        Some(_) => Err(StoreError::NameTaken { name: name.to_owned() }),
        None => Ok(()),
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    agent: &Agent,
    conversation: &str,
    event: &HistoryEvent,
) -> Result<(), StoreError> {
    if agent.trashed_at_ms.is_none() {
        check_name(connection, &agent.settings.name).await?;
    }
    let at_ms = agent.created_at_ms;
    seal::insert(connection, &AgentRow::new(agent, conversation)?).await?;
    let version = VersionRow::new(&agent.id, agent.version, at_ms, None, &agent.settings)?;
    versions::add(connection, &version).await?;
    for terminal in &agent.terminals {
        seal::insert(connection, &TerminalRow::new(&agent.id, terminal)).await?;
    }
    history::record(connection, &agent.id, event, at_ms).await
}

async fn insert_many(
    connection: &mut SqliteConnection,
    agents: &[(Agent, String, HistoryEvent)],
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    let mut outcomes = Vec::with_capacity(agents.len());
    for (agent, conversation, event) in agents {
        match insert(connection, agent, conversation, event).await {
            // Refused before anything of it was written.
            Err(taken @ StoreError::NameTaken { .. }) => outcomes.push(Err(taken)),
            Err(failure) => return Err(failure),
            Ok(()) => outcomes.push(Ok(())),
        }
    }
    Ok(outcomes)
}

/// New settings and why.
struct Edit<'a> {
    settings: &'a AgentSettings,
    from: Option<u32>,
    event: &'a HistoryEvent,
    at_ms: i64,
}

impl Edit<'_> {
    async fn apply(
        &self,
        connection: &mut SqliteConnection,
        id: &AgentId,
        old_version: u32,
    ) -> Result<u32, StoreError> {
        let mut row = load_used(connection, id).await?;
        if row.version()? != old_version {
            return Err(StoreError::Changed { name: row.name, version: row.version });
        }
        if row.name != self.settings.name {
            check_name(connection, &self.settings.name).await?;
        }
        let version = advance(connection, id, &mut row, self).await?;
        history::record(connection, id, self.event, self.at_ms).await?;
        Ok(version)
    }
}

/// Writes the settings as the next version.
async fn advance(
    connection: &mut SqliteConnection,
    id: &AgentId,
    row: &mut AgentRow,
    edit: &Edit<'_>,
) -> Result<u32, StoreError> {
    let version = row.version()?.saturating_add(1);
    row.set_settings(edit.settings)?;
    row.version = version.into();
    seal::update(connection, row).await?;
    let row = VersionRow::new(id, version, edit.at_ms, edit.from, edit.settings)?;
    versions::add(connection, &row).await?;
    Ok(version)
}

async fn set_state(
    connection: &mut SqliteConnection,
    id: &AgentId,
    state: AgentState,
    event: Option<&HistoryEvent>,
    at_ms: i64,
) -> Result<(), StoreError> {
    let mut row = load(connection, id).await?;
    row.set_state(state);
    seal::update(connection, &row).await?;
    match event {
        Some(event) => history::record(connection, id, event, at_ms).await,
        None => Ok(()),
    }
}

async fn trash(
    connection: &mut SqliteConnection,
    id: &AgentId,
    at_ms: i64,
) -> Result<(), StoreError> {
    let row = load(connection, id).await?;
    if row.trashed_at_ms.is_some() {
        return Ok(());
    }
    let row = AgentRow { trashed_at_ms: Some(at_ms), ..row };
    seal::update(connection, &row).await?;
    history::record(connection, id, &HistoryEvent::Trashed, at_ms).await
}

async fn restore(
    connection: &mut SqliteConnection,
    id: &AgentId,
    name: Option<&str>,
    at_ms: i64,
) -> Result<Agent, StoreError> {
    let mut row = load(connection, id).await?;
    if row.trashed_at_ms.take().is_none() {
        return Err(StoreError::NotInTrash { name: row.name });
    }
    let name = name.unwrap_or(&row.name).to_owned();
    check_name(connection, &name).await?;
    let renamed = (name != row.name).then_some(name);
    // The history tells what happened in the order in which it did.
    history::record(connection, id, &HistoryEvent::Restored, at_ms).await?;
    if let Some(name) = renamed {
        let settings = AgentSettings { name, ..row.settings()? };
        let version = row.version()?.saturating_add(1);
        let event = HistoryEvent::Edited { version, fields: vec!["name".into()] };
        let edit = Edit { settings: &settings, from: None, event: &event, at_ms };
        advance(connection, id, &mut row, &edit).await?;
        history::record(connection, id, &event, at_ms).await?;
    } else {
        seal::update(connection, &row).await?;
    }
    record(connection, id).await
}
