//! Decides about keys.

use super::{
    checked::repeated_key,
    detection::{Evidence, Key, Signal, Status, round},
    facts::{ColumnId, Facts, Uniqueness},
    input::Answer,
    keys::{CompositeKey, SingleKey, doubt, equals},
    profile::KeyCount,
    propose::Proposal,
    weights::{COMPOSITE_SURPRISE, KEY_ACCEPT, KEY_PRIOR, KEY_REVIEW},
};
use std::collections::BTreeMap;

/// Returns the keys of all tables: declared, decided and found.
pub(super) fn conclude_keys(proposal: &Proposal<'_>, counts: &[KeyCount]) -> Vec<Key> {
    let counts: BTreeMap<_, _> = proposal.counted_keys.iter().map(Vec::as_slice).zip(counts).collect();
    (0..proposal.facts.tables.len()).flat_map(|table| keys_of_table(proposal, table, &counts)).collect()
}

type Counts<'a> = BTreeMap<&'a [ColumnId], &'a KeyCount>;

fn keys_of_table(proposal: &Proposal<'_>, table: usize, counts: &Counts<'_>) -> Vec<Key> {
    let mut keys = declared_keys(&proposal.facts, table);
    let is_of_table = |columns: &&Vec<ColumnId>| proposal.facts.columns[columns[0]].table == table;
    for (columns, answer) in proposal.decided_keys.iter().filter(|(columns, _)| is_of_table(columns)) {
        let (status, score) = match answer {
            Answer::Accepted => (Status::Accepted, 1.0),
            Answer::Rejected => (Status::Rejected, 0.0),
        };
        let mut evidence = vec![Evidence::new(Signal::Decision, "The user decided", score)];
        let count = counts.get(columns.as_slice()).filter(|_| status == Status::Accepted);
        evidence.extend(count.into_iter().flat_map(|count| [Some(describe(count)), repeated_key(count)]).flatten());
        add(&mut keys, key(&proposal.facts, columns, status, score, evidence));
    }
    for single in &proposal.singles[table] {
        if let Some(key) = single_key(proposal, single, counts, has_key(&keys, proposal, table)) {
            add(&mut keys, key);
        }
    }
    for composite in &proposal.composites[table] {
        let has_key = has_key(&keys, proposal, table);
        if let Some(key) = composite_key(&proposal.facts, composite, counts, &keys, has_key) {
            add(&mut keys, key);
        }
    }
    keys
}

/// Whether a table has its key: a declared primary key, or another one that is accepted. A unique constraint may be that
/// of an attribute.
fn has_key(keys: &[Key], proposal: &Proposal<'_>, table: usize) -> bool {
    let is_found = keys.iter().any(|key| key.status == Status::Accepted && !key.declared && !repeats(key));
    is_found || !proposal.facts.primary_key(table).is_empty()
}

/// Whether an accepted key is refuted by its count.
fn repeats(key: &Key) -> bool {
    key.evidence.iter().any(|evidence| evidence.kind == Signal::Repeated)
}

/// Adds a key unless its columns have been decided about.
fn add(keys: &mut Vec<Key>, key: Key) {
    if keys.iter().all(|other| other.columns != key.columns) {
        keys.push(key);
    }
}

fn declared_keys(facts: &Facts<'_>, table: usize) -> Vec<Key> {
    let declare = |columns: &[ColumnId], text: &str| {
        let evidence = Evidence::new(Signal::Declared, text, 1.0);
        Key { declared: true, ..key(facts, columns, Status::Accepted, 1.0, vec![evidence]) }
    };
    let primary_key = facts.primary_key(table);
    let mut keys = Vec::new();
    if !primary_key.is_empty() {
        keys.push(declare(&primary_key, "It is the declared primary key"));
    }
    for columns in facts.unique_keys(table) {
        add(&mut keys, declare(&columns, "It is declared as unique"));
    }
    keys
}

fn single_key(proposal: &Proposal<'_>, single: &SingleKey, counts: &Counts<'_>, has_key: bool) -> Option<Key> {
    let facts = &proposal.facts;
    let columns = [single.column];
    let is_key = single.bits >= KEY_ACCEPT && !has_key && !facts.table_of(single.column).is_view;
    let is_reference = proposal.references.contains(&single.column);
    let doubt = doubt(facts, single, is_reference)
        .or_else(|| equals(single, &proposal.singles[facts.columns[single.column].table]));
    let is_key = is_key && doubt.is_none();
    let mut evidence: Vec<_> = single.evidence.iter().cloned().chain(doubt).collect();
    let status = match (counts.get(&columns[..]), facts.columns[single.column].uniqueness) {
        (Some(count), _) => {
            evidence.insert(0, describe(count));
            evidence.extend(repeated_key(count));
            outcome(count, is_key)
        }
        (None, Uniqueness::Exact) if is_key => Status::Accepted,
        _ => Status::Review,
    };
    let is_listed = single.bits >= KEY_REVIEW || status == Status::Accepted;
    is_listed.then(|| key(facts, &columns, status, probability(single.bits), evidence))
}

/// A composite key of which no part is a key.
fn composite_key(
    facts: &Facts<'_>,
    CompositeKey { columns, surprise }: &CompositeKey,
    counts: &Counts<'_>,
    keys: &[Key],
    has_key: bool,
) -> Option<Key> {
    let count = counts.get(columns.as_slice())?;
    let is_unique =
        |id: &ColumnId| counts.get(&[*id][..]).is_some_and(|count| outcome(count, true) == Status::Accepted);
    if columns.iter().any(is_unique) {
        return None;
    }
    let accepted =
        || keys.iter().filter(|key| key.status != Status::Rejected && key.columns.len() > 1 && !repeats(key));
    let names: Vec<_> = columns.iter().map(|id| facts.columns[*id].name).collect();
    let is_minimal = accepted().all(|key| !key.columns.iter().all(|name| names.contains(&name.as_str())));
    let status = outcome(count, !has_key);
    if !is_minimal || status == Status::Rejected {
        return None;
    }
    let text = format!("Of as many random rows, 1 in 2^{surprise:.0} tables would have no equal ones");
    let evidence = vec![describe(count), Evidence::new(Signal::Surprise, text, surprise.min(f64::from(u16::MAX)))];
    Some(key(facts, columns, status, probability(KEY_PRIOR + COMPOSITE_SURPRISE), evidence))
}

fn outcome(count: &KeyCount, is_key: bool) -> Status {
    match (&count.uncounted, count.null_rows == 0 && count.distinct == count.rows && count.rows > 0) {
        (Some(_), _) => Status::Review,
        (None, false) => Status::Rejected,
        (None, true) if is_key => Status::Accepted,
        (None, true) => Status::Review,
    }
}

fn describe(count: &KeyCount) -> Evidence {
    if let Some(reason) = &count.uncounted {
        return Evidence::new(Signal::Uncounted, reason.trim_end_matches('.'), 0.0);
    }
    let KeyCount { rows, null_rows, distinct, .. } = count;
    let text = format!("Counted: {distinct} distinct values in {rows} rows, {null_rows} of them with NULL");
    let share = if *rows == 0 { 0.0 } else { *distinct as f64 / *rows as f64 };
    Evidence::new(Signal::Uniqueness, text, share)
}

fn key(facts: &Facts<'_>, columns: &[ColumnId], status: Status, score: f64, evidence: Vec<Evidence>) -> Key {
    Key {
        table: facts.table_of(columns[0]).label.clone(),
        columns: columns.iter().map(|id| facts.columns[*id].name.to_owned()).collect(),
        status,
        score: round(score),
        declared: false,
        evidence,
    }
}

/// The probability of the odds whose binary logarithm is `bits`.
pub(super) fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}
