//! The local page of a running server: a URL that opens it once.

use super::ServerHost;
use crate::{
    daemon::{DaemonState, Probe, probe},
    error::{Code, Error, Result},
    http::{Call, Limits},
};
use serde::Deserialize;
use std::time::Duration;

/// Path that returns a ticket to the starter of the server.
const PATH: &str = "/ui/ticket";

/// Root of the pages.
const ROOT: &str = "/ui/";

const LIMITS: Limits = Limits { connect: Duration::from_secs(2), total: Duration::from_secs(5), max_bytes: 4096 };

#[derive(Deserialize)]
struct Response {
    ticket: String,
}

/// Returns a URL that opens the page of a server once; `None` if no usable server is running.
///
/// Its fragment is a ticket of the server, which only the holder of its state file can request.
///
/// Errors: the server does not answer.
pub async fn page_url(host: &ServerHost<'_>) -> Result<Option<String>> {
    match probe(host, &host.native.layout, &[]).await? {
        Probe::Usable(_, state) => request_url(&state).await.map(Some),
        _ => Ok(None),
    }
}

async fn request_url(state: &DaemonState) -> Result<String> {
    let base_url = state.base_url();
    let call = Call::post(&base_url, PATH, "{}".into(), LIMITS)?.with_token(state.token.clone());
    let text = call.send().await?;
    let Response { ticket } = serde_json::from_str(&text)
        .map_err(|error| Error::new(Code::HttpAnswerInvalid, "The MCP server returned no ticket").caused_by(error))?;
    Ok(format!("{base_url}{ROOT}#ticket={ticket}"))
}
