//! Many entities that are asked for one by one, a few at once: one that cannot be read does not keep the others.

use super::client::Failure;
use crate::{
    error::{Error, Result},
    ingest::progress::{Phase, Progress},
};
use futures_util::{StreamExt, stream};
use std::{collections::BTreeMap, future::Future};

/// Requests at once.
const AT_ONCE: usize = 8;
/// Failures without a single answer after which the server counts as broken.
const HOPELESS: usize = 2 * AT_ONCE;
/// Names that a warning lists.
const NAMED: usize = 5;

/// One of many: its name, and what came or why nothing did.
pub(super) struct One<T> {
    name: String,
    outcome: Result<T, Unreadable>,
}

/// Why one could not be read.
enum Unreadable {
    Refused(u16),
    Failed(Error),
}

impl<T> One<T> {
    /// Errors: what is about the whole run.
    pub(super) fn of(name: String, answer: Result<T, Failure>) -> Result<Self> {
        let outcome = match answer {
            Ok(value) => Ok(value),
            Err(Failure::Refused(status)) => Err(Unreadable::Refused(status)),
            Err(Failure::Failed(error)) => Err(Unreadable::Failed(error)),
            Err(Failure::Broken(error)) => return Err(error),
        };
        Ok(Self { name, outcome })
    }
}

/// What became of all of them, in the order of the requests.
pub(super) struct Many<T>(Vec<One<T>>);

impl<T> Many<T> {
    /// Asks for all. Errors: the first that is about the whole run; the last of many failures without an answer.
    pub(super) async fn gather(
        what: &str,
        requests: impl Iterator<Item = impl Future<Output = Result<One<T>>>>,
        total: usize,
        progress: Progress<'_>,
    ) -> Result<Self> {
        let mut all = Vec::with_capacity(total);
        let (mut failed, mut has_answered) = (0, false);
        let mut stream = stream::iter(requests).buffered(AT_ONCE);
        while let Some(one) = stream.next().await {
            let One { name, outcome } = one?;
            match outcome {
                Err(Unreadable::Failed(error)) if !has_answered && failed + 1 >= HOPELESS => return Err(error),
                Err(Unreadable::Failed(_)) => failed += 1,
                Ok(_) | Err(Unreadable::Refused(_)) => has_answered = true,
            }
            all.push(One { name, outcome });
            progress.count(Phase::Fetch, what, all.len(), total);
        }
        Ok(Self(all))
    }

    /// Names of those that could not be read.
    pub(super) fn unread(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter(|one| one.outcome.is_err()).map(|one| one.name.clone())
    }

    /// Those that could.
    pub(super) fn values(self) -> Vec<T> {
        self.0.into_iter().filter_map(|one| one.outcome.ok()).collect()
    }

    /// A sentence for each way in which some could not be read.
    pub(super) fn warnings(&self, what: &str, how: &str) -> Vec<String> {
        let mut refused: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        let (mut failed, mut first) = (Vec::new(), None);
        for One { name, outcome } in &self.0 {
            match outcome {
                Ok(_) => {}
                Err(Unreadable::Refused(status)) => refused.entry(*status).or_default().push(name),
                Err(Unreadable::Failed(error)) => {
                    first.get_or_insert_with(|| error.with_hint_text());
                    failed.push(name.as_str());
                }
            }
        }
        let refused = refused.into_iter().map(|(status, names)| {
            let (count, names) = (names.len(), listed(&names));
            format!("{count} {what} {how} ({status}): {names}. Give the API user access to them if they are wanted")
        });
        let failed = first.map(|first| {
            let (count, names) = (failed.len(), listed(&failed));
            format!("{count} {what} {how}, and an earlier sync of them is kept: {names}. The first: {first}")
        });
        refused.chain(failed).collect()
    }
}

fn listed(names: &[&str]) -> String {
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(NAMED)].join(", "))
}
