//! The diff of two syncs.

use super::{
    changes::Details,
    entity::Entity,
    report::{Changes, DiffSummary, WorkUnit},
};
use std::collections::{BTreeMap, HashSet};

/// An entity of the last successful sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseEntity {
    /// Key of its work unit.
    pub(super) group: String,
    /// Hash of its content.
    pub(super) hash: String,
}

/// Entities of the last successful sync, by name.
pub(super) type Base = BTreeMap<String, BaseEntity>;

/// The last successful sync in the same environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseSync {
    /// Name of its folder.
    pub(super) sync_id: String,
    /// Its entities.
    pub(super) entities: Base,
}

/// Differences between a base and the current entities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Diff {
    /// Numbers of entities.
    pub(super) summary: DiffSummary,
    /// Names of changed entities.
    pub(super) changes: Changes,
    /// Descriptions of changed entities, by name.
    pub(super) descriptions: BTreeMap<String, String>,
    /// Changed entities by group, sorted by key.
    pub(super) work_units: Vec<WorkUnit>,
    /// Changes of changed entities, by name.
    pub(super) details: Details,
}

/// Whether the current entities are those of a base, with the same hashes.
pub(super) fn is_same(base: &Base, current: &[Entity]) -> bool {
    let is_in_base = |entity: &Entity| base.get(&entity.name).is_some_and(|base| base.hash == entity.hash);
    base.len() == current.len() && current.iter().all(is_in_base)
}

/// Compares the current entities, sorted by name, with a base. `equal` ones have not changed in spite of their hash.
pub(super) fn compare(base: &Base, current: &[Entity], equal: &HashSet<String>) -> Diff {
    let mut diff = Diff::default();
    let mut units: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for entity in current {
        let list = match base.get(&entity.name) {
            None => &mut diff.changes.added,
            Some(previous) if previous.hash != entity.hash && !equal.contains(&entity.name) => {
                &mut diff.changes.modified
            }
            Some(_) => {
                diff.summary.unchanged += 1;
                continue;
            }
        };
        list.push(entity.name.clone());
        if let Some(description) = &entity.description {
            diff.descriptions.insert(entity.name.clone(), description.clone());
        }
        units.entry(&entity.group).or_default().push(entity.name.clone());
    }
    let names: HashSet<_> = current.iter().map(|entity| entity.name.as_str()).collect();
    for (name, previous) in base {
        if !names.contains(name.as_str()) {
            diff.changes.deleted.push(name.clone());
            units.entry(&previous.group).or_default().push(name.clone());
        }
    }
    diff.work_units = units.into_iter().map(|(key, entities)| work_unit(key, entities)).collect();
    diff.summary.added = diff.changes.added.len();
    diff.summary.modified = diff.changes.modified.len();
    diff.summary.deleted = diff.changes.deleted.len();
    diff
}

fn work_unit(key: &str, mut entities: Vec<String>) -> WorkUnit {
    entities.sort();
    WorkUnit { key: key.to_owned(), entities }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(name: &str, hash: &str) -> Entity {
        let group = name.split('.').next().unwrap().to_owned();
        Entity {
            description: None,
            name: name.into(),
            folder: "tables",
            title: name.into(),
            group,
            hash: hash.into(),
            text: String::new(),
        }
    }

    fn base(entities: &[Entity]) -> Base {
        let previous = |entity: &Entity| BaseEntity { group: entity.group.clone(), hash: entity.hash.clone() };
        entities.iter().map(|entity| (entity.name.clone(), previous(entity))).collect()
    }

    #[test]
    fn first_sync_adds_all_entities() {
        let diff = compare(&Base::new(), &[entity("s.a", "1"), entity("t.b", "1")], &HashSet::new());
        assert_eq!(diff.changes.added, ["s.a", "t.b"]);
        assert_eq!(diff.summary, DiffSummary { added: 2, ..DiffSummary::default() });
    }

    #[test]
    fn changes_of_all_kinds_are_found_and_grouped() {
        let before = base(&[entity("s.a", "1"), entity("s.b", "1"), entity("t.c", "1"), entity("u.d", "1")]);
        let current = [entity("s.a", "1"), entity("s.b", "2"), entity("s.0", "1"), entity("u.d", "2")];
        assert!(!is_same(&before, &current));
        let diff = compare(&before, &current, &HashSet::from(["u.d".to_owned()]));
        assert_eq!(diff.summary, DiffSummary { added: 1, modified: 1, deleted: 1, unchanged: 2 });
        assert_eq!(diff.changes.added, ["s.0"]);
        assert_eq!(diff.changes.modified, ["s.b"]);
        assert_eq!(diff.changes.deleted, ["t.c"]);
        let expected = |key: &str, entities: &[&str]| WorkUnit {
            key: key.into(),
            entities: entities.iter().map(|e| (*e).into()).collect(),
        };
        assert_eq!(diff.work_units, [expected("s", &["s.0", "s.b"]), expected("t", &["t.c"])]);
    }

    #[test]
    fn equal_entities_are_unchanged() {
        let same = [entity("s.a", "1"), entity("s.b", "1")];
        assert!(is_same(&base(&same), &same));
        let diff = compare(&base(&same), &same, &HashSet::new());
        assert_eq!(diff, Diff { summary: DiffSummary { unchanged: 2, ..DiffSummary::default() }, ..Diff::default() });
    }
}
