use super::*;
use crate::semantic::{Granularity, Take, files::tests::project};
use std::fs;

fn source(name: &str, columns: &[&str]) -> Source {
    let columns: Vec<_> =
        columns.iter().map(|column| serde_json::json!({ "name": column, "type": "number" })).collect();
    Source::from_json(&serde_json::json!({ "name": name, "table": name, "columns": columns }).to_string()).unwrap()
}

fn generate_actions(dir: &Path, sources: &[Source]) -> Vec<(String, Action)> {
    let (done, _) = apply(&project(dir), "shop", sources.to_vec()).unwrap();
    done.into_iter().map(|source| (source.name, source.action)).collect()
}

fn generate_one(dir: &Path, source: Source) -> GeneratedSource {
    let (mut done, _) = apply(&project(dir), "shop", vec![source]).unwrap();
    assert_eq!(done.len(), 1);
    done.remove(0)
}

fn edit(dir: &Path, from: &str, to: &str) -> String {
    let path = dir.join("semantic-layer/shop/orders.yaml");
    let text = fs::read_to_string(&path).unwrap().replace(from, to);
    fs::write(&path, &text).unwrap();
    text
}

fn text(dir: &Path) -> String {
    fs::read_to_string(dir.join("semantic-layer/shop/orders.yaml")).unwrap()
}

#[test]
fn unmodified_files_follow_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let named = |action| vec![("orders".to_owned(), action)];
    assert_eq!(generate_actions(dir.path(), &[source("orders", &["id"])]), named(Action::Created));
    assert_eq!(generate_actions(dir.path(), &[source("orders", &["id"])]), named(Action::Unchanged));
    assert_eq!(generate_actions(dir.path(), &[source("orders", &["key"])]), named(Action::Updated));
    let yaml = source("orders", &["key"]).to_yaml().unwrap();
    let line = text(dir.path()).strip_suffix(&yaml).map(str::to_owned).unwrap();
    assert!(line.starts_with("# yaml-language-server: $schema=") && line.ends_with(".json\n"), "{line}");
    assert_eq!(generate_actions(dir.path(), &[]), named(Action::Removed));
    assert_eq!(generate_actions(dir.path(), &[]), []);
    assert_eq!(generate_actions(dir.path(), &[source("orders", &["id"])]), named(Action::Created));
}

#[test]
fn only_unmodified_files_follow_the_time_of_the_source() {
    let dir = tempfile::tempdir().unwrap();
    let mut single = source("orders", &["id", "placed"]);
    single.time = Some("placed".into());
    let several = source("orders", &["id", "placed", "shipped"]);
    generate_one(dir.path(), single.clone());
    assert!(text(dir.path()).ends_with("time: placed\n"), "{}", text(dir.path()));
    assert_eq!(generate_one(dir.path(), several.clone()).action, Action::Updated);
    assert!(!text(dir.path()).contains("time:"));
    let edited = edit(dir.path(), "  - name: shipped\n    type: number\n", "description: Mine\n");
    assert_eq!(generate_one(dir.path(), single).action, Action::Kept);
    assert_eq!(text(dir.path()), edited);
}

#[test]
fn file_of_an_earlier_version_gets_no_modeline() {
    let dir = tempfile::tempdir().unwrap();
    let orders = || source("orders", &["id"]);
    generate_one(dir.path(), orders());
    fs::remove_dir_all(dir.path().join(".ktx")).unwrap();
    let yaml = orders().to_yaml().unwrap();
    fs::write(dir.path().join("semantic-layer/shop/orders.yaml"), &yaml).unwrap();
    assert_eq!(generate_one(dir.path(), orders()).action, Action::Unchanged);
    assert_eq!(generate_one(dir.path(), source("orders", &["key"])).action, Action::Updated);
    assert_eq!(text(dir.path()), source("orders", &["key"]).to_yaml().unwrap());
}

#[test]
fn edited_files_get_new_columns_only() {
    let dir = tempfile::tempdir().unwrap();
    generate_one(dir.path(), source("orders", &["id", "unwanted", "lost"]));
    edit(dir.path(), "table: orders", "table: orders # mine\ndescription: All orders");
    let edited = edit(dir.path(), "  - name: unwanted\n    type: number\n", "");
    assert_eq!(generate_one(dir.path(), source("orders", &["id", "unwanted", "lost"])).action, Action::Kept);
    assert_eq!(text(dir.path()), edited);
    let outcome = generate_one(dir.path(), source("orders", &["id", "unwanted", "new"]));
    assert_eq!((outcome.action, outcome.added_columns), (Action::Extended, vec!["new".to_owned()]));
    assert_eq!(outcome.removed_columns, ["lost"]);
    assert_eq!(text(dir.path()), format!("{edited}  - name: new\n    type: number\n"));
    assert_eq!(generate_one(dir.path(), source("orders", &["id", "unwanted", "new"])).action, Action::Kept);
    assert_eq!(generate_actions(dir.path(), &[]), [("orders".to_owned(), Action::Orphaned)]);
}

#[test]
fn keys_that_people_add_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    generate_one(dir.path(), source("orders", &["id"]));
    let own = "\
time: ordered_on
paths: { nation: customer.nation }
bridge: true
weight: share
measures:
  - name: balance
    expr: sum(amount)
    semi_additive: { over: day, per: [account] }
    followed_by: { source: visits, on: id = visits.id, within: 7 days }
    fill_nulls_with: 0
    synonyms: [funds]
    unit: EUR
";
    let edited = edit(dir.path(), "grain: []\n", &format!("grain: []\n{own}"));
    let mut now = source("orders", &["id", "at"]);
    (now.columns[1].granularity, now.columns[1].time_zone) = (Some(Granularity::Second), Some("instant".into()));
    assert_eq!(generate_one(dir.path(), now).action, Action::Extended);
    let column = "  - name: at\n    type: number\n    granularity: second\n    time_zone: instant\n";
    assert_eq!(text(dir.path()), format!("{edited}{column}"));
    let measure = &Source::from_yaml("", &edited).unwrap().measures[0];
    assert_eq!(measure.semi_additive.as_ref().map(|balance| balance.take), Some(Take::Last));
}

#[test]
fn deleted_files_stay_deleted() {
    let dir = tempfile::tempdir().unwrap();
    generate_one(dir.path(), source("orders", &["id"]));
    fs::remove_file(dir.path().join("semantic-layer/shop/orders.yaml")).unwrap();
    for columns in [&["id"][..], &["id", "new"]] {
        assert_eq!(generate_one(dir.path(), source("orders", columns)).action, Action::Deleted);
    }
    assert!(!dir.path().join("semantic-layer/shop/orders.yaml").exists());
}

#[test]
fn invalid_file_is_unchanged_until_it_is_repaired() {
    let dir = tempfile::tempdir().unwrap();
    generate_one(dir.path(), source("orders", &["id"]));
    let broken = edit(dir.path(), "table: orders", "table: [");
    let outcome = generate_one(dir.path(), source("orders", &["id", "new"]));
    assert_eq!(outcome.action, Action::Blocked);
    assert!(outcome.note.unwrap().starts_with("semantic-layer/shop/orders.yaml:"));
    assert_eq!(text(dir.path()), broken);
    edit(dir.path(), "table: [", "table: mine");
    assert_eq!(generate_one(dir.path(), source("orders", &["id", "new"])).added_columns, ["new"]);
}

/// A clone of a project has the files, but not the manifest.
#[test]
fn files_without_a_manifest_are_preserved() {
    let dir = tempfile::tempdir().unwrap();
    generate_one(dir.path(), source("orders", &["id"]));
    fs::remove_dir_all(dir.path().join(".ktx")).unwrap();
    assert_eq!(generate_one(dir.path(), source("orders", &["id"])).action, Action::Unchanged);
    edit(dir.path(), "table: orders", "table: mine");
    fs::remove_dir_all(dir.path().join(".ktx")).unwrap();
    assert_eq!(generate_one(dir.path(), source("orders", &["id", "new"])).action, Action::Extended);
    assert!(text(dir.path()).contains("table: mine"));
}

#[test]
fn names_that_differ_in_letter_case_only_have_separate_files() {
    let dir = tempfile::tempdir().unwrap();
    let sources = [source("orders", &["id"]), source("Orders", &["id"])];
    generate_actions(dir.path(), &sources);
    let unchanged = |name: &str| (name.to_owned(), Action::Unchanged);
    assert_eq!(generate_actions(dir.path(), &sources), [unchanged("Orders"), unchanged("orders")]);
}

fn source_with_joins(name: &str, to: &[&str]) -> Source {
    let mut source = source(name, &["id"]);
    let join =
        |to: &&str| serde_json::json!({ "to": to, "on": format!("id = {to}.id"), "relationship": "many_to_one" });
    source.joins = to.iter().map(|to| serde_json::from_value(join(to)).unwrap()).collect();
    source
}

#[test]
fn join_to_a_removed_source_is_removed_from_an_edited_file() {
    let dir = tempfile::tempdir().unwrap();
    let others = [source("stores", &["id"]), source("cities", &["id"])];
    let orders = source_with_joins("orders", &["stores", "cities"]);
    generate_actions(dir.path(), &[&[orders][..], &others].concat());
    edit(dir.path(), "table: orders", "table: orders # mine");
    let sources = vec![source_with_joins("orders", &["cities"]), others[1].clone()];
    let (done, warnings) = apply(&project(dir.path()), "shop", sources).unwrap();
    let orders = done.iter().find(|source| source.name == "orders").unwrap();
    assert_eq!((orders.action, orders.note.as_deref()), (Action::Extended, None));
    assert_eq!(orders.removed_joins, ["id = stores.id"]);
    assert_eq!(warnings, Vec::<String>::new());
    let text = text(dir.path());
    assert!(text.contains("# mine") && text.contains("cities.id") && !text.contains("stores"), "{text}");
}

#[test]
fn join_by_hand_to_a_removed_source_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let stores = source("stores", &["id"]);
    generate_actions(dir.path(), &[source_with_joins("orders", &["stores"]), stores]);
    let folder = dir.path().join("semantic-layer/shop");
    fs::write(folder.join("own.yaml"), source_with_joins("own", &["stores"]).to_yaml().unwrap()).unwrap();
    edit(dir.path(), "on: id = stores.id", "on: stores.id = id");
    let (done, warnings) = apply(&project(dir.path()), "shop", vec![source("orders", &["id"])]).unwrap();
    let orders = done.iter().find(|source| source.name == "orders").unwrap();
    let sentence = |on: &str| format!("The join {on} leads to stores, which no longer exists: remove the join");
    assert_eq!((orders.action, orders.note.clone()), (Action::Kept, Some(sentence("stores.id = id"))));
    assert_eq!(warnings, [format!("own: {}", sentence("id = stores.id"))]);
    assert!(done.iter().all(|source| source.name == "orders" || source.note.is_none()));
}

#[test]
fn no_join_to_a_deleted_source_is_generated() {
    let dir = tempfile::tempdir().unwrap();
    let sources = [source_with_joins("orders", &["stores"]), source("stores", &["id"])];
    generate_actions(dir.path(), &sources);
    let stores = dir.path().join("semantic-layer/shop/stores.yaml");
    let before = fs::read_to_string(&stores).unwrap();
    fs::remove_file(&stores).unwrap();
    let (orders, deleted) = (("orders".to_owned(), Action::Updated), ("stores".to_owned(), Action::Deleted));
    assert_eq!(generate_actions(dir.path(), &sources), [orders.clone(), deleted]);
    assert!(!text(dir.path()).contains("joins"));
    fs::write(&stores, before).unwrap();
    assert_eq!(generate_actions(dir.path(), &sources)[0], orders);
    assert!(text(dir.path()).contains("to: stores"));
}

#[test]
fn moved_table_of_an_edited_file_is_a_note() {
    let dir = tempfile::tempdir().unwrap();
    generate_one(dir.path(), source("orders", &["id"]));
    edit(dir.path(), "table: orders", "table: orders # mine");
    let mut moved = source("orders", &["id"]);
    moved.table = Some("crm.orders".into());
    let note = generate_one(dir.path(), moved).note;
    assert_eq!(note.as_deref(), Some("Its table is now crm.orders: change the key table"));
}
