//! F22: one byte is flipped somewhere; the store refuses, or says what it always said.

use std::path::{Path, PathBuf};

use protocol::agents::history::HistoryEvent;
use protocol::agents::{Agent, AgentId, AgentSettings, AgentState};
use protocol::terminals::{ScreenText, TerminalId};
use store::{Store, StoreError};

use crate::Outcome;
use crate::content::{self, Content};
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;

const AGENTS: u16 = 40;
/// Written last, and so the only thing that may be said to be lost.
const LAST: &str = "the last write";

/// A database with a log that is not folded into it yet.
struct Original {
    database: Vec<u8>,
    log: Vec<u8>,
    /// What it says.
    content: Content,
    /// What it said before the last write.
    before_last: Content,
}

/// How often what came out.
#[derive(Default)]
struct Tally {
    refused: usize,
    equal: usize,
    lost_and_told: usize,
}

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let flips = lab.size(60, 1_000);
    let original = original(&lab.folder().join("original")).await?;
    let mut tally = Tally::default();
    for number in 0..flips {
        let folder = lab.folder().join(format!("copy {number}"));
        std::fs::create_dir(&folder)?;
        let (mut database, mut log) = (original.database.clone(), original.log.clone());
        let in_log = number % 2 == 1;
        let bytes = if in_log { &mut log } else { &mut database };
        let place = lab.dice.place(bytes.len());
        let flip = 1 + u8::try_from(lab.dice.below(255))?;
        bytes[place] ^= flip;
        let path = write(&folder, &database, &log)?;
        let file = if in_log { "the log" } else { "the database" };
        let what = format!("byte {place} of {file} xor {flip:#04x}");
        let refused_before = tally.refused;
        judge(&original, &path, &what, &mut tally).await?;
        if tally.refused > refused_before {
            // A refused file is evidence: it stays as it was found.
            let same = std::fs::read(&path)? == database;
            ensure(same, || format!("{what}: the refused database was written to"))?;
        }
        std::fs::remove_dir_all(&folder)?;
    }
    ensure(tally.refused > 0, || "not one flip was noticed".into())?;
    let Tally { refused, equal, lost_and_told } = tally;
    let told = format!("{lost_and_told} said that the last write is lost");
    Ok(Verdict::held(flips, format!("{refused} refused, {equal} the same, {told}; never wrong")))
}

async fn judge(original: &Original, path: &Path, what: &str, tally: &mut Tally) -> Outcome<()> {
    match content::open(path).await {
        Err(
            StoreError::Corrupt { .. }
            | StoreError::NotADatabase { .. }
            | StoreError::NewerDatabase { .. },
        ) => tally.refused += 1,
        Err(error) => return Err(format!("{what}: opened, and then: {error}").into()),
        Ok((content, false)) if content == original.content => tally.equal += 1,
        Ok((content, true)) if content == original.before_last => tally.lost_and_told += 1,
        Ok((content, told)) => {
            let difference = difference(&original.content, &content);
            return Err(format!("{what}: wrong data (told: {told}): {difference}").into());
        }
    }
    Ok(())
}

fn difference(right: &Content, wrong: &Content) -> String {
    let pairs = right.iter().zip(wrong).find(|(right, wrong)| right != wrong);
    match pairs {
        Some((right, wrong)) => format!("{right:?} became {wrong:?}"),
        None => format!("{} agents became {}", right.len(), wrong.len()),
    }
}

async fn original(folder: &Path) -> Outcome<Original> {
    std::fs::create_dir(folder)?;
    let path = folder.join("maestro.db");
    // The first half is folded into the file when it is closed; the second stays in the log.
    let first = Store::open(&path).await?.store;
    fill(&first, 0..AGENTS / 2).await?;
    first.close().await;
    let store = Store::open(&path).await?.store;
    fill(&store, AGENTS / 2..AGENTS).await?;
    let before_last = content::read(&store).await?;
    let all = store.agents().list().await?;
    let agent = all.first().ok_or("no agents")?;
    edit(&store, agent, LAST).await?;
    let content = content::read(&store).await?;
    let database = std::fs::read(&path)?;
    let log = std::fs::read(folder.join("maestro.db-wal"))?;
    ensure(!log.is_empty(), || "the log is empty".into())?;
    store.close().await;
    Ok(Original { database, log, content, before_last })
}

fn write(folder: &Path, database: &[u8], log: &[u8]) -> Outcome<PathBuf> {
    let path = folder.join("maestro.db");
    std::fs::write(&path, database)?;
    std::fs::write(folder.join("maestro.db-wal"), log)?;
    Ok(path)
}

/// Agents in all states, with versions, history, screens, some of them in the trash.
async fn fill(store: &Store, numbers: std::ops::Range<u16>) -> Outcome<()> {
    for number in numbers {
        let at_ms = 1_700_000_000_000 + i64::from(number) * 1_000;
        let id: AgentId = format!("{number:0>26}").parse()?;
        let settings = AgentSettings {
            name: format!("group-{}-agent {number}", number % 4),
            program: "sh".into(),
            folder: "/".into(),
            note: "“Ünïcödé” ".repeat(usize::from(number % 9) * 20),
            tags: vec![format!("tag {}", number % 3)],
            ..AgentSettings::default()
        };
        let agent = Agent::new(id.clone(), settings, at_ms);
        let conversation = format!("conversation-{number}");
        let made = HistoryEvent::Created { from: None };
        store.agents().insert(&agent, &conversation, &made).await?;
        edit(store, &agent, &format!("label {number}")).await?;
        let state = match number % 4 {
            0 => AgentState::Hibernated,
            1 => AgentState::Running { since_ms: at_ms },
            2 => AgentState::Exited { code: Some(i32::from(number)), at_ms },
            _ => AgentState::Lost { at_ms },
        };
        store.agents().set_state(&id, state, None, at_ms).await?;
        let screen = ScreenText { rows: vec![format!("screen of {number}"); 20] };
        store.terminals().save_screen(&TerminalId::program(id.clone()), &screen).await?;
        if number % 5 == 0 {
            store.agents().trash(&id, at_ms).await?;
        }
    }
    Ok(())
}

async fn edit(store: &Store, agent: &Agent, label: &str) -> Outcome<()> {
    let settings = AgentSettings { label: label.into(), ..agent.settings.clone() };
    let version = agent.version + 1;
    let event = HistoryEvent::Edited { version, fields: vec!["label".into()] };
    let at_ms = agent.created_at_ms + 1;
    store.agents().edit(&agent.id, &settings, agent.version, None, &event, at_ms).await?;
    Ok(())
}
