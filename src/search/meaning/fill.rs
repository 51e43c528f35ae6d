//! Computes the vectors that are missing.

use super::{embedder::Embedder, store::add_vectors, vector::quantise};
use crate::{
    error::{Code, Error, Result},
    project::Project,
    search::{opened, storage::IndexPaths},
};
use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Texts of one call of the model, about a quarter of a second.
const BATCH: usize = 32;
/// Time limit of a call, the first of which loads the model.
const CALL_LIMIT: Duration = Duration::from_secs(60);

/// Files whose vectors are being computed by this process.
static RUNNING: LazyLock<Mutex<HashSet<IndexPaths>>> = LazyLock::new(Mutex::default);

/// Marks a file while its vectors are being computed.
struct Running(IndexPaths);

impl Running {
    fn begin(vectors: &IndexPaths) -> Option<Self> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(vectors.clone()).then(|| Self(vectors.clone()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// Computes vectors of texts that have none, in batches until a time has passed, at least one batch. Each batch is stored
/// at once. Returns how many texts are left; `None` if this process computes them already. Blocks.
///
/// Errors: those of the index, and of the model; batches before are kept.
pub fn embed_missing(project: &Project, embedder: &dyn Embedder, budget: Duration) -> Result<Option<usize>> {
    let (began, vectors) = (Instant::now(), IndexPaths::vectors(project));
    let Some(_running) = Running::begin(&vectors) else { return Ok(None) };
    let missing = opened::read(project, |index| index.missing(embedder.model()))?;
    let mut left = missing.len();
    for batch in missing.chunks(BATCH) {
        let texts: Vec<_> = batch.iter().map(|(_, text)| text.clone()).collect();
        let embedded = embedder.embed(&texts, CALL_LIMIT)?;
        let numbers: Vec<_> = embedded.iter().filter_map(|numbers| quantise(numbers)).collect();
        if numbers.len() != batch.len() {
            let message = format!("The model {} did not return a vector for each text", embedder.model());
            return Err(Error::new(Code::HttpAnswerInvalid, message));
        }
        let hashes = batch.iter().map(|(hash, _)| hash.clone());
        add_vectors(&vectors, embedder.model(), &hashes.zip(numbers).collect::<Vec<_>>())?;
        left -= batch.len();
        if began.elapsed() >= budget {
            break;
        }
    }
    Ok(Some(left))
}
