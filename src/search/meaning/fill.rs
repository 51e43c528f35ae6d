//! Computes the vectors that are missing.

use super::{store::add_vectors, vector::quantise};
use crate::{
    error::{Code, Error, Result},
    project::Project,
    search::{opened, storage::IndexPaths},
};
use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

/// Texts of one call of the model, about a quarter of a second.
const BATCH: usize = 32;
/// Time limit of a call for a batch, the first of which loads the model.
pub const CALL_LIMIT: Duration = Duration::from_secs(60);

/// Files whose vectors are being computed by this process.
static RUNNING: LazyLock<Mutex<HashSet<IndexPaths>>> = LazyLock::new(Mutex::default);

/// Marks a file while its vectors are being computed.
#[derive(Debug)]
struct Running(IndexPaths);

impl Running {
    fn begin(vectors: IndexPaths) -> Option<Self> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(vectors.clone()).then(|| Self(vectors))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// The texts of a project that had no vector of a model, which are embedded in batches.
#[derive(Debug)]
pub struct MissingVectors {
    running: Running,
    texts: Vec<(String, String)>,
    done: usize,
}

impl MissingVectors {
    /// Brings the index up to date, and reads its texts without a vector; `None` if this process computes them already.
    /// Blocks.
    ///
    /// Errors: those of the index.
    pub fn read(project: &Project, model: &str) -> Result<Option<Self>> {
        let Some(running) = Running::begin(IndexPaths::vectors(project)) else { return Ok(None) };
        let texts = opened::read(project, |index| index.missing(model))?;
        Ok(Some(Self { running, texts, done: 0 }))
    }

    /// The number of texts that have a vector by now.
    pub fn done(&self) -> usize {
        self.done
    }

    /// The number of texts.
    pub fn total(&self) -> usize {
        self.texts.len()
    }

    /// Whether texts without a vector are left.
    pub fn are_left(&self) -> bool {
        self.done < self.total()
    }

    /// Returns the texts of the next batch.
    pub fn next_batch(&self) -> Vec<String> {
        self.texts.iter().skip(self.done).take(BATCH).map(|(_, text)| text.clone()).collect()
    }

    /// Stores the vectors of the next batch, in the order of its texts. Blocks.
    ///
    /// Errors: [`Code::HttpAnswerInvalid`] if there is not a vector for each text; those of the file.
    pub fn store(&mut self, model: &str, embedded: &[Vec<f32>]) -> Result<()> {
        let batch: Vec<_> = self.texts.iter().skip(self.done).take(BATCH).collect();
        let numbers: Vec<_> = embedded.iter().filter_map(|numbers| quantise(numbers)).collect();
        if numbers.len() != batch.len() {
            let message = format!("The model {model} did not return a vector for each text");
            return Err(Error::new(Code::HttpAnswerInvalid, message));
        }
        let hashes = batch.iter().map(|(hash, _)| hash.clone());
        add_vectors(&self.running.0, model, &hashes.zip(numbers).collect::<Vec<_>>())?;
        self.done += batch.len();
        Ok(())
    }
}
