//! Tables that have the same periods or the same few codes as their key, such as a budget by month: they are joined by
//! them at most, and none of them refers to another one.

use super::candidate::Candidate;
use crate::relationships::{
    detection::{Evidence, Signal, Status},
    facts::{ColumnFacts, ColumnId, Facts},
    names::{Named, Suffix, is_calendar, is_period},
    profile::{ColumnProfile, Scalar},
    surprise::is_code,
    type_class::TypeClass,
};

/// Most codes that facts of several tables have in common by intent, such as regions.
const FEW_CODES: u64 = 50;

/// Limits a link by periods or by few codes whose name does not say the target, unless that is a calendar, or describes
/// its codes. People who joined them know better.
pub(super) fn weigh_periods(facts: &Facts<'_>, candidate: &mut Candidate) {
    let [from, to] = [candidate.from[0], candidate.to[0]].map(|id| &facts.columns[id]);
    let says_target = candidate.name.is_some_and(|name| {
        matches!(name.named, Named::TableAndKey | Named::Table | Named::SelfReference | Named::Person)
    });
    if says_target || candidate.written.is_some() {
        return;
    }
    let both = |is_such: fn(&ColumnFacts<'_>) -> bool| is_such(from) && is_such(to);
    let (what, is_dimension) = if both(has_periods) {
        ("periods", is_calendar_table(facts, to.table))
    } else if both(has_few_codes) {
        ("codes", has_descriptions(facts, candidate.to[0]))
    } else {
        return;
    };
    if is_dimension {
        return;
    }
    let table = |column: &ColumnFacts<'_>| &facts.tables[column.table].label;
    let text = format!("{} and {} may have the same {what} without a reference", table(from), table(to));
    candidate.limit_to(Status::Review, Evidence::new(Signal::Target, text, 0.0));
}

/// Whether a column has dates, or its name or its values say periods. Only a calendar has identifiers of periods.
fn has_periods(column: &ColumnFacts<'_>) -> bool {
    let is_named = column.names.phrases.iter().any(|phrase| {
        phrase.suffix != Some(Suffix::Identifier) && phrase.core.last().is_some_and(|word| is_period(word))
    });
    column.class == TypeClass::Date || is_named || column.profile.is_some_and(has_texts_of_periods)
}

/// Whether the ends of a range of texts are such as `2026-11`, `2026-11-29`, `2026-Q4` or `2026-W48`.
fn has_texts_of_periods(profile: &ColumnProfile) -> bool {
    let is_period = |text: &str| {
        let Some((year, rest)) = text.split_once('-') else { return false };
        let rest = rest.trim_start_matches(['Q', 'W']);
        let has_digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
        let is_part = |part: &str| (1..=2).contains(&part.len()) && has_digits(part);
        let is_year = year.len() == 4 && has_digits(year) && year.starts_with(['1', '2']);
        is_year && rest.splitn(3, '-').count() < 3 && rest.split('-').all(is_part)
    };
    [&profile.min, &profile.max].into_iter().all(|end| end.as_ref().and_then(Scalar::as_text).is_some_and(is_period))
}

/// Whether the name of a table says a calendar, as `dim_date`, `months` and `fiscal_calendar`.
fn is_calendar_table(facts: &Facts<'_>, table: usize) -> bool {
    let subject = &facts.tables[table].subject;
    subject.last().is_some_and(|word| is_calendar(word))
        || !subject.is_empty() && subject.iter().all(|word| is_period(word))
}

fn has_few_codes(column: &ColumnFacts<'_>) -> bool {
    let says_code = column.names.phrases.iter().any(|phrase| phrase.suffix == Some(Suffix::Code));
    column.distinct() <= FEW_CODES && (says_code || column.profile.is_some_and(is_code))
}

/// Whether a table has a text beside its key, as a list of codes has.
fn has_descriptions(facts: &Facts<'_>, key: ColumnId) -> bool {
    let mut others = facts.table_of(key).columns.clone().filter(|id| *id != key);
    others.any(|id| facts.columns[id].class == TypeClass::Text)
}
