//! Compares an edited source with its manifest entry and with the newly generated source. Does not access files.

use super::{
    insert::Additions,
    manifest::ManifestEntry,
    source::{Join, Source},
};

/// Finds columns and joins to add to an edited source: those in neither the file nor the manifest entry, since others
/// were removed by hand. Without a manifest entry, all that the file lacks are added.
pub(super) fn find_additions(before: Option<&ManifestEntry>, edited: &Source, generated: &Source) -> Additions {
    let was_generated = |name: &str| before.is_some_and(|before| before.columns.iter().any(|column| column == name));
    let has_column = |name: &str| edited.columns.iter().any(|column| column.name == name);
    let columns = generated.columns.iter().filter(|column| !was_generated(&column.name) && !has_column(&column.name));
    let join_was_generated =
        |join: &Join| before.is_some_and(|before| before.joins.iter().any(|other| is_same_join(other, join)));
    let joins = generated.joins.iter().filter(|join| {
        let clashes = edited.joins.iter().any(|other| is_same_join(other, join) || role(other) == role(join));
        !join_was_generated(join) && !clashes
    });
    Additions { columns: columns.cloned().collect(), joins: joins.cloned().collect() }
}

/// Finds generated columns of the file that the table no longer has.
pub(super) fn find_removed_columns(before: Option<&ManifestEntry>, edited: &Source, generated: &Source) -> Vec<String> {
    let was_generated = |name: &String| before.is_some_and(|before| before.columns.contains(name));
    let exists = |name: &str| generated.columns.iter().any(|column| column.name == name);
    let columns = edited.columns.iter().filter(|column| column.expr.is_none()).map(|column| &column.name);
    columns.filter(|name| was_generated(name) && !exists(name)).cloned().collect()
}

/// Finds generated joins of the file to sources that the generated source joins no more: their indexes, in descending
/// order.
pub(super) fn find_removed_joins(before: Option<&ManifestEntry>, edited: &Source, generated: &Source) -> Vec<usize> {
    let was_generated = |join: &Join| before.is_some_and(|before| before.joins.contains(join));
    let is_joined = |join: &Join| generated.joins.iter().any(|other| other.to == join.to);
    let joins = edited.joins.iter().enumerate().rev();
    joins.filter(|(_, join)| was_generated(join) && !is_joined(join)).map(|(index, _)| index).collect()
}

/// Whether two joins have the same condition. The alias does not matter, since other joins of the schema determine it.
fn is_same_join(left: &Join, right: &Join) -> bool {
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

    fn names_of_additions(before: Option<&Source>, edited: &Source, generated: &Source) -> (Vec<String>, Vec<String>) {
        let before = before.map(|source| ManifestEntry::new("a.yaml".into(), "", source));
        let added = find_additions(before.as_ref(), edited, generated);
        (
            added.columns.into_iter().map(|column| column.name).collect(),
            added.joins.into_iter().map(|join| join.on).collect(),
        )
    }

    #[test]
    fn only_new_columns_and_joins_are_added() {
        let before = source(&["id", "removed", "kept"], &[("b", "b_id = b.id"), ("c", "c_id = c.id")]);
        let edited = source(&["id", "kept", "own"], &[("b", "b_id = b.id")]);
        let now = source(
            &["id", "removed", "kept", "new"],
            &[("b", "b_id = b.id"), ("c", "c_id = c.id"), ("d", "d_id = d.id")],
        );
        assert_eq!(names_of_additions(Some(&before), &edited, &now), (vec!["new".into()], vec!["d_id = d.id".into()]));
        assert_eq!(names_of_additions(None, &edited, &now).0, ["removed", "new"]);
    }

    #[test]
    fn edited_join_is_not_added_again() {
        let edited = source(&[], &[("b", "other_id = b.id")]);
        assert_eq!(names_of_additions(None, &edited, &source(&[], &[("b", "b_id = b.id")])).1, Vec::<String>::new());
    }

    #[test]
    fn join_with_a_new_alias_is_not_added_again() {
        let mut now = source(&[], &[("b", "b_id = b.id")]);
        now.joins[0].alias = Some("a_b".into());
        for before in [None, Some(source(&[], &[("b", "b_id = b.id")]))] {
            let edited = source(&[], &[("b", "b_id = b.id")]);
            assert_eq!(names_of_additions(before.as_ref(), &edited, &now).1, Vec::<String>::new());
        }
    }

    #[test]
    fn generated_joins_are_removed_with_their_source() {
        let joins = [("gone", "x = gone.id"), ("b", "b_id = b.id"), ("gone", "y = gone.id"), ("own", "z = own.id")];
        let before = ManifestEntry::new("a.yaml".into(), "", &source(&[], &joins[..3]));
        let mut edited = source(&[], &joins);
        let now = source(&[], &[("b", "new_id = b.id")]);
        assert_eq!(find_removed_joins(Some(&before), &edited, &now), [2, 0]);
        assert_eq!(find_removed_joins(None, &edited, &now), Vec::<usize>::new());
        edited.joins[0].alias = Some("role".into());
        assert_eq!(find_removed_joins(Some(&before), &edited, &now), [2], "edited by hand");
    }

    #[test]
    fn removed_columns_are_found() {
        let before = ManifestEntry::new("a.yaml".into(), "", &source(&["id", "old"], &[]));
        let edited = source(&["id", "old", "own"], &[]);
        assert_eq!(find_removed_columns(Some(&before), &edited, &source(&["id"], &[])), ["old"]);
        assert_eq!(find_removed_columns(None, &edited, &source(&["id"], &[])), Vec::<String>::new());
    }
}
