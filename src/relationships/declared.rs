//! Declared foreign keys, resolved to columns of the scan.

use super::{
    facts::{ColumnId, Facts},
    input::ForeignKeyColumn,
};

/// Returns the declared foreign keys between tables of the scan: referencing and referenced columns. Those that name a
/// missing column, as SQLite allows, are left out.
pub(super) fn declared_links(facts: &Facts<'_>) -> Vec<(Vec<ColumnId>, Vec<ColumnId>)> {
    links(facts, |_| true)
}

/// Returns those that the database takes as declared: their targets may repeat.
pub(super) fn unenforced_links(facts: &Facts<'_>) -> Vec<(Vec<ColumnId>, Vec<ColumnId>)> {
    links(facts, |key| key[0].enforced == Some(false))
}

fn links(facts: &Facts<'_>, is_wanted: impl Fn(&[&ForeignKeyColumn]) -> bool) -> Vec<(Vec<ColumnId>, Vec<ColumnId>)> {
    let tables = 0..facts.tables.len();
    let keys = tables
        .flat_map(|table| group(&facts.tables[table].table.foreign_keys).into_iter().map(move |key| (table, key)));
    keys.filter(|(_, key)| is_wanted(key)).filter_map(|(table, key)| resolve(facts, table, &key)).collect()
}

/// Groups the columns of foreign keys by key: those of one share a name, or their positions ascend.
fn group(columns: &[ForeignKeyColumn]) -> Vec<Vec<&ForeignKeyColumn>> {
    let mut keys: Vec<Vec<&ForeignKeyColumn>> = Vec::new();
    for column in columns {
        let belongs = |key: &&mut Vec<&ForeignKeyColumn>| {
            let first = key[0];
            let is_same = (&first.to_schema, &first.to_table) == (&column.to_schema, &column.to_table);
            let continues = column.constraint_name.is_some() || column.position.is_some_and(|position| position > 1);
            is_same && first.constraint_name == column.constraint_name && continues
        };
        match keys.last_mut().filter(belongs) {
            Some(key) => key.push(column),
            None => keys.push(vec![column]),
        }
    }
    keys
}

fn resolve(facts: &Facts<'_>, table: usize, key: &[&ForeignKeyColumn]) -> Option<(Vec<ColumnId>, Vec<ColumnId>)> {
    let own = facts.tables[table].table;
    let schema = key[0].to_schema.as_ref().or(own.db.as_ref());
    let target = find_table(facts, schema.map(String::as_str), &key[0].to_table)?;
    let from: Option<Vec<_>> = key.iter().map(|part| find_column(facts, table, &part.from_column)).collect();
    let named: Vec<_> = key.iter().filter_map(|part| part.to_column.as_deref()).collect();
    let to = if named.is_empty() {
        facts.primary_key(target)
    } else {
        named.into_iter().map(|name| find_column(facts, target, name)).collect::<Option<_>>()?
    };
    Some((from?, to)).filter(|(from, to)| from.len() == to.len())
}

/// Finds a table by its exact name, or else the only one whose name differs in letter case.
fn find_table(facts: &Facts<'_>, schema: Option<&str>, name: &str) -> Option<usize> {
    find_name(
        facts.tables.iter().map(|table| (table.table.db.as_deref().unwrap_or(""), table.table.name.as_str())),
        (schema.unwrap_or(""), name),
    )
}

fn find_column(facts: &Facts<'_>, table: usize, name: &str) -> Option<ColumnId> {
    let columns = facts.tables[table].columns.clone();
    let index = find_name(columns.clone().map(|id| ("", facts.columns[id].name)), ("", name))?;
    Some(columns.start + index)
}

fn find_name<'a>(names: impl Iterator<Item = (&'a str, &'a str)> + Clone, wanted: (&str, &str)) -> Option<usize> {
    let fold = |name: (&str, &str)| (name.0.to_lowercase(), name.1.to_lowercase());
    names.clone().position(|name| name == wanted).or_else(|| {
        let mut similar = names.enumerate().filter(|(_, name)| fold(*name) == fold(wanted));
        similar.next().filter(|_| similar.next().is_none()).map(|(index, _)| index)
    })
}
