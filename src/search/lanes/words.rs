//! The lane of words: documents that have the words of the query, by BM25.

use super::scope::Scope;
use rusqlite::{Connection, Result, params};
use std::collections::BTreeSet;

/// A document and its relevance; greater is better.
pub(in crate::search) type Ranked = (i64, f64);

/// A full-text index of words.
#[derive(Debug, Clone, Copy)]
pub(in crate::search) enum Words {
    /// Tables, with the names of their columns.
    Tables,
    /// All other documents.
    Items,
}

/// Maximum documents that are returned unranked if all words are common.
const MAX_UNRANKED: i64 = 300;

impl Words {
    /// Name of the index, and BM25 with the weights of its columns: the name, then text, context and parts.
    fn definition(self) -> (&'static str, &'static str) {
        match self {
            Self::Tables => ("words_of_tables", "bm25(10.0, 4.0, 3.0, 1.0)"),
            Self::Items => ("words_of_items", "bm25(10.0, 3.0, 1.0, 2.0)"),
        }
    }

    /// Rows of a word from which it is common, and the sum of the rows of all words that are ranked: to rank all rows that
    /// have any of the words would take longer than the whole search may.
    fn limits(self) -> (i64, i64) {
        match self {
            Self::Tables => (3000, 5000),
            Self::Items => (1500, 2500),
        }
    }

    /// Counts the documents that have any of some forms, up to a maximum.
    pub(in crate::search) fn count(self, database: &Connection, forms: &[String], max: i64) -> Result<i64> {
        let (table, _) = self.definition();
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT ?)");
        database.prepare_cached(&sql)?.query_row(params![any_of(forms), max], |row| row.get(0))
    }

    /// Ranks the documents that have any of some words, each given by its forms.
    pub(in crate::search) fn rank(
        self,
        database: &Connection,
        words: &[Vec<String>],
        scope: &Scope,
        limit: i64,
    ) -> Result<Vec<Ranked>> {
        let (common, max_ranked) = self.limits();
        let mut counted = Vec::new();
        for forms in words.iter().filter(|forms| !forms.is_empty()) {
            counted.push((self.count(database, forms, common)?, any_of(forms)));
        }
        counted.sort();
        let mut sum = 0;
        let rare = counted.iter().take_while(|(count, _)| {
            sum += count;
            *count < common && sum <= max_ranked
        });
        let rare: Vec<_> = rare.map(|(_, expression)| expression.as_str()).collect();
        if !rare.is_empty() {
            return self.select(database, &rare.join(" OR "), scope, limit, true);
        }
        self.rank_common(database, &counted, scope)
    }

    /// Returns documents that have all of some common words, or else the rarest two, or one of them.
    fn rank_common(self, database: &Connection, words: &[(i64, String)], scope: &Scope) -> Result<Vec<Ranked>> {
        let expressions: Vec<_> = words.iter().map(|(_, expression)| expression.as_str()).collect();
        let lengths = BTreeSet::from([expressions.len(), 2, 1]);
        for length in lengths.into_iter().rev().filter(|length| (1..=expressions.len()).contains(length)) {
            let found = self.select(database, &expressions[..length].join(" AND "), scope, MAX_UNRANKED, false)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    fn select(self, database: &Connection, text: &str, scope: &Scope, limit: i64, ranks: bool) -> Result<Vec<Ranked>> {
        let (table, bm25) = self.definition();
        let kinds = scope.kind_numbers();
        let is_filtered = scope.connection.is_some() || kinds.is_some();
        let filter = if is_filtered {
            format!(
                "AND EXISTS (SELECT 1 FROM documents WHERE documents.id = {table}.rowid
                    AND (?3 IS NULL OR connection IS NULL OR connection = ?3)
                    AND (?4 IS NULL OR kind IN (SELECT value FROM json_each(?4))))"
            )
        } else {
            "AND ?3 IS NULL AND ?4 IS NULL".to_owned()
        };
        let order = if ranks { format!("AND rank MATCH '{bm25}' {filter} ORDER BY rank") } else { filter };
        let score = if ranks { "-rank" } else { "0.0" };
        let sql = format!("SELECT rowid, {score} FROM {table} WHERE {table} MATCH ?1 {order} LIMIT ?2");
        let mut select = database.prepare_cached(&sql)?;
        select.query_map(params![text, limit, scope.connection, kinds], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }
}

/// Returns the expression for any of some forms. Forms have letters, digits and marks only.
fn any_of(forms: &[String]) -> String {
    let quoted: Vec<_> = forms.iter().map(|form| format!("\"{}\"", form.replace('"', ""))).collect();
    format!("({})", quoted.join(" OR "))
}
