//! Terminals that agents have beside their program's own, and what each terminal showed last.

use protocol::agents::history::HistoryEvent;
use protocol::agents::{AgentId, AgentState};
use protocol::limits;
use protocol::terminals::{ScreenText, TerminalId, TerminalRecord};
use sqlx::sqlite::SqliteConnection;

use crate::agents::rows::AgentRow;
use crate::agents::{self, history};
use crate::database::Store;
use crate::error::StoreError;
use crate::seal::{self, Sealed, sealed_table};
use crate::states::{self, StateColumns};

sealed_table! {
    struct TerminalRow of "terminals" by agent number {
        agent: String,
        number: i64,
        name: String,
        state: String,
        state_at_ms: Option<i64>,
        exit_code: Option<i64>,
    }
}

sealed_table! {
    struct ScreenRow of "screens" by agent number {
        agent: String,
        number: i64,
        lines: String,
    }
}

/// The terminals of all agents. Number 0, that of the program, has a screen but no record.
#[derive(Clone, Copy, Debug)]
pub struct Terminals<'a> {
    pub(crate) store: &'a Store,
}

impl Terminals<'_> {
    /// Adds a hibernated terminal with a number that was never used within the agent.
    pub async fn add(
        self,
        agent: &AgentId,
        name: &str,
        at_ms: i64,
    ) -> Result<TerminalRecord, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = add(&mut change, agent, name, at_ms).await;
        change.finish(outcome).await
    }

    /// Replaces what is known about the terminal's session.
    pub async fn set_state(self, id: &TerminalId, state: AgentState) -> Result<(), StoreError> {
        self.alter(id, |row| {
            let columns = StateColumns::from(state);
            row.state = columns.state;
            row.state_at_ms = columns.state_at_ms;
            row.exit_code = columns.exit_code;
        })
        .await
    }

    /// Gives the terminal another name.
    pub async fn rename(self, id: &TerminalId, name: &str) -> Result<(), StoreError> {
        self.alter(id, |row| name.clone_into(&mut row.name)).await
    }

    async fn alter(
        self,
        id: &TerminalId,
        alter: impl FnOnce(&mut TerminalRow) + Send,
    ) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = match load(&mut change, id).await {
            Ok(mut row) => {
                alter(&mut row);
                seal::update(&mut change, &row).await.map(drop)
            }
            Err(missing) => Err(missing),
        };
        change.finish(outcome).await
    }

    /// Forgets the terminal and its screen.
    pub async fn remove(self, id: &TerminalId, at_ms: i64) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = remove(&mut change, id, at_ms).await;
        change.finish(outcome).await
    }

    /// Keeps what the terminal shows, in place of what was kept before.
    pub async fn save_screen(self, id: &TerminalId, screen: &ScreenText) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = save_screen(&mut change, id, screen).await;
        change.finish(outcome).await
    }

    /// What the terminal showed last, if that was kept.
    pub async fn screen(self, id: &TerminalId) -> Result<Option<ScreenText>, StoreError> {
        let row: Option<Sealed<ScreenRow>> =
            sqlx::query_as("SELECT * FROM screens WHERE agent = ? AND number = ?")
                .bind(id.agent.as_str())
                .bind(id.number)
                .fetch_optional(&self.store.read)
                .await?;
        row.map(|Sealed(row)| row.text()).transpose()
    }
}

impl TerminalRow {
    pub(crate) fn new(agent: &AgentId, record: &TerminalRecord) -> Self {
        let StateColumns { state, state_at_ms, exit_code } = record.state.into();
        Self {
            agent: agent.to_string(),
            number: record.number.into(),
            name: record.name.clone(),
            state,
            state_at_ms,
            exit_code,
        }
    }

    pub(crate) fn record(&self) -> Result<TerminalRecord, StoreError> {
        let damaged = |column| StoreError::Damaged {
            what: format!("terminals {} {}: {column} makes no sense", self.agent, self.number),
        };
        Ok(TerminalRecord {
            number: u16::try_from(self.number).map_err(|_| damaged("number"))?,
            name: self.name.clone(),
            state: states::read(&self.state, self.state_at_ms, self.exit_code)
                .ok_or_else(|| damaged("state"))?,
        })
    }
}

impl ScreenRow {
    pub(crate) fn text(&self) -> Result<ScreenText, StoreError> {
        let rows = serde_json::from_str(&self.lines).map_err(|_| StoreError::Damaged {
            what: format!("screens {} {}: lines makes no sense", self.agent, self.number),
        })?;
        Ok(ScreenText { rows })
    }
}

/// The terminals of one agent, ordered by number.
pub(crate) async fn of(
    connection: &mut SqliteConnection,
    agent: &AgentId,
) -> Result<Vec<TerminalRecord>, StoreError> {
    let rows: Vec<Sealed<TerminalRow>> =
        sqlx::query_as("SELECT * FROM terminals WHERE agent = ? ORDER BY number")
            .bind(agent.as_str())
            .fetch_all(connection)
            .await?;
    rows.iter().map(|Sealed(row)| row.record()).collect()
}

async fn load(
    connection: &mut SqliteConnection,
    id: &TerminalId,
) -> Result<TerminalRow, StoreError> {
    let row: Option<Sealed<TerminalRow>> =
        sqlx::query_as("SELECT * FROM terminals WHERE agent = ? AND number = ?")
            .bind(id.agent.as_str())
            .bind(id.number)
            .fetch_optional(connection)
            .await?;
    row.map(|Sealed(row)| row).ok_or(StoreError::NoSuchTerminal)
}

async fn add(
    connection: &mut SqliteConnection,
    agent: &AgentId,
    name: &str,
    at_ms: i64,
) -> Result<TerminalRecord, StoreError> {
    let owner = agents::load_used(connection, agent).await?;
    let open: i64 = sqlx::query_scalar("SELECT count(*) FROM terminals WHERE agent = ?")
        .bind(agent.as_str())
        .fetch_one(&mut *connection)
        .await?;
    let room = usize::try_from(open).is_ok_and(|open| open < limits::TERMINALS);
    // All 65,535 numbers used up is as good as full.
    let (true, Ok(number)) = (room, u16::try_from(owner.next_terminal)) else {
        return Err(StoreError::TooManyTerminals);
    };
    let owner = AgentRow { next_terminal: owner.next_terminal + 1, ..owner };
    seal::update(connection, &owner).await?;
    let record = TerminalRecord { number, name: name.to_owned(), state: AgentState::Hibernated };
    seal::insert(connection, &TerminalRow::new(agent, &record)).await?;
    let event = HistoryEvent::TerminalOpened { number, name: name.to_owned() };
    history::record(connection, agent, &event, at_ms).await?;
    Ok(record)
}

async fn remove(
    connection: &mut SqliteConnection,
    id: &TerminalId,
    at_ms: i64,
) -> Result<(), StoreError> {
    let row = load(connection, id).await?;
    for delete in [
        "DELETE FROM terminals WHERE agent = ? AND number = ?",
        "DELETE FROM screens WHERE agent = ? AND number = ?",
    ] {
        sqlx::query(delete)
            .bind(id.agent.as_str())
            .bind(id.number)
            .execute(&mut *connection)
            .await?;
    }
    let event = HistoryEvent::TerminalClosed { number: id.number, name: row.name };
    history::record(connection, &id.agent, &event, at_ms).await
}

async fn save_screen(
    connection: &mut SqliteConnection,
    id: &TerminalId,
    screen: &ScreenText,
) -> Result<(), StoreError> {
    if id.is_program() {
        agents::load(connection, &id.agent).await?;
    } else {
        load(connection, id).await?;
    }
    let row = ScreenRow {
        agent: id.agent.to_string(),
        number: id.number.into(),
        lines: serde_json::to_string(&screen.rows).map_err(StoreError::unwritable)?,
    };
    seal::put(connection, &row).await
}
