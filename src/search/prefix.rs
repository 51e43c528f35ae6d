//! The prefix of the columns of a table, as in `ss_quantity` and `ss_list_price`: it says nothing about one of them.

use super::names::{Word, split};
use std::collections::HashMap;

/// Fewest columns that can have a prefix.
const MIN_COLUMNS: usize = 3;
/// Share of the columns that have it.
const MIN_SHARE: f64 = 0.75;

/// The words of the columns of a table, for the comparison with a query.
pub(super) struct ColumnWords {
    /// The canonical prefix; empty if there is none.
    pub(super) prefix: String,
    /// A line for each column: its canonical words without the prefix, a tab, and its name.
    pub(super) lines: String,
}

impl ColumnWords {
    /// Splits the names of columns.
    pub(super) fn new(names: &[String]) -> Self {
        let words: Vec<_> = names.iter().map(|name| split(name)).collect();
        let prefix = common_prefix(&words).unwrap_or_default();
        let line = |(name, words): (&String, &Vec<Word>)| {
            let has_prefix = words.len() > 1 && words.first().is_some_and(|word| word.canonical == prefix);
            let words: Vec<_> =
                words.iter().skip(usize::from(has_prefix)).map(|word| word.canonical.as_str()).collect();
            format!("{}\t{}", words.join(" "), name.replace(['\n', '\r', '\t'], " "))
        };
        let lines: Vec<_> = names.iter().zip(&words).map(line).collect();
        Self { prefix, lines: lines.join("\n") }
    }
}

fn common_prefix(names: &[Vec<Word>]) -> Option<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for first in names.iter().filter(|words| words.len() > 1).filter_map(|words| words.first()) {
        *counts.entry(&first.canonical).or_default() += 1;
    }
    let (prefix, count) = counts.into_iter().max_by_key(|(word, count)| (*count, *word))?;
    (count >= MIN_COLUMNS && count as f64 >= MIN_SHARE * names.len() as f64).then(|| prefix.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(names: &[&str]) -> (String, String) {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let words = ColumnWords::new(&names);
        (words.prefix, words.lines)
    }

    #[test]
    fn prefix_of_most_columns_is_taken_away() {
        let (prefix, lines) = words(&["ss_qty", "ss_list_price", "ss_net\tpaid", "ss"]);
        assert_eq!(prefix, "ss");
        assert_eq!(lines, "quantity\tss_qty\nlist price\tss_list_price\nnet paid\tss_net paid\nss\tss");
        assert_eq!(words(&["order_id", "order_date", "city"]).0, "");
        assert_eq!(words(&[]), (String::new(), String::new()));
    }
}
