//! Typed calls of the daemon, one file a port, each on any transport that carries JSON objects as text.

mod looker;
mod managed;
mod one_shot;
mod refusal;
mod resolver;
mod semantic_layer;
mod sql_analysis;
mod sql_execution;

pub use looker::parse_table_identifiers;
pub use managed::{BaseUrlSource, post_to};
pub use one_shot::OneShot;
pub use refusal::Refusal;
pub use resolver::{Resolver, ResolverHost, StartedDaemon};
pub use semantic_layer::{CompiledQuery, ModelProblems, compile_query, generate_sources, validate_sources};
pub use sql_analysis::{Analysis, TableName, analyze_batch, analyze_for_fingerprint};
pub use sql_execution::{Executed, Execution, execute_sql};

use crate::error::{Code, Error, Result};
use serde::de::DeserializeOwned;

/// Posts a JSON object to a path of the daemon and returns the JSON object of the answer, both as text.
#[expect(async_fn_in_trait, reason = "orchestration stays on one thread, so futures need not be Send")]
pub trait JsonRunner {
    /// What the transport fails with.
    type Error: From<Error>;

    /// One call.
    async fn request(&self, path: &str, payload: String) -> Result<String, Self::Error>;
}

/// Reads a typed answer; an error names the field that is missing or wrong.
pub fn read_answer<T: DeserializeOwned>(path: &str, text: &str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let place = if field == "." { String::new() } else { format!(" at {field}") };
        let message = format!("KTX managed daemon HTTP {path} answered unexpectedly{place}: {}", error.inner());
        Error::new(Code::HttpAnswerInvalid, message).caused_by(error)
    })
}
