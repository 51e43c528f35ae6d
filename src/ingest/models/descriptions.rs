//! Descriptions of imported models.

use super::views::{Views, is_plain};
use crate::{ingest::adapters::looker::StagedExplore, ports::UsedColumn, redact};

/// What a person wrote about a table, or about a column of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Description {
    /// Catalog or database.
    pub catalog: Option<String>,
    /// Schema.
    pub schema: Option<String>,
    /// Name of the table.
    pub table: String,
    /// The column; `None`: the table.
    pub column: Option<String>,
    /// The description, without blanks around it and without secrets.
    pub text: String,
}

/// Returns the descriptions of an explore that are of tables of a connection: that of the explore describes the table of
/// its base view, that of a dimension the only column in its expression.
pub fn describe(explore: &StagedExplore, connection_id: &str) -> Vec<Description> {
    let views = Views::new(explore, connection_id);
    let base = views.base_table().and_then(|table| {
        let of_table = UsedColumn {
            catalog: table.catalog.clone(),
            db: table.schema.clone(),
            table: table.name.clone()?,
            column: String::new(),
        };
        Some(Description { column: None, ..description(of_table, explore.description.as_deref())? })
    });
    let columns = explore.fields.dimensions.iter().filter_map(|found| {
        let column = views.expressed_column(&found.name, has_meaning_of_column)?;
        description(column, found.description.as_deref())
    });
    base.into_iter().chain(columns).collect()
}

/// Whether a dimension of a type describes its column, and not what it makes of it, such as a tier.
fn has_meaning_of_column(kind: &str) -> bool {
    is_plain(kind) || kind.starts_with("date")
}

fn description(column: UsedColumn, text: Option<&str>) -> Option<Description> {
    let text = redact::text(text.map(str::trim).filter(|text| !text.is_empty())?);
    let UsedColumn { catalog, db: schema, table, column } = column;
    Some(Description { catalog, schema, table, column: Some(column), text })
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::explore, *};

    #[test]
    fn descriptions_are_those_of_base_tables_and_plain_columns() {
        let found: Vec<_> = describe(&explore(&[]), "w")
            .into_iter()
            .map(|found| format!("{} {:?}: {}", found.table, found.column, found.text))
            .collect();
        assert_eq!(
            found,
            [
                "orders None: Sales of the shop",
                "orders Some(\"customer_id\"): Who pays",
                "orders Some(\"created_at\"): When it was placed"
            ]
        );
        assert!(describe(&explore(&[]), "other").is_empty());
    }
}
