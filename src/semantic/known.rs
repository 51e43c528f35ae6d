//! Which source each scanned table has already, so that a new table never renames the source of another one.

use super::{files::Folder, manifest::Manifest, table::Table};
use std::collections::HashMap;

/// A source that may be the one of a table. The first of several in this order is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Claim<'a> {
    rank: Rank,
    /// Place of the name among those that are given to new tables; what a person has named comes last.
    form: usize,
    name: &'a str,
    table: usize,
}

/// How it is known that a source is the generated one of a table.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It was generated of that table.
    InManifest,
    /// It was generated, and its file names that table now.
    Redirected,
    /// Nothing is remembered, as in a clone of the project: its file names that table, and it has such a name.
    Named,
}

/// Gives every table the name of its source, where it has one.
pub(super) fn assign(tables: &mut [Table], folder: &Folder<'_>, manifest: &Manifest) {
    let index = Index::new(tables);
    let mut claims = Vec::new();
    for (name, entry) in &manifest.sources {
        let generated = entry.table.as_deref().and_then(|text| index.find(tables, text));
        let path = folder.dir.join(&entry.file);
        let mut entries = folder.entries.iter().filter_map(|entry| Some((entry, entry.source()?)));
        let entry = entries.find(|(entry, source)| source.name == *name || entry.path == path);
        let current = || index.find(tables, entry.and_then(|(_, source)| source.table.as_deref())?);
        let found = generated.map(|table| (Rank::InManifest, table));
        if let Some((rank, table)) = found.or_else(|| current().map(|table| (Rank::Redirected, table))) {
            claims.push(Claim { rank, form: form_of(&tables[table], name).unwrap_or(usize::MAX), name, table });
        }
    }
    for source in folder.entries.iter().filter_map(|entry| entry.source()) {
        let named = source.table.as_deref().filter(|_| !manifest.sources.contains_key(&source.name));
        if let Some(table) = named.and_then(|text| index.find(tables, text))
            && let Some(form) = form_of(&tables[table], &source.name)
        {
            claims.push(Claim { rank: Rank::Named, form, name: &source.name, table });
        }
    }
    claims.sort();
    let mut names = vec![None; tables.len()];
    for claim in claims {
        names[claim.table].get_or_insert_with(|| claim.name.to_owned());
    }
    for (table, name) in tables.iter_mut().zip(names) {
        table.source_name = name;
    }
}

/// Tables by their names in lower case.
struct Index(HashMap<String, Vec<usize>>);

impl Index {
    fn new(tables: &[Table]) -> Self {
        let mut index: HashMap<_, Vec<_>> = HashMap::new();
        for (place, table) in tables.iter().enumerate() {
            index.entry(table.name.to_lowercase()).or_default().push(place);
        }
        Self(index)
    }

    /// The one table that a reference means: in the same letter case, else in any other.
    fn find(&self, tables: &[Table], reference: &str) -> Option<usize> {
        let parts = parts(reference)?;
        let near = self.0.get(&parts.last()?.to_lowercase())?;
        let only = |is_same: fn(&str, &str) -> bool| {
            let mut found = near.iter().copied().filter(|place| fits(&parts, &tables[*place], is_same));
            found.next().filter(|_| found.next().is_none())
        };
        only(|left, right| left == right).or_else(|| only(|left, right| left.to_lowercase() == right.to_lowercase()))
    }
}

fn fits(parts: &[String], table: &Table, is_same: fn(&str, &str) -> bool) -> bool {
    let mut places = [Some(table.name.as_str()), table.db.as_deref(), table.catalog.as_deref()].into_iter();
    parts.len() <= places.len()
        && parts.iter().rev().all(|part| places.next().flatten().is_none_or(|place| is_same(part, place)))
}

/// The parts of the name of a table, without the quotes of any dialect. `None` for what is no name.
fn parts(reference: &str) -> Option<Vec<String>> {
    let mut letters = reference.trim().chars().peekable();
    let mut parts = Vec::new();
    loop {
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        let closing = match letters.peek() {
            Some('[') => Some(']'),
            Some(quote @ ('"' | '`')) => Some(*quote),
            _ => None,
        };
        let mut part = String::new();
        match closing {
            None => {
                while let Some(letter) = letters.next_if(|letter| *letter != '.') {
                    part.push(letter);
                }
                part.truncate(part.trim_end().len());
            }
            Some(closing) => {
                letters.next();
                loop {
                    match letters.next()? {
                        letter if letter == closing && letters.next_if_eq(&closing).is_none() => break,
                        letter => part.push(letter),
                    }
                }
            }
        }
        parts.push(part);
        match letters.next() {
            None => return Some(parts),
            Some('.') => {}
            Some(_) => return None,
        }
    }
}

/// Place of a name among those that a table gets: its own, with the schema, with the catalog; a number may follow.
fn form_of(table: &Table, name: &str) -> Option<usize> {
    let levels = [table.catalog.as_deref(), table.db.as_deref(), Some(table.name.as_str())];
    let number = name.rfind('_').filter(|end| name[end + 1..].parse::<u32>().is_ok());
    let plain = number.map(|end| &name[..end]);
    let mut forms = (0..levels.len()).rev().map(|first| {
        let parts: Vec<_> = levels[first..].iter().flatten().copied().filter(|part| !part.is_empty()).collect();
        parts.join("_").replace('.', "_").to_lowercase()
    });
    forms.position(|form| form == name.to_lowercase() || plain.is_some_and(|plain| form == plain.to_lowercase()))
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

    /// What the tables are called, where these sources were generated and those are in files.
    fn assigned(dir: &Path, names: &[&str], generated: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<Option<String>> {
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
        assign(&mut tables, &Folder::open(&project(dir), "shop").unwrap(), &manifest);
        tables.into_iter().map(|table| table.source_name).collect()
    }

    #[test]
    fn a_table_keeps_the_name_of_its_source() {
        let dir = tempfile::tempdir().unwrap();
        let both = ["crm/returns", "sales/returns"];
        let some = |name: &str| Some(name.to_owned());
        let known = [("returns", "sales.returns")];
        assert_eq!(assigned(dir.path(), &both, &known, &known), [None, some("returns")]);
        assert_eq!(assigned(dir.path(), &both, &known, &[]), [None, some("returns")], "deleted by hand");
        assert_eq!(assigned(dir.path(), &both, &[], &known), [None, some("returns")], "a clone");
        assert_eq!(assigned(dir.path(), &both, &known, &[("returns", "mine")]), [None, some("returns")], "edited");
        let quoted = [("returns", "\"SALES\".`Returns`")];
        assert_eq!(assigned(dir.path(), &both, &[], &quoted), [None, some("returns")]);
        let qualified = [("sales_returns", "sales.returns")];
        assert_eq!(assigned(dir.path(), &both[1..], &qualified, &qualified), [some("sales_returns")]);
        let both_known = [("sales_returns", "sales.returns"), ("returns", "sales.returns")];
        assert_eq!(assigned(dir.path(), &both, &both_known, &both_known), [None, some("returns")]);
        let renamed = [("returns", "sales.old_returns")];
        assert_eq!(assigned(dir.path(), &both, &renamed, &known), [None, some("returns")], "follows its edited file");
    }

    #[test]
    fn a_source_of_a_person_names_no_table() {
        let dir = tempfile::tempdir().unwrap();
        let own = [("open_orders", "sales.orders")];
        assert_eq!(assigned(dir.path(), &["sales/orders"], &[], &own), [None]);
        assert_eq!(assigned(dir.path(), &["sales/orders"], &[], &[("orders", "orders (")]), [None]);
        assert_eq!(assigned(dir.path(), &["a/orders", "b/orders"], &[], &[("orders", "orders")]), [None, None]);
        let numbered = [("orders_2", "sales.Orders")];
        let expected = [None, Some("orders_2".to_owned())];
        assert_eq!(assigned(dir.path(), &["sales/orders", "sales/Orders"], &[], &numbered), expected);
    }

    #[test]
    fn references_are_read_as_the_dialects_write_them() {
        let of = |text: &str| parts(text).map(|parts| parts.join("|"));
        for (text, expected) in [
            ("orders", "orders"),
            ("sales.orders", "sales|orders"),
            ("a.\"b.c\".[d.e]", "a|b.c|d.e"),
            ("`a``b`.\"c\"\"d\".[e]]f]", "a`b|c\"d|e]f"),
            ("\"\"", ""),
            (" größe . x ", "größe|x"),
        ] {
            assert_eq!(of(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!((of("\"a"), of("\"a\"b")), (None, None));
    }
}
