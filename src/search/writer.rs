//! Writes entities to the index.

use super::{
    abbreviations::expansions,
    document::{Document, Entity, Kind, fold_table},
    lanes::abbreviated::is_short,
    names::{Word, indexed_name, indexed_text, split},
    prefix::ColumnWords,
    schema::FULL_TEXT,
    terms::fold_value,
};
use rusqlite::{Connection, OptionalExtension, Result, Transaction, params};
use std::collections::{BTreeMap, HashSet};

/// Maximum values of a column that are indexed.
const MAX_VALUES: usize = 200;
/// Maximum characters of a value; longer ones are left out.
const MAX_VALUE_CHARS: usize = 200;
/// Maximum characters of a text that are stored to be shown.
const MAX_SHOWN: usize = 400;
/// Least characters of a word whose parts are searched.
const MIN_PARTS: usize = 4;
/// Share of the documents that have to be new for a merge of all segments, so that its cost is that of writing them.
const MERGED_SHARE: i64 = 8;

/// Writes within a transaction.
pub(super) struct Writer<'a> {
    transaction: &'a Transaction<'a>,
    /// Words of the vocabulary that were added or found.
    known: HashSet<String>,
    /// Number of documents that were added.
    added: i64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(transaction: &'a Transaction<'a>) -> Self {
        Self { transaction, known: HashSet::new(), added: 0 }
    }

    /// Replaces the entities of a feed: those that are equal are kept, others are removed and added.
    pub(super) fn replace_feed(
        &mut self,
        key: &str,
        stamp: &str,
        connection: Option<&str>,
        new: &[Entity],
    ) -> Result<()> {
        let sql =
            "INSERT INTO feeds (key, stamp) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET stamp = ?2 RETURNING id";
        let feed: i64 = self.transaction.prepare_cached(sql)?.query_row([key, stamp], |row| row.get(0))?;
        let mut old = entities_of(self.transaction, feed)?;
        for entity in new {
            let hash = entity.hash();
            match old.remove(&entity.key) {
                Some((_, old_hash)) if old_hash == hash => continue,
                Some((id, _)) => self.remove_entity(id)?,
                None => {}
            }
            self.add_entity(feed, connection, entity, &hash)?;
        }
        old.values().try_for_each(|(id, _)| self.remove_entity(*id))
    }

    /// Removes a feed and its entities.
    pub(super) fn remove_feed(&self, key: &str) -> Result<()> {
        let sql = "SELECT id FROM feeds WHERE key = ?";
        let Some(feed) = self.transaction.query_row(sql, [key], |row| row.get(0)).optional()? else { return Ok(()) };
        entities_of(self.transaction, feed)?.values().try_for_each(|(id, _)| self.remove_entity(*id))?;
        self.transaction.execute("DELETE FROM feeds WHERE id = ?", [feed]).map(drop)
    }

    /// Sums the executions of query templates by table.
    pub(super) fn sum_uses(&self) -> Result<()> {
        self.transaction.execute_batch("DELETE FROM uses")?;
        let sql = "INSERT INTO uses SELECT mentions.connection, mentions.folded, sum(documents.calls) FROM mentions
            JOIN documents ON documents.id = mentions.document WHERE mentions.kind = ? GROUP BY 1, 2";
        self.transaction.execute(sql, [Kind::Query.number()]).map(drop)
    }

    /// Merges the segments of the full-text indexes if an eighth of the documents is new: a search looks up each word in
    /// every segment, and whether each of its rows was deleted.
    pub(super) fn merge_segments(&self) -> Result<()> {
        let all: i64 = self.transaction.query_row("SELECT count(*) FROM documents", [], |row| row.get(0))?;
        if self.added == 0 || self.added < all / MERGED_SHARE {
            return Ok(());
        }
        for table in FULL_TEXT {
            self.transaction.execute_batch(&format!("INSERT INTO {table} ({table}) VALUES ('optimize')"))?;
        }
        Ok(())
    }

    fn remove_entity(&self, entity: i64) -> Result<()> {
        for sql in [
            "DELETE FROM words_of_tables WHERE rowid IN (SELECT id FROM documents WHERE entity = ? AND kind = 0)",
            "DELETE FROM words_of_items WHERE rowid IN (SELECT id FROM documents WHERE entity = ? AND kind <> 0)",
            "DELETE FROM parts_of_members WHERE rowid IN (SELECT members.id FROM members
                JOIN documents ON documents.id = members.document WHERE entity = ?)",
            "DELETE FROM members WHERE document IN (SELECT id FROM documents WHERE entity = ?)",
            "DELETE FROM tables WHERE document IN (SELECT id FROM documents WHERE entity = ?)",
            "DELETE FROM mentions WHERE document IN (SELECT id FROM documents WHERE entity = ?)",
            "DELETE FROM joins WHERE entity = ?",
            "DELETE FROM documents WHERE entity = ?",
            "DELETE FROM entities WHERE id = ?",
        ] {
            self.transaction.prepare_cached(sql)?.execute([entity])?;
        }
        Ok(())
    }

    fn add_entity(&mut self, feed: i64, connection: Option<&str>, entity: &Entity, hash: &str) -> Result<()> {
        let sql = "INSERT INTO entities (feed, key, hash) VALUES (?, ?, ?)";
        self.transaction.prepare_cached(sql)?.execute(params![feed, entity.key, hash])?;
        let id = self.transaction.last_insert_rowid();
        for document in &entity.documents {
            self.add_document(id, connection, document)?;
        }
        let sql = "INSERT INTO joins (entity, connection, one, other) VALUES (?, ?, ?, ?)";
        for (one, other) in &entity.joins {
            let values = params![id, connection, fold_table(one), fold_table(other)];
            self.transaction.prepare_cached(sql)?.execute(values)?;
        }
        Ok(())
    }

    fn add_document(&mut self, entity: i64, connection: Option<&str>, document: &Document) -> Result<()> {
        let sql = "INSERT INTO documents (entity, kind, connection, name, own_name, text, shown_table, calls)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let shown: String = document.text.chars().take(MAX_SHOWN).collect();
        let (kind, table) = (document.kind.number(), document.tables.first());
        let values = params![entity, kind, connection, document.name, document.own_name, shown, table, document.calls];
        self.transaction.prepare_cached(sql)?.execute(values)?;
        let id = self.transaction.last_insert_rowid();
        self.added += 1;
        if document.kind == Kind::Table {
            self.add_table(id, connection, document)?;
        } else {
            self.add_item(id, connection, document)?;
        }
        self.add_words(document)
    }

    fn add_table(&self, id: i64, connection: Option<&str>, document: &Document) -> Result<()> {
        let sql = "INSERT INTO words_of_tables (rowid, name, text, context, part_texts) VALUES (?, ?, ?, ?, ?)";
        let (name, text) = (indexed_name(&document.own_name), indexed_text(&document.text));
        let (context, parts) = (indexed_text(&document.context), indexed_text(&document.part_texts));
        self.transaction.prepare_cached(sql)?.execute(params![id, name, text, context, parts])?;
        let sql = "INSERT INTO tables (document, connection, folded, bare, prefix, columns) VALUES (?, ?, ?, ?, ?, ?)";
        let (folded, bare) = (fold_table(&document.name), document.own_name.to_lowercase());
        let columns = ColumnWords::new(&document.columns);
        let values = params![id, connection, folded, bare, columns.prefix, columns.lines];
        self.transaction.prepare_cached(sql)?.execute(values).map(drop)
    }

    fn add_item(&self, id: i64, connection: Option<&str>, document: &Document) -> Result<()> {
        let is_word = |value: &&String| value.chars().any(char::is_alphabetic);
        let values = document.values.iter().take(MAX_VALUES).filter(|(value, _)| is_indexed(value));
        let words: Vec<_> = values.clone().map(|(value, _)| value).filter(is_word).map(String::as_str).collect();
        let sql = "INSERT INTO words_of_items (rowid, name, text, context, members) VALUES (?, ?, ?, ?, ?)";
        let (name, text) = (indexed_name(&document.own_name), indexed_text(&document.text));
        let (context, members) = (indexed_text(&document.context), indexed_text(&words.join(" ")));
        self.transaction.prepare_cached(sql)?.execute(params![id, name, text, context, members])?;
        let of_tables = document.tables_connection.as_deref().or(connection);
        for table in &document.tables {
            let sql = "INSERT OR IGNORE INTO mentions (connection, folded, document, kind) VALUES (?, ?, ?, ?)";
            let values = params![of_tables, fold_table(table), id, document.kind.number()];
            self.transaction.prepare_cached(sql)?.execute(values)?;
        }
        for (value, rows) in values {
            self.add_member(id, value, rows.map(|rows| i64::try_from(rows).unwrap_or(i64::MAX)))?;
        }
        Ok(())
    }

    fn add_member(&self, document: i64, value: &str, rows: Option<i64>) -> Result<()> {
        let folded = fold_value(value);
        let sql = "INSERT INTO members (document, folded, value, rows) VALUES (?, ?, ?, ?)";
        self.transaction.prepare_cached(sql)?.execute(params![document, folded, value, rows])?;
        let id = self.transaction.last_insert_rowid();
        let sql = "INSERT INTO parts_of_members (rowid, value) VALUES (?, ?)";
        self.transaction.prepare_cached(sql)?.execute(params![id, folded]).map(drop)
    }

    /// Adds the words of a name to the vocabulary, which keeps words that are not used any more.
    fn add_words(&mut self, document: &Document) -> Result<()> {
        if matches!(document.kind, Kind::Query | Kind::Page) {
            return Ok(());
        }
        for word in split(&document.own_name).iter().flat_map(Word::forms) {
            if !self.known.insert(word.clone()) {
                continue;
            }
            if is_short(&word) && expansions(&word).next().is_none() {
                self.transaction
                    .prepare_cached("INSERT OR IGNORE INTO short_words (word) VALUES (?)")?
                    .execute([&word])?;
            }
            if word.chars().count() < MIN_PARTS {
                continue;
            }
            let sql = "INSERT OR IGNORE INTO vocabulary (word) VALUES (?)";
            if self.transaction.prepare_cached(sql)?.execute([&word])? > 0 {
                let sql = "INSERT INTO parts_of_words (rowid, word) VALUES (last_insert_rowid(), ?)";
                self.transaction.prepare_cached(sql)?.execute([&word])?;
            }
        }
        Ok(())
    }
}

fn is_indexed(value: &str) -> bool {
    !value.trim().is_empty() && value.chars().nth(MAX_VALUE_CHARS).is_none()
}

/// Returns the id and the hash of each entity of a feed, by key.
fn entities_of(database: &Connection, feed: i64) -> Result<BTreeMap<String, (i64, String)>> {
    let mut select = database.prepare_cached("SELECT key, id, hash FROM entities WHERE feed = ?")?;
    select.query_map([feed], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?.collect()
}
