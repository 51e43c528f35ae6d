//! The result: relationships and keys with their evidence, as `ktx relationships list --json` prints them.

use serde::{Deserialize, Serialize};

/// All relationships and keys that something speaks for, sorted by table and columns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Foreign keys.
    pub relationships: Vec<Relationship>,
    /// Keys.
    pub keys: Vec<Key>,
}

/// A foreign key, declared or found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relationship {
    /// The referencing side.
    pub from: Side,
    /// The referenced side.
    pub to: Side,
    /// The outcome.
    pub status: Status,
    /// How many referencing rows a referenced row may have.
    pub cardinality: Cardinality,
    /// Probability that the link is meant, 0 to 1.
    pub score: f64,
    /// Whether the database declares it.
    pub declared: bool,
    /// The signals, in the order in which they are weighed.
    pub evidence: Vec<Evidence>,
}

/// A key of a table, declared or found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Name of the table, with its schema if it has one.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The outcome. A table has one accepted key, its grain, unless more are declared or decided.
    pub status: Status,
    /// Probability that it is meant as the key, 0 to 1.
    pub score: f64,
    /// Whether the database declares it.
    pub declared: bool,
    /// The signals, in the order in which they are weighed.
    pub evidence: Vec<Evidence>,
}

/// One side of a relationship.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Side {
    /// Name of the table, with its schema if it has one.
    pub table: String,
    /// Its columns, in the order of the key.
    pub columns: Vec<String>,
}

/// The outcome of a detection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is used.
    Accepted,
    /// The user decides.
    Review,
    /// It is not used: the data contradict it, or the user does.
    Rejected,
}

/// How many rows of the referencing table a referenced row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cardinality {
    /// Any number.
    ManyToOne,
    /// At most one.
    OneToOne,
}

/// A signal: what was observed, as a sentence, and its weight in bits or the observed number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The signal.
    pub kind: Signal,
    /// A sentence without a full stop.
    pub text: String,
    /// Weight of the signal in bits, negative if it speaks against; for `inclusion` and `uniqueness` the measured
    /// share, 0 to 1.
    pub value: f64,
}

/// The kinds of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The database declares it.
    Declared,
    /// The user decided.
    Decision,
    /// People wrote the join.
    Written,
    /// Values of a key are distinct.
    Uniqueness,
    /// Values of one side are values of the other.
    Inclusion,
    /// How improbable the inclusion is by accident.
    Surprise,
    /// Names of columns and tables.
    Name,
    /// Ranges of numbers.
    Range,
    /// Share of the referenced rows that are referred to.
    Coverage,
    /// Columns of the same name in other tables.
    Family,
    /// The columns of a name and a series of numbers end at the same one.
    Head,
    /// Schemas, and layers in names of tables.
    Layer,
    /// The rows are too few, or of one date only.
    FewRows,
    /// Type of the column.
    Type,
    /// Position of the column in its table.
    Position,
    /// What the referenced columns are in their table.
    Target,
    /// The referencing column is a key itself.
    OwnKey,
    /// A column beside it selects the referenced table.
    Polymorphic,
    /// Another target is as probable.
    Ambiguous,
    /// A side is a view.
    View,
    /// The referenced columns, or those of a key, have equal values, so that a join multiplies rows.
    Repeated,
    /// It could not be counted.
    Uncounted,
    /// An earlier scan measured it, and this one could not.
    Kept,
}

impl Evidence {
    /// Creates a piece of evidence. The value is rounded so that the output does not depend on the platform's arithmetic.
    pub fn new(kind: Signal, text: impl Into<String>, value: f64) -> Self {
        Self { kind, text: text.into(), value: round(value) }
    }
}

impl Detection {
    /// Sorts by table and columns.
    pub(super) fn sort(&mut self) {
        self.keys.sort_by(|left, right| (&left.table, &left.columns).cmp(&(&right.table, &right.columns)));
        self.relationships.sort_by(|left, right| (&left.from, &left.to).cmp(&(&right.from, &right.to)));
    }
}

impl Key {
    /// Whether it could not be counted.
    pub fn is_uncounted(&self) -> bool {
        has_signal(&self.evidence, Signal::Uncounted)
    }

    /// Whether the database declares it, or the user decided about it.
    pub fn is_known(&self) -> bool {
        self.declared || has_signal(&self.evidence, Signal::Decision)
    }
}

impl Relationship {
    /// Whether it could not be counted.
    pub fn is_uncounted(&self) -> bool {
        has_signal(&self.evidence, Signal::Uncounted)
    }

    /// Whether the database declares it, or the user decided about it.
    pub fn is_known(&self) -> bool {
        self.declared || has_signal(&self.evidence, Signal::Decision)
    }
}

fn has_signal(evidence: &[Evidence], kind: Signal) -> bool {
    evidence.iter().any(|evidence| evidence.kind == kind)
}

/// Rounds to three digits after the point.
pub(super) fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
