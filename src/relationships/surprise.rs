//! How improbable it is that the values of a column are contained in another one by accident, in bits.
//!
//! A value proves as many bits as the negative binary logarithm of the share of its domain that the target has. Numbers
//! without gaps are contained in every longer series of numbers, and prove nothing; codes prove much.

use super::{
    facts::{ColumnFacts, ColumnId, Facts},
    profile::{ColumnProfile, Scalar},
    samples::Overlap,
    type_class::TypeClass,
    weights::{MAX_BITS_OF_VALUE, MAX_BITS_OF_WORD, MAX_RANGE, MAX_SURPRISE},
};

/// Share of its range from which the numbers of a column count as a series, whose gaps are accidental.
const SERIES: f64 = 0.25;
/// Bits of a value below which the domain is full: texts that number their rows, such as `C0001`.
const MIN_BITS_OF_VALUE: f64 = 2.0;
/// Bits of a digit and of a letter, and of a character of words, which use few of the possible combinations.
const BITS_OF_DIGIT: f64 = 3.322;
const BITS_OF_LETTER: f64 = 4.7;
const BITS_OF_TEXT: f64 = 2.0;
/// Bits of a UUID.
const BITS_OF_UUID: f64 = 122.0;

/// Returns the surprise if the share of the values that the target has is that of the samples.
pub(super) fn expected_surprise(facts: &Facts<'_>, from: ColumnId, to: ColumnId, overlap: Overlap) -> f64 {
    let is_sampled = facts.table_of(to).is_sampled;
    let share = overlap.share().map_or(0.0, |share| if is_sampled { 1.0 } else { share });
    let column = &facts.columns[from];
    surprise(bits_of_value(column, &facts.columns[to]), column.distinct(), share)
}

/// Returns the surprise of values of which a share was found. Each other one costs as much as one proves.
pub(super) fn surprise(bits_of_value: f64, values: u64, share: f64) -> f64 {
    (values as f64 * (2.0 * share - 1.0) * bits_of_value).clamp(0.0, MAX_SURPRISE)
}

/// Returns the bits that each value of `from` proves.
pub(super) fn bits_of_value(from: &ColumnFacts<'_>, to: &ColumnFacts<'_>) -> f64 {
    if is_series(from) {
        return 0.0;
    }
    let bits = domain_bits(to).map_or(0.0, |domain| domain - (to.distinct().max(1) as f64).log2());
    let has_words = from.class == TypeClass::Text && !to.profile.is_some_and(is_code);
    let limit = if has_words { MAX_BITS_OF_WORD } else { MAX_BITS_OF_VALUE };
    if bits < MIN_BITS_OF_VALUE { 0.0 } else { bits.min(limit) }
}

/// Whether the numbers of a column are a series: few of their range are missing.
pub(super) fn is_series(column: &ColumnFacts<'_>) -> bool {
    column.class == TypeClass::Integer && density(column).is_none_or(|density| density > SERIES)
}

/// Share of its range that a column of numbers has.
fn density(column: &ColumnFacts<'_>) -> Option<f64> {
    Some(column.distinct() as f64 / domain_bits(column)?.exp2())
}

/// Returns the binary logarithm of the number of values that a column could have; `None` if it is unknown.
pub(super) fn domain_bits(column: &ColumnFacts<'_>) -> Option<f64> {
    match column.class {
        TypeClass::Integer => column.range().map(|(low, high)| (high - low + 1.0).log2()),
        TypeClass::Uuid => Some(BITS_OF_UUID),
        TypeClass::Text => column.profile.map(bits_of_text),
        TypeClass::Date | TypeClass::Time | TypeClass::Other => None,
    }
}

/// Information of a text by its length, without the beginning that all values share.
fn bits_of_text(profile: &ColumnProfile) -> f64 {
    let ends = (profile.min.as_ref().and_then(Scalar::as_text), profile.max.as_ref().and_then(Scalar::as_text));
    let (low, high) = (ends.0.unwrap_or_default(), ends.1.unwrap_or_default());
    let shared = low.chars().zip(high.chars()).take_while(|(left, right)| left == right).count();
    let rest = |text: &str| text.chars().skip(shared).collect::<String>();
    // Texts of one length that number their rows, such as `C0001`.
    if let (Ok(low), Ok(high)) = (rest(low).parse::<u64>(), rest(high).parse::<u64>())
        && profile.min_length == profile.max_length
    {
        return (high.saturating_sub(low) as f64 + 1.0).log2();
    }
    let length = profile.mean_length.or(profile.min_length.map(|length| length as f64)).unwrap_or(0.0);
    (length - shared as f64).max(0.0) * bits_of_character(profile, &[low, high])
}

fn bits_of_character(profile: &ColumnProfile, ends: &[&str]) -> f64 {
    let has_digits_only = ends.iter().all(|text| text.chars().all(|letter| letter.is_ascii_digit()));
    match (is_code(profile), has_digits_only) {
        (true, true) => BITS_OF_DIGIT,
        (true, false) => BITS_OF_LETTER,
        (false, _) => BITS_OF_TEXT,
    }
}

/// Mean lengths of codes of capital letters: single ones are grades and flags, long ones words.
const MIN_CODE: f64 = 2.0;
const MAX_CODE: f64 = 5.0;

/// Whether all visible values are codes: texts without blanks that have a digit or are a few capital letters.
pub(super) fn is_code(profile: &ColumnProfile) -> bool {
    let values = profile.values.iter().map(|frequent| &frequent.value).chain(&profile.min).chain(&profile.max);
    let mut texts = values.filter_map(Scalar::as_text).peekable();
    let is_short = profile.mean_length.is_some_and(|length| (MIN_CODE..=MAX_CODE).contains(&length));
    let is_code = |text: &str| {
        let has = |matches: fn(char) -> bool| text.chars().any(matches);
        !has(char::is_whitespace) && (has(char::is_numeric) || is_short && !has(char::is_lowercase))
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
