//! Tokens that are sent as `Authorization: Bearer …`: of scripts, and of the programs that run in
//! agents' terminals.
//!
//! Each begins with letters that say what it is, for people and for scanners that look for
//! leaked ones. Kept in memory like devices; the store is written first, but for what ends.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use protocol::access::Role;
use protocol::access::tokens::{CreateToken, NewToken, Token};
use protocol::error::{ApiError, ErrorCode};
use protocol::limits;
use protocol::terminals::TerminalId;
use store::Store;
use store::logins::TokenHash;
use store::tokens::Token as Record;

use crate::access::endings::{Endings, Of};
use crate::access::names;
use crate::clock::now_ms;
use crate::home::{self, Home};
use crate::secrets;

const SCRIPT: &str = "mst_";
const SESSION: &str = "mss_";
/// Characters of a token that may be shown.
const PREFIX: usize = 10;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How often a token's last use is written down, in milliseconds.
const TOUCH_EVERY_MS: i64 = 60_000;

/// Tokens of this instance.
pub struct Tokens {
    store: Store,
    /// Where the tokens of sessions lie for their programs.
    folder: PathBuf,
    scripts: RwLock<HashMap<TokenHash, Record>>,
    sessions: RwLock<HashMap<TokenHash, TerminalId>>,
    script_changes: Endings,
    session_changes: Endings,
}

impl Tokens {
    /// Reads what is stored. `run` is the private folder for what lives as long as sessions.
    pub async fn load(store: Store, run: &Path) -> Result<Self, ApiError> {
        let scripts = store.tokens().all().await?;
        let scripts = scripts.into_iter().map(|record| (record.token_hash, record)).collect();
        let folder = run.join("tokens");
        home::private_folder(&folder)
            .map_err(|error| ApiError::new(ErrorCode::Unavailable, error.to_string()))?;
        let sessions = store.session_tokens().all().await?.into_iter().collect();
        Ok(Self {
            folder,
            scripts: RwLock::new(scripts),
            sessions: RwLock::new(sessions),
            script_changes: Endings::new(store.clone(), Of::Scripts),
            session_changes: Endings::new(store.clone(), Of::Sessions),
            store,
        })
    }

    /// The script with this token, if it stands.
    pub fn script(&self, token: &str) -> Option<Record> {
        let hash = token.starts_with(SCRIPT).then(|| secrets::hash(token))?;
        self.read().get(&hash).filter(|record| !record.is_expired(now_ms())).cloned()
    }

    /// The script with this id, if its token stands.
    pub fn by_id(&self, id: &str) -> Option<Record> {
        let scripts = self.read();
        let record = scripts.values().find(|record| record.id == id);
        record.filter(|record| !record.is_expired(now_ms())).cloned()
    }

    /// The terminal whose program has this token.
    pub fn session(&self, token: &str) -> Option<TerminalId> {
        let hash = token.starts_with(SESSION).then(|| secrets::hash(token))?;
        self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned()
    }

    /// All of scripts, newest first; also those that have expired, until they are revoked.
    pub fn all(&self) -> Vec<Token> {
        let mut all: Vec<Token> = self.read().values().map(public).collect();
        all.sort_by(|one, other| {
            (other.created_at_ms, &other.id).cmp(&(one.created_at_ms, &one.id))
        });
        all
    }

    /// Makes one for a script.
    pub async fn create(&self, new: CreateToken) -> Result<NewToken, ApiError> {
        let name = names::check(&new.name)?;
        if new.role == Role::Owner {
            return Err(ApiError::invalid(
                "role",
                "A script is a viewer or an operator; an owner is a person.",
            ));
        }
        let days = new.days.map(|days| {
            if (1..=limits::TOKEN_DAYS).contains(&days) {
                Ok(i64::from(days))
            } else {
                let sentence = format!("A token lives 1 to {} days.", limits::TOKEN_DAYS);
                Err(ApiError::invalid("days", sentence))
            }
        });
        let days = days.transpose()?;
        let _one_at_a_time = self.script_changes.begin().await;
        if self.read().len() >= limits::SCRIPT_TOKENS {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                "There are too many tokens. Revoke some with `maestro token revoke`.",
            ));
        }
        let secret = format!("{SCRIPT}{}", secrets::random_token());
        let now = now_ms();
        let record = Record {
            id: ulid::Ulid::new().to_string().to_lowercase(),
            name,
            token_hash: secrets::hash(&secret),
            role: new.role,
            prefix: secret.chars().take(PREFIX).collect(),
            created_at_ms: now,
            expires_at_ms: days.map(|days| now + days * DAY_MS),
            last_used_at_ms: None,
        };
        self.store.tokens().create(&record).await?;
        let token = public(&record);
        self.write().insert(record.token_hash, record);
        Ok(NewToken { token, secret })
    }

    /// Lets a script out, whatever the disk says; [`Self::end`] is to follow.
    pub fn forget(&self, id: &str) -> Result<(), ApiError> {
        let mut scripts = self.write();
        let before = scripts.len();
        scripts.retain(|_, record| record.id != id);
        if scripts.len() < before {
            return Ok(());
        }
        Err(ApiError::new(
            ErrorCode::NotFound,
            "There is no such token. It may have been revoked; list the tokens again.",
        ))
    }

    /// Ends one of a script that was [let out](Self::forget). When the disk does not take it, it
    /// is over until the next start.
    pub async fn end(&self, id: &str) -> Result<(), ApiError> {
        self.script_changes.end(id).await
    }

    /// Ends what the disk did not take before. Never returns.
    pub async fn keep(&self) {
        tokio::join!(self.script_changes.keep_trying(), self.session_changes.keep_trying());
    }

    /// Notes that a script was here, once a minute.
    pub async fn use_now(&self, record: &Record) {
        let now = now_ms();
        if record.last_used_at_ms.is_some_and(|last| now - last <= TOUCH_EVERY_MS) {
            return;
        }
        if let Some(known) = self.write().get_mut(&record.token_hash) {
            known.last_used_at_ms = Some(now);
        }
        // A disk that takes no writes must not keep scripts from reading.
        if let Err(error) = self.store.tokens().touch(&record.id, now).await {
            tracing::warn!(%error, "the use of a token was not noted");
        }
    }

    /// Makes one for the program that is about to start in this terminal, and puts it into a file
    /// that only the owner of this server reads. An earlier one of the terminal is over.
    pub async fn open_session(&self, terminal: &TerminalId) -> Result<PathBuf, ApiError> {
        let secret = format!("{SESSION}{}", secrets::random_token());
        let hash = secrets::hash(&secret);
        let mut waiting = self.session_changes.begin().await;
        self.write_sessions().retain(|_, known| known != terminal);
        self.store.session_tokens().put(terminal, &hash, now_ms()).await?;
        // It took the place of one that should end.
        waiting.remove(&terminal.to_string());
        let file = self.file(terminal);
        Home::write_private(&file, &secret)
            .map_err(|error| ApiError::new(ErrorCode::Unavailable, error.to_string()))?;
        self.write_sessions().insert(hash, terminal.clone());
        Ok(file)
    }

    /// Ends the token of a session that is over; none is fine.
    pub async fn close_session(&self, terminal: &TerminalId) {
        let _already_gone = fs::remove_file(self.file(terminal));
        self.write_sessions().retain(|_, known| known != terminal);
        // It is out; the disk hears of it again.
        let _logged = self.session_changes.end(&terminal.to_string()).await;
    }

    /// Ends the tokens of all sessions but these: what a server that was killed left behind. A
    /// session whose token is not stored, since a backup took the place of the database, has it
    /// back: its file lies where only the owner of this server writes.
    pub async fn keep_sessions(&self, running: &[TerminalId]) -> Result<(), ApiError> {
        let _one_at_a_time = self.session_changes.begin().await;
        self.store.session_tokens().keep_only(running).await?;
        self.write_sessions().retain(|_, known| running.contains(known));
        for terminal in running {
            let is_known = self.write_sessions().values().any(|known| known == terminal);
            let secret = fs::read_to_string(self.file(terminal)).unwrap_or_default();
            if is_known || !secret.starts_with(SESSION) {
                continue;
            }
            let hash = secrets::hash(&secret);
            self.store.session_tokens().put(terminal, &hash, now_ms()).await?;
            self.write_sessions().insert(hash, terminal.clone());
        }
        Ok(())
    }

    fn write_sessions(&self) -> RwLockWriteGuard<'_, HashMap<TokenHash, TerminalId>> {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, terminal: &TerminalId) -> PathBuf {
        self.folder.join(terminal.to_string())
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<TokenHash, Record>> {
        self.scripts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<TokenHash, Record>> {
        self.scripts.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn public(record: &Record) -> Token {
    Token {
        id: record.id.clone(),
        name: record.name.clone(),
        role: record.role,
        prefix: record.prefix.clone(),
        created_at_ms: record.created_at_ms,
        expires_at_ms: record.expires_at_ms,
        last_used_at_ms: record.last_used_at_ms,
    }
}
