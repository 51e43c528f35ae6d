//! Exact counts of possible keys and links.

use super::{
    answer::Counts,
    cost::CountedTables,
    request::{PATH, Subject},
    run::{BatchOutcome, Profiler},
};
use crate::{
    error::Result,
    ingest::failure::{RunFailure, convert_error},
    ports::{JsonRunner, read_answer, unexpected_answer},
    relationships::{KeyCount, LinkColumns, LinkCount, TableColumns},
};

impl<R: JsonRunner<Error: RunFailure>> Profiler<'_, R> {
    /// Counts possible keys and links exactly. Those beyond a limit of the scan are uncounted.
    ///
    /// Errors: those of the runner, which may contain secrets; [`crate::error::Code::HttpAnswerInvalid`].
    pub async fn count(
        &self,
        keys: &[TableColumns],
        links: &[LinkColumns],
        tables: &CountedTables,
    ) -> Result<(Vec<KeyCount>, Vec<LinkCount>), R::Error> {
        let key_bytes = keys.iter().map(|key| tables.bytes_of_key(key)).fold(0, u64::saturating_add);
        let link_bytes = links.iter().map(|link| tables.bytes_of_link(link)).fold(0, u64::saturating_add);
        if let Err(reason) = self.take_bytes(key_bytes.saturating_add(link_bytes)) {
            return Ok(uncounted(keys.len(), links.len(), &reason));
        }
        let subject = Subject { keys, links, counted: tables.of(keys, links), ..Subject::default() };
        let counts = match self.request(&subject).await? {
            BatchOutcome::Answered(answer) => convert_error::<_, R::Error>(read_answer::<Counts>(PATH, &answer))?,
            BatchOutcome::LimitReached(reason) => return Ok(uncounted(keys.len(), links.len(), &reason)),
        };
        if (counts.keys.len(), counts.links.len()) != (keys.len(), links.len()) {
            return Err(unexpected_answer(PATH, "keys and links", "their number is another one").into());
        }
        Ok((counts.keys, counts.links))
    }
}

fn uncounted(keys: usize, links: usize, reason: &str) -> (Vec<KeyCount>, Vec<LinkCount>) {
    let reason = Some(reason.to_owned());
    let key = KeyCount { uncounted: reason.clone(), ..KeyCount::default() };
    (vec![key; keys], vec![LinkCount { uncounted: reason, ..LinkCount::default() }; links])
}
