//! Abbreviations that names in databases commonly have, with the words that they stand for.

use std::sync::LazyLock;

/// Lines of an abbreviation and a word in the singular, sorted by the abbreviation. One of several words has several lines,
/// the most common word first.
const LINES: &str = include_str!("abbreviations.txt");

static PAIRS: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| LINES.lines().filter_map(|line| line.split_once(' ')).collect());

/// Returns the words that an abbreviation stands for, the most common first.
pub(super) fn expansions(word: &str) -> impl Iterator<Item = &'static str> {
    let begin = PAIRS.partition_point(|(short, _)| *short < word);
    let found = PAIRS.iter().skip(begin).take_while(move |(short, _)| *short == word);
    found.map(|(_, long)| *long)
}

#[cfg(test)]
mod tests {
    use super::{super::names::canonical_name, *};

    #[test]
    fn abbreviations_are_sorted_and_stand_for_canonical_words() {
        assert!(PAIRS.is_sorted_by_key(|(short, _)| short));
        assert_eq!(PAIRS.len(), LINES.lines().count());
        for (short, long) in &*PAIRS {
            assert_eq!(canonical_name(long), *long, "{short}");
        }
        assert_eq!(expansions("inv").collect::<Vec<_>>(), ["inventory", "invoice"]);
    }
}
