//! Applies answers of the user to a detection that was made before them.

use super::{
    detected::{ListedKey, ListedRelationship},
    scanned::ScannedColumns,
};
use crate::{
    project::answers::{Answered, Answers, Columns},
    relationships::TableColumns,
    shell,
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Answers by their columns, and whether the detection has those.
pub(super) struct Overlay {
    links: HashMap<(TableColumns, TableColumns), (Answered, bool)>,
    keys: HashMap<TableColumns, (Answered, bool)>,
}

impl Overlay {
    /// Finds the columns of the answers. Those that the scan does not have are left out; the next scan warns of them.
    pub(super) fn new(answers: &Answers, scanned: &ScannedColumns) -> Self {
        let find = |columns: &Columns| scanned.find(&columns.table, &columns.columns);
        let links = answers.relationships.iter();
        let keys = answers.keys.iter();
        Self {
            links: links.filter_map(|it| Some(((find(&it.from)?, find(&it.to)?), (it.status, false)))).collect(),
            keys: keys.filter_map(|it| Some((scanned.find(&it.table, &it.columns)?, (it.status, false)))).collect(),
        }
    }

    /// Applies the answers, and leaves out relationships whose columns the scan does not have.
    pub(super) fn apply_to_links(
        &mut self,
        found: Vec<ListedRelationship>,
        scanned: &ScannedColumns,
    ) -> Vec<ListedRelationship> {
        let find = |columns: &Columns| scanned.find(&columns.table, &columns.columns);
        let apply = |mut link: ListedRelationship| {
            let columns = (find(&link.from)?, find(&link.to)?);
            if let Some((answered, is_known)) = self.links.get_mut(&columns) {
                *is_known = true;
                answer(&mut link.status, &mut link.evidence, link.declared, *answered);
            }
            Some(link)
        };
        found.into_iter().filter_map(apply).collect()
    }

    /// Applies the answers, and leaves out keys whose columns the scan does not have.
    pub(super) fn apply_to_keys(&mut self, found: Vec<ListedKey>, scanned: &ScannedColumns) -> Vec<ListedKey> {
        let apply = |mut key: ListedKey| {
            let columns = scanned.find(&key.table, &key.columns)?;
            if let Some((answered, is_known)) = self.keys.get_mut(&columns) {
                *is_known = true;
                answer(&mut key.status, &mut key.evidence, key.declared, *answered);
            }
            Some(key)
        };
        found.into_iter().filter_map(apply).collect()
    }

    /// Returns a warning about answers that the detection does not know, and so has not counted.
    pub(super) fn pending_warning(&self, connection_id: &str) -> Option<String> {
        let answers = self.links.values().chain(self.keys.values());
        let pending = answers.filter(|(answered, is_known)| *answered == Answered::Accepted && !is_known).count();
        let id = shell::quote(connection_id);
        (pending > 0).then(|| {
            format!("{pending} accepted answers are not counted yet; scan with: ktx scan {id} --relationships")
        })
    }
}

/// Sets the status of an entry that the database does not declare.
fn answer(status: &mut String, evidence: &mut Vec<Value>, is_declared: bool, answered: Answered) {
    let (name, value) = match answered {
        Answered::Accepted => ("accepted", 1.0),
        Answered::Rejected => ("rejected", 0.0),
    };
    if !is_declared && status != name {
        name.clone_into(status);
        evidence.insert(0, json!({ "kind": "decision", "text": "The user decided after the scan", "value": value }));
    }
}
