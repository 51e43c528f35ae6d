//! Request id and logging of the calls of one request.

use crate::{
    error::Error,
    log::{Event, Level, Log},
    request_id::RequestId,
};
use serde_json::{Map, Value};
use std::time::Instant;

/// Logs the calls of one request under its id.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    request_id: Option<RequestId>,
    log: Log,
}

impl Trace {
    /// Creates a trace; without a request id, each call gets a random one.
    pub fn new(request_id: Option<RequestId>, log: Log) -> Self {
        Self { request_id, log }
    }

    /// The id of the next call.
    pub fn next_id(&self) -> RequestId {
        self.request_id.clone().unwrap_or_else(RequestId::random)
    }

    /// Logs a finished call of the daemon. A failure is logged by its code only, as its message may quote values.
    pub fn log_call(&self, id: &RequestId, path: &str, began: Instant, error: Option<&Error>) {
        let level = if error.is_some() { Level::Warn } else { Level::Debug };
        if !self.log.is_enabled(level) {
            return;
        }
        let mut fields = Map::new();
        fields.insert("path".into(), path.into());
        fields.insert("ms".into(), u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX).into());
        if let Some(error) = error {
            fields.insert("code".into(), error.code().as_str().into());
            fields.insert("status".into(), error.status().map_or(Value::Null, Value::from));
        }
        let (component, name) = ("addon", "request.finished");
        self.log.write(Event { level, component, name, request_id: Some(id), fields });
    }
}
