//! Finds the existing source of each scanned table, so that a new table does not rename the source of another one.

use super::{files::SourceFolder, manifest::Manifest, table::Table};
use crate::project::{letter_case, table_reference::parse_reference};
use std::collections::HashMap;

/// A source that may be that of a table. The least candidate of a table is chosen.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate<'a> {
    rank: Rank,
    /// Index of the name among those for new tables (see [`name_form`]); `usize::MAX` for a name given by hand.
    form: usize,
    name: &'a str,
    table: usize,
}

/// Evidence that a source is that of a table, strongest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The manifest has the source with this table.
    InManifest,
    /// The manifest has the source with another table, and its file was edited to this table.
    Redirected,
    /// The manifest lacks the source, as in a clone, but its file has this table and a name that would be generated.
    Named,
}

/// Sets the source names of tables that have a source.
pub(super) fn assign_source_names(tables: &mut [Table], folder: &SourceFolder<'_>, manifest: &Manifest) {
    let index = Index::new(tables);
    let mut candidates = Vec::new();
    for (name, entry) in &manifest.sources {
        let generated = entry.table.as_deref().and_then(|text| index.find(tables, text));
        let path = folder.dir.join(&entry.file);
        let mut entries = folder.entries.iter().filter_map(|entry| Some((entry, entry.source()?)));
        let entry = entries.find(|(entry, source)| source.name == *name || entry.path == path);
        let current = || index.find(tables, entry.and_then(|(_, source)| source.table.as_deref())?);
        let found = generated.map(|table| (Rank::InManifest, table));
        if let Some((rank, table)) = found.or_else(|| current().map(|table| (Rank::Redirected, table))) {
            candidates.push(Candidate {
                rank,
                form: name_form(&tables[table], name).unwrap_or(usize::MAX),
                name,
                table,
            });
        }
    }
    for source in folder.entries.iter().filter_map(|entry| entry.source()) {
        let named = source.table.as_deref().filter(|_| !manifest.sources.contains_key(&source.name));
        if let Some(table) = named.and_then(|text| index.find(tables, text))
            && let Some(form) = name_form(&tables[table], &source.name)
        {
            candidates.push(Candidate { rank: Rank::Named, form, name: &source.name, table });
        }
    }
    candidates.sort();
    let mut names = vec![None; tables.len()];
    for candidate in candidates {
        names[candidate.table].get_or_insert_with(|| candidate.name.to_owned());
    }
    for (table, name) in tables.iter_mut().zip(names) {
        table.source_name = name;
    }
}

/// Index of tables by name in lower case.
struct Index(HashMap<String, Vec<usize>>);

impl Index {
    fn new(tables: &[Table]) -> Self {
        let mut index: HashMap<_, Vec<_>> = HashMap::new();
        for (position, table) in tables.iter().enumerate() {
            index.entry(table.name.to_lowercase()).or_default().push(position);
        }
        Self(index)
    }

    /// Finds the only table that matches a reference exactly, or else regardless of letter case.
    fn find(&self, tables: &[Table], reference: &str) -> Option<usize> {
        let parts = parse_reference(reference)?;
        let same_name = self.0.get(&parts.last()?.to_lowercase())?;
        let only = |is_same: fn(&str, &str) -> bool| {
            let mut found = same_name.iter().copied().filter(|position| matches(&parts, &tables[*position], is_same));
            found.next().filter(|_| found.next().is_none())
        };
        only(|left, right| left == right).or_else(|| only(letter_case::is_same))
    }
}

/// Whether the parts of a reference are those of a table, of which the first ones may be missing on either side.
pub(super) fn matches(parts: &[String], table: &Table, is_same: fn(&str, &str) -> bool) -> bool {
    let mut names = [Some(table.name.as_str()), table.db.as_deref(), table.catalog.as_deref()].into_iter();
    parts.len() <= names.len()
        && parts.iter().rev().all(|part| names.next().flatten().is_none_or(|name| is_same(part, name)))
}

/// Returns the index of a name among those for a new table: its name, with the schema, with the catalog. A numeric
/// suffix is ignored.
fn name_form(table: &Table, name: &str) -> Option<usize> {
    let levels = [table.catalog.as_deref(), table.db.as_deref(), Some(table.name.as_str())];
    let number = name.rfind('_').filter(|end| name[end + 1..].parse::<u32>().is_ok());
    let plain = number.map(|end| &name[..end]);
    let mut forms = (0..levels.len()).rev().map(|first| {
        let parts: Vec<_> = levels[first..].iter().flatten().copied().filter(|part| !part.is_empty()).collect();
        plain_name(&parts.join("_")).to_lowercase()
    });
    forms.position(|form| form == name.to_lowercase() || plain.is_some_and(|plain| form == plain.to_lowercase()))
}

/// The name of a new source: of a name that has syntax, letters, digits and underscores are left.
fn plain_name(name: &str) -> String {
    if ![";", "\"", "'", "`", "\\", "--", "/*", "*/"].iter().any(|mark| name.contains(mark)) {
        return name.replace('.', "_");
    }
    let words = name.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::{files::tests::project, manifest::ManifestEntry, source::Source};
    use std::{fs, path::Path};

    fn source(name: &str, table: &str) -> Source {
        Source::from_json(&serde_json::json!({ "name": name, "table": table }).to_string()).unwrap()
    }

    fn tables(names: &[&str]) -> Vec<Table> {
        let table = |name: &&str| {
            let (db, name) = name.split_once('/').unwrap();
            serde_json::from_value(serde_json::json!({ "name": name, "db": db, "columns": [] })).unwrap()
        };
        names.iter().map(table).collect()
    }

    /// Returns the source names of tables, with some sources in the manifest and some in files.
    fn assigned_names(
        dir: &Path,
        names: &[&str],
        generated: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> Vec<Option<String>> {
        let folder = dir.join("semantic-layer/shop");
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).unwrap();
        for (name, table) in files {
            fs::write(folder.join(format!("{name}.yaml")), source(name, table).to_yaml().unwrap()).unwrap();
        }
        let mut manifest = Manifest::default();
        for (name, table) in generated {
            let entry = ManifestEntry::new(format!("{name}.yaml"), "", &source(name, table));
            manifest.sources.insert((*name).to_owned(), entry);
        }
        let mut tables = tables(names);
        assign_source_names(&mut tables, &SourceFolder::open(&project(dir), "shop").unwrap(), &manifest);
        tables.into_iter().map(|table| table.source_name).collect()
    }

    #[test]
    fn table_keeps_the_name_of_its_source() {
        let dir = tempfile::tempdir().unwrap();
        let both = ["crm/returns", "sales/returns"];
        let some = |name: &str| Some(name.to_owned());
        let known = [("returns", "sales.returns")];
        assert_eq!(assigned_names(dir.path(), &both, &known, &known), [None, some("returns")]);
        assert_eq!(assigned_names(dir.path(), &both, &known, &[]), [None, some("returns")], "deleted by hand");
        assert_eq!(assigned_names(dir.path(), &both, &[], &known), [None, some("returns")], "a clone");
        assert_eq!(
            assigned_names(dir.path(), &both, &known, &[("returns", "mine")]),
            [None, some("returns")],
            "edited"
        );
        let quoted = [("returns", "\"SALES\".`Returns`")];
        assert_eq!(assigned_names(dir.path(), &both, &[], &quoted), [None, some("returns")]);
        let qualified = [("sales_returns", "sales.returns")];
        assert_eq!(assigned_names(dir.path(), &both[1..], &qualified, &qualified), [some("sales_returns")]);
        let both_known = [("sales_returns", "sales.returns"), ("returns", "sales.returns")];
        assert_eq!(assigned_names(dir.path(), &both, &both_known, &both_known), [None, some("returns")]);
        let renamed = [("returns", "sales.old_returns")];
        assert_eq!(
            assigned_names(dir.path(), &both, &renamed, &known),
            [None, some("returns")],
            "follows its edited file"
        );
    }

    #[test]
    fn source_named_by_hand_is_not_assigned() {
        let dir = tempfile::tempdir().unwrap();
        let own = [("open_orders", "sales.orders")];
        assert_eq!(assigned_names(dir.path(), &["sales/orders"], &[], &own), [None]);
        assert_eq!(assigned_names(dir.path(), &["sales/orders"], &[], &[("orders", "orders (")]), [None]);
        assert_eq!(assigned_names(dir.path(), &["a/orders", "b/orders"], &[], &[("orders", "orders")]), [None, None]);
        let hostile = [("hostile_x_drop_table_y", "sales.\"hostile.x;drop table y--\"")];
        let expected = [Some("hostile_x_drop_table_y".to_owned())];
        assert_eq!(assigned_names(dir.path(), &["sales/hostile.x;drop table y--"], &[], &hostile), expected);
        let numbered = [("orders_2", "sales.Orders")];
        let expected = [None, Some("orders_2".to_owned())];
        assert_eq!(assigned_names(dir.path(), &["sales/orders", "sales/Orders"], &[], &numbered), expected);
    }
}
