//! Records answers about relationships and keys.

use super::{detected::is_declared, scanned::ScannedColumns};
use crate::{
    error::{Code, Error, Result},
    project::{
        Project,
        answers::{Answered, Columns, KeyAnswer, LinkAnswer, NewAnswer},
    },
};
use serde::Serialize;

/// A recorded answer (`KtxRelationshipAnswer`).
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnsweredRelationship {
    /// Id of the connection.
    pub connection_id: String,
    /// Path of the file, relative to the project, with `/`.
    pub path: String,
    /// Referencing columns, or those of a key.
    pub from: Columns,
    /// Referenced columns; `None` for a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Columns>,
    /// The answer.
    pub status: Answered,
}

/// Records an answer about a relationship, or about a key without `to`, for this and later scans.
///
/// Errors: [`Code::ConnectionUnknown`], [`Code::ScanMissing`]; [`Code::ArgumentInvalid`] if the newest scan does not have
/// the columns, both sides differ in their number, both are the same or have other types, or what the database declares is
/// rejected; those of [`Project::record_answer`].
pub fn answer_relationship(
    project: &Project,
    connection_id: &str,
    from: &Columns,
    to: Option<&Columns>,
    status: Answered,
) -> Result<AnsweredRelationship> {
    let scanned = ScannedColumns::read(project, connection_id)?;
    let (from, to) = (scanned.resolve(from)?, to.map(|to| scanned.resolve(to)).transpose()?);
    if to.as_ref().is_some_and(|to| to.columns.len() != from.columns.len()) {
        let message = "Both sides of a relationship must have the same number of columns";
        return Err(
            Error::new(Code::ArgumentInvalid, message).with_hint("Name the columns of both sides in the same order")
        );
    }
    if let Some(to) = to.as_ref().filter(|_| status == Answered::Accepted) {
        scanned.check_link(&from, to)?;
    }
    if status == Answered::Rejected && is_declared(project, connection_id, &from, to.as_ref())? {
        let text = format!("{} ({})", from.table, from.columns.join(", "));
        return Err(Error::new(
            Code::ArgumentInvalid,
            format!("The database declares {text}, which cannot be rejected"),
        )
        .with_hint("Change the constraint in the database"));
    }
    let new = match to.clone() {
        Some(to) => NewAnswer::Link(LinkAnswer { from: from.clone(), to, status }),
        None => NewAnswer::Key(KeyAnswer { table: from.table.clone(), columns: from.columns.clone(), status }),
    };
    let path = project.record_answer(connection_id, &new)?;
    Ok(AnsweredRelationship { connection_id: connection_id.to_owned(), path, from, to, status })
}
