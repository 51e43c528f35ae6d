//! Compares the tables whose hash has changed with their staged files, and describes the changes.
//!
//! A hash covers all facts, so that it also differs if a version of KTX reports more of them. Only the comparison of the
//! files knows whether the table has changed.

use super::{
    adapters::live_database::{
        self, CONNECTION_FILE, Known, TABLES_DIR, compare_files, find_renamed_tables, read_facts, read_policy,
        renamed_table, without_denied,
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
    let connection_file = files.connection_file();
    let known = known_facts(connection_file.as_deref(), pulled);
    let policies = Policies { before: &read_policy(connection_file.as_deref()), now: &pulled.policy };
    let is_changed = |entity: &&Entity| base.entities.get(&entity.name).is_some_and(|base| base.hash != entity.hash);
    let changed: Vec<_> = pulled.entities.iter().enumerate().filter(|(_, entity)| is_changed(entity)).collect();
    let compared = parallel::map(changed, |(index, entity): (usize, &Entity)| {
        let Some(before) = files.read(TABLES_DIR, &entity.name) else { return Ok(None) };
        let Some(changes) = policies.compare(&before, &entity.text, known) else { return Ok(None) };
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
    for (name, change) in policies.changed_tables(&base.entities, pulled) {
        described.details.entry(name).or_default().push(change);
    }
    for (name, change) in files.find_renamed_tables(&base.entities, pulled) {
        described.details.entry(name).or_default().push(change);
    }
    Ok(described)
}

/// The data policies of the base and of a pull. What they leave out is no change of the database.
#[derive(Clone, Copy)]
struct Policies<'a> {
    before: &'a Policy,
    now: &'a Policy,
}

impl Policies<'_> {
    /// Returns a change for each table that one of the policies denies: the database may have had it all the time.
    fn changed_tables(self, base: &Base, pulled: &PullResult) -> Vec<(String, Change)> {
        let names: HashSet<_> = pulled.entities.iter().map(|entity| entity.name.as_str()).collect();
        let gone = base.keys().map(String::as_str).filter(|name| !names.contains(name));
        let denied = gone.filter(|name| self.now.denies_reference(name));
        let new = names.iter().copied().filter(|name| !base.contains_key(*name));
        let allowed = new.filter(|name| self.before.denies_reference(name));
        let denied = denied.map(|name| (name, "the table is left out by"));
        let changed = denied.chain(allowed.map(|name| (name, "the table is no longer left out by")));
        changed.map(|(name, what)| (name.to_owned(), policy_change(what))).collect()
    }

    /// Compares what both policies leave of a table. The file is staged again all the same, and a change says why.
    fn compare(self, before: &str, after: &str, known: Known) -> Option<Vec<Change>> {
        let all = compare_files(before, after, known)?;
        let allowed = |text: &str, policy| without_denied(&[text.to_owned()], policy).ok()?.pop();
        let (before_now, after_before) = (allowed(before, self.now)?, allowed(after, self.before)?);
        let mut changes = compare_files(&before_now, &after_before, known)?;
        if compare_files(&before_now, after, known)? != all {
            changes.push(policy_change("columns, keys or values are left out by"));
        }
        if compare_files(before, &after_before, known)? != all {
            changes.push(policy_change("columns, keys or values are no longer left out by"));
        }
        Some(changes)
    }
}

fn policy_change(what: &str) -> Change {
    Change::of_object(ChangeKind::Changed, ChangedObject::Table, None, &format!("{what} the data policy"))
}

/// Which facts both syncs could have.
fn known_facts(connection_file: Option<&str>, pulled: &PullResult) -> Known {
    let after = pulled.attachments.iter().find(|attachment| attachment.file == CONNECTION_FILE);
    let facts = [connection_file, after.map(|attachment| attachment.text.as_str())].map(read_facts);
    if facts.contains(&0) { Known::InBoth } else { Known::All }
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

    fn connection_file(&self) -> Option<String> {
        let path = self.layout.sync(self.sync_id).join(CONNECTION_FILE);
        confined::read_text(&self.layout.project, &path).ok().flatten()
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
