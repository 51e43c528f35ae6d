//! All vectors of an index in memory.

use super::{
    store::read_vectors,
    texts::{Text, read_texts},
    vector::{DIMENSIONS, cosine, length},
};
use crate::search::{
    document::Kind,
    failure::Failure,
    lanes::scope::Scope,
    storage::{FileStamp, IndexPaths},
};
use rusqlite::Connection;
use std::mem;

/// Least cosine of texts of similar meaning. With all-MiniLM-L6-v2, most questions have 0.25 to 0.5 with a text that answers
/// them in other words, and questions about anything else at most 0.2.
const MIN_COSINE: f64 = 0.25;
/// Maximum documents of the lane.
const MAX_SIMILAR: usize = 40;

/// The vectors of a model.
pub(in crate::search) struct Loaded {
    model: String,
    /// The file that they are of.
    stamp: Option<FileStamp>,
    /// What they are of, without the words, which would take more memory than the vectors.
    texts: Vec<Text>,
    /// For each text its numbers, or zeros, and the length of its vector.
    numbers: Vec<i8>,
    lengths: Vec<f64>,
    /// Texts that have no vector, by hash.
    missing: Vec<(String, String)>,
}

/// A document of similar meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::search) struct Similar {
    pub(in crate::search) document: i64,
    pub(in crate::search) kind: Kind,
    /// 0 to 1; greater is more similar.
    pub(in crate::search) cosine: f64,
}

impl Loaded {
    /// Loads the vectors of the documents of an index.
    pub(in crate::search) fn new(index: &Connection, vectors: &IndexPaths, model: &str) -> Result<Self, Failure> {
        let stamp = vectors.stamp();
        let (mut texts, known) = (read_texts(index)?, read_vectors(vectors, model)?);
        let mut numbers = Vec::with_capacity(texts.len() * DIMENSIONS);
        let mut missing = Vec::new();
        for text in &mut texts {
            let (hash, words) = (text.hash(), mem::take(&mut text.text));
            if let Some(vector) = known.get(&hash) {
                numbers.extend(vector);
            } else {
                numbers.resize(numbers.len() + DIMENSIONS, 0);
                missing.push((hash, words));
            }
        }
        missing.sort();
        missing.dedup();
        let lengths = numbers.chunks_exact(DIMENSIONS).map(length).collect();
        Ok(Self { model: model.to_owned(), stamp, texts, numbers, lengths, missing })
    }

    /// Whether they are the present ones of a model.
    pub(in crate::search) fn is_current(&self, vectors: &IndexPaths, model: &str) -> bool {
        self.model == model && self.stamp == vectors.stamp()
    }

    /// Texts without a vector, by hash.
    pub(in crate::search) fn missing(&self) -> &[(String, String)] {
        &self.missing
    }

    /// Returns the documents of similar meaning in a scope of connections, the most similar first.
    pub(in crate::search) fn nearest(&self, query: &[i8], scope: &Scope) -> Vec<Similar> {
        let is_wanted = |text: &Text| {
            scope.connection.is_none() || text.connection.is_none() || text.connection == scope.connection
        };
        let query = (query, length(query));
        let vectors = self.numbers.chunks_exact(DIMENSIONS).zip(self.lengths.iter().copied());
        let compared = self.texts.iter().zip(vectors).filter(|(text, _)| is_wanted(text));
        let scored = compared.map(|(text, vector)| Similar {
            document: text.document,
            kind: text.kind,
            cosine: cosine(query, vector),
        });
        let mut similar: Vec<_> = scored.filter(|similar| similar.cosine >= MIN_COSINE).collect();
        similar.sort_by(|left, right| right.cosine.total_cmp(&left.cosine).then(left.document.cmp(&right.document)));
        similar.truncate(MAX_SIMILAR);
        similar
    }
}
