//! How well the name of a column names a key of a table.

use super::{
    phrase::{Phrase, Tail},
    schema::ColumnNames,
    vocabulary::{Suffix, is_person, is_person_role, is_self_reference},
    words::compare,
};
use crate::relationships::weights::{
    ABBREVIATION, NAME_OF_KEY, NAME_OF_PART, NAME_OF_PERSON, NAME_OF_SELF_REFERENCE, NAME_OF_TABLE,
    NAME_OF_TABLE_AND_KEY, OTHER_SUFFIX, PLURAL, ROLE, SAME_NAME,
};

/// What a name says, from the strongest to the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::relationships) enum Named {
    /// The table and its key.
    TableAndKey,
    /// Another row of the same table.
    SelfReference,
    /// The key, which has the same name.
    Key,
    /// The table.
    Table,
    /// Both columns have the same name.
    SameName,
    /// The last or the first word of the table, which may be that of other tables, too.
    PartOfTable,
    /// A person, in a table of persons.
    Person,
}

/// The match of two names and its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::relationships) struct NameSignal {
    pub(in crate::relationships) named: Named,
    pub(in crate::relationships) bits: f64,
    /// Words before the match.
    pub(in crate::relationships) has_role: bool,
    /// Whether the name says a key.
    pub(in crate::relationships) says_key: bool,
}

/// The names of a possible target.
#[derive(Debug, Clone, Copy)]
pub(in crate::relationships) struct Target<'a> {
    /// Words of the table.
    pub(in crate::relationships) subject: &'a [String],
    /// The referenced column.
    pub(in crate::relationships) column: &'a ColumnNames,
    /// Whether the column is the key of its table.
    pub(in crate::relationships) is_key: bool,
    /// Whether the referencing column is in the same table.
    pub(in crate::relationships) is_same_table: bool,
}

/// Compares the name of a column with that of a target; returns the strongest match.
pub(in crate::relationships) fn affinity(column: &ColumnNames, target: Target<'_>) -> Option<NameSignal> {
    let pairs = column.phrases.iter().flat_map(|from| target.column.phrases.iter().map(move |to| (from, to)));
    let signals = pairs.flat_map(|(from, to)| signals(from, to, target));
    signals.reduce(|best, other| if other.bits > best.bits { other } else { best })
}

fn signals(from: &Phrase, to: &Phrase, target: Target<'_>) -> Vec<NameSignal> {
    let mut found = Vec::new();
    let mut add = |named, tail: Tail, other_suffix: bool| {
        let is_count = named == Named::Table && is_plural(from);
        let sum = [
            (tail.roles > 0, ROLE),
            (tail.is_abbreviated, ABBREVIATION),
            (other_suffix, OTHER_SUFFIX),
            (is_count, PLURAL),
        ];
        let bits = weight(named) + sum.iter().filter(|(applies, _)| *applies).map(|(_, bits)| bits).sum::<f64>();
        found.push(NameSignal { named, bits, has_role: tail.roles > 0, says_key: from.suffix.is_some() });
    };
    let other_suffix = has_other_suffix(from, to);
    if let Some(tail) = from.tail(target.subject).filter(|_| target.is_key) {
        let is_named = from.suffix.is_some() && (to.core.is_empty() || is_part_of(&to.core, target.subject));
        add(if is_named { Named::TableAndKey } else { Named::Table }, tail, other_suffix);
    }
    let whole = [target.subject, &to.core].concat();
    if let Some(tail) = from.tail(&whole).filter(|_| !to.core.is_empty() && !target.subject.is_empty()) {
        add(Named::TableAndKey, tail, other_suffix);
    }
    if let Some(tail) = from.tail(&to.core) {
        let is_key = from.suffix.is_some() && to.suffix.is_some();
        add(if is_key { Named::Key } else { Named::SameName }, tail, other_suffix);
    }
    let exact = Tail { roles: 0, is_abbreviated: false };
    if names_part(from, target.subject) && target.is_key {
        add(Named::PartOfTable, exact, other_suffix);
    }
    if let Some(named) = relation(from, target) {
        add(named, exact, false);
    }
    // A row refers to another row of its table in a role only.
    found.retain(|signal| !target.is_same_table || signal.has_role || signal.named == Named::SelfReference);
    found
}

/// Self references, and persons in tables of persons.
fn relation(from: &Phrase, target: Target<'_>) -> Option<Named> {
    let has = |matches: fn(&str) -> bool| from.core.iter().any(|word| matches(word));
    let has_persons = target.subject.last().is_some_and(|word| is_person(word));
    let is_role = has(is_person_role) && has_persons;
    let is_self = target.is_same_table && from.core.len() <= 2 && (has(is_self_reference) || is_role);
    match (target.is_key, is_self, is_role) {
        (true, true, _) => Some(Named::SelfReference),
        (true, false, true) => Some(Named::Person),
        _ => None,
    }
}

/// As `address` and `customer` of `customer_address`.
fn names_part(from: &Phrase, subject: &[String]) -> bool {
    let is_last = |part: &String| from.core.last().is_some_and(|word| compare(word, part).is_some());
    let is_all = from.core.len() == 1 && from.suffix.is_some();
    subject.len() > 1 && (subject.last().is_some_and(is_last) || is_all && subject.first().is_some_and(is_last))
}

/// Whether the words of a key say no more than the table, as in `customers.cust_id`.
fn is_part_of(core: &[String], subject: &[String]) -> bool {
    core.iter().all(|word| subject.iter().any(|other| compare(word, other).is_some()))
}

/// Whether the name is a plural and says no key.
fn is_plural(phrase: &Phrase) -> bool {
    let ends = |word: &String| word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us");
    phrase.suffix.is_none() && phrase.core.last().is_some_and(ends)
}

/// Numbers are also positions and counts, which are not identifiers.
fn has_other_suffix(from: &Phrase, to: &Phrase) -> bool {
    matches!((from.suffix, to.suffix), (Some(left), Some(right))
        if left != right && (left == Suffix::Number || right == Suffix::Number))
}

fn weight(named: Named) -> f64 {
    match named {
        Named::TableAndKey => NAME_OF_TABLE_AND_KEY,
        Named::SelfReference => NAME_OF_SELF_REFERENCE,
        Named::Key => NAME_OF_KEY,
        Named::Table => NAME_OF_TABLE,
        Named::SameName => SAME_NAME,
        Named::PartOfTable => NAME_OF_PART,
        Named::Person => NAME_OF_PERSON,
    }
}
