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
    /// Where browsers find the page, if not at the address of the server.
    origin: Option<String>,
    /// That of the project, as the server shows it.
    environment: Option<String>,
}

/// Returns a URL that opens the page of a server once; `None` if no usable server is running.
///
/// Its fragment is a ticket of the server, which only the holder of its state file can request.
///
/// Errors: the server does not answer; [`Code::ArgumentInvalid`] if it shows another environment of the project.
pub async fn page_url(host: &ServerHost<'_>, environment: Option<&str>) -> Result<Option<String>> {
    match probe(host, &host.native.layout, &[]).await? {
        Probe::Usable(_, state) => request_url(&state, environment).await.map(Some),
        _ => Ok(None),
    }
}

async fn request_url(state: &DaemonState, environment: Option<&str>) -> Result<String> {
    let base_url = state.base_url();
    let call = Call::post(&base_url, PATH, "{}".into(), LIMITS)?.with_token(state.token.clone());
    let text = call.send().await?;
    let Response { ticket, origin, environment: shown } = serde_json::from_str(&text)
        .map_err(|error| Error::new(Code::HttpAnswerInvalid, "The MCP server returned no ticket").caused_by(error))?;
    if shown.as_deref() != environment {
        let name =
            |environment: Option<&str>| environment.map_or_else(|| "none".to_owned(), |name| format!("{name:?}"));
        let (shown, wanted) = (name(shown.as_deref()), name(environment));
        let message = format!("The running MCP server is of another environment: {shown}, not {wanted}");
        return Err(Error::new(Code::ArgumentInvalid, message).with_hint("Stop it first with: ktx mcp stop"));
    }
    Ok(format!("{}{ROOT}#ticket={ticket}", origin.unwrap_or(base_url)))
}
