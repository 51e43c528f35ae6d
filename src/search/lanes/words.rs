//! The lane of words: documents that have the words of the query, by BM25.

use super::scope::Scope;
use rusqlite::{Connection, Result, params};

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

/// Rows of a word that make it common: to rank all of them takes longer than the whole search may.
const COMMON: i64 = 4000;
/// Maximum documents that are ranked if all words are common.
const MAX_UNRANKED: i64 = 300;

impl Words {
    /// Name of the index, and BM25 with the weights of its columns: the name, then text, context and parts.
    fn definition(self) -> (&'static str, &'static str) {
        match self {
            Self::Tables => ("words_of_tables", "bm25(10.0, 4.0, 3.0, 1.0)"),
            Self::Items => ("words_of_items", "bm25(10.0, 3.0, 1.0, 2.0)"),
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
        let (mut rare, mut common) = (Vec::new(), Vec::new());
        for forms in words.iter().filter(|forms| !forms.is_empty()) {
            let is_common = self.count(database, forms, COMMON)? >= COMMON;
            if is_common { &mut common } else { &mut rare }.push(any_of(forms));
        }
        let any = |groups: &[String]| format!("({})", groups.join(" OR "));
        match (rare.as_slice(), common.as_slice()) {
            ([], []) => Ok(Vec::new()),
            ([], [single]) => self.select(database, single, scope, MAX_UNRANKED, false),
            ([], several) => self.select(database, &several.join(" AND "), scope, MAX_UNRANKED, false),
            (rare, []) => self.select(database, &any(rare), scope, limit, true),
            // The second part matches nothing further, but counts the common words.
            (rare, common) => {
                let expression = format!("{0} OR ({0} AND {1})", any(rare), any(common));
                self.select(database, &expression, scope, limit, true)
            }
        }
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
