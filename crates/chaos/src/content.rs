//! Everything a database says, as one value: two databases that say the same are equal.

use std::path::Path;

use protocol::agents::Agent;
use protocol::agents::history::{HistoryEntry, HistoryQuery};
use protocol::agents::versions::AgentVersion;
use protocol::terminals::{ScreenText, TerminalId};
use store::{Store, StoreError};

/// What is known about one agent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) agent: Agent,
    pub(crate) versions: Vec<AgentVersion>,
    pub(crate) history: Vec<HistoryEntry>,
    conversation: String,
    screen: Option<ScreenText>,
}

impl Record {
    /// Without what is drawn by lot when an old database is brought up to date.
    pub(crate) fn without_chance(mut self) -> Self {
        self.conversation.clear();
        self
    }
}

/// All agents, those in the trash after those in use.
pub(crate) type Content = Vec<Record>;

/// Reads all of it.
pub(crate) async fn read(store: &Store) -> Result<Content, StoreError> {
    let mut agents = store.agents().list().await?;
    agents.extend(store.agents().trashed().await?);
    let mut content = Vec::with_capacity(agents.len());
    let all = HistoryQuery { before: None, limit: Some(500) };
    for agent in agents {
        let id = agent.id.clone();
        content.push(Record {
            versions: store.agents().versions(&id).await?,
            history: store.agents().history(&id, all).await?,
            conversation: store.agents().conversation(&id).await?,
            screen: store.terminals().screen(&TerminalId::program(id)).await?,
            agent,
        });
    }
    Ok(content)
}

/// Opens a copy of a database as a server would; what it says, and whether it says that a write
/// is missing.
pub(crate) async fn open(database: &Path) -> Result<(Content, bool), StoreError> {
    let opened = Store::open(database).await?;
    let content = read(&opened.store).await;
    opened.store.close().await;
    Ok((content?, opened.lost_write))
}
