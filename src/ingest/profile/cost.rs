//! The tables of exact counts: what the counts read, for limits of bytes, and the types of the columns.

use super::request::ProfileTable;
use crate::relationships::{LinkColumns, Table, TableColumns};
use std::collections::BTreeMap;

type Name = (Option<String>, Option<String>, String);

/// The tables of a scan by name.
#[derive(Debug, Clone, Default)]
pub struct CountedTables(BTreeMap<Name, ProfileTable>);

impl CountedTables {
    /// Indexes tables.
    pub fn new(tables: &[ProfileTable]) -> Self {
        let name = |table: &ProfileTable| (table.catalog.clone(), table.db.clone(), table.name.clone());
        Self(tables.iter().map(|table| (name(table), table.clone())).collect())
    }

    /// The tables of keys and links, each once, in the order of their names.
    pub(super) fn of(&self, keys: &[TableColumns], links: &[LinkColumns]) -> Vec<&ProfileTable> {
        let sides = links.iter().flat_map(|link| [&link.from, &link.to]);
        let names: BTreeMap<_, _> =
            keys.iter().chain(sides).filter_map(|key| self.0.get_key_value(&name(key))).collect();
        names.into_values().collect()
    }

    /// Whether the user may read a table.
    pub fn is_readable(&self, table: &Table) -> bool {
        let name = (table.catalog.clone(), table.db.clone(), table.name.clone());
        self.0.get(&name).is_none_or(|table| table.readable)
    }

    /// Bytes that the count of a key reads: an estimate from the size of its table, 0 if that is unknown. Databases that
    /// bill by bytes store columns.
    pub(super) fn bytes_of_key(&self, key: &TableColumns) -> u64 {
        let of_column =
            |table: &ProfileTable| Some(u64::try_from(table.bytes?).ok()? / table.columns.len().max(1) as u64);
        let bytes = self.0.get(&name(key)).and_then(of_column);
        bytes.map_or(0, |bytes| bytes.saturating_mul(key.columns.len() as u64))
    }

    /// Bytes that the count of a link reads.
    pub(super) fn bytes_of_link(&self, link: &LinkColumns) -> u64 {
        self.bytes_of_key(&link.from).saturating_add(self.bytes_of_key(&link.to))
    }
}

fn name(columns: &TableColumns) -> Name {
    (columns.catalog.clone(), columns.db.clone(), columns.name.clone())
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
        let counted = CountedTables::new(&[table("t", Some(400)), table("u", Some(40)), table("view", None)]);
        let key = |name: &str, count: usize| TableColumns {
            catalog: None,
            db: None,
            name: name.into(),
            columns: vec!["a".into(); count],
        };
        assert_eq!((counted.bytes_of_key(&key("t", 2)), counted.bytes_of_key(&key("view", 2))), (200, 0));
        assert_eq!(counted.bytes_of_link(&LinkColumns { from: key("t", 1), to: key("u", 1) }), 110);
        let link = LinkColumns { from: key("u", 1), to: key("t", 1) };
        let tables = counted.of(&[key("t", 1), key("gone", 1)], &[link]);
        assert_eq!(tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["t", "u"]);
    }
}
