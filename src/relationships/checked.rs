//! Links and keys that are accepted without a proof: answers of the user, and constraints that the database takes as
//! declared. They are counted, since a target that repeats multiplies the rows of a join.

use super::{
    declared::unenforced_links,
    detection::{Evidence, Signal},
    facts::{ColumnId, Facts},
    input::Answer,
    profile::{KeyCount, LinkCount},
    type_class::TypeClass,
};
use std::collections::{BTreeMap, BTreeSet};

/// Referencing and referenced columns.
pub(super) type Link = (Vec<ColumnId>, Vec<ColumnId>);

/// Returns the links to count besides the proposed ones. Columns of different types cannot be compared.
pub(super) fn checked_links(facts: &Facts<'_>, decided: &BTreeMap<Link, Answer>) -> Vec<Link> {
    let accepted = decided.iter().filter(|(_, answer)| **answer == Answer::Accepted).map(|(link, _)| link.clone());
    let links: BTreeSet<_> = accepted.chain(unenforced_links(facts)).collect();
    links.into_iter().filter(|(from, to)| from.iter().zip(to).all(|pair| is_comparable(facts, pair))).collect()
}

fn is_comparable(facts: &Facts<'_>, (from, to): (&ColumnId, &ColumnId)) -> bool {
    let (from, to) = (facts.columns[*from].class, facts.columns[*to].class);
    from == to || [from, to].contains(&TypeClass::Other)
}

/// Returns that referenced columns repeat, if they do.
pub(super) fn repeated_target(count: &LinkCount) -> Option<Evidence> {
    repeated("The target", count.target_distinct, count.target_rows).filter(|_| count.uncounted.is_none())
}

/// Returns that the columns of a key repeat, if they do.
pub(super) fn repeated_key(count: &KeyCount) -> Option<Evidence> {
    let rows = count.rows.saturating_sub(count.null_rows);
    repeated("The key", count.distinct, rows).filter(|_| count.uncounted.is_none())
}

fn repeated(what: &str, distinct: u64, rows: u64) -> Option<Evidence> {
    let text = format!("{what} has {distinct} distinct values in {rows} rows");
    (distinct < rows).then(|| Evidence::new(Signal::Repeated, text, distinct as f64 / rows as f64))
}
