//! The instance: one installation of Maestro with its own data.

use sqlx::sqlite::SqliteConnection;

use crate::database::Store;
use crate::error::StoreError;
use crate::seal::{self, Sealed, sealed_table};

sealed_table! {
    struct InstanceRow of "instance" by only {
        only: i64,
        id: String,
        boot_id: Option<String>,
        claimed_at_ms: Option<i64>,
        restored_from: Option<String>,
    }
}

/// What identifies this installation.
#[derive(Clone, Copy, Debug)]
pub struct Instance<'a> {
    pub(crate) store: &'a Store,
}

impl Instance<'_> {
    /// The id of this instance; the first call ever makes `candidate` the id.
    ///
    /// `candidate` is random: 8 lower-case base32 characters (`[a-z2-7]`).
    pub async fn id_or(self, candidate: &str) -> Result<String, StoreError> {
        let mut change = self.store.change().await?;
        let outcome = id_or(&mut change, candidate).await;
        change.finish(outcome).await
    }

    /// Which boot of the machine [`Self::set_boot_id`] noted last, if it ever did.
    pub async fn boot_id(self) -> Result<Option<String>, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        Ok(load(&mut connection).await?.and_then(|row| row.boot_id))
    }

    /// Writes without changing anything: tells whether the disk takes writes again.
    pub async fn touch(self) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let written = sqlx::query("UPDATE instance SET id = id").execute(&mut *change).await;
        let outcome = written.map(drop).map_err(StoreError::from);
        change.finish(outcome).await
    }

    /// Notes which boot of the machine this is. The instance has its id by then.
    pub async fn set_boot_id(self, boot_id: &str) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = match load(&mut change).await {
            Ok(Some(row)) => {
                let row = InstanceRow { boot_id: Some(boot_id.to_owned()), ..row };
                seal::update(&mut change, &row).await.map(drop)
            }
            Ok(None) => Err(StoreError::Damaged { what: "instance: it has no row".into() }),
            Err(error) => Err(error),
        };
        change.finish(outcome).await
    }

    /// When the first device was let in or the first token made, milliseconds since the Unix
    /// epoch; none if that never happened. It stays when all of them are gone.
    pub async fn claimed_at_ms(self) -> Result<Option<i64>, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        Ok(load(&mut connection).await?.and_then(|row| row.claimed_at_ms))
    }

    /// Name of the backup that was put in the place of the database, until
    /// [`Self::forget_restore`].
    pub async fn restored_from(self) -> Result<Option<String>, StoreError> {
        let mut connection = self.store.read.acquire().await?;
        Ok(load(&mut connection).await?.and_then(|row| row.restored_from))
    }

    /// The restore was taken note of.
    pub async fn forget_restore(self) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = alter(&mut change, |row| row.restored_from = None).await;
        change.finish(outcome).await
    }
}

/// Notes that somebody was let in, if that was never so before.
pub(crate) async fn claim(connection: &mut SqliteConnection, at_ms: i64) -> Result<(), StoreError> {
    match load(connection).await? {
        Some(row) if row.claimed_at_ms.is_none() => {
            let row = InstanceRow { claimed_at_ms: Some(at_ms), ..row };
            seal::update(connection, &row).await.map(drop)
        }
        _ => Ok(()),
    }
}

/// Notes of what is about to become the database that it was a backup. What `replaced` tells of
/// somebody who was let in stays known.
pub(crate) async fn note_restore(
    connection: &mut SqliteConnection,
    backup: &str,
    replaced: Option<&mut SqliteConnection>,
) -> Result<(), StoreError> {
    let claimed_at_ms = match replaced {
        Some(replaced) => load(replaced).await?.and_then(|row| row.claimed_at_ms),
        None => None,
    };
    alter(connection, |row| {
        row.claimed_at_ms = row.claimed_at_ms.or(claimed_at_ms);
        row.restored_from = Some(backup.to_owned());
    })
    .await
}

/// Changes the row, if there is one.
async fn alter(
    connection: &mut SqliteConnection,
    alter: impl FnOnce(&mut InstanceRow) + Send,
) -> Result<(), StoreError> {
    if let Some(mut row) = load(connection).await? {
        alter(&mut row);
        seal::update(connection, &row).await?;
    }
    Ok(())
}

async fn load(connection: &mut SqliteConnection) -> Result<Option<InstanceRow>, StoreError> {
    let row: Option<Sealed<InstanceRow>> =
        sqlx::query_as("SELECT * FROM instance WHERE only = 1").fetch_optional(connection).await?;
    Ok(row.map(|Sealed(row)| row))
}

async fn id_or(connection: &mut SqliteConnection, candidate: &str) -> Result<String, StoreError> {
    if let Some(row) = load(connection).await? {
        return Ok(row.id);
    }
    let row = InstanceRow {
        only: 1,
        id: candidate.to_owned(),
        boot_id: None,
        claimed_at_ms: None,
        restored_from: None,
    };
    seal::insert(connection, &row).await?;
    Ok(row.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_id_stays() {
        let store = Store::memory().await.unwrap();
        assert_eq!(store.instance().id_or("abcd2345").await.unwrap(), "abcd2345");
        assert_eq!(store.instance().id_or("zzzz7777").await.unwrap(), "abcd2345");
    }

    #[tokio::test]
    async fn an_id_that_does_not_fit_a_cookie_name_is_refused() {
        let store = Store::memory().await.unwrap();
        for candidate in ["", "abcd234", "ABCD2345", "abcd-345", "abcd23456"] {
            assert!(store.instance().id_or(candidate).await.is_err(), "{candidate}");
        }
    }

    #[tokio::test]
    async fn the_last_boot_is_known() {
        let store = Store::memory().await.unwrap();
        assert_eq!(store.instance().boot_id().await.unwrap(), None);
        assert!(store.instance().set_boot_id("early").await.is_err());
        store.instance().id_or("abcd2345").await.unwrap();
        assert_eq!(store.instance().boot_id().await.unwrap(), None);
        for boot in ["5f0c", "77aa"] {
            store.instance().set_boot_id(boot).await.unwrap();
            assert_eq!(store.instance().boot_id().await.unwrap().as_deref(), Some(boot));
        }
        assert_eq!(store.instance().id_or("zzzz7777").await.unwrap(), "abcd2345");
    }
}
