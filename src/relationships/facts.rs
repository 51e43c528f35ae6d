//! The tables and columns of the input with what is known about them, in the order of their names.

use super::{
    copies::{Copies, NearCopies},
    input::{Input, Kind, Table, TableColumns},
    labels::labels,
    names::{ColumnNames, SchemaNames, is_quantity},
    profile::{ColumnProfile, TableProfile},
    type_class::{TypeClass, type_class},
};
use std::collections::BTreeMap;

/// Index of a column in [`Facts::columns`].
pub(super) type ColumnId = usize;

/// All tables and columns.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) tables: Vec<TableFacts<'a>>,
    pub(super) columns: Vec<ColumnFacts<'a>>,
    pub(super) copies: Copies,
}

/// A table.
#[derive(Debug)]
pub(super) struct TableFacts<'a> {
    pub(super) table: &'a Table,
    /// Name in the output: `schema.table`, with the database if there are several.
    pub(super) label: String,
    /// Words of its name.
    pub(super) subject: Vec<String>,
    /// The layer that its name says.
    pub(super) layer: Option<String>,
    /// Its columns.
    pub(super) columns: std::ops::Range<ColumnId>,
    /// A view beside tables, which it copies.
    pub(super) is_view: bool,
    /// Rows of the table, or of the sample of one of unknown size; `None` without a profile.
    pub(super) rows: Option<u64>,
    /// Whether the profile has read a sample.
    pub(super) is_sampled: bool,
    /// Whether all rows were read and counted.
    pub(super) is_exact: bool,
}

/// A column.
#[derive(Debug)]
pub(super) struct ColumnFacts<'a> {
    pub(super) table: usize,
    /// Position in its table, from 0.
    pub(super) position: usize,
    pub(super) name: &'a str,
    pub(super) names: ColumnNames,
    pub(super) class: TypeClass,
    pub(super) profile: Option<&'a ColumnProfile>,
    /// How often a value occurs.
    pub(super) uniqueness: Uniqueness,
}

/// Whether the values of a column are distinct and not NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Uniqueness {
    /// Some are equal or NULL, or nothing is known.
    No,
    /// In a sample or by an estimate; to be counted.
    Likely,
    /// All rows were counted.
    Exact,
}

/// Estimates of distinct values are off by a few percent; below this share of the rows, a column is not unique.
const ESTIMATED_UNIQUE: f64 = 0.9;

impl<'a> Facts<'a> {
    /// Collects the facts.
    pub(super) fn new(input: &'a Input) -> Self {
        let mut tables: Vec<&Table> = input.tables.iter().collect();
        tables.sort_by_key(|table| (&table.catalog, &table.db, &table.name));
        let names = tables
            .iter()
            .map(|table| (table.name.as_str(), table.columns.iter().map(|column| column.name.as_str()).collect()));
        let names = SchemaNames::new(names);
        let profiles: BTreeMap<_, _> = input.profiles.iter().map(|profile| (profile_key(profile), profile)).collect();
        let labels = labels(tables.iter().copied());
        let has_tables = tables.iter().any(|table| table.kind == Kind::Table);
        let mut facts = Self { tables: Vec::new(), columns: Vec::new(), copies: Copies::new(&tables) };
        for ((table, label), names) in tables.into_iter().zip(labels).zip(names.tables) {
            let profile = profiles.get(&(&table.catalog, &table.db, &table.name)).copied();
            let start = facts.columns.len();
            let facts_of_table = TableFacts {
                table,
                label,
                subject: names.subject,
                layer: names.layer,
                columns: start..start + table.columns.len(),
                is_view: table.kind == Kind::View && has_tables,
                rows: profile.and_then(|profile| profile.rows.or(profile.sampled_rows)),
                is_sampled: profile.is_some_and(|profile| profile.sampled_rows.is_some()),
                is_exact: profile.is_some_and(|profile| profile.rows_exact && profile.sampled_rows.is_none()),
            };
            facts.add_columns(&facts_of_table, names.columns, profile);
            facts.tables.push(facts_of_table);
        }
        for (index, table) in facts.tables.iter_mut().enumerate() {
            facts.copies.remove_marks(index, &mut table.subject);
        }
        facts
    }

    fn add_columns(&mut self, facts: &TableFacts<'a>, names: Vec<ColumnNames>, profile: Option<&'a TableProfile>) {
        let profiles: BTreeMap<_, _> =
            profile.iter().flat_map(|table| &table.columns).map(|column| (column.name.as_str(), column)).collect();
        for (position, (column, names)) in facts.table.columns.iter().zip(names).enumerate() {
            let profile = profiles.get(column.name.as_str()).copied();
            self.columns.push(ColumnFacts {
                table: self.tables.len(),
                position,
                name: &column.name,
                names,
                class: type_class(&column.r#type, profile),
                profile,
                uniqueness: uniqueness(facts, profile),
            });
        }
    }

    /// The table of a column.
    pub(super) fn table_of(&self, column: ColumnId) -> &TableFacts<'a> {
        &self.tables[self.columns[column].table]
    }

    /// Whether the tables of two columns are in one schema and of one layer.
    pub(super) fn is_same_place(&self, left: ColumnId, right: ColumnId) -> bool {
        let place = |column| {
            let facts = self.table_of(column);
            (&facts.table.catalog, &facts.table.db, &facts.layer)
        };
        place(left) == place(right)
    }

    /// The copies of tables that a column means.
    pub(super) fn near_copies(&self, from: ColumnId) -> NearCopies<'_> {
        self.copies.near(self.columns[from].table, self.columns[from].name)
    }

    /// Names of columns of one table, as in the requests of the daemon.
    pub(super) fn describe(&self, columns: &[ColumnId]) -> TableColumns {
        let table = self.table_of(columns[0]).table;
        TableColumns {
            catalog: table.catalog.clone(),
            db: table.db.clone(),
            name: table.name.clone(),
            columns: columns.iter().map(|column| self.columns[*column].name.to_owned()).collect(),
        }
    }

    /// Finds columns by their exact names; `None` if the scan does not have them all.
    pub(super) fn find(&self, columns: &TableColumns) -> Option<Vec<ColumnId>> {
        let key = (&columns.catalog, &columns.db, &columns.name);
        let table =
            self.tables.binary_search_by_key(&key, |facts| (&facts.table.catalog, &facts.table.db, &facts.table.name));
        let table = &self.tables[table.ok()?];
        let find = |name: &String| table.columns.clone().find(|id| self.columns[*id].name == name);
        columns.columns.iter().map(find).collect::<Option<Vec<_>>>().filter(|found| !found.is_empty())
    }

    /// Columns of declared unique constraints.
    pub(super) fn unique_keys(&self, table: usize) -> Vec<Vec<ColumnId>> {
        let facts = &self.tables[table];
        let find = |name: &String| facts.columns.clone().find(|id| self.columns[*id].name == name);
        let keys = facts.table.unique_keys.iter().map(|names| names.iter().map(find).collect::<Option<Vec<_>>>());
        keys.flatten().filter(|key| !key.is_empty()).collect()
    }

    /// Columns of the declared primary key.
    pub(super) fn primary_key(&self, table: usize) -> Vec<ColumnId> {
        let facts = &self.tables[table];
        let is_part = |id: &ColumnId| facts.table.columns[self.columns[*id].position].primary_key;
        facts.columns.clone().filter(is_part).collect()
    }
}

impl ColumnFacts<'_> {
    /// Whether the name ends with a quantity, such as `total_amount`.
    pub(super) fn says_quantity(&self) -> bool {
        let mut phrases = self.names.phrases.iter();
        phrases.any(|phrase| phrase.suffix.is_none() && phrase.core.last().is_some_and(|word| is_quantity(word)))
    }

    /// Least and greatest number; `None` for other values, and where they are hidden.
    pub(super) fn range(&self) -> Option<(f64, f64)> {
        let profile = self.profile?;
        Some((profile.min.as_ref()?.as_number()?, profile.max.as_ref()?.as_number()?))
    }

    /// Number of distinct values; an estimate for the table if the profile has read a sample.
    pub(super) fn distinct(&self) -> u64 {
        self.profile.map_or(0, |profile| profile.distinct)
    }
}

fn profile_key(profile: &TableProfile) -> (&Option<String>, &Option<String>, &String) {
    (&profile.catalog, &profile.db, &profile.name)
}

fn uniqueness(table: &TableFacts<'_>, profile: Option<&ColumnProfile>) -> Uniqueness {
    let (Some(rows), Some(profile)) = (table.rows, profile) else { return Uniqueness::No };
    if profile.nulls > 0 || profile.distinct == 0 {
        Uniqueness::No
    } else if profile.distinct_exact && table.is_exact && profile.distinct == rows {
        Uniqueness::Exact
    } else if profile.distinct_exact && (table.is_exact || table.is_sampled) && profile.distinct < rows {
        // Equal values in a sample, too, exclude a key.
        Uniqueness::No
    } else if profile.distinct as f64 >= ESTIMATED_UNIQUE * rows as f64 {
        Uniqueness::Likely
    } else {
        Uniqueness::No
    }
}
