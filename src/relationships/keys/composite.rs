//! Keys of several columns, for tables without a unique column. They are counted by the database.

use crate::relationships::{
    facts::{ColumnId, Facts, Uniqueness},
    surprise::is_code,
    type_class::TypeClass,
    weights::COMPOSITE_SURPRISE,
};

/// A possible composite key.
#[derive(Debug, Clone)]
pub(in crate::relationships) struct CompositeKey {
    /// Its columns, in the order of the table.
    pub(in crate::relationships) columns: Vec<ColumnId>,
    /// How improbable its uniqueness is by accident, in bits.
    pub(in crate::relationships) surprise: f64,
}

/// Maximum number of columns.
const MAX_COLUMNS: usize = 4;
/// Maximum number of columns of a table that are combined.
const MAX_PARTS: usize = 8;
/// Maximum number of keys of a table that are counted, by their number of columns.
const MAX_KEYS: [(usize, usize); 3] = [(2, 4), (3, 3), (4, 3)];
/// Columns at the beginning of a table that may be a part without the name of a key.
const LEADING: usize = 6;

/// Returns possible keys of a table, those with few columns near its beginning first; `is_reference` are columns that
/// name another table.
pub(in crate::relationships) fn composite_keys(
    facts: &Facts<'_>,
    table: usize,
    is_reference: impl Fn(ColumnId) -> bool,
) -> Vec<CompositeKey> {
    let Some(rows) = facts.tables[table].rows.filter(|rows| *rows > 1) else { return Vec::new() };
    let mut parts: Vec<_> =
        facts.tables[table].columns.clone().filter(|id| is_part(facts, *id, &is_reference)).collect();
    parts.sort_by_key(|id| (part_rank(facts, *id, &is_reference), *id));
    parts.truncate(MAX_PARTS);
    parts.sort_unstable();
    let mut keys: Vec<(usize, CompositeKey)> = combinations(parts.len())
        .filter_map(|chosen| {
            let columns: Vec<_> = chosen.iter().map(|index| parts[*index]).collect();
            let surprise = surprise(facts, &columns, rows)?;
            Some((chosen.iter().sum::<usize>(), CompositeKey { columns, surprise }))
        })
        .collect();
    keys.sort_by_key(|(rank, key)| (key.columns.len(), *rank));
    spread(keys.into_iter().map(|(_, key)| key).collect())
}

/// Sets of two to four of `count` parts.
fn combinations(count: usize) -> impl Iterator<Item = Vec<usize>> {
    (1_u32..1 << count)
        .filter(|bits| (2..=MAX_COLUMNS).contains(&(bits.count_ones() as usize)))
        .map(move |bits| (0..count).filter(|index| bits & (1 << index) != 0).collect())
}

/// Takes the first keys of each number of columns.
fn spread(keys: Vec<CompositeKey>) -> Vec<CompositeKey> {
    let mut chosen = Vec::new();
    for (size, share) in MAX_KEYS {
        chosen.extend(keys.iter().filter(|key| key.columns.len() == size).take(share).cloned());
    }
    chosen
}

fn is_part(facts: &Facts<'_>, id: ColumnId, is_reference: &impl Fn(ColumnId) -> bool) -> bool {
    let column = &facts.columns[id];
    // With a unique part, a key is not minimal.
    if column.uniqueness == Uniqueness::Exact {
        return false;
    }
    let Some(profile) = column.profile.filter(|profile| profile.nulls == 0 && profile.distinct > 1) else {
        return false;
    };
    let has_key_name = has_key_name(facts, id);
    let is_short = column.class != TypeClass::Text || is_code(profile) || has_key_name;
    let is_leading = column.position < LEADING && is_short;
    column.class != TypeClass::Other && (has_key_name || is_leading || is_reference(id))
}

fn has_key_name(facts: &Facts<'_>, id: ColumnId) -> bool {
    facts.columns[id].names.phrases.iter().any(|phrase| phrase.suffix.is_some())
}

/// References first, then names of keys, then other columns, in the order of the table.
fn part_rank(facts: &Facts<'_>, id: ColumnId, is_reference: &impl Fn(ColumnId) -> bool) -> usize {
    match (is_reference(id), has_key_name(facts, id)) {
        (true, _) => 0,
        (_, true) => 1,
        _ => 2,
    }
}

/// Bits of improbability that rows are distinct: of n random ones among c combinations, n²/2c pairs would be equal.
/// `None` if there are too few combinations for a key, or so many that its uniqueness proves nothing.
fn surprise(facts: &Facts<'_>, columns: &[ColumnId], rows: u64) -> Option<f64> {
    let combinations: f64 = columns.iter().map(|id| facts.columns[*id].distinct() as f64).product();
    let bits = (rows as f64).powi(2) / (2.0 * combinations) * std::f64::consts::LOG2_E;
    (combinations >= rows as f64 && bits >= COMPOSITE_SURPRISE).then_some(bits)
}
