//! What a query asks for: words, and texts that may be values.

use super::{
    names::{Word, split},
    stop_words::is_stop_word,
};
use std::collections::HashSet;

/// Maximum words of a query that are searched.
const MAX_WORDS: usize = 64;
/// Maximum characters of a query that are searched.
const MAX_CHARS: usize = 4000;
/// Maximum words of a value in a query without quotes.
const MAX_PHRASE: usize = 4;

/// The terms of a query.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// Distinct words in their order, without those that name nothing unless there are no others.
    pub(super) words: Vec<Word>,
    /// Texts in quotes, as they are written.
    pub(super) quoted: Vec<String>,
    /// Sequences of words that may be values, folded, the longest first.
    pub(super) phrases: Vec<String>,
    /// Whether words beyond the maximum were left out.
    pub(super) is_cut: bool,
}

impl Terms {
    /// Parses a query, which may be any text.
    pub(super) fn parse(query: &str) -> Self {
        let cut = query.char_indices().nth(MAX_CHARS).map(|(end, _)| &query[..end]);
        let query = cut.unwrap_or(query);
        let quoted: Vec<_> = quoted(query).into_iter().filter(|text| !fold_value(text).is_empty()).collect();
        let all = split(query);
        let has_others = all.iter().any(|word| !is_stop_word(&word.written));
        let mut seen = HashSet::new();
        let is_kept = |word: &Word| !(has_others && is_stop_word(&word.written));
        let mut words: Vec<_> =
            all.into_iter().filter(is_kept).filter(|word| seen.insert(word.canonical.clone())).collect();
        let is_cut = words.len() > MAX_WORDS || cut.is_some();
        words.truncate(MAX_WORDS);
        Self { words, quoted, phrases: phrases(query), is_cut }
    }

    /// Whether there is nothing to search.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.quoted.is_empty() && self.phrases.is_empty()
    }
}

/// Folds a value for comparison: lower case, and single blanks.
pub(super) fn fold_value(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Returns the texts in quotes. A quote begins after a blank or a bracket and ends before one, so that apostrophes
/// within words are none.
fn quoted(query: &str) -> Vec<String> {
    let chars: Vec<char> = query.chars().collect();
    let (mut texts, mut index) = (Vec::new(), 0);
    while let Some(c) = chars.get(index) {
        let is_start = index == 0 || !chars[index - 1].is_alphanumeric();
        let end = closing(*c).filter(|_| is_start).and_then(|close| find_end(&chars, index + 1, close));
        match end {
            Some(end) => {
                texts.push(chars[index + 1..end].iter().collect());
                index = end + 1;
            }
            None => index += 1,
        }
    }
    texts
}

fn closing(c: char) -> Option<char> {
    match c {
        '\'' | '"' | '`' => Some(c),
        '“' => Some('”'),
        '‘' => Some('’'),
        '«' => Some('»'),
        _ => None,
    }
}

fn find_end(chars: &[char], from: usize, close: char) -> Option<usize> {
    let is_end =
        |index: &usize| chars[*index] == close && chars.get(index + 1).is_none_or(|next| !next.is_alphanumeric());
    (from..chars.len()).find(is_end)
}

/// Returns the sequences of the words of a query that may be values. Single short numbers and words of questions are no
/// values.
fn phrases(query: &str) -> Vec<String> {
    let is_mark =
        |c: char| matches!(c, '\'' | '"' | '`' | '“' | '”' | '‘' | '’' | '?' | '!' | ',' | ';' | ':' | '(' | ')' | '.');
    let words: Vec<_> = query.split_whitespace().map(|word| word.trim_matches(is_mark).to_lowercase()).collect();
    let words: Vec<_> = words.iter().filter(|word| !word.is_empty()).take(MAX_WORDS).collect();
    let mut found = Vec::new();
    for length in (1..=MAX_PHRASE).rev() {
        for window in words.windows(length) {
            let is_number = window.iter().all(|word| word.chars().all(|c| c.is_ascii_digit()));
            let is_named = window.iter().any(|word| !is_stop_word(word));
            let phrase = window.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" ");
            if is_named && (!is_number || phrase.len() > 2) && phrase.chars().count() > 1 && !found.contains(&phrase) {
                found.push(phrase);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(query: &str) -> String {
        Terms::parse(query).words.into_iter().map(|word| word.canonical).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_of_questions_are_dropped_unless_there_are_no_others() {
        assert_eq!(words("Which table has refunds?"), "refund");
        assert_eq!(words("how many custs per cust"), "customer");
        assert_eq!(words("table of tables"), "table of");
        assert_eq!(words("🦀 -- \" * ' \0 ()"), "");
        assert!(Terms::parse(&"word1 ".repeat(99)).words.len() == 2 && Terms::parse("").is_empty());
        let many = (0..99)
            .map(|index| format!("w{}", "x".repeat(index % 30 + 1) + &"y".repeat(index / 30)))
            .collect::<Vec<_>>();
        assert!(Terms::parse(&many.join(" ")).is_cut);
    }

    #[test]
    fn texts_in_quotes_are_values() {
        let quoted = |query: &str| Terms::parse(query).quoted;
        assert_eq!(quoted("columns holding 'Acme  Corp' or \"x\""), ["Acme  Corp", "x"]);
        assert_eq!(quoted("what's the customer's name"), [""; 0]);
        assert_eq!(quoted("“O'Hare”, '' and 'it's'"), ["O'Hare", "it's"]);
        assert_eq!(quoted("'open"), [""; 0]);
    }

    #[test]
    fn phrases_may_be_values() {
        let phrases = Terms::parse("orders in New York?").phrases;
        assert!(phrases.contains(&"new york".to_owned()) && phrases.contains(&"orders".to_owned()));
        assert!(!phrases.contains(&"in".to_owned()) && Terms::parse("7 x").phrases == ["7 x"]);
    }
}
