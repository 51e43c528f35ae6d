//! Pulling everything that an instance shows, in order.

use super::{
    client::{Client, Failure},
    found::Found,
    kinds::{CONNECTION, KINDS, parameter, pick},
    queries, usage,
};
use crate::{
    error::{Code, Error, Result},
    http::authority,
    ingest::progress::{Phase, Progress},
    project::looker::LookerInstance,
};

/// Requests everything. Errors: those of the login, the network or a list; [`Code::SourceForbidden`] where
/// nothing is permitted.
pub(super) async fn found(client: &Client, instance: &LookerInstance, progress: Progress<'_>) -> Result<Found> {
    progress.tell(Phase::Fetch, format!("Logging in to Looker at {}", authority(&instance.base_url)));
    client.log_in().await?;
    let connections = match client.list("connections", &[("fields", &parameter(CONNECTION))]).await {
        Ok(items) => items.iter().map(|item| pick(item, CONNECTION)).collect(),
        // Dialects are also known by the mapped connections; where one is not, there is a warning about it.
        Err(Failure::Refused(_)) => Vec::new(),
        Err(failure) => return Err(failure.into_error()),
    };
    let mut found = Found { connections, ..Found::default() };
    progress.tell(Phase::Fetch, "Reading the models");
    found.pull_models(client).await?;
    found.pull_explores(client, progress).await?;
    for kind in KINDS {
        found.pull_kind(client, kind, progress).await?;
    }
    if found.refused > KINDS.len() {
        let message = format!(
            "Looker at {} shows nothing to the API user of the connection {}",
            authority(&instance.base_url),
            instance.connection_id
        );
        let error = Error::new(Code::SourceForbidden, message);
        return Err(error.with_hint("Give the user a role with the permissions access_data and see_looks"));
    }
    found.warn_of_lookml();
    queries::add_referenced(&mut found, client, progress).await?;
    usage::add(&mut found, client).await?;
    Ok(found)
}
