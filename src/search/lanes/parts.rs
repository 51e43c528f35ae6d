//! The lane of parts: words of the index that contain a word of the query, or are spelt nearly like it.

use rusqlite::{Connection, Result, params};
use std::collections::BTreeSet;

/// Least characters of a word whose parts are compared.
const MIN_CHARS: usize = 4;
/// Maximum words that are compared in full.
const MAX_COMPARED: i64 = 200;
/// Maximum related words of one word.
const MAX_RELATED: usize = 8;
/// Least similarity of a misspelling, 0 to 1: about one of three characters may differ, or of five in a short word, which
/// resembles many others.
const MIN_SIMILARITY: f64 = 0.7;
const MIN_SIMILARITY_OF_SHORT: f64 = 0.8;
/// Characters of a word that is not short.
const LONG: usize = 7;

/// Returns the words that contain a word, the shortest first.
pub(in crate::search) fn containing(database: &Connection, word: &str) -> Result<Vec<String>> {
    let found = compared(database, word, " AND ")?;
    let mut found: Vec<_> = found.into_iter().filter(|other| other != word && other.contains(word)).collect();
    found.sort_by_key(|other| (other.chars().count(), other.clone()));
    found.truncate(MAX_RELATED);
    Ok(found)
}

/// Returns the words that are spelt most like a word.
pub(in crate::search) fn similar(database: &Connection, word: &str) -> Result<Vec<String>> {
    let least = if word.chars().count() < LONG { MIN_SIMILARITY_OF_SHORT } else { MIN_SIMILARITY };
    let score = |other: &String| strsim::normalized_damerau_levenshtein(word, other);
    let mut words = compared(database, word, " OR ")?;
    words.extend(same_initial(database, word)?);
    let scored = words.into_iter().collect::<BTreeSet<_>>().into_iter().map(|other| (score(&other), other));
    let mut scored: Vec<_> = scored.filter(|(score, _)| *score >= least).collect();
    scored.sort_by(|(left, left_word), (right, right_word)| {
        right.total_cmp(left).then_with(|| left_word.cmp(right_word))
    });
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    Ok(scored.into_iter().filter(|(score, _)| *score >= best).map(|(_, word)| word).take(MAX_RELATED).collect())
}

/// Returns the words of nearly the same length with the same first letter: in a short word, two letters that changed
/// places leave no trigram.
fn same_initial(database: &Connection, word: &str) -> Result<Vec<String>> {
    let Some(initial) = word.chars().next().filter(|_| word.chars().count() >= MIN_CHARS) else {
        return Ok(Vec::new());
    };
    let sql = "SELECT word FROM vocabulary WHERE word >= ?1 AND word < ?1 || char(1114111)
        AND length(word) BETWEEN length(?2) - 1 AND length(?2) + 1 LIMIT 5000";
    database.prepare_cached(sql)?.query_map(params![initial.to_string(), word], |row| row.get(0))?.collect()
}

fn compared(database: &Connection, word: &str, operator: &str) -> Result<Vec<String>> {
    let Some(expression) = trigrams(word, operator) else { return Ok(Vec::new()) };
    let sql = "SELECT vocabulary.word FROM parts_of_words JOIN vocabulary ON vocabulary.id = parts_of_words.rowid
        WHERE parts_of_words MATCH ? ORDER BY rank LIMIT ?";
    database.prepare_cached(sql)?.query_map(params![expression, MAX_COMPARED], |row| row.get(0))?.collect()
}

/// Returns the expression for all, or any, of the trigrams of a text; `None` for a short one.
pub(super) fn trigrams(text: &str, operator: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().filter(|c| *c != '\0').collect();
    if chars.len() < MIN_CHARS {
        return None;
    }
    let quoted = |part: &[char]| format!("\"{}\"", part.iter().collect::<String>().replace('"', "\"\""));
    let parts: BTreeSet<_> = chars.windows(3).map(quoted).collect();
    Some(parts.into_iter().collect::<Vec<_>>().join(operator))
}
