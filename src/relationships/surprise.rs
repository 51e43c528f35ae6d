//! How improbable it is that the values of a column are contained in another one by accident, in bits.
//!
//! A value proves as many bits as the negative binary logarithm of the share of its domain that the target has. Numbers
//! without gaps are contained in every longer series of numbers, and prove nothing; codes prove much.

use super::{
    facts::{ColumnFacts, ColumnId, Facts},
    profile::{ColumnProfile, Scalar},
    samples::Overlap,
    type_class::TypeClass,
    weights::{MAX_BITS_OF_VALUE, MAX_RANGE, MAX_SURPRISE},
};

/// Share of its range from which the numbers of a column count as a series, whose gaps are accidental.
const SERIES: f64 = 0.25;
/// Bits of a value below which the domain is full: texts that number their rows, such as `C0001`.
const MIN_BITS_OF_VALUE: f64 = 2.0;
/// Bits of a character: of upper-case letters and digits, of words, and of hexadecimal digits.
const BITS_OF_CODE: f64 = 3.0;
const BITS_OF_TEXT: f64 = 2.0;
/// Bits of a UUID.
const BITS_OF_UUID: f64 = 122.0;

/// Returns the surprise of an overlap. Values that were not found cost as much as others prove, unless the target is a
/// sample.
pub(super) fn surprise(facts: &Facts<'_>, from: ColumnId, to: ColumnId, overlap: Overlap) -> f64 {
    let missing = overlap.tested - overlap.found;
    let is_sampled = facts.table_of(to).sampled_share < 1.0;
    let matches = if is_sampled { overlap.found } else { overlap.found.saturating_sub(missing) };
    (matches as f64 * bits_of_value(&facts.columns[from], &facts.columns[to])).min(MAX_SURPRISE)
}

/// Returns the bits that each value of `from` proves.
pub(super) fn bits_of_value(from: &ColumnFacts<'_>, to: &ColumnFacts<'_>) -> f64 {
    let target = (to.distinct().max(1) as f64).log2();
    let bits = match from.class {
        TypeClass::Integer => bits_of_number(from, to),
        TypeClass::Uuid => BITS_OF_UUID - target,
        TypeClass::Text => to.profile.map_or(0.0, bits_of_text) - target,
        TypeClass::Date | TypeClass::Time | TypeClass::Other => 0.0,
    };
    if bits < MIN_BITS_OF_VALUE { 0.0 } else { bits.min(MAX_BITS_OF_VALUE) }
}

/// Numbers, if neither side is a series.
fn bits_of_number(from: &ColumnFacts<'_>, to: &ColumnFacts<'_>) -> f64 {
    let (Some(from_range), Some(to_range)) = (from.range(), to.range()) else { return 0.0 };
    let density = |column: &ColumnFacts<'_>, (low, high): (f64, f64)| column.distinct() as f64 / (high - low + 1.0);
    let (from, to) = (density(from, from_range), density(to, to_range));
    if from > SERIES || to > SERIES || to <= 0.0 { 0.0 } else { -to.log2() }
}

/// Information of a text by its length, without the beginning that all values share.
fn bits_of_text(profile: &ColumnProfile) -> f64 {
    let ends = (profile.min.as_ref().and_then(Scalar::as_text), profile.max.as_ref().and_then(Scalar::as_text));
    let shared = match ends {
        (Some(low), Some(high)) => low.chars().zip(high.chars()).take_while(|(left, right)| left == right).count(),
        _ => 0,
    };
    let length = profile.mean_length.or(profile.min_length.map(|length| length as f64)).unwrap_or(0.0);
    (length - shared as f64).max(0.0) * if is_code(profile) { BITS_OF_CODE } else { BITS_OF_TEXT }
}

/// Whether all visible values are codes: without blanks, and with a digit or without lower-case letters.
pub(super) fn is_code(profile: &ColumnProfile) -> bool {
    let values = profile.values.iter().map(|frequent| &frequent.value).chain(&profile.min).chain(&profile.max);
    let mut texts = values.filter_map(Scalar::as_text).peekable();
    let is_code = |text: &str| {
        let has = |matches: fn(char) -> bool| text.chars().any(matches);
        !has(char::is_whitespace) && (has(char::is_numeric) || !has(char::is_lowercase))
    };
    texts.peek().is_some() && texts.all(is_code)
}

/// Returns the bits of a range of numbers that lies within that of a key which begins far from zero.
pub(super) fn range_bits(from: &ColumnFacts<'_>, to: &ColumnFacts<'_>) -> f64 {
    let (Some((low, high)), Some((to_low, to_high))) = (from.range(), to.range()) else { return 0.0 };
    if from.class != TypeClass::Integer || low < to_low || high > to_high || to_low <= 0.0 {
        return 0.0;
    }
    ((to_high + 1.0) / (to_high - to_low + 1.0)).log2().clamp(0.0, MAX_RANGE)
}
