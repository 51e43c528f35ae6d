//! Weights and thresholds of detection. All weights are bits: the binary logarithm of how much more often a signal is
//! seen at intended links than at accidental ones. Their sum is the logarithm of the odds, and the score is the
//! probability that belongs to it. The weights are estimates by their reasons, not fitted to data.
//!
//! `benches/relationships` fits the threshold of acceptance on all sets but one, and evaluates it on that one.

use serde::{Deserialize, Serialize};

/// Thresholds of the outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// Bits from which a link is accepted: odds of 4 to 1.
    pub accept: f64,
    /// Bits from which a link is worth a review: below, most proposals would be noise.
    pub review: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { accept: 2.0, review: -2.0 }
    }
}

/// Odds of a link without any signal: many keys contain a column, and at most one is meant.
pub(super) const PRIOR: f64 = -6.0;

/// The column names the referenced table and its key, as in `customer_id` and `customers.id`.
pub(super) const NAME_OF_TABLE_AND_KEY: f64 = 12.0;
/// Both columns have the same name, and it is that of a key, as in `account_no`.
pub(super) const NAME_OF_KEY: f64 = 10.0;
/// The column has the name of the referenced table only.
pub(super) const NAME_OF_TABLE: f64 = 9.0;
/// Both columns have the same name, which may be that of an attribute, as in `city`.
pub(super) const SAME_NAME: f64 = 6.0;
/// The column names the last or the first word of the table, as `address` of `customer_address`.
pub(super) const NAME_OF_PART: f64 = 5.0;
/// The column names a relation within its table, as `parent_id` does.
pub(super) const NAME_OF_SELF_REFERENCE: f64 = 10.0;
/// The column names a person, as `manager_id` does, and the referenced table has persons.
pub(super) const NAME_OF_PERSON: f64 = 5.0;
/// Words before the name: a role as in `billing_address_id`.
pub(super) const ROLE: f64 = -1.0;
/// A word is abbreviated.
pub(super) const ABBREVIATION: f64 = -1.0;
/// One name ends with a number, as `line_number`, the other with an identifier.
pub(super) const OTHER_SUFFIX: f64 = -6.0;
/// A plural without the name of a key is a count, as `employees`.
pub(super) const PLURAL: f64 = -4.0;

/// Maximum weight of surprise: more observations do not exclude that a column copies another one.
pub(super) const MAX_SURPRISE: f64 = 14.0;
/// Surprise from which the values alone prove the link.
pub(super) const PROVEN: f64 = 8.0;
/// Maximum weight of one number or code, so that one or two of them prove nothing.
pub(super) const MAX_BITS_OF_VALUE: f64 = 3.0;
/// Maximum weight of one word: lists of statuses and of names share some by accident.
pub(super) const MAX_BITS_OF_WORD: f64 = 1.0;
/// Maximum weight of the position of a range of numbers, as the values of a range are not independent.
pub(super) const MAX_RANGE: f64 = 5.0;
/// Weight of references to all rows of the target.
pub(super) const MAX_COVERAGE: f64 = 2.0;
/// Columns of the same name in other tables refer to the same target.
pub(super) const FAMILY: f64 = 2.0;
/// Maximum weight of equal maxima of a series and the columns of one name, if no other series has this maximum.
pub(super) const MAX_HEAD: f64 = 8.0;
/// Tables refer to others of their own layer and schema, where several have the same ones.
pub(super) const OTHER_LAYER: f64 = -2.0;
/// A join that people wrote.
pub(super) const WRITTEN: f64 = 14.0;

/// The target is unique, but not the key of its table, such as a name or a phone number.
pub(super) const NO_KEY: f64 = -6.0;
/// The column is unique in its own table.
pub(super) const OWN_KEY: f64 = -4.0;
/// The column is named after its own table.
pub(super) const OWN_NAME: f64 = -10.0;

/// Share of referencing rows without a match up to which a link is accepted that its values or people prove: dimensions
/// that lack the newest or the oldest members are common, and an outer join keeps the rows. Other links need all rows.
pub(super) const TOLERATED_ROWS: f64 = 0.05;
/// Share of values or rows without a match above which a link is rejected.
pub(super) const REFUTED_VALUES: f64 = 0.25;
/// Share of a target below which a column without the name of a key may be a position or a rank, as `order`.
pub(super) const MIN_COVERAGE: f64 = 0.5;
/// Difference in bits below which two targets are equally probable.
pub(super) const MARGIN: f64 = 1.0;

/// Rows below which values are distinct, and contained in others, by accident.
pub(super) const MIN_ROWS: u64 = 10;

/// Few unique columns are keys by intent.
pub(super) const KEY_PRIOR: f64 = -4.0;
/// Bits from which a unique column is the key: those of a code at the beginning of a table.
pub(super) const KEY_ACCEPT: f64 = 1.5;
/// Bits from which a unique column may be the key.
pub(super) const KEY_REVIEW: f64 = 0.0;
/// Difference in bits below which two unique columns are equally probable keys.
pub(super) const MARGIN_OF_KEYS: f64 = 0.25;
/// Bits of improbable uniqueness from which a composite key is no accident: odds of 1,000 to 1.
pub(super) const COMPOSITE_SURPRISE: f64 = 10.0;
