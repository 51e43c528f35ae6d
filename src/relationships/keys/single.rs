//! Keys of one column: of the unique columns of a table the one that is meant as its key.

use crate::relationships::{
    detection::{Evidence, Signal},
    facts::{ColumnFacts, ColumnId, Facts, Uniqueness},
    names::{Phrase, Suffix},
    surprise::{domain_bits, is_code},
    type_class::TypeClass,
    weights::KEY_PRIOR,
};
use std::collections::BTreeMap;

/// A unique column of a table.
#[derive(Debug, Clone)]
pub(in crate::relationships) struct SingleKey {
    pub(in crate::relationships) column: ColumnId,
    /// Logarithm of the odds that it is meant as the key.
    pub(in crate::relationships) bits: f64,
    /// Whether its name says that it is the key of its own table.
    pub(in crate::relationships) has_own_name: bool,
    pub(in crate::relationships) evidence: Vec<Evidence>,
}

/// Longest text of a key, in characters.
const MAX_LENGTH: f64 = 64.0;
/// Weights of the first column, and of a name that says only that it is a key, the table and that it is a key, that it
/// is a key, or only the table.
const FIRST: f64 = 3.0;
const GENERIC_NAME: f64 = 6.0;
const NAME_OF_TABLE: f64 = 8.0;
/// Weight of the name of the table with a number or a code, which is often beside an identifier.
const NUMBER_OF_TABLE: f64 = 5.0;
const NAME_OF_A_KEY: f64 = 4.0;
const ONLY_TABLE: f64 = 3.0;
/// Weight of a quantity, whose values are distinct by accident.
const QUANTITY: f64 = -8.0;
/// Weights of a name that other tables have as well, as they refer to it: of one table, and maximum.
const FAMILY: f64 = 3.0;
const MAX_FAMILY: f64 = 8.0;
/// Weight of texts that are no codes, such as names and descriptions.
const WORDS: f64 = -3.0;
/// Weight of dates: a calendar has them as its key, but a table with one row a day, too.
const DATE: f64 = -1.0;
/// Weights of codes and UUIDs.
const CODE: f64 = 2.0;
const UUID: f64 = 4.0;
/// Rows below which codes and words are not distinguished.
const MIN_CODES: u64 = 10;
/// Weight of numbers.
const NUMBER: f64 = 1.0;
/// Maximum weight of values whose being distinct is improbable by accident.
const MAX_DISTINCT: f64 = 3.0;

/// Returns the unique columns of each table, the most probable key first.
pub(in crate::relationships) fn single_keys(facts: &Facts<'_>) -> Vec<Vec<SingleKey>> {
    let families = count_families(facts);
    let keys_of = |table: usize| {
        let columns = facts.tables[table].columns.clone();
        let mut keys: Vec<_> = columns.filter_map(|id| single_key(facts, id, &families)).collect();
        keys.sort_by(|left, right| right.bits.total_cmp(&left.bits).then(left.column.cmp(&right.column)));
        keys
    };
    (0..facts.tables.len()).map(keys_of).collect()
}

/// Number of tables that have a column of each name.
fn count_families<'a>(facts: &'a Facts<'_>) -> BTreeMap<(&'a str, TypeClass), usize> {
    let mut families = BTreeMap::new();
    for column in &facts.columns {
        *families.entry((column.names.family.as_str(), column.class)).or_default() += 1;
    }
    families
}

fn single_key(facts: &Facts<'_>, id: ColumnId, families: &BTreeMap<(&str, TypeClass), usize>) -> Option<SingleKey> {
    let column = &facts.columns[id];
    let is_declared = facts.primary_key(column.table) == [id];
    let profile = column.profile;
    let is_long = profile.and_then(|profile| profile.mean_length).is_some_and(|length| length > MAX_LENGTH);
    let is_possible = column.uniqueness != Uniqueness::No && column.class.is_key() && !is_long;
    if !is_possible && !is_declared {
        return None;
    }
    let mut evidence = vec![uniqueness(facts, column)];
    if column.position == 0 {
        evidence.push(Evidence::new(Signal::Position, "It is the first column of its table", FIRST));
    }
    evidence.extend(name(facts, column));
    let tables = families.get(&(column.names.family.as_str(), column.class)).map_or(0, |count| count - 1);
    if tables > 0 && !is_generic(column) {
        let bits = (FAMILY + (tables as f64).log2()).min(MAX_FAMILY);
        let text = if tables == 1 {
            "1 other column has its name".into()
        } else {
            format!("{tables} other columns have its name")
        };
        evidence.push(Evidence::new(Signal::Family, text, bits));
    }
    evidence.push(value_type(facts, column));
    let bits = KEY_PRIOR + evidence.iter().skip(1).map(|evidence| evidence.value).sum::<f64>();
    let has_own_name = is_generic(column) || names_table(facts, column, |suffix| suffix.is_some());
    Some(SingleKey { column: id, bits, has_own_name, evidence })
}

fn uniqueness(facts: &Facts<'_>, column: &ColumnFacts<'_>) -> Evidence {
    let rows = facts.tables[column.table].rows.unwrap_or(0);
    let share = if rows == 0 { 0.0 } else { (column.distinct() as f64 / rows as f64).min(1.0) };
    let quality = if column.uniqueness == Uniqueness::Exact { "all" } else { "by an estimate or a sample, all" };
    let text =
        format!("{} distinct values in {rows} rows, none of them NULL: {quality} are distinct", column.distinct());
    Evidence::new(Signal::Uniqueness, text, share)
}

fn is_generic(column: &ColumnFacts<'_>) -> bool {
    column.names.phrases.iter().any(|phrase| phrase.core.is_empty())
}

/// Whether the name is that of the table, with a suffix.
fn names_table(facts: &Facts<'_>, column: &ColumnFacts<'_>, matches: impl Fn(Option<Suffix>) -> bool) -> bool {
    let subject = &facts.tables[column.table].subject;
    let is_table = |phrase: &Phrase| phrase.tail(subject).is_some_and(|tail| tail.roles == 0);
    column.names.phrases.iter().any(|phrase| is_table(phrase) && matches(phrase.suffix))
}

/// What the name says.
fn name(facts: &Facts<'_>, column: &ColumnFacts<'_>) -> Option<Evidence> {
    let names_table = |matches: fn(Option<Suffix>) -> bool| names_table(facts, column, matches);
    let ends_like_key = |phrase: &Phrase| phrase.suffix.is_some_and(|suffix| suffix != Suffix::Number);
    let (text, bits) = if is_generic(column) {
        ("Its name says that it is a key", GENERIC_NAME)
    } else if column.says_quantity() {
        ("Its name says a quantity", QUANTITY)
    } else if names_table(|suffix| suffix == Some(Suffix::Identifier)) {
        ("Its name is that of the table and says that it is a key", NAME_OF_TABLE)
    } else if names_table(|suffix| suffix.is_some()) {
        ("Its name is that of the table and says that it is a number or a code", NUMBER_OF_TABLE)
    } else if names_table(|suffix| suffix.is_none()) {
        ("Its name is that of the table", ONLY_TABLE)
    } else if column.names.phrases.iter().any(ends_like_key) {
        ("Its name ends like that of a key", NAME_OF_A_KEY)
    } else {
        return None;
    };
    Some(Evidence::new(Signal::Name, text, bits))
}

/// What its type and its values say.
fn value_type(facts: &Facts<'_>, column: &ColumnFacts<'_>) -> Evidence {
    let rows = facts.tables[column.table].rows.unwrap_or(0);
    let (text, bits) = match column.class {
        TypeClass::Uuid => ("Its values are UUIDs", UUID),
        TypeClass::Date => ("Its values are dates", DATE),
        TypeClass::Text if rows < MIN_CODES => ("Its values are few", 0.0),
        TypeClass::Text if column.profile.is_some_and(is_code) => {
            ("Its values are codes", CODE + distinct_bits(facts, column))
        }
        TypeClass::Text => ("Its values are texts", WORDS),
        _ => ("Its values are numbers", NUMBER + distinct_bits(facts, column)),
    };
    Evidence::new(Signal::Type, text, bits)
}

/// Distinct values are no accident if much of their domain occurs: of n random ones among d, n²/2d pairs are equal.
fn distinct_bits(facts: &Facts<'_>, column: &ColumnFacts<'_>) -> f64 {
    let (Some(domain), Some(rows)) = (domain_bits(column), facts.tables[column.table].rows) else { return 0.0 };
    let pairs = (rows as f64).powi(2) / (2.0 * domain.exp2());
    (pairs * std::f64::consts::LOG2_E).min(MAX_DISTINCT)
}
