//! The data policy of today on the file of a source, which may be older.

use super::source::Source;
use crate::project::policy::Policy;

impl Source {
    /// Whether the source is one of a denied table. A query is not read: the daemon checks it when it runs.
    pub(super) fn is_denied(&self, policy: &Policy) -> bool {
        self.table.as_ref().is_some_and(|table| policy.denies_reference(table))
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
