//! The data policy of today on the file of a source, which may be older.

use super::source::Source;
use crate::project::policy::Policy;
use std::collections::BTreeSet;

impl Source {
    /// Whether the source is one of a denied table. A query is not read: the daemon checks it when it runs.
    pub(super) fn is_denied(&self, policy: &Policy) -> bool {
        self.table.as_ref().is_some_and(|table| policy.denies_reference(table))
    }

    /// Whether nothing but the names of its parts may name what is denied: neither its table nor its query does.
    pub(super) fn is_allowed(&self, policy: &Policy) -> bool {
        !self.is_denied(policy) && !self.sql.as_ref().is_some_and(|sql| policy.denies_text(sql))
    }

    /// Removes the values of denied and masked columns; returns whether there were any. The columns of a query may be
    /// those of any table.
    pub(super) fn hide_values(&mut self, policy: &Policy) -> bool {
        let mut has_hidden = false;
        for column in self.columns.iter_mut().filter(|column| !column.values.is_empty()) {
            let texts = [Some(&column.name), column.expr.as_ref()].into_iter().flatten().map(String::as_str);
            let is_hidden = match &self.table {
                Some(table) => policy.hides_values(table, texts),
                None => texts.into_iter().any(|text| policy.hides_text(text)),
            };
            if is_hidden {
                column.values.clear();
                has_hidden = true;
            }
        }
        has_hidden
    }

    /// Removes what names a denied column or source, and descriptions that name anything denied or masked. A masked
    /// column keeps its name.
    pub(super) fn remove_denied(&mut self, policy: &Policy, denied_sources: &BTreeSet<String>) {
        if !policy.denies() && !policy.masks() {
            return;
        }
        let reference = self.table.clone();
        let is_hidden = |texts: &[Option<&String>]| {
            let mut texts = texts.iter().flatten().map(|text| text.as_str());
            match &reference {
                Some(table) => policy.denies_columns(table, texts),
                None => texts.any(|text| policy.denies_text(text)),
            }
        };
        self.columns.retain(|column| !is_hidden(&[Some(&column.name), column.expr.as_ref(), column.measure.as_ref()]));
        self.measures.retain(|measure| {
            let texts: Vec<_> = measure.expressions().chain([&measure.name]).map(Some).collect();
            !is_hidden(&texts)
        });
        self.segments.retain(|segment| !is_hidden(&[Some(&segment.name), Some(&segment.expr)]));
        for column in &mut self.columns {
            let mut texts = [Some(&column.name), column.expr.as_ref()].into_iter().flatten().map(String::as_str);
            if reference.as_ref().is_some_and(|table| policy.hides_values(table, &mut texts)) {
                column.description = None;
            }
        }
        let descriptions = self.columns.iter_mut().map(|column| &mut column.description);
        let descriptions = descriptions.chain(self.measures.iter_mut().map(|measure| &mut measure.description));
        let descriptions = descriptions.chain(self.segments.iter_mut().map(|segment| &mut segment.description));
        for description in descriptions.chain([&mut self.description]) {
            description.take_if(|text| policy.hides_text(text));
        }
        for measure in &mut self.measures {
            measure.synonyms.retain(|text| !policy.hides_text(text));
        }
        self.joins.retain(|join| !denied_sources.contains(&join.to) && !policy.denies_text(&join.on));
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        error::Code,
        project::Project,
        semantic::files::{list, read},
    };
    use std::fs;

    #[test]
    fn files_are_read_without_what_is_denied_or_masked() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("semantic-layer/w");
        fs::create_dir_all(&folder).unwrap();
        let values = |name: &str| format!("  - name: {name}\n    type: string\n    values: [LEAK{name}]\n");
        let columns = ["tier", "code", "kind"].map(values).concat();
        fs::write(folder.join("emp.yaml"), format!("# ours\nname: emp\ntable: main.emp\ncolumns:\n{columns}")).unwrap();
        fs::write(folder.join("pay.yaml"), format!("name: pay\ntable: main.pay\ncolumns:\n{columns}")).unwrap();
        fs::write(folder.join("own.yaml"), format!("name: own\nsql: SELECT 1\ncolumns:\n{columns}")).unwrap();
        let text = "connections: { w: { driver: sqlite, policy: { deny: { tables: [pay], columns: [emp.tier] }, mask: ['*.code'] } } }";
        let project = Project::parsed(dir.path(), text);
        for name in ["emp", "own"] {
            let found = read(&project, "w", name).unwrap();
            assert!(found.text.contains("LEAKkind") && !found.text.contains("LEAKcode"), "{}", found.text);
            assert!(!found.text.contains("LEAKtier"), "{}", found.text);
            assert_eq!(found.source.columns.len(), 3);
        }
        assert_eq!(read(&project, "w", "pay").unwrap_err().code(), Code::PolicyDenied);
        let names: Vec<_> = list(&project, None).unwrap().into_iter().map(|source| source.name).collect();
        assert_eq!(names, ["emp", "own"]);
    }
}
