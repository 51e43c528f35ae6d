//! Weighs what speaks for and against a link of a single column.

use super::{
    candidate::Candidate,
    periods::weigh_periods,
    polymorphic::{Selector, find_selector},
    targets::TargetKind,
};
use crate::relationships::{
    detection::{Evidence, Signal, Status},
    facts::{ColumnId, Facts, Uniqueness},
    names::{NameSignal, Named},
    surprise::range_bits,
    weights::{NO_KEY, OTHER_LAYER, OWN_KEY, OWN_NAME},
};
use std::collections::BTreeSet;

/// Tables whose keys contain the values of a column, if the values can prove something.
pub(super) struct Containers(BTreeSet<usize>);

/// Share of the tested values from which a column contains another one.
const CONTAINED: f64 = 0.95;
/// Bits below which surprise and range are no evidence.
const MIN_BITS: f64 = 0.5;

impl Containers {
    pub(super) fn of(facts: &Facts<'_>, candidates: &[Candidate]) -> Self {
        let contains = |candidate: &&Candidate| {
            candidate.surprise > 0.0 && candidate.overlap.share().is_some_and(|share| share >= CONTAINED)
        };
        Self(candidates.iter().filter(contains).map(|candidate| facts.columns[candidate.to[0]].table).collect())
    }

    /// Surprise is shared, as values that several tables have do not tell which one is meant.
    fn share(&self, surprise: f64) -> f64 {
        surprise / self.0.len().max(1) as f64
    }
}

/// Adds the evidence of a candidate, and the limits of its outcome.
pub(super) fn weigh(facts: &Facts<'_>, candidate: &mut Candidate, containers: &Containers) {
    let (from, to) = (candidate.from[0], candidate.to[0]);
    candidate.evidence.extend(candidate.written.evidence());
    if let Some(name) = candidate.name {
        candidate.evidence.push(describe_name(facts, from, to, name));
    }
    weigh_values(facts, candidate, containers);
    weigh_head(facts, candidate);
    weigh_layer(facts, candidate);
    weigh_copy(facts, candidate);
    if candidate.kind == TargetKind::Attribute && !candidate.written.is_some() {
        let text = format!("{} is unique, but not the key of its table", facts.columns[to].name);
        candidate.limit_to(Status::Review, Evidence::new(Signal::Target, text, NO_KEY));
    }
    if candidate.name.is_none() && facts.columns[from].table == facts.columns[to].table {
        let text = "Both columns are in one table, which may have two identifiers";
        candidate.limit_to(Status::Review, Evidence::new(Signal::Target, text, 0.0));
    }
    weigh_own_key(facts, candidate);
    weigh_quantity(facts, candidate);
    weigh_selector(facts, candidate);
    weigh_periods(facts, candidate);
    weigh_view(facts, candidate);
}

fn weigh_values(facts: &Facts<'_>, candidate: &mut Candidate, containers: &Containers) {
    let (from, to) = (candidate.from[0], candidate.to[0]);
    let surprise = containers.share(candidate.surprise);
    if surprise >= MIN_BITS {
        let others = containers.0.len().saturating_sub(1);
        let found = candidate.overlap.found;
        let shared = if others > 0 { format!(", which {others} other tables have, too") } else { String::new() };
        let text = format!("{found} sampled values are improbable in {} by accident{shared}", facts.columns[to].name);
        candidate.evidence.push(Evidence::new(Signal::Surprise, text, surprise));
    }
    let range = range_bits(&facts.columns[from], &facts.columns[to]);
    if range >= MIN_BITS {
        let text = format!("Its range is within that of {}, which begins far from zero", facts.columns[to].name);
        candidate.evidence.push(Evidence::new(Signal::Range, text, range));
    }
}

/// Without a name, one column alone may end with a series by accident.
fn weigh_head(facts: &Facts<'_>, candidate: &mut Candidate) {
    let Some(head) = candidate.head else { return };
    let target = facts.columns[head.column].name;
    let text = format!(
        "The columns of this name in {} tables and no other series than {target} end at {}",
        head.tables, head.high
    );
    let is_family = head.tables > 1 || candidate.name.is_some();
    let limit = if is_family { Status::Accepted } else { Status::Review };
    candidate.limit_to(limit, Evidence::new(Signal::Head, text, head.bits));
}

/// Schemas and layers, such as `raw` and `stg`, have the same tables.
fn weigh_layer(facts: &Facts<'_>, candidate: &mut Candidate) {
    let (from, to) = (candidate.from[0], candidate.to[0]);
    if !facts.is_same_place(from, to) {
        let text = format!("{} is in another schema or layer", facts.table_of(to).label);
        candidate.evidence.push(Evidence::new(Signal::Layer, text, OTHER_LAYER));
    }
}

/// A quantity refers to nothing, though its values may be those of a key. People who joined it know better.
fn weigh_quantity(facts: &Facts<'_>, candidate: &mut Candidate) {
    let column = &facts.columns[candidate.from[0]];
    if column.says_quantity() && !candidate.written.is_some() {
        let text = format!("The name of {} says a quantity", column.name);
        candidate.limit_to(Status::Review, Evidence::new(Signal::Target, text, 0.0));
    }
}

/// The rows of a copy are rows of its own.
pub(super) fn weigh_copy(facts: &Facts<'_>, candidate: &mut Candidate) {
    let [from, to] = [candidate.from[0], candidate.to[0]].map(|id| facts.columns[id].table);
    if facts.copies.count(from, to).is_some() && !candidate.written.is_some() {
        let text = format!("{} is a copy of {}", facts.tables[from].label, facts.tables[to].label);
        candidate.limit_to(Status::Review, Evidence::new(Signal::Layer, text, 0.0));
    }
}

/// A key refers to another one only if its name says so.
fn weigh_own_key(facts: &Facts<'_>, candidate: &mut Candidate) {
    let column = &facts.columns[candidate.from[0]];
    let table = facts.table_of(candidate.from[0]);
    let is_unique = column.uniqueness != Uniqueness::No;
    let has_own_name = column.names.phrases.iter().any(|phrase| {
        let tail = phrase.tail(&table.subject).filter(|_| phrase.suffix.is_some());
        tail.is_some_and(|tail| tail.roles == 0 && (is_unique || !tail.is_abbreviated))
    });
    let is_other_table = column.table != facts.columns[candidate.to[0]].table;
    if has_own_name && is_other_table {
        let text = format!("{} is named after its own table", column.name);
        candidate.evidence.push(Evidence::new(Signal::OwnKey, text, OWN_NAME));
    }
    if is_unique {
        let evidence = Evidence::new(Signal::OwnKey, format!("{} is unique in its own table", column.name), OWN_KEY);
        let is_named =
            matches!(candidate.name, Some(NameSignal { named: Named::TableAndKey | Named::Table | Named::Key, .. }));
        candidate.limit_to(if is_named { Status::Accepted } else { Status::Review }, evidence);
    }
}

fn weigh_selector(facts: &Facts<'_>, candidate: &mut Candidate) {
    let Some(selector) = find_selector(facts, candidate.from[0]) else { return };
    let (column, status, verb) = match selector {
        Selector::NamesTables(column) => (column, Status::Rejected, "names"),
        Selector::Suspected(column) => (column, Status::Review, "may select"),
    };
    let text = format!("{} beside it {verb} the table that it refers to", facts.columns[column].name);
    candidate.limit_to(status, Evidence::new(Signal::Polymorphic, text, 0.0));
}

/// The columns of a view have the values of the tables that it reads, so that inclusion proves nothing.
fn weigh_view(facts: &Facts<'_>, candidate: &mut Candidate) {
    let is_view = facts.table_of(candidate.from[0]).is_view || facts.table_of(candidate.to[0]).is_view;
    if is_view && !candidate.written.is_some() {
        let text = "A view has the values of the tables that it reads";
        candidate.limit_to(Status::Review, Evidence::new(Signal::View, text, 0.0));
    }
}

fn describe_name(facts: &Facts<'_>, from: ColumnId, to: ColumnId, name: NameSignal) -> Evidence {
    let (near, far) = (facts.columns[from].name, facts.columns[to].name);
    let table = &facts.table_of(to).table.name;
    let text = match name.named {
        Named::TableAndKey => format!("{near} names {table} and its key"),
        Named::SelfReference => format!("{near} names another row of {table}"),
        Named::Key => format!("{near} names the key {far}"),
        Named::Table => format!("{near} names {table}"),
        Named::SameName => format!("{near} has the name of {far}"),
        Named::PartOfTable => format!("{near} names a part of {table}"),
        Named::Person => format!("{near} names a person, and {table} has persons"),
    };
    Evidence::new(Signal::Name, text, name.bits)
}
