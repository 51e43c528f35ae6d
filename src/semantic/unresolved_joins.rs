//! Joins of a source that is written before the sources that it is joined with.

use super::{
    files::{Entry, SourceFolder},
    source::Source,
};
use crate::project::suggest;
use std::collections::HashSet;

/// Maximum edit distance between a name and its misspelling.
const MAX_TYPO_DISTANCE: usize = 2;

/// Removes joins to sources that do not exist yet, since one of two joined sources has to be written first. Errors: a
/// message, if the name in a join looks like a typing error.
pub(super) fn remove_unresolved_joins(
    folder: &SourceFolder<'_>,
    candidate: &mut Source,
) -> Result<Vec<String>, String> {
    let mut names: HashSet<_> =
        folder.entries.iter().filter_map(Entry::source).map(|source| source.name.as_str()).collect();
    names.insert(&candidate.name);
    let exists = |name: &str| names.contains(name);
    let mut warnings = Vec::new();
    for join in candidate.joins.iter().filter(|join| !exists(&join.to)) {
        let nearest = suggest::nearest(&join.to, names.iter().copied().filter(|name| *name != candidate.name));
        if let Some(nearest) = nearest.filter(|name| strsim::damerau_levenshtein(name, &join.to) <= MAX_TYPO_DISTANCE) {
            let (name, to) = (&candidate.name, &join.to);
            return Err(format!("{name}, join to '{to}': There is no such source; did you mean '{nearest}'?"));
        }
        warnings.push(format!("The join to {} cannot be used yet: there is no source of that name", join.to));
    }
    let absent: HashSet<String> = candidate.joins.iter().map(|join| join.to.clone()).filter(|to| !exists(to)).collect();
    candidate.joins.retain(|join| !absent.contains(&join.to));
    Ok(warnings)
}
