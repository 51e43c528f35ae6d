//! Polymorphic references: a column `owner_type` selects the table that `owner_id` beside it refers to.

use crate::relationships::{
    facts::{ColumnId, Facts},
    names::{Phrase, is_selector, split},
    type_class::TypeClass,
};

/// What is known about a column beside a reference that selects its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selector {
    /// It has names of tables.
    NamesTables(ColumnId),
    /// Its name says so, but not its values.
    Suspected(ColumnId),
}

/// Most values of a selector.
const MAX_VALUES: u64 = 100;

/// Finds the selector of a column.
pub(super) fn find_selector(facts: &Facts<'_>, id: ColumnId) -> Option<Selector> {
    let column = &facts.columns[id];
    let whole = column.names.phrases.first().filter(|phrase| phrase.suffix.is_some())?;
    let subject = whole.core.as_slice();
    let selects = |other: &ColumnId| {
        let words = split(facts.columns[*other].name);
        let Some((last, rest)) = words.split_last() else { return false };
        let few = facts.columns[*other].distinct() <= MAX_VALUES;
        is_selector(last) && rest == subject && !rest.is_empty() && few
    };
    let selector = facts.table_of(id).columns.clone().find(selects)?;
    let names_table = facts.tables.iter().any(|table| whole.tail(&table.subject).is_some());
    match count_table_names(facts, selector) {
        2.. => Some(Selector::NamesTables(selector)),
        // As `customer_type` beside `customer_id`.
        _ if names_table => None,
        _ => Some(Selector::Suspected(selector)),
    }
}

/// Number of frequent values that name a table.
fn count_table_names(facts: &Facts<'_>, selector: ColumnId) -> usize {
    let column = &facts.columns[selector];
    let values = column.profile.iter().filter(|_| column.class == TypeClass::Text).flat_map(|profile| &profile.values);
    let texts = values.filter_map(|frequent| frequent.value.as_text().map(split));
    let names_table = |words: &Vec<String>| {
        let phrase = Phrase { core: words.clone(), suffix: None };
        facts.tables.iter().any(|table| phrase.tail(&table.subject).is_some())
    };
    texts.filter(names_table).count()
}
