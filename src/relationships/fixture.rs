//! Test support: tables with values, whose profiles and counts are computed, as a database would.

use super::{
    ColumnProfile, Decisions, Detection, Input, JoinOrigin, KeyCount, Kind, LinkColumns, LinkCount, Relationship,
    Scalar, Status, Table, TableColumns, TableProfile, Weights, WrittenJoin, propose,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

/// Hashes of a column, as in a request.
const HASHES: usize = 256;

/// A value; `None` is NULL.
type Cell = Option<String>;

/// A column of a test: its name, its type, and the value of each row, from 1.
pub(super) struct TestColumn(&'static str, &'static str, Box<dyn Fn(u64) -> Cell>);

/// A column of numbers.
pub(super) fn int(name: &'static str, value: impl Fn(u64) -> u64 + 'static) -> TestColumn {
    TestColumn(name, "BIGINT", Box::new(move |row| Some(value(row).to_string())))
}

/// A column of numbers and NULL.
pub(super) fn maybe(name: &'static str, value: impl Fn(u64) -> Option<u64> + 'static) -> TestColumn {
    TestColumn(name, "BIGINT", Box::new(move |row| value(row).map(|value| value.to_string())))
}

/// A column of texts.
pub(super) fn text(name: &'static str, value: impl Fn(u64) -> String + 'static) -> TestColumn {
    TestColumn(name, "VARCHAR", Box::new(move |row| Some(value(row))))
}

/// A column of another type.
pub(super) fn of_type(kind: &'static str, column: TestColumn) -> TestColumn {
    TestColumn(column.0, kind, column.2)
}

/// One of `count` numbers from 1, without an order.
pub(super) fn pick(row: u64, salt: u64, count: u64) -> u64 {
    1 + hash(&format!("{row} {salt}")) % count
}

/// A code of three letters, distinct for distinct numbers below 17,576.
pub(super) fn code(number: u64) -> String {
    let spread = (number * 7919 + 12345) % 17576;
    [1, 26, 676].map(|place| char::from(b'A' + (spread / place % 26) as u8)).iter().collect()
}

/// Tables with their values.
#[derive(Default)]
pub(super) struct Fixture {
    pub(super) input: Input,
    values: BTreeMap<(String, String), Vec<Cell>>,
    uncounted: bool,
}

impl Fixture {
    pub(super) fn table(self, name: &str, rows: u64, columns: Vec<TestColumn>) -> Self {
        self.add(name, rows, columns, Kind::Table)
    }

    pub(super) fn view(self, name: &str, rows: u64, columns: Vec<TestColumn>) -> Self {
        self.add(name, rows, columns, Kind::View)
    }

    fn add(mut self, name: &str, rows: u64, columns: Vec<TestColumn>, kind: Kind) -> Self {
        let mut profile = TableProfile { name: name.into(), rows: Some(rows), rows_exact: true, ..Default::default() };
        let mut table = Table { name: name.into(), kind, ..Table::default() };
        for TestColumn(column, kind, value) in columns {
            let cells: Vec<_> = (1..=rows).map(value).collect();
            profile.columns.push(column_profile(column, kind, &cells));
            table.columns.push(super::Column { name: column.into(), r#type: kind.into(), primary_key: false });
            self.values.insert((name.into(), column.into()), cells);
        }
        self.input.tables.push(table);
        self.input.profiles.push(profile);
        self
    }

    /// Puts the tables that are in no schema into one.
    pub(super) fn schema(mut self, name: &str) -> Self {
        let profiles = self.input.profiles.iter_mut().map(|profile| &mut profile.db);
        for schema in self.input.tables.iter_mut().map(|table| &mut table.db).chain(profiles) {
            schema.get_or_insert_with(|| name.to_owned());
        }
        self
    }

    /// Adds a join `a.x = b.y` of statements.
    pub(super) fn joined(mut self, join: &str, count: u64) -> Self {
        let (left, right) = join.split_once(" = ").unwrap();
        let (left, right) = (side(left), side(right));
        self.input.joins.push(WrittenJoin { left, right, count, origin: JoinOrigin::QueryHistory });
        self
    }

    pub(super) fn decided(mut self, decisions: Decisions) -> Self {
        self.input.decisions = decisions;
        self
    }

    /// Lets the database count nothing.
    pub(super) fn uncounted(mut self) -> Self {
        self.uncounted = true;
        self
    }

    /// Changes a declared table.
    pub(super) fn declare(mut self, table: &str, change: impl Fn(&mut Table)) -> Self {
        self.input.tables.iter_mut().filter(|other| other.name == table).for_each(change);
        self
    }

    pub(super) fn detect(&self) -> Detection {
        let proposal = propose(&self.input, Weights::default());
        let keys: Vec<_> = proposal.keys().iter().map(|key| self.count_key(key)).collect();
        let links: Vec<_> = proposal.links().iter().map(|link| self.count_link(link)).collect();
        proposal.conclude(&keys, &links).unwrap()
    }

    /// The accepted links, as `a.x -> b.y`.
    pub(super) fn accepted(&self) -> Vec<String> {
        let links = self.detect().relationships;
        links.iter().filter(|link| link.status == Status::Accepted).map(describe).collect()
    }

    /// The link `a.x -> b.y`.
    pub(super) fn link(&self, link: &str) -> Option<Relationship> {
        self.detect().relationships.into_iter().find(|other| describe(other) == link)
    }

    /// The outcome of `a.x -> b.y`.
    pub(super) fn status(&self, link: &str) -> Option<Status> {
        self.link(link).map(|link| link.status)
    }

    /// The accepted keys, as `a.x, y`.
    pub(super) fn keys(&self) -> Vec<String> {
        let keys = self.detect().keys;
        let accepted = keys.iter().filter(|key| key.status == Status::Accepted);
        accepted.map(|key| format!("{}.{}", key.table, key.columns.join(", "))).collect()
    }

    fn rows(&self, columns: &TableColumns) -> Vec<Option<Vec<&str>>> {
        let cells: Vec<_> =
            columns.columns.iter().map(|column| &self.values[&(columns.name.clone(), column.clone())]).collect();
        (0..cells[0].len()).map(|row| cells.iter().map(|column| column[row].as_deref()).collect()).collect()
    }

    fn count_key(&self, key: &TableColumns) -> KeyCount {
        let rows = self.rows(key);
        let found: Vec<_> = rows.iter().flatten().collect();
        let distinct = found.iter().collect::<BTreeSet<_>>().len() as u64;
        let (rows, null_rows) = (rows.len() as u64, (rows.len() - found.len()) as u64);
        KeyCount { rows, null_rows, distinct, uncounted: self.reason() }
    }

    fn count_link(&self, link: &LinkColumns) -> LinkCount {
        let [from, to] = [&link.from, &link.to].map(|side| self.rows(side).into_iter().flatten().collect::<Vec<_>>());
        let [distinct, targets] = [&from, &to].map(|rows| rows.iter().collect::<BTreeSet<_>>());
        LinkCount {
            rows: from.len() as u64,
            distinct: distinct.len() as u64,
            unmatched_rows: from.iter().filter(|row| !targets.contains(row)).count() as u64,
            target_rows: to.len() as u64,
            target_distinct: targets.len() as u64,
            uncounted: self.reason(),
        }
    }

    fn reason(&self) -> Option<String> {
        self.uncounted.then(|| "The statement reached its timeout.".to_owned())
    }
}

fn side(text: &str) -> TableColumns {
    let (name, column) = text.split_once('.').unwrap();
    TableColumns { catalog: None, db: None, name: name.into(), columns: column.split(", ").map(String::from).collect() }
}

fn describe(link: &Relationship) -> String {
    let side = |side: &super::Side| format!("{}.{}", side.table, side.columns.join(", "));
    format!("{} -> {}", side(&link.from), side(&link.to))
}

fn column_profile(name: &str, kind: &str, cells: &[Cell]) -> ColumnProfile {
    let values: BTreeSet<&String> = cells.iter().flatten().collect();
    let mut hashes: Vec<_> = values.iter().map(|value| hash(value)).collect();
    hashes.sort_unstable();
    let hash_limit = hashes.get(HASHES).copied();
    hashes.truncate(HASHES);
    let lengths: Vec<_> = cells.iter().flatten().map(|value| value.len() as u64).collect();
    let numbers = || values.iter().filter_map(|value| value.parse::<u64>().ok()).filter(|_| kind == "BIGINT");
    let texts = || values.iter().map(|value| Scalar::Text((*value).clone())).filter(|_| kind != "BIGINT");
    let number = |value: u64| Scalar::Number(value as f64);
    ColumnProfile {
        name: name.into(),
        nulls: (cells.len() - lengths.len()) as u64,
        distinct: values.len() as u64,
        distinct_exact: true,
        min: numbers().min().map(number).or(texts().next()),
        max: numbers().max().map(number).or(texts().next_back()),
        min_length: lengths.iter().min().copied(),
        max_length: lengths.iter().max().copied(),
        mean_length: Some(lengths.iter().sum::<u64>() as f64 / lengths.len().max(1) as f64),
        values: texts().take(20).map(|value| super::FrequentValue { value }).collect(),
        hashes: Some(hashes),
        hash_limit,
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish() >> 1
}

/// Customers with the key `id`.
pub(super) fn customers() -> Fixture {
    Fixture::default().table("customers", 500, vec![int("id", |row| row)])
}

/// Airports with codes as their key.
pub(super) fn airports() -> Fixture {
    Fixture::default().table("airports", 900, vec![text("faa", code), text("label", |row| format!("Airport no {row}"))])
}

/// Adds orders with a column.
pub(super) fn with_column(fixture: Fixture, column: TestColumn) -> Fixture {
    fixture.table("orders", 2000, vec![int("id", |row| row), column])
}
