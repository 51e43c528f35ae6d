//! How much of a query a table covers: a column all of whose words are asked for is better evidence than one of them.

use super::{asked::Asked, names::canonical_name};
use rusqlite::{Connection, Result, Row};

/// Evidence of a word in the name of a table all of whose words are asked for, or in another one.
const WHOLE_NAME: f64 = 2.5;
const PART_OF_NAME: f64 = 1.5;
/// Evidence of a word in a column all of whose words are asked for; in another one, a share of the less.
const WHOLE_COLUMN: f64 = 1.5;
const PART_OF_COLUMN: f64 = 0.8;
/// Evidence of a word in a value of a column.
const IN_VALUE: f64 = 1.5;
/// Evidence of a word in the comment of the table.
const IN_TEXT: f64 = 0.6;

/// What of a table matches a query.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Sum of the best evidence of each word, by the weights of the words.
    pub(super) score: f64,
    /// Whether its name matches.
    pub(super) in_name: bool,
    /// Whether its comment matches.
    pub(super) in_text: bool,
    /// Names of columns that match, the best first.
    pub(super) columns: Vec<String>,
}

/// Compares a table, its columns, and values of these that the query asks for, with a query.
pub(super) fn cover(database: &Connection, table: i64, values: &[&str], asked: &Asked) -> Result<Coverage> {
    let sql = "SELECT own_name, text, prefix, columns FROM documents JOIN tables ON document = id WHERE id = ?";
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let (name, text, prefix, columns): (String, String, String, String) =
        database.prepare_cached(sql)?.query_row([table], row)?;
    let mut best = vec![0.0; asked.words.len()];
    let mut coverage = Coverage::default();
    let (share, found) = matched(canonical_name(&name).split(' '), asked);
    coverage.in_name = !found.is_empty();
    raise(&mut best, &found, if share >= 1.0 { WHOLE_NAME } else { PART_OF_NAME });
    raise(&mut best, &matched([prefix.as_str()].into_iter(), asked).1, PART_OF_NAME);
    let mut matching = Vec::new();
    for line in columns.lines() {
        let (words, column) = line.split_once('\t').unwrap_or_default();
        let (share, found) = matched(words.split(' '), asked);
        let evidence = if share >= 1.0 { WHOLE_COLUMN } else { PART_OF_COLUMN * share };
        raise(&mut best, &found, evidence);
        if !found.is_empty() {
            let weight: f64 = found.iter().filter_map(|index| asked.words.get(*index)).map(|word| word.weight).sum();
            matching.push((evidence * weight, column));
        }
    }
    for value in values {
        raise(&mut best, &matched(canonical_name(value).split(' '), asked).1, IN_VALUE);
    }
    let (_, found) = matched(canonical_name(&text).split(' '), asked);
    coverage.in_text = !found.is_empty();
    raise(&mut best, &found, IN_TEXT);
    matching.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    coverage.columns = matching.into_iter().map(|(_, name)| name.to_owned()).collect();
    coverage.score = best.iter().zip(&asked.words).map(|(evidence, word)| evidence * word.weight).sum();
    Ok(coverage)
}

fn raise(best: &mut [f64], found: &[usize], evidence: f64) {
    for index in found {
        if let Some(known) = best.get_mut(*index) {
            *known = known.max(evidence);
        }
    }
}

/// Returns the share of the canonical words of a text that are asked for, and the words of the query that it has.
fn matched<'a>(words: impl Iterator<Item = &'a str>, asked: &Asked) -> (f64, Vec<usize>) {
    let (mut count, mut found) = (0, Vec::new());
    for word in words {
        count += 1;
        found.extend(asked.find(word));
    }
    (found.len() as f64 / f64::from(count.max(1)), found)
}
