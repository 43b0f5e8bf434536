//! The instance: one installation of Maestro with its own data.

use crate::database::Store;
use crate::error::StoreError;

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
        sqlx::query("INSERT INTO instance (only, id) VALUES (1, ?) ON CONFLICT (only) DO NOTHING")
            .bind(candidate)
            .execute(&self.store.write)
            .await?;
        Ok(sqlx::query_scalar("SELECT id FROM instance").fetch_one(&self.store.write).await?)
    }
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
}
