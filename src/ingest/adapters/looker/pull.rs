//! Reads the inventory of an instance.

use super::{
    client::{Client, Failure},
    inventory::Inventory,
    kinds::{CONNECTION, KINDS, fields_parameter, pick},
    queries, usage,
};
use crate::{
    error::{Code, Error, Result},
    http::authority,
    ingest::progress::{Phase, Progress},
    project::looker::LookerInstance,
};

/// Reads all entities. Errors: those of the login, the network or a list; [`Code::SourceForbidden`] if the user can see
/// none of the lists.
pub(super) async fn fetch_inventory(
    client: &Client,
    instance: &LookerInstance,
    progress: Progress<'_>,
) -> Result<Inventory> {
    progress.report(Phase::Fetch, format!("Logging in to Looker at {}", authority(&instance.base_url)));
    client.log_in().await?;
    let connections = match client.list("connections", &[("fields", &fields_parameter(CONNECTION))]).await {
        Ok(items) => items.iter().map(|item| pick(item, CONNECTION)).collect(),
        // The drivers of mapped connections also determine dialects; unknown ones are warnings.
        Err(Failure::Refused(_)) => Vec::new(),
        Err(failure) => return Err(failure.into_error()),
    };
    let mut inventory = Inventory { connections, ..Inventory::default() };
    progress.report(Phase::Fetch, "Reading the models");
    inventory.pull_models(client).await?;
    inventory.pull_explores(client, progress).await?;
    for kind in KINDS {
        inventory.pull_kind(client, kind, progress).await?;
    }
    if inventory.refused_lists > KINDS.len() {
        let message = format!(
            "Looker at {} shows no lists to the API user of the connection {}",
            authority(&instance.base_url),
            instance.connection_id
        );
        let error = Error::new(Code::SourceForbidden, message);
        return Err(error.with_hint("Give the user a role with the permissions access_data and see_looks"));
    }
    inventory.warn_about_lookml();
    queries::add_referenced_queries(&mut inventory, client, progress).await?;
    usage::add(&mut inventory, client).await?;
    Ok(inventory)
}
