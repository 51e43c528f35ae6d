//! Abbreviations that no list has: short words of the index that abbreviate a word of the query, and the words of the index
//! that a short word of the query abbreviates.

use crate::abbreviation::{MIN_LETTERS, abbreviates, kept_consonants};
use rusqlite::{Connection, Result, params};

/// Most letters of an abbreviation: longer words are rarely abbreviations, and are found by their parts.
const MAX_LETTERS: usize = 5;
/// Least share of the consonants of a word that its abbreviation keeps.
const MIN_KEPT: f64 = 0.5;
/// Maximum words that are compared in full.
const MAX_COMPARED: i64 = 5000;
/// Maximum words that are returned.
const MAX_FOUND: usize = 8;

/// Whether a word may be an abbreviation.
pub(in crate::search) fn is_short(word: &str) -> bool {
    (MIN_LETTERS..=MAX_LETTERS).contains(&word.chars().count()) && word.chars().all(char::is_alphabetic)
}

/// Returns the short words that abbreviate a word, those that keep most of its consonants first.
pub(in crate::search) fn abbreviations(database: &Connection, word: &str) -> Result<Vec<String>> {
    let sql = "SELECT word FROM short_words WHERE word >= ?1 AND word < ?1 || char(1114111) LIMIT ?2";
    let score = |short: &str| abbreviates(short, word).then(|| kept_consonants(short, word));
    best(words_from(database, sql, word)?, score)
}

/// Returns the words that a short one may abbreviate, those of which it keeps most consonants first.
pub(in crate::search) fn abbreviated(database: &Connection, short: &str) -> Result<Vec<String>> {
    if !is_short(short) {
        return Ok(Vec::new());
    }
    let sql = "SELECT word FROM vocabulary WHERE word >= ?1 AND word < ?1 || char(1114111) LIMIT ?2";
    let score = |word: &str| abbreviates(short, word).then(|| kept_consonants(short, word));
    best(words_from(database, sql, short)?, score)
}

/// Returns the words of a selection with the first letter of a word, which its abbreviation shares.
fn words_from(database: &Connection, sql: &str, word: &str) -> Result<Vec<String>> {
    let Some(initial) = word.chars().next() else { return Ok(Vec::new()) };
    database.prepare_cached(sql)?.query_map(params![initial.to_string(), MAX_COMPARED], |row| row.get(0))?.collect()
}

fn best(words: Vec<String>, score: impl Fn(&str) -> Option<f64>) -> Result<Vec<String>> {
    let scored = words.into_iter().filter_map(|word| Some((score(&word)?, word)));
    let mut scored: Vec<_> = scored.filter(|(kept, _)| *kept >= MIN_KEPT).collect();
    scored.sort_by(|(left, left_word), (right, right_word)| {
        right.total_cmp(left).then_with(|| left_word.cmp(right_word))
    });
    Ok(scored.into_iter().map(|(_, word)| word).take(MAX_FOUND).collect())
}
