//! The daemon's answer to an introspection, typed.

use crate::{error::Result, ports::read_answer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Where the answer comes from.
pub(super) const PATH: &str = "/database/introspect";

/// Everything that was found. What there are most of stays in the text of the answer.
#[derive(Debug, Deserialize)]
pub(super) struct Introspection<'a> {
    pub(super) extracted_at: String,
    pub(super) metadata: Metadata,
    #[serde(borrow)]
    pub(super) tables: Vec<Table<'a>>,
    /// What to tell about the user that asked; other servers of this interface may have nothing to say.
    #[serde(default)]
    pub(super) warnings: Vec<String>,
}

/// How it was found.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) schemas: Vec<String>,
}

/// A table or a view; staged as it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Table<'a> {
    pub(super) catalog: Option<String>,
    pub(super) db: Option<String>,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) comment: Option<String>,
    /// A guess of the database; comes and goes without a change of the schema.
    pub(super) estimated_rows: Option<i64>,
    #[serde(borrow)]
    pub(super) columns: Vec<Column<'a>>,
    #[serde(borrow)]
    pub(super) foreign_keys: Vec<ForeignKey<'a>>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Table,
    View,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Column<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    data_type: Cow<'a, str>,
    nullable: bool,
    primary_key: bool,
    comment: Option<String>,
}

/// One column of a foreign key; `to_column` is null where the database leaves it to the primary key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ForeignKey<'a> {
    #[serde(borrow)]
    from_column: Cow<'a, str>,
    to_schema: Option<String>,
    #[serde(borrow)]
    to_table: Cow<'a, str>,
    to_column: Option<String>,
    constraint_name: Option<String>,
    /// Place in the key from 1, where constraints have no names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
}

impl ForeignKey<'_> {
    /// Removes what older files do not have from a key of one column, so that its hash stays.
    pub(super) fn forget_first_position(&mut self) {
        self.position = self.position.filter(|position| *position > 1);
    }
}

impl<'a> Introspection<'a> {
    /// Errors: [`Code::HttpAnswerInvalid`] names the field with its path.
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        read_answer(PATH, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn error(text: &str) -> String {
        let error = Introspection::parse(text).unwrap_err();
        assert_eq!(error.code(), Code::HttpAnswerInvalid);
        error.to_string()
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_with_its_path() {
        let head = r#""extracted_at":"now","metadata":{"schemas":[]}"#;
        let table = |columns: &str| {
            format!(r#"{{{head},"tables":[{{"name":"a","kind":"table","foreign_keys":[],"columns":{columns}}}]}}"#)
        };
        assert!(error("{}").contains("/database/introspect answered unexpectedly: missing field `extracted_at`"));
        assert!(error(&format!("{{{head}}}")).contains("missing field `tables`"));
        assert!(error(&table(r#"[{"name":"x"}]"#)).contains("tables[0].columns[0]: missing field `type`"));
        assert!(error(&table("5")).contains("tables[0].columns: invalid type"));
    }

    #[test]
    fn types_match_the_schema() {
        let of = |name: &str| crate::schemas::definition("introspection", name);
        of("Introspection").ignoring(&["connection_id"]).assert_read_by::<Introspection<'_>>();
        of("Metadata").ignoring(&["driver"]).assert_read_by::<Metadata>();
        of("Table").assert_kept_by::<Table<'_>>();
        of("Column").assert_kept_by::<Column<'_>>();
        of("ForeignKey").assert_kept_by::<ForeignKey<'_>>();
        of("Table").assert_values_of::<Kind>("kind", &[]);
    }
}
