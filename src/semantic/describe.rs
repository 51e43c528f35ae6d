//! Lists and describes the tables of the newest scan. All functions block.

use super::{
    allowed::allowed_sources,
    files::SourceFolder,
    foreign_keys::Link,
    newest_scan::{self, ScannedTables},
    source_names::matches,
    table::{Check, Column, Field, Index, Table},
    table_profile::{self, ColumnProfile, TableProfile},
    used_by::Users,
};
use crate::{
    error::{Code, Error, Result},
    ingest::profile::ProfiledSyncs,
    project::{Project, letter_case, suggest, table_reference::parse_reference},
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Maximum names in the error for an ambiguous name.
const MAX_CHOICES: usize = 8;

/// A table in a list (`KtxTableSummary`).
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableSummary {
    /// Schema, if the database has schemas.
    pub schema: Option<String>,
    /// Name without the schema.
    pub name: String,
    /// `table` or `view`; `None` in files of older versions.
    pub kind: Option<String>,
    /// Number of columns.
    pub column_count: usize,
    /// Comment in the database.
    pub comment: Option<String>,
}

/// A table of the newest scan (`KtxTable`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableDescription {
    /// Id of the connection.
    pub connection_id: String,
    /// Name of the scan's folder in `raw-sources`.
    pub sync_id: String,
    /// Catalog, if the database has catalogs.
    pub catalog: Option<String>,
    /// Schema, if the database has schemas.
    pub schema: Option<String>,
    /// Name without the schema.
    pub name: String,
    /// `table` or `view`; `None` in files of older versions.
    pub kind: Option<String>,
    /// Comment in the database.
    pub comment: Option<String>,
    /// Statistic of the database, if it has one.
    pub estimated_rows: Option<u64>,
    /// Newest profile of a table with these columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<TableProfile>,
    /// Columns, in the order of the table.
    pub columns: Vec<ColumnDescription>,
    /// Size on the database's disk, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Storage engine, if the database has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Expression that rows are partitioned by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition_key: Option<String>,
    /// Expressions that rows are sorted by within a partition; not unique.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sorting_key: Option<String>,
    /// Time of the last change of the data, ISO 8601 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_at: Option<String>,
    /// `false` if the database takes the primary key as declared, without enforcing it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_key_enforced: Option<bool>,
    /// Whether a statement has to filter by the partition key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition_filter_required: Option<bool>,
    /// Labels of the users of the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Indexes of all rows by whole columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// Columns of unique constraints and indexes, without the primary key; rows with a null may repeat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unique_keys: Vec<Vec<String>>,
    /// `false` if the database takes unique keys as declared, without enforcing them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_keys_enforced: Option<bool>,
    /// Whether policies may hide rows from the user of the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_security: Option<bool>,
    /// What the table or view is in particular, for example `materialized_view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// SQL of a view, as the database gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// Check constraints.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// `false` if the user of the connection may read no column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readable: Option<bool>,
    /// Foreign keys of the table to scanned tables.
    pub foreign_keys: Vec<ForeignKey>,
    /// Foreign keys of scanned tables to the table.
    pub referenced_by: Vec<ForeignKey>,
    /// Semantic sources, joins, measures and segments on the table, and views that read it, as in reports of scans.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<String>,
}

/// A column of a table (`KtxTableColumn`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnDescription {
    /// Name.
    pub name: String,
    /// Type, as the database spells it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it accepts NULL.
    pub nullable: bool,
    /// Whether it is part of the primary key.
    pub primary_key: bool,
    /// Comment in the database.
    pub comment: Option<String>,
    /// Fields of a nested column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Values that an enumeration, a set or a domain allows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enum_values: Vec<String>,
    /// Expression of a generated column; `identity` for numbers that the database assigns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated: Option<String>,
    /// Expression of the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Profile, if the table has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ColumnProfile>,
    /// Labels of the users of the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Name of a policy that may mask the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masking_policy: Option<String>,
    /// `false` if the user may read other columns of the table, but not this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readable: Option<bool>,
}

/// A foreign key between two scanned tables (`KtxTableForeignKey`).
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeignKey {
    /// Referencing table, with its schema.
    pub from_table: String,
    /// Columns of the referencing table.
    pub from_columns: Vec<String>,
    /// Referenced table, with its schema.
    pub to_table: String,
    /// Columns of the referenced table, in the same order.
    pub to_columns: Vec<String>,
    /// Name of the constraint, if it has one.
    pub constraint_name: Option<String>,
    /// `false` if the database takes the key as declared, without enforcing it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforced: Option<bool>,
}

/// Lists the tables of the newest scan. Errors: [`Code::ConnectionUnknown`], [`Code::ScanMissing`].
pub fn list_tables(project: &Project, connection_id: &str) -> Result<Vec<TableSummary>> {
    project.connection(connection_id)?;
    let tables = newest_scan::read(project, connection_id)?.tables;
    Ok(tables.into_iter().map(summarize).collect())
}

/// Describes the table with a name, with or without its schema, in the quotes of any dialect, and in any letter case if
/// that is unambiguous.
///
/// Errors: [`Code::ConnectionUnknown`], [`Code::ScanMissing`]; [`Code::TableUnknown`] with the nearest name;
/// [`Code::ArgumentInvalid`] with the choices, if several tables have the name.
pub fn describe_table(project: &Project, connection_id: &str, name: &str) -> Result<TableDescription> {
    with_describer(project, connection_id, |describer| describer.describe(find_table(&describer.scan.tables, name)?))
}

/// Describes all tables of the newest scan, in the order of [`list_tables`].
///
/// Errors: [`Code::ConnectionUnknown`], [`Code::ScanMissing`].
pub fn describe_tables(project: &Project, connection_id: &str) -> Result<Vec<TableDescription>> {
    with_describer(project, connection_id, |describer| {
        describer.scan.tables.iter().map(|table| describer.describe(table)).collect()
    })
}

/// What the descriptions of the tables of a scan share.
struct Describer<'a> {
    connection_id: &'a str,
    scan: &'a ScannedTables,
    profiles: ProfiledSyncs,
    users: Users<'a>,
    /// Links by the tables that refer, and by those that are referred to.
    from: HashMap<&'a str, Vec<&'a Link>>,
    to: HashMap<&'a str, Vec<&'a Link>>,
}

fn by_table<'a>(links: &'a [Link], name_of: impl Fn(&'a Link) -> &'a str) -> HashMap<&'a str, Vec<&'a Link>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for link in links {
        found.entry(name_of(link)).or_default().push(link);
    }
    found
}

fn with_describer<T>(
    project: &Project,
    connection_id: &str,
    describe: impl FnOnce(&Describer<'_>) -> Result<T>,
) -> Result<T> {
    project.connection(connection_id)?;
    let scan = newest_scan::read(project, connection_id)?;
    let folder = SourceFolder::open(project, connection_id)?;
    let profiles = ProfiledSyncs::of(project, connection_id)?;
    let policy = project.policy(connection_id)?;
    let sources = allowed_sources(&folder, &policy);
    let users = Users::new(&sources, &scan.tables, policy);
    let from = by_table(&scan.links, |link| &link.from_table);
    let to = by_table(&scan.links, |link| &link.to_table);
    describe(&Describer { connection_id, scan: &scan, profiles, users, from, to })
}

impl Describer<'_> {
    fn describe(&self, table: &Table) -> Result<TableDescription> {
        let scan = self.scan;
        let own_name = table.qualified_name();
        let keys = |links: &HashMap<&str, Vec<&Link>>| {
            links.get(own_name.as_str()).into_iter().flatten().copied().map(ForeignKey::from).collect()
        };
        let (profile, mut columns) = table_profile::find(&self.profiles, table)?;
        let mut describe = |column: &Column| ColumnDescription {
            profile: columns.remove(&column.name),
            ..ColumnDescription::from(column)
        };
        Ok(TableDescription {
            connection_id: self.connection_id.to_owned(),
            sync_id: scan.sync_id.clone(),
            catalog: table.catalog.clone(),
            schema: table.db.clone(),
            name: table.name.clone(),
            kind: table.kind.clone(),
            comment: table.comment.clone(),
            estimated_rows: table.estimated_rows,
            bytes: table.bytes,
            engine: table.engine.clone(),
            partition_key: table.partition_key.clone(),
            sorting_key: table.sorting_key.clone(),
            modified_at: table.modified_at.clone(),
            primary_key_enforced: table.primary_key_enforced,
            partition_filter_required: table.partition_filter_required,
            labels: table.labels.clone(),
            indexes: table.indexes.clone(),
            unique_keys: table.unique_keys.clone(),
            unique_keys_enforced: table.unique_keys_enforced,
            row_security: table.row_security,
            variant: table.variant.clone(),
            definition: table.definition.clone(),
            checks: table.checks.clone(),
            readable: table.readable,
            columns: table.columns.iter().map(&mut describe).collect(),
            profile,
            foreign_keys: keys(&self.from),
            referenced_by: keys(&self.to),
            used_by: self.users.of(table),
        })
    }
}

fn summarize(table: Table) -> TableSummary {
    TableSummary {
        schema: table.db,
        name: table.name,
        kind: table.kind,
        column_count: table.columns.len(),
        comment: table.comment,
    }
}

/// Finds a table by its exact name, or else by its name in another letter case, or in quotes.
pub(super) fn find_table<'a>(tables: &'a [Table], name: &str) -> Result<&'a Table> {
    let parts = parse_reference(name).unwrap_or_default();
    let has_parts = |table: &Table, is_same| {
        let own_parts = [&table.catalog, &table.db].into_iter().flatten().count() + 1;
        (1..=own_parts).contains(&parts.len()) && matches(&parts, table, is_same)
    };
    let tests: [&dyn Fn(&Table) -> bool; 4] = [
        &|table| table.has_name(|own| own == name),
        &|table| table.has_name(|own| letter_case::is_same(own, name)),
        &|table| has_parts(table, |left, right| left == right),
        &|table| has_parts(table, letter_case::is_same),
    ];
    let found = tests.iter().map(|accepts| tables.iter().filter(|table| accepts(table)).collect::<Vec<_>>());
    match found.into_iter().find(|found| !found.is_empty()).unwrap_or_default().as_slice() {
        [table] => Ok(table),
        [] => Err(unknown_table(tables, name)),
        several => Err(ambiguous_table(several, name)),
    }
}

fn unknown_table(tables: &[Table], name: &str) -> Error {
    let names: Vec<_> = tables.iter().flat_map(|table| [table.name.clone(), table.qualified_name()]).collect();
    let nearest = suggest::nearest(name, names.iter().map(String::as_str));
    let suggestion = nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
    Error::new(Code::TableUnknown, format!("The newest scan has no table {name}{suggestion}"))
        .with_hint("List its tables with: ktx table")
}

fn ambiguous_table(matches: &[&Table], name: &str) -> Error {
    let names: Vec<_> = matches.iter().take(MAX_CHOICES).map(|table| table.full_name()).collect();
    let more = if matches.len() > MAX_CHOICES { ", …" } else { "" };
    Error::new(Code::ArgumentInvalid, format!("Several tables have the name {name}: {}{more}", names.join(", ")))
        .with_hint("Name one of them with its schema")
}

impl Table {
    /// Whether a form of the name is accepted: alone, with the schema, or with the catalog as well.
    fn has_name(&self, accepts: impl Fn(&str) -> bool) -> bool {
        accepts(&self.name) || accepts(&self.qualified_name()) || accepts(&self.full_name())
    }

    /// Returns the name with its catalog and its schema.
    fn full_name(&self) -> String {
        let name = self.qualified_name();
        self.catalog.as_ref().map_or_else(|| name.clone(), |catalog| format!("{catalog}.{name}"))
    }
}

impl From<&Column> for ColumnDescription {
    fn from(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            kind: column.kind.clone(),
            nullable: column.nullable,
            primary_key: column.primary_key,
            comment: column.comment.clone(),
            fields: column.fields.clone(),
            enum_values: column.enum_values.clone(),
            generated: column.generated.clone(),
            default: column.default.clone(),
            profile: None,
            labels: column.labels.clone(),
            masking_policy: column.masking_policy.clone(),
            readable: column.readable,
        }
    }
}

impl From<&Link> for ForeignKey {
    fn from(link: &Link) -> Self {
        Self {
            from_table: link.from_table.clone(),
            from_columns: link.from_columns.clone(),
            to_table: link.to_table.clone(),
            to_columns: link.to_columns.clone(),
            constraint_name: link.constraint_name.clone(),
            enforced: link.enforced,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(catalog: Option<&str>, schema: &str, name: &str) -> Table {
        let json = serde_json::json!({
            "name": name, "catalog": catalog, "db": schema, "kind": "table", "comment": null, "columns": [],
        });
        serde_json::from_value(json).unwrap()
    }

    fn found(tables: &[Table], name: &str) -> String {
        match find_table(tables, name) {
            Ok(table) => table.full_name(),
            Err(error) => format!("{}: {error}", error.code().as_str()),
        }
    }

    #[test]
    fn name_is_resolved_with_and_without_schema() {
        let tables =
            [table(None, "sales", "Orders"), table(None, "crm", "orders"), table(Some("db"), "crm", "customers")];
        assert_eq!(found(&tables, "orders"), "crm.orders");
        assert_eq!(found(&tables, "Orders"), "sales.Orders");
        assert_eq!(found(&tables, "SALES.orders"), "sales.Orders");
        for name in ["\"sales\".\"Orders\"", "`sales`.orders", "[Orders]"] {
            assert_eq!(found(&tables, name), "sales.Orders", "{name}");
        }
        assert_eq!(found(&tables, "\"orders\""), "crm.orders");
        assert!(found(&tables, "\"x\".sales.orders").starts_with("KTX_TABLE_UNKNOWN: "));
        for name in ["customers", "crm.customers", "db.crm.customers", "CUSTOMERS"] {
            assert_eq!(found(&tables, name), "db.crm.customers", "{name}");
        }
    }

    #[test]
    fn ambiguous_and_unknown_names_are_errors_with_choices() {
        let tables = [table(None, "sales", "orders"), table(None, "crm", "orders"), table(Some("db"), "a.b", "c")];
        assert_eq!(
            found(&tables, "ORDERS"),
            "KTX_ARGUMENT_INVALID: Several tables have the name ORDERS: sales.orders, crm.orders"
        );
        assert_eq!(found(&tables, "a.b.c"), "db.a.b.c");
        let unknown = "KTX_TABLE_UNKNOWN: The newest scan has no table order; did you mean orders?";
        assert_eq!(found(&tables, "order"), unknown);
        assert_eq!(found(&tables, "zzz"), "KTX_TABLE_UNKNOWN: The newest scan has no table zzz");
    }
}
