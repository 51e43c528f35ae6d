//! Ranks tables and other documents for a query, each by the fusion of its lanes.

use super::{
    asked::Asked,
    coverage::{Coverage, cover},
    document::Kind,
    found::FoundMember,
    fusion::Fusion,
    lanes::{
        neighbours::{calls, joined, name_of, tables_of},
        scope::Scope,
        words::{Ranked, Words},
    },
    meaning::loaded::Similar,
};
use rusqlite::{Connection, Result};
use std::collections::HashMap;

/// Maximum documents of a lane.
const MAX_ITEMS: i64 = 300;
const MAX_TABLES: i64 = 100;
/// Maximum documents that raise their tables.
const MAX_RAISING: usize = 100;
/// Maximum tables that are compared in detail.
const MAX_COMPARED: usize = 60;
/// Tables whose neighbours are raised.
const MAX_SEEDS: usize = 10;

/// Weights of the lanes.
const WORDS: f64 = 1.0;
const PARTS: f64 = 0.4;
const MEMBERS: f64 = 1.5;
const MEANING: f64 = 1.0;
const RAISED: f64 = 1.0;
const RAISED_BY_MEMBERS: f64 = 0.8;
const COVERED: f64 = 2.0;
const JOINED: f64 = 0.3;
const USED: f64 = 0.2;
/// The cosine of a table by that of its columns and other documents of it.
const RAISED_BY_MEANING: f64 = 0.9;
/// What is left of the weight of a table that covers nothing of the query.
const LEAST_SCALE: f64 = 0.4;

/// A search in progress.
pub(super) struct Ranking<'a> {
    pub(super) database: &'a Connection,
    pub(super) asked: &'a Asked,
    pub(super) members: &'a [FoundMember],
    pub(super) scope: &'a Scope,
    /// Documents of similar meaning, the most similar first.
    pub(super) similar: Vec<Similar>,
    pub(super) tables: Tables,
    /// All other documents.
    pub(super) items: Fusion,
}

/// Ranked tables, with what matches.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) weights: Fusion,
    pub(super) coverage: HashMap<i64, Coverage>,
    /// The best table that each table is joined to.
    pub(super) joined: HashMap<i64, i64>,
    /// The values of the columns of each table, the best first.
    pub(super) members: HashMap<i64, Vec<usize>>,
}

impl Tables {
    /// Scales the weights by the coverage, which ranks do not tell: that of the best table may be far ahead.
    fn scale_by_coverage(&mut self) {
        let greatest = self.coverage.values().map(|coverage| coverage.score).fold(f64::MIN_POSITIVE, f64::max);
        for (table, coverage) in &self.coverage {
            self.weights.scale(*table, LEAST_SCALE + (1.0 - LEAST_SCALE) * coverage.score / greatest);
        }
    }
}

impl<'a> Ranking<'a> {
    /// Ranks all wanted documents by the lanes that need no vectors.
    pub(super) fn by_words(
        database: &'a Connection,
        asked: &'a Asked,
        members: &'a [FoundMember],
        scope: &'a Scope,
    ) -> Result<Self> {
        let (similar, tables, items) = Default::default();
        let mut ranking = Self { database, asked, members, scope, similar, tables, items };
        let words = ranking.rank(Words::Items, &ranking.forms(), &ranking.all_kinds(), MAX_ITEMS)?;
        if ranking.wants_items() {
            ranking.items = ranking.items_by_words(&words)?;
        }
        if scope.has(Kind::Table) {
            ranking.tables = ranking.tables_by_words(&words)?;
        }
        Ok(ranking)
    }

    fn wants_items(&self) -> bool {
        self.scope.kinds.is_empty() || self.scope.kinds.iter().any(|kind| *kind != Kind::Table)
    }

    /// Adds the lane of meaning.
    pub(super) fn add_similar(&mut self, similar: Vec<Similar>) -> Result<()> {
        self.similar = similar;
        if self.wants_items() {
            let is_wanted = |similar: &&Similar| similar.kind != Kind::Table && self.scope.has(similar.kind);
            let wanted = self.similar.iter().filter(is_wanted);
            self.items.add(MEANING, wanted.map(|similar| (similar.document, similar.cosine)));
        }
        if self.scope.has(Kind::Table) {
            let similar = self.similar_tables()?;
            self.tables.weights.add(MEANING, similar);
        }
        Ok(())
    }

    fn forms(&self) -> Vec<Vec<String>> {
        self.asked.words.iter().map(|word| word.forms.clone()).collect()
    }

    fn related(&self) -> Vec<Vec<String>> {
        self.asked.words.iter().map(|word| word.related.clone()).collect()
    }

    fn all_kinds(&self) -> Scope {
        Scope { kinds: Vec::new(), ..self.scope.clone() }
    }

    /// Ranks the wanted documents but tables; `words` are those of all kinds.
    fn items_by_words(&self, words: &[Ranked]) -> Result<Fusion> {
        let mut weights = Fusion::default();
        if self.scope.kinds.is_empty() {
            weights.add(WORDS, words.iter().copied());
        } else {
            weights.add(WORDS, self.rank(Words::Items, &self.forms(), self.scope, MAX_ITEMS)?);
        }
        weights.add(PARTS, self.rank(Words::Items, &self.related(), self.scope, MAX_ITEMS)?);
        if self.scope.has(Kind::Column) {
            weights.add(MEMBERS, self.members.iter().map(|found| (found.member.document, found.score)));
        }
        Ok(weights)
    }

    fn rank(&self, words: Words, forms: &[Vec<String>], scope: &Scope, limit: i64) -> Result<Vec<Ranked>> {
        words.rank(self.database, forms, scope, limit)
    }

    /// Ranks tables by their words and by those of their columns, values, sources and queries.
    fn tables_by_words(&self, words: &[Ranked]) -> Result<Tables> {
        let mut tables = Tables::default();
        let scope = self.all_kinds();
        tables.weights.add(WORDS, self.rank(Words::Tables, &self.forms(), &scope, MAX_TABLES)?);
        tables.weights.add(PARTS, self.rank(Words::Tables, &self.related(), &scope, MAX_TABLES)?);
        tables.weights.add(RAISED, self.raised(words)?);
        tables.weights.add(RAISED_BY_MEMBERS, self.raised_by_members(&mut tables.members)?);
        Ok(tables)
    }

    /// Ranks the tables found so far by how much of the query they cover, then by joins and use.
    pub(super) fn compare_tables(&self, tables: &mut Tables) -> Result<()> {
        self.add_coverage(tables)?;
        self.add_neighbours(tables)
    }

    fn raised(&self, items: &[Ranked]) -> Result<Vec<Ranked>> {
        let mut raised = Vec::new();
        for (item, score) in items.iter().take(MAX_RAISING) {
            raised.extend(tables_of(self.database, *item)?.into_iter().map(|table| (table, *score)));
        }
        Ok(raised)
    }

    /// Returns the tables of similar meaning, and those that something of similar meaning is of.
    fn similar_tables(&self) -> Result<Vec<Ranked>> {
        let mut ranked = Vec::new();
        for Similar { document, kind, cosine } in &self.similar {
            if *kind == Kind::Table {
                ranked.push((*document, *cosine));
            } else {
                let scaled = RAISED_BY_MEANING * cosine;
                ranked.extend(tables_of(self.database, *document)?.into_iter().map(|table| (table, scaled)));
            }
        }
        Ok(ranked)
    }

    fn raised_by_members(&self, found_in: &mut HashMap<i64, Vec<usize>>) -> Result<Vec<Ranked>> {
        let mut raised = Vec::new();
        for (index, found) in self.members.iter().enumerate().take(MAX_RAISING) {
            for table in tables_of(self.database, found.member.document)? {
                found_in.entry(table).or_default().push(index);
                raised.push((table, found.score));
            }
        }
        Ok(raised)
    }

    fn add_coverage(&self, tables: &mut Tables) -> Result<()> {
        let mut lane = Vec::new();
        for (table, _) in tables.weights.top(MAX_COMPARED) {
            let members = tables.members.get(&table).into_iter().flatten().filter_map(|index| self.members.get(*index));
            let values: Vec<_> = members.map(|found| found.member.value.as_str()).collect();
            let coverage = cover(self.database, table, &values, self.asked)?;
            if coverage.score > 0.0 {
                lane.push((table, coverage.score));
            }
            tables.coverage.insert(table, coverage);
        }
        tables.weights.add(COVERED, lane);
        tables.scale_by_coverage();
        Ok(())
    }

    fn add_neighbours(&self, tables: &mut Tables) -> Result<()> {
        let mut scores: HashMap<i64, f64> = HashMap::new();
        for (table, weight) in tables.weights.top(MAX_SEEDS) {
            let Some(name) = name_of(self.database, table)? else { continue };
            for neighbour in joined(self.database, &name)? {
                *scores.entry(neighbour).or_default() += weight;
                tables.joined.entry(neighbour).or_insert(table);
            }
        }
        let mut used = Vec::new();
        for (table, _) in tables.weights.top(MAX_COMPARED) {
            let Some(name) = name_of(self.database, table)? else { continue };
            let count = calls(self.database, &name)?;
            if count > 0 {
                used.push((table, count as f64));
            }
        }
        tables.weights.add(JOINED, scores);
        tables.weights.add(USED, used);
        Ok(())
    }
}
