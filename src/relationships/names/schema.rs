//! The names of a schema, without what its tables and columns have in common.

use super::{
    phrase::Phrase,
    vocabulary::{is_decoration, is_layer},
    words::split,
};
use std::collections::{BTreeMap, BTreeSet};

/// Share of names that have a prefix which says nothing about one of them.
const COMMON: f64 = 0.8;
/// Fewest names that can have a common prefix.
const MIN_NAMES: usize = 3;

/// Names of all tables and columns, in their order.
#[derive(Debug)]
pub(in crate::relationships) struct SchemaNames {
    pub(in crate::relationships) tables: Vec<TableNames>,
}

/// The names of a table and its columns.
#[derive(Debug)]
pub(in crate::relationships) struct TableNames {
    /// The first word, if it says the layer of the table.
    pub(in crate::relationships) layer: Option<String>,
    /// The words of the table, without those that say its layer.
    pub(in crate::relationships) subject: Vec<String>,
    pub(in crate::relationships) columns: Vec<ColumnNames>,
}

/// The name of a column.
#[derive(Debug, Clone)]
pub(in crate::relationships) struct ColumnNames {
    /// The whole name, and the name without the prefix of its table.
    pub(in crate::relationships) phrases: Vec<Phrase>,
    /// The words of the last phrase: equal for columns of one name in several tables.
    pub(in crate::relationships) family: String,
}

impl SchemaNames {
    /// Parses names: for each table its name and those of its columns.
    pub(in crate::relationships) fn new<'a>(tables: impl Iterator<Item = (&'a str, Vec<&'a str>)>) -> Self {
        let tables: Vec<_> = tables.map(|(name, columns)| (split(name), columns)).collect();
        let names: Vec<_> = tables.iter().map(|(words, _)| words.clone()).collect();
        let common = [common_prefix(&names), common_word(&names, |name| name.last())];
        let common = common.each_ref().map(Option::as_deref);
        let subjects: Vec<_> = names.iter().map(|words| subject(words, common)).collect();
        let vocabulary = subjects.iter().flatten().filter(|word| word.len() > 2).cloned().collect();
        let mut cache = PhraseCache { subjects: vocabulary, phrases: BTreeMap::new() };
        let named = subjects.into_iter().zip(&tables);
        let tables = named.map(|(subject, (words, columns))| {
            let layer = words.first().filter(|word| is_layer(word)).cloned();
            TableNames { layer, subject, columns: cache.columns(columns) }
        });
        let tables = tables.collect();
        Self { tables }
    }
}

/// Parses each name once, as many tables have the same columns.
struct PhraseCache {
    subjects: BTreeSet<String>,
    phrases: BTreeMap<Vec<String>, Phrase>,
}

impl PhraseCache {
    fn columns(&mut self, columns: &[&str]) -> Vec<ColumnNames> {
        let words: Vec<_> = columns.iter().map(|name| split(name)).collect();
        let prefix = common_prefix(&words);
        words.into_iter().map(|words| self.column(words, prefix.as_deref())).collect()
    }

    fn column(&mut self, words: Vec<String>, prefix: Option<&str>) -> ColumnNames {
        let stripped = match words.split_first() {
            Some((first, rest)) if prefix == Some(first) && !rest.is_empty() => Some(rest.to_vec()),
            _ => None,
        };
        let family = stripped.as_ref().unwrap_or(&words).join(" ");
        let phrases = [Some(words), stripped].into_iter().flatten().map(|words| self.phrase(words)).collect();
        ColumnNames { phrases, family }
    }

    fn phrase(&mut self, words: Vec<String>) -> Phrase {
        let subjects = &self.subjects;
        self.phrases.entry(words).or_insert_with_key(|words| Phrase::new(words, subjects)).clone()
    }
}

/// Returns the words of a table without those that most tables have in common, and those of its layer and kind.
fn subject(words: &[String], common: [Option<&str>; 2]) -> Vec<String> {
    let is_noise = |word: &str| common.contains(&Some(word)) || is_decoration(word);
    let start = words.iter().position(|word| !is_noise(word));
    let end = words.iter().rposition(|word| !is_noise(word));
    start.zip(end).map_or(words, |(start, end)| &words[start..=end]).to_vec()
}

/// Returns the first word that most names begin with.
fn common_prefix(names: &[Vec<String>]) -> Option<String> {
    common_word(names, |name| name.first())
}

/// Returns the word that most names of several words have at a place.
fn common_word(names: &[Vec<String>], place: impl Fn(&[String]) -> Option<&String>) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in names.iter().filter(|name| name.len() > 1).filter_map(|name| place(name)) {
        *counts.entry(word).or_default() += 1;
    }
    let (word, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let is_common = names.len() >= MIN_NAMES && count as f64 >= COMMON * names.len() as f64;
    is_common.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(table: &str, columns: &[&str]) -> Vec<String> {
        let names = SchemaNames::new([(table, columns.to_vec())].into_iter());
        names.tables[0].columns.iter().map(|column| column.family.clone()).collect()
    }

    #[test]
    fn prefix_of_columns_is_removed() {
        assert_eq!(family("lineitem", &["l_orderkey", "l_partkey", "l_tax"]), ["orderkey", "partkey", "tax"]);
        assert_eq!(family("orders", &["order_id", "order_date", "customer_id"])[0], "order id");
        assert_eq!(family("t", &["a_x", "a_y"])[0], "a x");
    }

    #[test]
    fn subject_of_a_table_has_no_layer() {
        let subjects = |names: &[&str]| {
            let names = SchemaNames::new(names.iter().map(|name| (*name, Vec::new())));
            names.tables.into_iter().map(|table| table.subject.join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(subjects(&["date_dim", "DimCustomer", "tbl_orders"]), ["date", "customer", "orders"]);
        assert_eq!(subjects(&["app_users", "app_orders", "app_dim"]), ["users", "orders", "app dim"]);
    }
}
