//! Lists detected relationships and keys with today's answers.

use super::{
    detected::{Detection, ListedKey, ListedRelationship},
    overlay::Overlay,
    scanned::ScannedColumns,
};
use crate::{
    error::{Code, Error, Result},
    ingest::detection::find_detection,
    project::{Project, answers::Answers},
    shell,
};
use serde::Serialize;

/// Which relationships and keys are listed.
#[derive(Debug, Clone, Default)]
pub struct RelationshipFilter {
    /// Only those of a status: `accepted`, `review` or `rejected`.
    pub status: Option<String>,
}

/// Detected relationships and keys (`KtxRelationshipList`).
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationshipList {
    /// Id of the connection.
    pub connection_id: String,
    /// Name of the folder in `raw-sources` of the scan that detected them.
    pub sync_id: String,
    /// Relationships, by table and columns.
    pub relationships: Vec<ListedRelationship>,
    /// Keys, by table and columns.
    pub keys: Vec<ListedKey>,
    /// Findings about the answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Names of the statuses.
const STATUSES: [&str; 3] = ["accepted", "review", "rejected"];

/// Lists the relationships and keys of the newest scan that detected them, without those whose columns the newest scan
/// does not have or the data policy denies. Answers since then apply.
///
/// Errors: [`Code::ConnectionUnknown`]; [`Code::ScanMissing`] if none were detected; [`Code::ArgumentInvalid`] for an
/// unknown status; [`Code::ProjectInvalid`] if the answers cannot be parsed.
pub fn list_relationships(
    project: &Project,
    connection_id: &str,
    filter: &RelationshipFilter,
) -> Result<RelationshipList> {
    check_status(filter.status.as_deref())?;
    let scanned = ScannedColumns::read(project, connection_id)?;
    let mut list = read_all(project, connection_id, &scanned)?.ok_or_else(|| missing_detection(connection_id))?;
    let is_wanted = |status: &str| filter.status.as_deref().is_none_or(|wanted| wanted == status);
    list.relationships.retain(|found| is_wanted(&found.status));
    list.keys.retain(|found| is_wanted(&found.status));
    Ok(list)
}

/// Reads the newest detection with today's answers; `None` if no scan has detected relationships.
///
/// Errors: as [`list_relationships`].
pub(in crate::semantic) fn read_all(
    project: &Project,
    connection_id: &str,
    scanned: &ScannedColumns,
) -> Result<Option<RelationshipList>> {
    let Some(found) = find_detection(project, connection_id)? else { return Ok(None) };
    let detection = Detection::parse(connection_id, &found)?;
    let (answers, mut warnings) = Answers::read(&project.dir, connection_id)?;
    let mut overlay = Overlay::new(&answers, scanned);
    let relationships = overlay.apply_to_links(detection.relationships, scanned);
    let keys = overlay.apply_to_keys(detection.keys, scanned);
    warnings.extend(overlay.pending_warning(connection_id));
    let (connection_id, sync_id) = (connection_id.to_owned(), found.sync_id);
    Ok(Some(RelationshipList { connection_id, sync_id, relationships, keys, warnings }))
}

fn check_status(status: Option<&str>) -> Result<()> {
    match status {
        Some(status) if !STATUSES.contains(&status) => {
            let message = format!("There is no status {status} of relationships");
            Err(Error::new(Code::ArgumentInvalid, message).with_hint(format!("Choose one of: {}", STATUSES.join(", "))))
        }
        _ => Ok(()),
    }
}

fn missing_detection(connection_id: &str) -> Error {
    Error::new(Code::ScanMissing, format!("No scan of {connection_id} has detected relationships yet"))
        .with_hint(format!("Detect them with: ktx scan {} --relationships", shell::quote(connection_id)))
}
