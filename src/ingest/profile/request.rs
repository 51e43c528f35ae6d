//! The request for profiles.

use crate::{
    project::connection::Database,
    relationships::{LinkColumns, TableColumns},
};
use serde::Serialize;
use std::num::NonZeroU16;

/// Path of the endpoint.
pub(super) const PATH: &str = "/database/profile";

/// The body of the request.
#[derive(Serialize)]
pub(super) struct Request<'a> {
    connection_id: &'a str,
    driver: &'a str,
    url: &'a str,
    tables: &'a [ProfileTable],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    keys: &'a [TableColumns],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    links: &'a [LinkColumns],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    counted: &'a [&'a ProfileTable],
    hashes: u32,
    sample_rows: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u64>,
    table_timeout_ms: u64,
    statement_timeout_ms: u64,
    scan_timeout_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_concurrent_statements: Option<NonZeroU16>,
}

/// What a request measures.
#[derive(Default)]
pub(super) struct Subject<'a> {
    pub(super) tables: &'a [ProfileTable],
    pub(super) keys: &'a [TableColumns],
    pub(super) links: &'a [LinkColumns],
    /// The tables of keys and links.
    pub(super) counted: Vec<&'a ProfileTable>,
}

impl Subject<'_> {
    /// Number of parts, each of which may take the time limit of a table.
    pub(super) fn len(&self) -> usize {
        self.tables.len() + self.keys.len() + self.links.len()
    }
}

/// What the requests of a scan have in common, and what is left of its limits.
pub(super) struct RequestLimits {
    pub(super) hashes: u32,
    pub(super) sample_rows: u64,
    pub(super) max_bytes: Option<u64>,
    pub(super) table_timeout_ms: u64,
    /// What is left of the time of the scan.
    pub(super) scan_timeout_ms: u64,
    pub(super) connection_timeout_seconds: Option<u64>,
}

impl<'a> Request<'a> {
    pub(super) fn new(database: &'a Database, subject: &'a Subject<'a>, limits: &RequestLimits) -> Self {
        Self {
            connection_id: &database.connection_id,
            driver: &database.driver,
            url: database.url.expose(),
            tables: subject.tables,
            keys: subject.keys,
            links: subject.links,
            counted: &subject.counted,
            hashes: limits.hashes,
            sample_rows: limits.sample_rows,
            max_bytes: limits.max_bytes,
            table_timeout_ms: limits.table_timeout_ms,
            // The limit of the table is the only one: a statement may take all of it.
            statement_timeout_ms: limits.table_timeout_ms,
            scan_timeout_ms: limits.scan_timeout_ms,
            connection_timeout_seconds: limits.connection_timeout_seconds,
            max_concurrent_statements: database.max_concurrent_statements,
        }
    }
}

/// A table to profile, with the facts of its introspection that the statements depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileTable {
    /// Catalog, if the database has catalogs.
    pub catalog: Option<String>,
    /// Schema, if the database has schemas.
    pub db: Option<String>,
    /// Name without the schema.
    pub name: String,
    /// `table` or `view`.
    pub kind: &'static str,
    /// Columns, in the order of the table.
    pub columns: Vec<ProfileColumn>,
    /// Estimate of the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_rows: Option<i64>,
    /// Size on the database's disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<i64>,
    /// Expression that rows are partitioned by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition_key: Option<String>,
    /// Whether a statement has to filter by the partition key.
    pub partition_filter_required: bool,
    /// Whether the daemon shows no error of the database about it, since it has columns that the data policy denies.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
    /// Whether the user may read it; other tables are not requested.
    #[serde(skip)]
    pub readable: bool,
}

/// A column to profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileColumn {
    /// Name.
    pub name: String,
    /// Type, as the database spells it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether its values are counted and never returned.
    pub masked: bool,
    /// Whether its values are returned, even if they look sensitive.
    pub unmasked: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::definition;

    #[test]
    fn request_matches_the_schema() {
        let column = ProfileColumn { name: "a".into(), kind: "int".into(), masked: false, unmasked: true };
        let table = ProfileTable {
            catalog: None,
            db: Some("s".into()),
            name: "t".into(),
            kind: "table",
            columns: vec![column],
            estimated_rows: Some(1),
            bytes: Some(2),
            partition_key: Some("a".into()),
            partition_filter_required: true,
            restricted: true,
            readable: true,
        };
        definition("profile-request", "ProfileTable").assert_describes(&table);
        definition("profile-request", "ProfileColumn").assert_describes(&table.columns[0]);
        let key = TableColumns { catalog: None, db: None, name: "t".into(), columns: vec!["a".into()] };
        definition("profile-request", "TableColumns").assert_describes(&key);
        let link = LinkColumns { from: key.clone(), to: key };
        definition("profile-request", "LinkCheck").assert_describes(&link);
    }
}
