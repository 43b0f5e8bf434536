//! Counted attempts to get in, so that a restart forgives none. What they mean is the rule of
//! [`domain::throttle`].

use domain::throttle::{KEPT, Throttle};
use sqlx::sqlite::SqliteConnection;

use crate::database::Store;
use crate::error::StoreError;
use crate::seal::{self, Sealed, sealed_table};

sealed_table! {
    struct ThrottleRow of "throttle" by key {
        key: String,
        failures: i64,
        blocked_until_ms: i64,
        last_ms: i64,
    }
}

/// The oldest rows over what is kept.
const FORGET: &str = "DELETE FROM throttle WHERE rowid IN
    (SELECT rowid FROM throttle ORDER BY last_ms DESC, rowid DESC LIMIT -1 OFFSET ?)";

/// Counted attempts, by the texts of their [keys](domain::throttle::Key).
#[derive(Clone, Copy, Debug)]
pub struct Throttles<'a> {
    pub(crate) store: &'a Store,
}

impl Throttles<'_> {
    /// All that are stored: at most [`KEPT`].
    pub async fn load_all(self) -> Result<Vec<(String, Throttle)>, StoreError> {
        let rows: Vec<Sealed<ThrottleRow>> =
            sqlx::query_as("SELECT * FROM throttle").fetch_all(&self.store.read).await?;
        rows.into_iter().map(|Sealed(row)| row.throttle()).collect()
    }

    /// Stores these in one piece, in place of those with the same keys. When there are more than
    /// [`KEPT`] then, the oldest go.
    pub async fn save(self, throttles: &[(String, Throttle)]) -> Result<(), StoreError> {
        let mut change = self.store.change().await?;
        let outcome = save(&mut change, throttles).await;
        change.finish(outcome).await
    }
}

impl ThrottleRow {
    fn throttle(self) -> Result<(String, Throttle), StoreError> {
        // Its key may hold an address, so it is not named.
        let failures = u32::try_from(self.failures).map_err(|_| StoreError::Damaged {
            what: "throttle: failures makes no sense".into(),
        })?;
        let Self { key, blocked_until_ms, last_ms, .. } = self;
        Ok((key, Throttle { failures, blocked_until_ms, last_ms }))
    }
}

async fn save(
    connection: &mut SqliteConnection,
    throttles: &[(String, Throttle)],
) -> Result<(), StoreError> {
    for (key, Throttle { failures, blocked_until_ms, last_ms }) in throttles {
        let row = ThrottleRow {
            key: key.clone(),
            failures: (*failures).into(),
            blocked_until_ms: *blocked_until_ms,
            last_ms: *last_ms,
        };
        seal::put(connection, &row).await?;
    }
    let kept = i64::try_from(KEPT).unwrap_or(i64::MAX);
    sqlx::query(FORGET).bind(kept).execute(connection).await?;
    Ok(())
}
