//! Adds columns and joins to an edited file, removes joins from it, and preserves everything else.

use super::{
    column::Column,
    source::{Join, Source},
};
use crate::{error::Result, project::yaml};
use serde::Serialize;

/// Columns and joins to add to a source.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Additions {
    pub(super) columns: Vec<Column>,
    pub(super) joins: Vec<Join>,
}

impl Additions {
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.joins.is_empty()
    }

    fn apply_to(&self, source: &Source) -> Source {
        let mut source = source.clone();
        source.columns.extend(self.columns.iter().cloned());
        source.joins.extend(self.joins.iter().cloned());
        source
    }
}

/// Adds columns and joins to the text of a file; `None` if that would change anything else.
pub(super) fn insert_additions(text: &str, source: &Source, added: &Additions) -> Result<Option<String>> {
    let after = append_all(text, added)?;
    let expected = added.apply_to(source);
    Ok(after.filter(|after| Source::from_yaml("", after).is_ok_and(|source| source == expected)))
}

/// Removes joins from the text of a file, given by their indexes in descending order. Returns the new text and source;
/// `None` if that would change anything else.
pub(super) fn remove_joins(text: &str, source: &Source, indexes: &[usize]) -> Option<(String, Source)> {
    let (mut text, mut expected) = (text.to_owned(), source.clone());
    for index in indexes {
        text = yaml::remove_item(&text, "joins", *index)?;
        expected.joins.remove(*index);
    }
    Source::from_yaml("", &text).is_ok_and(|source| source == expected).then_some((text, expected))
}

fn append_all(text: &str, added: &Additions) -> Result<Option<String>> {
    let Some(text) = append(text, "columns", &added.columns)? else { return Ok(None) };
    append(&text, "joins", &added.joins)
}

fn append(text: &str, key: &str, items: &[impl Serialize]) -> Result<Option<String>> {
    if items.is_empty() {
        return Ok(Some(text.to_owned()));
    }
    yaml::append_items(text, key, items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::yaml::assert_preserved;
    use crate::semantic::{ColumnType, Relationship, Visibility};

    fn added() -> Additions {
        let column = |name: &str| Column {
            name: name.into(),
            kind: ColumnType::Number,
            expr: None,
            measure: None,
            visibility: Visibility::Public,
            description: Some("As: \"is\" # here".into()),
            values: Vec::new(),
            granularity: None,
            time_zone: None,
        };
        let join = Join {
            to: "stores".into(),
            on: "store_id = stores.store_id".into(),
            relationship: Relationship::ManyToOne,
            alias: None,
        };
        Additions { columns: vec![column("größe"), column("x y")], joins: vec![join] }
    }

    fn text_with_additions(text: &str) -> String {
        let source = Source::from_yaml("", text).unwrap();
        insert_additions(text, &source, &added()).unwrap().unwrap_or_else(|| panic!("not possible:\n{text}"))
    }

    #[test]
    fn additions_preserve_comments() {
        for text in [
            "name: a\ntable: t\ncolumns:\n  - name: id # the key\n    type: number\n\n# joins follow\njoins:\n  - to: b\n    on: b_id = b.id\n    relationship: many_to_one\n",
            "name: a\ntable: t\ncolumns:\n- name: id\n  type: number\nmeasures:\n- name: n\n  expr: count(*) # all\n",
            "# top\nname: a\ntable: t\ncolumns:\n  - { name: id, type: number } # flow\n",
            "name: a\ntable: t\n",
            "name: a\ntable: t\ncolumns: []\njoins: []\nsegments: [] # none\n",
            "name: a\ntable: t\ncolumns:\njoins:\n",
            "name: a\ncolumns: [{ name: id, type: number }]\ntable: t # last\n",
        ] {
            let after = text_with_additions(text);
            for comment in text.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment) {
                assert!(after.contains(comment), "{after}");
            }
        }
    }

    #[test]
    fn additions_follow_the_style_of_the_list() {
        let text = "name: a\ntable: t\ncolumns:\n  - name: id # the key\n    type: number\nmeasures:\n  - name: n\n    expr: count(*)\n";
        let column = "  - name: größe\n    type: number\n    description: ";
        let after = text_with_additions(text);
        assert!(after.contains(column), "{after}");
        assert!(after.find("größe").unwrap() < after.find("measures").unwrap(), "{after}");
    }

    #[test]
    fn removed_joins_leave_comments() {
        let join = |to: &str| format!("  - to: {to} # of {to}\n    on: x = {to}.id\n    relationship: many_to_one\n");
        let text = format!("name: a # mine\ntable: t\njoins:\n{}{}  # last\n{}", join("b"), join("c"), join("d"));
        let source = Source::from_yaml("", &text).unwrap();
        let (after, source) = remove_joins(&text, &source, &[2, 0]).unwrap();
        assert_eq!(source.joins.iter().map(|join| join.to.as_str()).collect::<Vec<_>>(), ["c"]);
        assert!(["# mine", "# of c", "# last"].iter().all(|comment| after.contains(comment)), "{after}");
        let alias =
            "name: a\ntable: t\njoins: &j\n- { to: b, on: x = b.id, relationship: many_to_one }\nsegments: []\n";
        let source = Source::from_yaml("", alias).unwrap();
        assert!(remove_joins(alias, &source, &[0]).is_none_or(|(_, source)| source.joins.is_empty()));
    }

    const LISTS: [&str; 15] = [
        "",
        "LIST:\n",
        "LIST: # none\n  # yet\n",
        "LIST:  [] # none\n",
        "LIST: &l ~\n",
        "LIST:\n  []\n",
        "'LIST': [ ITEM, ] # tail\n",
        "LIST: [\n  ITEM, # one\n  # none\n]\n",
        "LIST: # all\n- ITEM # tail\n# about what follows\n",
        "LIST:\n    - ITEM # tail\n    # - ITEM\n\n# about what follows\n",
        "LIST:\n  -  ITEM\n\n\n",
        "LIST:\n  -\n    ITEM\n",
        "LIST:\n-\n  # first\n  ITEM\n",
        "LIST: !!seq &l\n  - &i ITEM\n",
        "\"LIST\":\n  - # first\n    ITEM\n  # - ITEM\n",
    ];

    const COLUMNS: [&str; 2] = [
        "{ name: id, type: number }",
        "name: id\n      type: number\n      # odd\n      description: |\n        # one\n\n        two",
    ];

    const JOIN: &str = "{to: b, on: b_id = b.id, relationship: many_to_one}";

    fn sources() -> Vec<String> {
        let mut texts = Vec::new();
        for (column, columns) in COLUMNS.into_iter().flat_map(|column| LISTS.map(|columns| (column, columns))) {
            for joins in LISTS {
                let columns = columns.replace("LIST", "columns").replace("ITEM", column);
                let joins = joins.replace("LIST", "joins").replace("ITEM", JOIN);
                let ends = ["name: a\ntable: t # last\n", "measures:\n- { name: n, expr: count(*) }\n", "# end\n...\n"];
                let [top, measures, end] = ends;
                let text = match texts.len() % 4 {
                    0 => format!("# top\n{top}{columns}{measures}{joins}{end}"),
                    1 => format!("---\n{joins}{columns}{top}"),
                    2 => format!("{columns}{top}{joins}").replace('\n', "\r\n"),
                    _ => format!("\u{feff}{columns}{measures}{joins}{top}").trim_end().to_owned(),
                };
                texts.push(text);
            }
        }
        texts.push("{ name: a, table: t, columns: [ { name: id, type: number } ], joins: }".to_owned());
        texts
    }

    /// Whether yaml-edit 0.3 cannot add to a text: it inserts the item directly before the comment, without a space,
    /// and the result is not YAML.
    fn ends_with_comment_in_brackets(text: &str) -> bool {
        text.replace('\r', "").contains("# none\n]")
    }

    #[test]
    fn additions_to_any_file_preserve_all_other_bytes() {
        let (mut edited, mut refused) = (0, Vec::new());
        let mut added = added();
        added.columns[1].description = Some(" # [one],\n\n{two}: \n".into());
        for text in sources() {
            let Ok(source) = Source::from_yaml("", &text) else { continue };
            match insert_additions(&text, &source, &added).unwrap() {
                Some(after) => {
                    assert_preserved(&text, &after, 2);
                    edited += 1;
                }
                None => refused.push(text),
            }
        }
        refused.retain(|text| !ends_with_comment_in_brackets(text));
        assert_eq!(refused, Vec::<String>::new(), "{} refused, {edited} edited", refused.len());
        assert!(edited > 250, "{edited}");
    }
}
