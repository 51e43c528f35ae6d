//! Reads many entities with one request each, several concurrently. Entities that cannot be read do not fail the run.

use super::client::Failure;
use crate::{
    error::{Error, Result},
    ingest::progress::{Phase, Progress},
};
use futures_util::{StreamExt, stream};
use std::{collections::BTreeMap, future::Future};

/// Maximum concurrent requests.
const MAX_CONCURRENT_REQUESTS: usize = 8;
/// Maximum failures before the first answer; after them, the run fails.
const MAX_INITIAL_FAILURES: usize = 2 * MAX_CONCURRENT_REQUESTS;
/// Maximum names in a warning.
const MAX_LISTED_NAMES: usize = 5;

/// The result of reading one entity, with its name.
pub(super) struct EntityResult<T> {
    name: String,
    result: Result<T, ReadFailure>,
}

/// Reason why an entity could not be read.
enum ReadFailure {
    Refused(u16),
    Failed(Error),
}

impl<T> EntityResult<T> {
    /// Errors: [`Failure::Fatal`].
    pub(super) fn new(name: String, answer: Result<T, Failure>) -> Result<Self> {
        let result = match answer {
            Ok(value) => Ok(value),
            Err(Failure::Refused(status)) => Err(ReadFailure::Refused(status)),
            Err(Failure::Failed(error)) => Err(ReadFailure::Failed(error)),
            Err(Failure::Fatal(error)) => return Err(error),
        };
        Ok(Self { name, result })
    }
}

/// The results of all entities, in the order of the requests.
pub(super) struct EntityResults<T>(Vec<EntityResult<T>>);

impl<T> EntityResults<T> {
    /// Reads all entities. Errors: the first fatal one; the last of [`MAX_INITIAL_FAILURES`].
    pub(super) async fn fetch_all(
        what: &str,
        requests: impl Iterator<Item = impl Future<Output = Result<EntityResult<T>>>>,
        total: usize,
        progress: Progress<'_>,
    ) -> Result<Self> {
        let mut all = Vec::with_capacity(total);
        let (mut failed, mut has_answered) = (0, false);
        let mut stream = stream::iter(requests).buffered(MAX_CONCURRENT_REQUESTS);
        while let Some(one) = stream.next().await {
            let EntityResult { name, result } = one?;
            match result {
                Err(ReadFailure::Failed(error)) if !has_answered && failed + 1 >= MAX_INITIAL_FAILURES => {
                    return Err(error);
                }
                Err(ReadFailure::Failed(_)) => failed += 1,
                Ok(_) | Err(ReadFailure::Refused(_)) => has_answered = true,
            }
            all.push(EntityResult { name, result });
            progress.report_count(Phase::Fetch, what, all.len(), total);
        }
        Ok(Self(all))
    }

    /// Returns the names of entities that could not be read.
    pub(super) fn failed_names(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter(|one| one.result.is_err()).map(|one| one.name.clone())
    }

    /// Returns the entities that were read.
    pub(super) fn into_values(self) -> Vec<T> {
        self.0.into_iter().filter_map(|one| one.result.ok()).collect()
    }

    /// Returns a warning for each reason, with the number and names of the entities.
    pub(super) fn warnings(&self, what: &str, how: &str) -> Vec<String> {
        let mut refused: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        let (mut failed, mut first) = (Vec::new(), None);
        for EntityResult { name, result } in &self.0 {
            match result {
                Ok(_) => {}
                Err(ReadFailure::Refused(status)) => refused.entry(*status).or_default().push(name),
                Err(ReadFailure::Failed(error)) => {
                    first.get_or_insert_with(|| error.with_hint_text());
                    failed.push(name.as_str());
                }
            }
        }
        let refused = refused.into_iter().map(|(status, names)| {
            let (count, names) = (names.len(), list_names(&names));
            format!("{count} {what} {how} ({status}): {names}. Give the API user access to include them")
        });
        let failed = first.map(|first| {
            let (count, names) = (failed.len(), list_names(&failed));
            format!("{count} {what} {how}; those of an earlier sync are kept: {names}. The first: {first}")
        });
        refused.chain(failed).collect()
    }
}

fn list_names(names: &[&str]) -> String {
    let more = if names.len() > MAX_LISTED_NAMES { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(MAX_LISTED_NAMES)].join(", "))
}
