//! Proposes keys and relationships, has them counted, and decides.

use crate::{
    error::{Code, Error, Result},
    ingest::{
        failure::{RunFailure, convert_error},
        profile::{CountedTables, Profiler},
        progress::{Phase, Progress},
    },
    offload,
    ports::JsonRunner,
    relationships::{Detection, Input, KeyCount, LinkColumns, LinkCount, Status, TableColumns, Weights, propose},
};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// Numbers of detected keys and relationships (`KtxRelationshipSummary`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detected {
    /// Accepted relationships, declared ones included.
    pub accepted: usize,
    /// Relationships that the user decides.
    pub review: usize,
    /// Rejected relationships.
    pub rejected: usize,
    /// Accepted keys, declared ones included.
    pub keys: usize,
}

impl From<&Detection> for Detected {
    fn from(detection: &Detection) -> Self {
        let count = |status| detection.relationships.iter().filter(|found| found.status == status).count();
        Self {
            accepted: count(Status::Accepted),
            review: count(Status::Review),
            rejected: count(Status::Rejected),
            keys: detection.keys.iter().filter(|key| key.status == Status::Accepted).count(),
        }
    }
}

/// Detects keys and relationships. What cannot be counted within the limits of the profile is uncounted.
///
/// Errors: those of the runner, which may contain secrets.
pub async fn detect<R: JsonRunner<Error: RunFailure>>(
    input: Input,
    profiler: &Profiler<'_, R>,
    tables: &CountedTables,
    progress: Progress<'_>,
) -> Result<Detection, R::Error> {
    progress.report(Phase::Fetch, "Comparing columns");
    let (send_proposed, proposed) = oneshot::channel();
    let (send_counted, counted) = oneshot::channel();
    let deciding = offload::spawn_blocking(move || decide(&input, send_proposed, counted));
    let counting = async move {
        // If the other side is gone, the thread has failed, which is reported below.
        if let Ok((keys, links)) = proposed.await {
            let _ = send_counted.send(count((profiler, tables), &keys, &links, progress).await?);
        }
        Ok::<_, R::Error>(())
    };
    let (decided, counted) = tokio::join!(deciding, counting);
    counted?;
    convert_error(decided)
}

type Proposed = (Vec<TableColumns>, Vec<LinkColumns>);
type Counted = (Vec<KeyCount>, Vec<LinkCount>);

/// Runs on a thread, since the proposal borrows from the input, and waits there for the counts.
fn decide(
    input: &Input,
    proposed: oneshot::Sender<Proposed>,
    counted: oneshot::Receiver<Counted>,
) -> Result<Detection> {
    let proposal = propose(input, Weights::default());
    let _ = proposed.send((proposal.keys(), proposal.links()));
    let (keys, links) = counted.blocking_recv().map_err(|_| Error::new(Code::Internal, "The counting has ended"))?;
    proposal.conclude(&keys, &links)
}

/// Maximum keys and links of a request.
const PAIRS_PER_REQUEST: usize = 32;

async fn count<R: JsonRunner<Error: RunFailure>>(
    (profiler, tables): (&Profiler<'_, R>, &CountedTables),
    keys: &[TableColumns],
    links: &[LinkColumns],
    progress: Progress<'_>,
) -> Result<Counted, R::Error> {
    const COUNTING: &str = "Counting keys and relationships";
    let total = keys.len() + links.len();
    let mut counted = (Vec::with_capacity(keys.len()), Vec::with_capacity(links.len()));
    let size = |count: usize| count.div_ceil(profiler.concurrency()).clamp(1, PAIRS_PER_REQUEST);
    let pairs = keys.chunks(size(keys.len())).map(|keys| (keys, &[][..]));
    let pairs = pairs.chain(links.chunks(size(links.len())).map(|links| (&[][..], links)));
    let requests = pairs.map(|(keys, links)| profiler.count(keys, links, tables));
    let mut answers = stream::iter(requests).buffered(profiler.concurrency());
    progress.report_count(Phase::Fetch, COUNTING, 0, total);
    while let Some(answer) = answers.next().await {
        let (keys, links) = answer?;
        counted.0.extend(keys);
        counted.1.extend(links);
        progress.report_count(Phase::Fetch, COUNTING, counted.0.len() + counted.1.len(), total);
    }
    Ok(counted)
}
