//! Compares the tables whose hash has changed with their staged files, and describes the changes.
//!
//! A hash covers all facts, so that it also differs if a version of KTX reports more of them. Only the comparison of the
//! files knows whether the table has changed.

use super::{
    adapters::live_database::{
        self, CONNECTION_FILE, Known, TABLES_DIR, compare_files, find_renamed_tables, read_facts, renamed_table,
        without_denied,
    },
    changes::{Change, ChangeKind, ChangedObject, Details},
    diff::{Base, BaseSync},
    entity::{Entity, PullResult},
    layout::SourceLayout,
    profile::{PROFILES_DIR, StagedProfile},
};
use crate::{
    error::Result,
    parallel,
    project::{confined, file_names, policy::Policy},
};
use std::collections::{HashMap, HashSet};

/// Maximum number of removed or added tables of which renames are proposed.
const MAX_RENAMES: usize = 2000;

/// Result of a comparison.
#[derive(Debug, Default)]
pub(super) struct Described {
    /// Names of tables with another hash that have not changed.
    pub(super) equal: HashSet<String>,
    /// Changes by table.
    pub(super) details: Details,
}

/// Describes the changes of a pull since its base. Other sources than databases have no descriptions. Blocks.
pub(super) fn describe(
    layout: &SourceLayout,
    source: &str,
    base: Option<&BaseSync>,
    pulled: &PullResult,
) -> Result<Described> {
    let Some(base) = base.filter(|_| source == live_database::SOURCE) else { return Ok(Described::default()) };
    let files = StagedFiles::new(layout, base);
    let known = files.known(pulled);
    let is_changed = |entity: &&Entity| base.entities.get(&entity.name).is_some_and(|base| base.hash != entity.hash);
    let changed: Vec<_> = pulled.entities.iter().enumerate().filter(|(_, entity)| is_changed(entity)).collect();
    let compared = parallel::map(changed, |(index, entity): (usize, &Entity)| {
        let Some(before) = files.read(TABLES_DIR, &entity.name) else { return Ok(None) };
        let Some(changes) = compare_with_policy(&before, &entity.text, known, &pulled.policy) else { return Ok(None) };
        Ok(Some((entity.name.clone(), files.check_renames(changes, index, pulled))))
    })?;
    let mut described = Described::default();
    for (name, changes) in compared.into_iter().flatten() {
        if changes.is_empty() {
            described.equal.insert(name);
        } else {
            described.details.insert(name, changes);
        }
    }
    for (name, change) in left_out_tables(&base.entities, pulled) {
        described.details.entry(name).or_default().push(change);
    }
    for (name, change) in files.find_renamed_tables(&base.entities, pulled) {
        described.details.entry(name).or_default().push(change);
    }
    Ok(described)
}

/// Returns a change for each table of the base that the policy denies now: the database may still have it.
fn left_out_tables(base: &Base, pulled: &PullResult) -> Vec<(String, Change)> {
    let names: HashSet<_> = pulled.entities.iter().map(|entity| entity.name.as_str()).collect();
    let gone = base.keys().filter(|name| !names.contains(name.as_str()));
    let text = "the table is left out by the data policy";
    let change = || Change::of_object(ChangeKind::Changed, ChangedObject::Table, None, text);
    gone.filter(|name| pulled.policy.denies_reference(name)).map(|name| (name.clone(), change())).collect()
}

/// Compares a table with what the policy of today leaves of its earlier file, so that what is left out is no change of
/// the database. The file is staged again all the same, and one change says why.
fn compare_with_policy(before: &str, after: &str, known: Known, policy: &Policy) -> Option<Vec<Change>> {
    let all = compare_files(before, after, known)?;
    let allowed = without_denied(&[before.to_owned()], policy).ok()?;
    let Some(mut changes) = compare_files(allowed.first()?, after, known).filter(|changes| *changes != all) else {
        return Some(all);
    };
    let text = "columns, keys or values are left out by the data policy";
    changes.push(Change::of_object(ChangeKind::Changed, ChangedObject::Table, None, text));
    Some(changes)
}

/// The files of the base.
struct StagedFiles<'a> {
    layout: &'a SourceLayout,
    sync_id: &'a str,
    /// Names of files by the names of their tables.
    names: HashMap<&'a str, String>,
}

impl<'a> StagedFiles<'a> {
    fn new(layout: &'a SourceLayout, base: &'a BaseSync) -> Self {
        let tables = base.entities.keys().map(String::as_str);
        let files = file_names::encode_distinct(tables.clone());
        let names = tables.zip(files).map(|(table, file)| (table, format!("{file}.json"))).collect();
        Self { layout, sync_id: &base.sync_id, names }
    }

    /// Reads the file of a table; `None` if it is missing or cannot be read, so that its changes are not known.
    fn read(&self, folder: &str, table: &str) -> Option<String> {
        let path = self.layout.sync(self.sync_id).join(folder).join(self.names.get(table)?);
        confined::read_text(&self.layout.project, &path).ok().flatten()
    }

    /// Which facts both syncs could have.
    fn known(&self, pulled: &PullResult) -> Known {
        let path = self.layout.sync(self.sync_id).join(CONNECTION_FILE);
        let before = confined::read_text(&self.layout.project, &path).ok().flatten();
        let after = pulled.attachments.iter().find(|attachment| attachment.file == CONNECTION_FILE);
        let facts = [before.as_deref(), after.map(|attachment| attachment.text.as_str())].map(read_facts);
        if facts.contains(&0) { Known::InBoth } else { Known::All }
    }

    /// Leaves out proposals of renamed columns that the profiles contradict, if both syncs have one.
    fn check_renames(&self, mut changes: Vec<Change>, index: usize, pulled: &PullResult) -> Vec<Change> {
        if changes.iter().all(|change| change.kind != ChangeKind::Renamed) {
            return changes;
        }
        let Some((before, after)) = self.profiles(&pulled.entities[index].name, index, pulled) else { return changes };
        changes.retain_mut(|change| {
            let (Some(from), Some(to), ChangeKind::Renamed) = (&change.before, &change.after, change.kind) else {
                return true;
            };
            let is_same = is_same_column(&before, from, &after, to);
            if is_same {
                change.text = change.text.replace("(same type and position)", "(same type, position and profile)");
            }
            is_same
        });
        changes
    }

    fn profiles(&self, from: &str, index: usize, pulled: &PullResult) -> Option<(StagedProfile, StagedProfile)> {
        let before = serde_json::from_str(&self.read(PROFILES_DIR, from)?).ok()?;
        let after = pulled.companions.iter().find(|file| file.entity == index && file.folder == PROFILES_DIR)?;
        Some((before, serde_json::from_str(&after.text).ok()?))
    }

    fn find_renamed_tables(&self, base: &Base, pulled: &PullResult) -> Vec<(String, Change)> {
        let new: HashMap<_, _> =
            pulled.entities.iter().enumerate().map(|(index, entity)| (entity.name.as_str(), (index, entity))).collect();
        let removed: Vec<_> = base.keys().filter(|name| !new.contains_key(name.as_str())).collect();
        let added: Vec<_> = pulled.entities.iter().filter(|entity| !base.contains_key(&entity.name)).collect();
        if removed.is_empty() || added.is_empty() || removed.len().max(added.len()) > MAX_RENAMES {
            return Vec::new();
        }
        let removed: Vec<_> =
            removed.into_iter().filter_map(|name| Some((name.as_str(), self.read(TABLES_DIR, name)?))).collect();
        let added: Vec<_> = added.iter().map(|entity| (entity.name.as_str(), entity.text.as_str())).collect();
        let propose = |(from, to): (&str, &str)| {
            let evidence = match self.profiles(from, new.get(to)?.0, pulled) {
                Some((before, after)) if before.rows != after.rows => return None,
                Some(_) => "columns and rows",
                None => "columns",
            };
            Some((to.to_owned(), renamed_table(from, to, evidence)))
        };
        find_renamed_tables(&removed, &added).into_iter().filter_map(propose).collect()
    }
}

/// Whether two columns have the same rows, nulls, distinct values and range.
fn is_same_column(before: &StagedProfile, from: &str, after: &StagedProfile, to: &str) -> bool {
    let facts = |profile: &StagedProfile, name: &str| {
        let column = profile.columns.iter().find(|column| column.name == name)?;
        let facts = &column.facts;
        Some((profile.measured_rows(), facts.nulls, facts.distinct, facts.min.clone(), facts.max.clone()))
    };
    facts(before, from) == facts(after, to)
}
