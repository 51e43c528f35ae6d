//! Copies of tables: one for each tenant, region, stage or year, in schemas or by words of their names. Rows refer to the
//! copy beside them, though keys of the others have the same values.

use super::{
    input::Table,
    names::{is_same_word, split},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

/// Columns from which equal names of all columns are no accident.
const MIN_COLUMNS: usize = 2;

/// Copies of which one may refer to the other, as `vip_customers` to `customers`.
const PAIR: usize = 2;

/// The copies of each table.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// For each table the group of its copies.
    groups: Vec<Option<usize>>,
    members: Vec<Vec<usize>>,
    /// For each group whether another one has the same marks, so that they are those of tenants.
    has_tenants: Vec<bool>,
    /// For each table the words of its name.
    words: Vec<Vec<String>>,
    /// For each table the words of its name that not all of its copies have.
    marks: Vec<Vec<String>>,
    /// For each table its schema.
    schemas: Vec<usize>,
}

impl Copies {
    /// Groups tables with the same names of columns whose names begin or end with the same word, tables of one name in
    /// several schemas, and tables of the tenants that these groups show.
    pub(super) fn new(tables: &[&Table]) -> Self {
        let words: Vec<_> = tables.iter().map(|table| split(&table.name)).collect();
        let (groups, marks) = (vec![None; tables.len()], vec![Vec::new(); tables.len()]);
        let mut copies = Self { groups, marks, words, ..Self::default() };
        let schemas: BTreeSet<_> = tables.iter().map(|table| (&table.catalog, &table.db)).collect();
        let schemas: BTreeMap<_, _> = schemas.into_iter().zip(0..).collect();
        copies.schemas = tables.iter().map(|table| schemas[&(&table.catalog, &table.db)]).collect();
        let mut alike: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
        for (index, table) in tables.iter().enumerate().filter(|(_, table)| table.columns.len() >= MIN_COLUMNS) {
            let mut names: Vec<_> = table.columns.iter().map(|column| column.name.to_lowercase()).collect();
            names.sort_unstable();
            alike.entry(names).or_default().push(index);
        }
        for tables in alike.values().filter(|tables| tables.len() > 1) {
            copies.group(tables, |words| words.last().cloned());
            copies.group(tables, |words| words.first().cloned());
        }
        let all: Vec<_> = (0..tables.len()).collect();
        copies.group(&all, |words| Some(words.join(" ")));
        copies.find_tenants();
        copies.add_tenants();
        copies
    }

    fn find_tenants(&mut self) {
        let marks_of = |group: &Vec<usize>| group.iter().map(|member| &self.marks[*member]).collect::<BTreeSet<_>>();
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        for group in &self.members {
            *counts.entry(marks_of(group)).or_default() += 1;
        }
        self.has_tenants = self.members.iter().map(|group| counts[&marks_of(group)] > 1).collect();
    }

    /// Adds the tables of tenants that have other columns than their copies.
    fn add_tenants(&mut self) {
        let of_tenants =
            || self.members.iter().zip(&self.has_tenants).filter(|(_, has)| **has).flat_map(|(group, _)| group);
        let tenants: BTreeSet<_> = of_tenants().flat_map(|table| &self.marks[*table]).cloned().collect();
        let mut groups: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
        for (table, words) in self.words.iter().enumerate() {
            let (marks, rest): (Vec<_>, Vec<_>) = words.iter().cloned().partition(|word| tenants.contains(word));
            if !marks.is_empty() && !rest.is_empty() {
                groups.entry(rest).or_default().push(table);
            }
        }
        for members in groups.into_values().filter(|members| members.len() > 1) {
            let known = members.iter().find_map(|table| self.groups[*table].filter(|group| self.has_tenants[*group]));
            let group = known.unwrap_or(self.members.len());
            if known.is_none() {
                self.members.push(Vec::new());
                self.has_tenants.push(true);
            }
            for table in members {
                if self.groups[table].is_some() {
                    continue;
                }
                self.groups[table] = Some(group);
                self.members[group].push(table);
                self.marks[table] = self.words[table].iter().filter(|word| tenants.contains(*word)).cloned().collect();
            }
        }
    }

    /// Makes groups of the tables without one that have the same word.
    fn group(&mut self, tables: &[usize], word: fn(&[String]) -> Option<String>) {
        let mut by_word: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for table in tables.iter().filter(|table| self.groups[**table].is_none()) {
            if let Some(word) = word(&self.words[*table]) {
                by_word.entry(word).or_default().push(*table);
            }
        }
        for members in by_word.into_values().filter(|members| members.len() > 1) {
            for table in &members {
                let is_common = |word: &String| members.iter().all(|other| self.words[*other].contains(word));
                self.marks[*table] = self.words[*table].iter().filter(|word| !is_common(word)).cloned().collect();
                self.groups[*table] = Some(self.members.len());
            }
            self.members.push(members);
        }
    }

    /// Removes the words that name a copy, if several tables have copies with these words.
    pub(super) fn remove_marks(&self, table: usize, subject: &mut Vec<String>) {
        if self.groups[table].is_some_and(|group| self.has_tenants[group]) {
            subject.retain(|word| !self.marks[table].contains(word));
        }
    }

    /// The number of copies of a table, if two tables are copies of each other.
    pub(super) fn count(&self, left: usize, right: usize) -> Option<usize> {
        let group = self.groups[left].filter(|_| left != right && self.groups[left] == self.groups[right])?;
        Some(self.members[group].len())
    }

    /// The copies that a column of a table with a name means.
    pub(super) fn near(&self, table: usize, column: &str) -> NearCopies<'_> {
        let words = self.words[table].iter().cloned().chain(split(column)).collect();
        NearCopies { copies: self, table, words, best: RefCell::default() }
    }
}

/// Whether a table is in the schema of another one, and how many words of its copy the other one or its column has.
type Nearness = (bool, usize);

/// The copies of each table that are the nearest to a column.
pub(super) struct NearCopies<'a> {
    copies: &'a Copies,
    table: usize,
    words: Vec<String>,
    /// The greatest nearness of each group.
    best: RefCell<BTreeMap<usize, Nearness>>,
}

impl NearCopies<'_> {
    /// Whether no other copy of a table is nearer: in the schema of the column, or with more words of the column and its
    /// table. Of several copies the own table is the nearest.
    pub(super) fn has(&self, to: usize) -> bool {
        let Some(group) = self.copies.groups[to].filter(|_| to != self.table) else { return true };
        if self.copies.count(self.table, to).is_some_and(|count| count > PAIR) {
            return false;
        }
        let members = || self.copies.members[group].iter().filter(|other| **other != self.table);
        let mut best = self.best.borrow_mut();
        let best =
            best.entry(group).or_insert_with(|| members().map(|other| self.nearness(*other)).max().unwrap_or_default());
        self.nearness(to) >= *best
    }

    fn nearness(&self, table: usize) -> Nearness {
        let has = |mark: &&String| self.words.iter().any(|word| is_same_word(word, mark));
        let copies = self.copies;
        (copies.schemas[table] == copies.schemas[self.table], copies.marks[table].iter().filter(has).count())
    }
}
