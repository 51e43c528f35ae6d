//! A table of a scan, as it is staged and as generation takes it.

use serde::{Deserialize, Serialize};

/// A table as generation takes it; reads the staged file of one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) catalog: Option<String>,
    pub(super) db: Option<String>,
    /// Name of the source that the table has already.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(super) source_name: Option<String>,
    comment: Option<String>,
    pub(super) columns: Vec<Column>,
    /// The columns of all its foreign keys, one key after the other.
    #[serde(skip_serializing, default)]
    pub(super) foreign_keys: Vec<KeyColumn>,
}

/// A column as generation takes it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "type")]
    kind: String,
    pub(super) primary_key: bool,
    nullable: bool,
    comment: Option<String>,
}

/// One column of a foreign key, as it is staged.
#[derive(Debug, Deserialize)]
pub(super) struct KeyColumn {
    pub(super) from_column: String,
    pub(super) to_schema: Option<String>,
    pub(super) to_table: String,
    pub(super) to_column: Option<String>,
    pub(super) constraint_name: Option<String>,
    /// Place in the key from 1, where constraints have no names; older files do not have it.
    #[serde(default)]
    pub(super) position: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::definition;

    #[test]
    fn types_match_the_schemas() {
        let unused = ["kind", "estimated_rows"];
        definition("introspection", "Table").ignoring(&unused).assert_read_by::<Table>();
        definition("introspection", "Column").assert_kept_by::<Column>();
        let column = r#"{"name":"id","type":"int","nullable":false,"primary_key":true,"comment":null}"#;
        let text = format!(r#"{{"name":"a","catalog":null,"db":"s","comment":null,"columns":[{column}]}}"#);
        let mut table: Table = serde_json::from_str(&text).unwrap();
        table.source_name = Some("a".into());
        definition("generate-sources", "Table").assert_describes(&table);
        definition("generate-sources", "TableColumn").assert_describes(&table.columns[0]);
    }
}
