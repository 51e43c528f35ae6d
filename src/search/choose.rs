//! Chooses the hits among tables, values and other documents.

use super::{
    coverage::Coverage,
    document::Kind,
    found::FoundMember,
    fusion::Fusion,
    lanes::neighbours::tables_of,
    rank::{Ranking, Tables},
    request::SearchHit,
    why::{self, TableReasons},
};
use rusqlite::{OptionalExtension, Result};
use std::{
    collections::{HashMap, HashSet},
    mem,
};

/// Documents of which hits are made, unless more are asked for.
const MAX_CANDIDATES: usize = 150;
/// Share of the query that a document has to have beside the tables.
const MIN_SHARE: f64 = 0.75;
/// Maximum columns and values, and documents of any other kind, beside the tables.
const MAX_OF_KIND: usize = 3;
/// The weight of a document by the share of the query that it has: of all of it, above that of a table.
const BASE: f64 = 0.4;
const BY_SHARE: f64 = 2.6;
/// The weight of a value in quotes, or of another one.
const QUOTED_VALUE: f64 = 0.15;
const VALUE: f64 = 0.03;
/// Score of a value from which it was in quotes.
const QUOTED: f64 = 10.0;

/// A hit with what decides on its place.
struct Candidate {
    hit: SearchHit,
    /// Whether it has enough of the query to have a place beside the tables.
    is_direct: bool,
}

/// A document, as it is stored.
struct Stored {
    kind: Kind,
    connection: Option<String>,
    name: String,
    own_name: String,
    text: String,
    table: Option<String>,
    calls: i64,
}

impl Ranking<'_> {
    /// Returns the best hits, and whether there are others.
    pub(super) fn hits(mut self, limit: usize) -> Result<(Vec<SearchHit>, bool)> {
        let mut tables = mem::take(&mut self.tables);
        self.compare_tables(&mut tables)?;
        self.choose(&tables, &self.items, limit)
    }

    fn is_similar(&self, document: i64) -> bool {
        self.similar.iter().any(|similar| similar.document == document)
    }

    fn choose(&self, tables: &Tables, items: &Fusion, limit: usize) -> Result<(Vec<SearchHit>, bool)> {
        let mut candidates = Vec::new();
        if self.scope.has(Kind::Table) {
            // One more shows whether the limit cuts.
            candidates.extend(self.table_hits(tables, limit + 1)?);
        }
        if self.scope.has(Kind::Value) {
            candidates.extend(self.value_hits()?);
        }
        candidates.extend(self.item_hits(items, limit + 1)?);
        candidates.sort_by(|left, right| {
            let name = |candidate: &Candidate| (candidate.hit.kind, candidate.hit.name.clone());
            right.hit.score.total_cmp(&left.hit.score).then_with(|| name(left).cmp(&name(right)))
        });
        let mut seen = HashSet::new();
        candidates.retain(|Candidate { hit, .. }| {
            let text = if hit.kind == Kind::Value { hit.why.clone() } else { String::new() };
            seen.insert((hit.kind, hit.connection_id.clone(), hit.name.clone(), text))
        });
        let mut hits = if self.scope.kinds.is_empty() { limit_kinds(candidates) } else { all(candidates) };
        let is_cut = hits.len() > limit;
        hits.truncate(limit);
        Ok((hits, is_cut))
    }

    fn table_hits(&self, tables: &Tables, limit: usize) -> Result<Vec<Candidate>> {
        let mut hits = Vec::new();
        for (id, weight) in tables.weights.top(limit) {
            let Some(stored) = self.stored(id)? else { continue };
            // An explore may raise tables of another connection.
            if self.scope.connection.is_some() && stored.connection != self.scope.connection {
                continue;
            }
            let best = tables.members.get(&id).and_then(|members| members.first());
            let member = best.and_then(|index| self.members.get(*index));
            let column = member.map(|found| self.stored(found.member.document)).transpose()?.flatten();
            let member = column.as_ref().zip(member).map(|(column, found)| (column.own_name.as_str(), &found.member));
            let seed = tables.joined.get(&id).map(|seed| self.stored(*seed)).transpose()?.flatten();
            let nothing = Coverage::default();
            let why = why::of_table(&TableReasons {
                coverage: tables.coverage.get(&id).unwrap_or(&nothing),
                text: &stored.text,
                member,
                is_similar: self.is_similar(id),
                joined: seed.as_ref().map(|seed| seed.name.as_str()),
            });
            hits.push(Candidate { hit: stored.hit(why, weight), is_direct: true });
        }
        Ok(hits)
    }

    fn value_hits(&self) -> Result<Vec<Candidate>> {
        let mut hits = Vec::new();
        for FoundMember { member, score } in self.members {
            let Some(stored) = self.stored(member.document)? else { continue };
            let why = why::of_member(&stored.own_name, member);
            let weight = if *score >= QUOTED { QUOTED_VALUE } else { VALUE } * (1.0 + score / 100.0);
            let hit = SearchHit { kind: Kind::Value, ..stored.hit(why, weight) };
            hits.push(Candidate { hit, is_direct: true });
        }
        Ok(hits)
    }

    fn item_hits(&self, items: &Fusion, least: usize) -> Result<Vec<Candidate>> {
        let mut hits = Vec::new();
        for (id, weight) in items.top(MAX_CANDIDATES.max(least)) {
            let Some(mut stored) = self.stored(id)? else { continue };
            if stored.kind != Kind::Column
                && let Some(table) = tables_of(self.database, id)?.first()
            {
                stored.table = self.stored(*table)?.map(|table| table.name);
            }
            let share = self.asked.share(&stored.own_name, stored.table.as_deref().unwrap_or_default());
            let Stored { kind, name, text, table, calls, .. } = &stored;
            let mut why = why::of_item(*kind, name, text, table.as_deref(), *calls);
            if share <= 0.0 && self.is_similar(id) {
                why = format!("{}; {why}", why::SIMILAR);
            }
            let hit = stored.hit(why, weight * (BASE + BY_SHARE * share));
            hits.push(Candidate { hit, is_direct: share >= MIN_SHARE });
        }
        Ok(hits)
    }

    fn stored(&self, id: i64) -> Result<Option<Stored>> {
        let sql = "SELECT kind, connection, name, own_name, text, shown_table, calls FROM documents WHERE id = ?";
        let row = self.database.prepare_cached(sql)?.query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        });
        Ok(row.optional()?.and_then(|(kind, connection, name, own_name, text, table, calls)| {
            Some(Stored { kind: Kind::from_number(kind)?, connection, name, own_name, text, table, calls })
        }))
    }
}

impl Stored {
    fn hit(&self, why: String, weight: f64) -> SearchHit {
        SearchHit {
            kind: self.kind,
            name: self.name.clone(),
            connection_id: self.connection.clone(),
            why,
            table: self.table.clone(),
            score: (weight * 1e5).round() / 1e5,
        }
    }
}

fn all(candidates: Vec<Candidate>) -> Vec<SearchHit> {
    candidates.into_iter().map(|candidate| candidate.hit).collect()
}

/// Puts what has too little of the query, and what is above the maximum of its kind, after the others.
fn limit_kinds(candidates: Vec<Candidate>) -> Vec<SearchHit> {
    let mut counts: HashMap<Kind, usize> = HashMap::new();
    let (first, rest): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|candidate| {
        let kind = if candidate.hit.kind == Kind::Value { Kind::Column } else { candidate.hit.kind };
        let is_quoted = candidate.hit.kind == Kind::Value && candidate.hit.score >= QUOTED_VALUE;
        let count = counts.entry(kind).or_default();
        let has_place = candidate.is_direct && (kind == Kind::Table || is_quoted || *count < MAX_OF_KIND);
        *count += usize::from(has_place);
        has_place
    });
    all(first).into_iter().chain(all(rest)).collect()
}
