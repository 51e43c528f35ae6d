//! Values of the index that a query asks for.

use super::{
    lanes::{
        scope::Scope,
        values::{Member, equal, sharing_parts},
    },
    terms::{Terms, fold_value},
    why::one_line,
};
use rusqlite::{Connection, Result};
use std::collections::HashSet;

/// Columns with a value above which a text without quotes is not taken for one.
const MAX_COLUMNS: usize = 40;
/// Least similarity of a misspelt value, 0 to 1.
const MIN_SIMILARITY: f64 = 0.75;
/// Maximum characters of a text in a note.
const MAX_SHOWN: usize = 60;
/// Maximum similar values.
const MAX_SIMILAR: usize = 20;

/// A value that is asked for.
#[derive(Debug, Clone)]
pub(super) struct FoundMember {
    pub(super) member: Member,
    /// How surely the value is asked for; greater is better.
    pub(super) score: f64,
}

/// Looks up the texts of a query, those in quotes also by similarity; adds a note for each that no column holds.
pub(super) fn look_up(
    database: &Connection,
    terms: &Terms,
    scope: &Scope,
    notes: &mut Vec<String>,
) -> Result<Vec<FoundMember>> {
    let mut found = Vec::new();
    let mut add = |members: Vec<Member>, score: f64| {
        let columns = members.len() as f64;
        found.extend(members.into_iter().map(|member| FoundMember { member, score: score + 1.0 / (1.0 + columns) }));
    };
    let quoted: Vec<_> = terms.quoted.iter().map(|text| fold_value(text)).collect();
    for (text, folded) in terms.quoted.iter().zip(&quoted) {
        let members = equal(database, folded, scope)?;
        if members.is_empty() {
            let near = similar(database, folded, scope)?;
            let what = if near.is_empty() { "" } else { "; the hits have similar ones" };
            notes.push(format!("No indexed value is '{}'{what}", one_line(text, MAX_SHOWN)));
            add(near, 10.0);
        } else {
            add(members, 20.0);
        }
    }
    for phrase in terms.phrases.iter().filter(|phrase| !quoted.contains(phrase)) {
        let members = equal(database, phrase, scope)?;
        if members.len() <= MAX_COLUMNS {
            add(members, phrase.split(' ').count() as f64);
        }
    }
    let mut seen = HashSet::new();
    found.retain(|found| seen.insert((found.member.document, found.member.value.clone())));
    Ok(found)
}

/// Returns the values that contain a text or are spelt nearly like it, the most similar first.
pub(super) fn similar(database: &Connection, folded: &str, scope: &Scope) -> Result<Vec<Member>> {
    let score = |member: &Member| {
        let value = fold_value(&member.value);
        let similarity = strsim::normalized_damerau_levenshtein(folded, &value);
        if value.contains(folded) { similarity.max(MIN_SIMILARITY) } else { similarity }
    };
    let scored = sharing_parts(database, folded, scope)?.into_iter().map(|member| (score(&member), member));
    let mut scored: Vec<_> = scored.filter(|(score, _)| *score >= MIN_SIMILARITY).collect();
    // The sort is stable: equal ones keep the order of the lane.
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    Ok(scored.into_iter().map(|(_, member)| member).take(MAX_SIMILAR).collect())
}
