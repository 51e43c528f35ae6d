//! Entries added to a file that a person has edited: everything else in it stays as it stands.

use super::source::{Column, Join, Source, yaml_of};
use crate::{error::Result, project::yaml_document};
use serde::Serialize;
use yaml_edit::Mapping;

/// What a source gains.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Gain {
    pub(super) columns: Vec<Column>,
    pub(super) joins: Vec<Join>,
}

impl Gain {
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.joins.is_empty()
    }

    fn applied_to(&self, source: &Source) -> Source {
        let mut source = source.clone();
        source.columns.extend(self.columns.iter().cloned());
        source.joins.extend(self.joins.iter().cloned());
        source
    }
}

/// The text with what is gained; `None` where that cannot be done faithfully.
pub(super) fn insert(text: &str, source: &Source, gain: &Gain) -> Result<Option<String>> {
    let after = with_lists(text, gain)?;
    let expected = gain.applied_to(source);
    Ok(after.filter(|after| Source::from_yaml("", after).is_ok_and(|(source, _)| source == expected)))
}

fn with_lists(text: &str, gain: &Gain) -> Result<Option<String>> {
    let Some(text) = with_list(text, "columns", &gain.columns)? else { return Ok(None) };
    with_list(&text, "joins", &gain.joins)
}

fn with_list(text: &str, key: &str, items: &[impl Serialize]) -> Result<Option<String>> {
    if items.is_empty() {
        return Ok(Some(text.to_owned()));
    }
    let Ok((file, root)) = yaml_document(text) else { return Ok(None) };
    match root.get_sequence(key) {
        Some(list) if !list.is_empty() => {
            for item in items {
                let (_shape, fresh): (_, Mapping) = yaml_document(&yaml_of(item)?)?;
                list.push(&fresh);
            }
            Ok(Some(file.to_string()))
        }
        _ => {
            root.remove(key);
            let rest = file.to_string();
            let gap = if rest.is_empty() || rest.ends_with('\n') { "" } else { "\n" };
            let list = yaml_of(&std::collections::BTreeMap::from([(key, items)]))?;
            Ok(Some(format!("{rest}{gap}{list}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::{ColumnType, Relationship, Visibility};

    fn gain() -> Gain {
        let column = |name: &str| Column {
            name: name.into(),
            kind: ColumnType::Number,
            expr: None,
            visibility: Visibility::Public,
            description: Some("As: \"is\" # here".into()),
        };
        let join = Join {
            to: "stores".into(),
            on: "store_id = stores.store_id".into(),
            relationship: Relationship::ManyToOne,
            alias: None,
        };
        Gain { columns: vec![column("größe"), column("x y")], joins: vec![join] }
    }

    fn inserted(text: &str) -> String {
        let (source, _) = Source::from_yaml("", text).unwrap();
        insert(text, &source, &gain()).unwrap().unwrap_or_else(|| panic!("not faithful:\n{text}"))
    }

    #[test]
    fn every_shape_of_a_file_gains_and_keeps_its_comments() {
        for text in [
            "name: a\ntable: t\ncolumns:\n  - name: id # the key\n    type: number\n\n# joins follow\njoins:\n  - to: b\n    on: b_id = b.id\n    relationship: many_to_one\n",
            "name: a\ntable: t\ncolumns:\n- name: id\n  type: number\nmeasures:\n- name: n\n  expr: count(*) # all\n",
            "# top\nname: a\ntable: t\ncolumns:\n  - { name: id, type: number } # flow\n",
            "name: a\ntable: t\n",
            "name: a\ntable: t\ncolumns: []\njoins: []\nsegments: [] # none\n",
            "name: a\ntable: t\ncolumns:\njoins:\n",
            "name: a\ncolumns: [{ name: id, type: number }]\ntable: t # last\n",
        ] {
            let after = inserted(text);
            for comment in text.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment) {
                assert!(after.contains(comment), "{after}");
            }
        }
    }

    #[test]
    fn what_is_gained_looks_like_the_rest() {
        let text = "name: a\ntable: t\ncolumns:\n  - name: id # the key\n    type: number\nmeasures:\n  - name: n\n    expr: count(*)\n";
        let column = "  - name: größe\n    type: number\n    description: ";
        let after = inserted(text);
        assert!(after.contains(column), "{after}");
        assert!(after.find("größe").unwrap() < after.find("measures").unwrap(), "{after}");
    }
}
