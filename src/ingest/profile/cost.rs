//! What exact counts read, for limits of bytes: an estimate from the sizes of the tables.

use super::request::ProfileTable;
use crate::relationships::{LinkColumns, TableColumns};
use std::collections::HashMap;

type Name = (Option<String>, Option<String>, String);

/// Bytes of a column of each table, on average. Databases that bill by bytes store columns.
#[derive(Debug, Default)]
pub struct ColumnSizes(HashMap<Name, u64>);

impl ColumnSizes {
    /// Tables of unknown size have none, and count nothing.
    pub fn new(tables: &[ProfileTable]) -> Self {
        let size = |table: &ProfileTable| {
            let bytes = u64::try_from(table.bytes?).ok()?;
            let name = (table.catalog.clone(), table.db.clone(), table.name.clone());
            Some((name, bytes / table.columns.len().max(1) as u64))
        };
        Self(tables.iter().filter_map(size).collect())
    }

    /// Bytes that the count of a key reads.
    pub(super) fn of_key(&self, key: &TableColumns) -> u64 {
        let name = (key.catalog.clone(), key.db.clone(), key.name.clone());
        self.0.get(&name).map_or(0, |bytes| bytes.saturating_mul(key.columns.len() as u64))
    }

    /// Bytes that the count of a link reads.
    pub(super) fn of_link(&self, link: &LinkColumns) -> u64 {
        self.of_key(&link.from).saturating_add(self.of_key(&link.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::profile::request::ProfileColumn;

    #[test]
    fn counts_read_the_columns_of_both_sides() {
        let column = ProfileColumn { name: "a".into(), kind: "int".into(), masked: false, unmasked: false };
        let table = |name: &str, bytes| ProfileTable {
            catalog: None,
            db: None,
            name: name.into(),
            kind: "table",
            columns: vec![column.clone(); 4],
            estimated_rows: None,
            bytes,
            partition_key: None,
            partition_filter_required: false,
            restricted: false,
            readable: true,
        };
        let sizes = ColumnSizes::new(&[table("t", Some(400)), table("u", Some(40)), table("view", None)]);
        let key = |name: &str, count: usize| TableColumns {
            catalog: None,
            db: None,
            name: name.into(),
            columns: vec!["a".into(); count],
        };
        assert_eq!((sizes.of_key(&key("t", 2)), sizes.of_key(&key("view", 2))), (200, 0));
        assert_eq!(sizes.of_link(&LinkColumns { from: key("t", 1), to: key("u", 1) }), 110);
    }
}
