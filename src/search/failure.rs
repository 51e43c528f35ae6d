//! The failure of a step on the index.

use super::storage::is_damage;
use crate::error::Error;

/// A failure of SQLite, after which a damaged index is built again, or any other error.
#[derive(Debug)]
pub(super) enum Failure {
    /// SQLite failed.
    Sql(rusqlite::Error),
    /// Another error, for example of a file that is indexed.
    Other(Error),
}

impl Failure {
    /// Whether the index is damaged.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Sql(error) if is_damage(error))
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}
