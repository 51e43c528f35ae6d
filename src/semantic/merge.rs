//! What becomes of one source when it is generated again: a decision, without touching a file.

use super::{
    insert::Additions,
    manifest::ManifestEntry,
    source::{Join, Source},
};

/// What is added to an edited source: columns and joins that are in neither the file nor what was generated before, so that
/// what a person has removed stays removed. Without a manifest, what the file lacks counts as new.
pub(super) fn added(before: Option<&ManifestEntry>, mine: &Source, generated: &Source) -> Additions {
    let knew_column = |name: &str| before.is_some_and(|before| before.columns.iter().any(|column| column == name));
    let has_column = |name: &str| mine.columns.iter().any(|column| column.name == name);
    let columns = generated.columns.iter().filter(|column| !knew_column(&column.name) && !has_column(&column.name));
    let knew_join = |join: &Join| before.is_some_and(|before| before.joins.iter().any(|other| is_same(other, join)));
    let joins = generated.joins.iter().filter(|join| {
        let clashes = mine.joins.iter().any(|other| is_same(other, join) || role(other) == role(join));
        !knew_join(join) && !clashes
    });
    Additions { columns: columns.cloned().collect(), joins: joins.cloned().collect() }
}

/// Columns of the file that were generated and that the table has no more.
pub(super) fn removed_columns(before: Option<&ManifestEntry>, mine: &Source, generated: &Source) -> Vec<String> {
    let was_generated = |name: &String| before.is_some_and(|before| before.columns.contains(name));
    let is_there = |name: &str| generated.columns.iter().any(|column| column.name == name);
    let columns = mine.columns.iter().filter(|column| column.expr.is_none()).map(|column| &column.name);
    columns.filter(|name| was_generated(name) && !is_there(name)).cloned().collect()
}

/// One condition is one join, under any alias: what else the schema has decides whether it gets one.
fn is_same(left: &Join, right: &Join) -> bool {
    (&left.to, &left.on) == (&right.to, &right.on)
}

fn role(join: &Join) -> &str {
    join.alias.as_ref().unwrap_or(&join.to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(columns: &[&str], joins: &[(&str, &str)]) -> Source {
        let columns: Vec<_> =
            columns.iter().map(|name| serde_json::json!({ "name": name, "type": "number" })).collect();
        let joins: Vec<_> = joins
            .iter()
            .map(|(to, on)| serde_json::json!({ "to": to, "on": on, "relationship": "many_to_one" }))
            .collect();
        let json = serde_json::json!({ "name": "a", "table": "t", "columns": columns, "joins": joins });
        Source::from_json(&json.to_string()).unwrap()
    }

    fn gained(before: Option<&Source>, mine: &Source, generated: &Source) -> (Vec<String>, Vec<String>) {
        let before = before.map(|source| ManifestEntry::new("a.yaml".into(), "", source));
        let added = added(before.as_ref(), mine, generated);
        (
            added.columns.into_iter().map(|column| column.name).collect(),
            added.joins.into_iter().map(|join| join.on).collect(),
        )
    }

    #[test]
    fn only_what_is_new_in_the_database_comes() {
        let before = source(&["id", "removed", "kept"], &[("b", "b_id = b.id"), ("c", "c_id = c.id")]);
        let mine = source(&["id", "kept", "own"], &[("b", "b_id = b.id")]);
        let now = source(
            &["id", "removed", "kept", "new"],
            &[("b", "b_id = b.id"), ("c", "c_id = c.id"), ("d", "d_id = d.id")],
        );
        assert_eq!(gained(Some(&before), &mine, &now), (vec!["new".into()], vec!["d_id = d.id".into()]));
        assert_eq!(gained(None, &mine, &now).0, ["removed", "new"]);
    }

    #[test]
    fn a_join_that_a_person_has_changed_is_not_given_twice() {
        let mine = source(&[], &[("b", "other_id = b.id")]);
        assert_eq!(gained(None, &mine, &source(&[], &[("b", "b_id = b.id")])).1, Vec::<String>::new());
    }

    #[test]
    fn a_join_that_gets_an_alias_is_not_given_twice() {
        let mut now = source(&[], &[("b", "b_id = b.id")]);
        now.joins[0].alias = Some("a_b".into());
        for before in [None, Some(source(&[], &[("b", "b_id = b.id")]))] {
            let mine = source(&[], &[("b", "b_id = b.id")]);
            assert_eq!(gained(before.as_ref(), &mine, &now).1, Vec::<String>::new());
        }
    }

    #[test]
    fn columns_that_the_table_lost_are_named() {
        let before = ManifestEntry::new("a.yaml".into(), "", &source(&["id", "old"], &[]));
        let mine = source(&["id", "old", "own"], &[]);
        assert_eq!(removed_columns(Some(&before), &mine, &source(&["id"], &[])), ["old"]);
        assert_eq!(removed_columns(None, &mine, &source(&["id"], &[])), Vec::<String>::new());
    }
}
