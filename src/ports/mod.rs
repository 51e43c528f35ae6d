//! Ports: typed calls of the daemon, one file each, over any transport of JSON objects.

mod answer;
mod embeddings;
mod looker;
mod managed;
mod one_shot;
mod query_history;
mod resolver;
pub mod routing;
mod semantic_compute;
mod semantic_layer;
mod sql_analysis;
mod sql_execution;
mod trace;

pub use answer::read_answer;
pub(crate) use answer::unexpected_answer;
pub use embeddings::{EMBEDDING_MODEL, compute_embeddings};
pub use looker::parse_table_identifiers;
pub use managed::{BaseUrlSource, post_with_retry};
pub use one_shot::OneShot;
pub use query_history::{
    CallLog, CountedStatement, DayCounts, HistoryPage, HistoryRequest, QUERY_HISTORY, Statistics, Unavailable,
    read_query_history,
};
pub use resolver::{Resolver, ResolverHost, StartedDaemon};
pub use semantic_compute::SemanticMethod;
pub use semantic_layer::{
    CompiledQuery, ModelProblems, ModelRequest, compile_query, generate_sources, validate_sources,
};
pub use sql_analysis::{
    Analysis, ColumnUsage, LiteralSlot, PatternAnalysis, PatternBatch, TableName, UsedColumn, UsedJoin, analyze_batch,
    analyze_for_fingerprint, analyze_patterns,
};
pub use sql_execution::{Execution, QueryResult, TruncationReason, execute_sql};
pub use trace::Trace;

use crate::error::Error;
use std::time::Duration;

/// A transport to the daemon.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait JsonRunner {
    /// Error type of the transport.
    type Error: From<Error>;

    /// Posts a JSON object to a path of the daemon and returns the JSON object of the answer, both as text.
    async fn request(&self, path: &str, payload: String) -> Result<String, Self::Error>;

    /// Sends a request whose answer may take up to `limit`, where the transport has a shorter time limit.
    async fn request_within(&self, path: &str, payload: String, limit: Duration) -> Result<String, Self::Error> {
        let _ = limit;
        self.request(path, payload).await
    }
}
