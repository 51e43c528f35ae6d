use super::{
    fixture::{Fixture, airports, code, customers, int, pick, text, with_column},
    *,
};
use crate::schemas::definition;

const ACCEPTED: Option<Status> = Some(Status::Accepted);
const REVIEW: Option<Status> = Some(Status::Review);
const REJECTED: Option<Status> = Some(Status::Rejected);

#[test]
fn types_are_those_of_the_daemon() {
    let ignored = ["mean", "values_complete", "formats", "sensitive", "hidden"];
    definition("profile", "ColumnProfile").ignoring(&ignored).assert_read_by::<ColumnProfile>();
    let ignored = ["statements", "seconds", "bytes", "unread"];
    definition("profile", "TableProfile").ignoring(&ignored).assert_read_by::<TableProfile>();
    definition("profile", "FrequentValue").ignoring(&["count"]).assert_read_by::<FrequentValue>();
    definition("profile", "KeyCount").assert_read_by::<KeyCount>();
    definition("profile", "LinkCount").assert_read_by::<LinkCount>();
    let ignored = [
        "nullable",
        "comment",
        "fields",
        "enum_values",
        "generated",
        "default",
        "labels",
        "masking_policy",
        "readable",
    ];
    definition("introspection", "Column").ignoring(&ignored).assert_read_by::<Column>();
    definition("introspection", "ForeignKey").assert_read_by::<ForeignKeyColumn>();
    definition("profile-request", "TableColumns").assert_kept_by::<TableColumns>();
    definition("profile-request", "LinkCheck").assert_kept_by::<LinkColumns>();
}

#[test]
fn written_join_decides() {
    let fixture = with_column(customers(), int("buyer", |row| pick(row, 1, 400)));
    assert_eq!(fixture.joined("orders.buyer = customers.id", 12).accepted(), ["orders.buyer -> customers.id"]);
}

#[test]
fn written_join_misleads_where_the_target_is_not_unique() {
    let region = || int("region", |row| pick(row, 1, 30));
    let fixture = Fixture::default().table("sales", 900, vec![int("id", |row| row), region()]);
    let fixture = fixture.table("stock", 900, vec![int("id", |row| row), region()]);
    assert_eq!(fixture.joined("sales.region = stock.region", 50).accepted(), [""; 0]);
}

#[test]
fn composite_join_is_directed_by_uniqueness() {
    let part = |rows: u64| vec![int("x", move |row| row % rows), int("y", |row| row / 60), int("z", |row| row % 3)];
    let fixture = Fixture::default().table("a", 1800, part(60)).table("b", 900, part(30));
    let accepted = fixture.joined("b.x, y = a.x, y", 3).accepted();
    assert_eq!(accepted, ["b.x, y -> a.x, y"]);
}

#[test]
fn declared_keys_are_not_overridden() {
    let foreign_key = ForeignKeyColumn {
        from_column: "customer_id".into(),
        to_schema: None,
        to_table: "suppliers".into(),
        to_column: None,
        constraint_name: None,
        position: Some(1),
        enforced: None,
    };
    let fixture = customers().table("suppliers", 500, vec![int("no", |row| row)]);
    let fixture = with_column(fixture, int("customer_id", |row| pick(row, 1, 500)));
    let fixture = fixture.declare("suppliers", |table| table.columns[0].primary_key = true);
    let fixture = fixture.declare("orders", |table| table.foreign_keys = vec![foreign_key.clone()]);
    let links = fixture.detect().relationships;
    assert_eq!(links.len(), 1);
    assert!(links[0].declared && links[0].to.table == "suppliers");
}

#[test]
fn decisions_are_not_asked_again() {
    let side = |name: &str, column: &str| TableColumns {
        catalog: None,
        db: None,
        name: name.into(),
        columns: vec![column.into()],
    };
    let link = LinkColumns { from: side("orders", "customer_id"), to: side("customers", "id") };
    for (answer, status) in [(Answer::Accepted, ACCEPTED), (Answer::Rejected, REJECTED)] {
        let decisions =
            Decisions { relationships: vec![LinkDecision { link: link.clone(), answer }], keys: Vec::new() };
        let fixture = with_column(customers(), int("customer_id", |row| pick(row, 1, 500))).decided(decisions);
        // What is accepted is counted, so that a target that repeats is seen.
        let counted: &[LinkColumns] = if answer == Answer::Accepted { std::slice::from_ref(&link) } else { &[] };
        assert_eq!(propose(&fixture.input, Weights::default()).links(), counted);
        assert_eq!(fixture.status("orders.customer_id -> customers.id"), status);
    }
    let keys = vec![KeyDecision { key: side("customers", "id"), answer: Answer::Rejected }];
    let fixture = customers().decided(Decisions { relationships: Vec::new(), keys });
    assert_eq!(fixture.keys(), [""; 0]);
}

#[test]
fn key_refers_to_another_key_by_name_only() {
    let details = customers().table("customer_details", 450, vec![int("customer_id", |row| row)]);
    let link = details.link("customer_details.customer_id -> customers.id").unwrap();
    assert_eq!((link.status, link.cardinality), (Status::Accepted, Cardinality::OneToOne));
    let copy = customers().table("customers_copy", 450, vec![int("id", |row| row)]);
    assert_eq!(copy.detect().relationships, []);
}

#[test]
fn keys_that_refer_to_each_other_have_one_direction() {
    let id = || text("customer_id", |row| format!("{:x}", row * 0x1234_5678_9abc));
    let fixture = Fixture::default().table("customers", 400, vec![id()]);
    let fixture =
        fixture.table("orders", 400, vec![text("order_id", |row| format!("{:x}", row * 0x9234_5678_9abc)), id()]);
    assert_eq!(fixture.accepted(), ["orders.customer_id -> customers.customer_id"]);
}

#[test]
fn view_is_for_review_at_most() {
    let report = || customers().view("report", 400, vec![int("customer_id", |row| pick(row, 1, 500))]);
    assert_eq!(report().status("report.customer_id -> customers.id"), REVIEW);
    let joined = report().joined("report.customer_id = customers.id", 2);
    assert_eq!(joined.status("report.customer_id -> customers.id"), ACCEPTED);
}

#[test]
fn sampled_target_is_not_refuted() {
    let mut fixture = with_column(customers(), int("customer_id", |row| pick(row, 1, 500)));
    let profile = &mut fixture.input.profiles[0];
    (profile.rows, profile.sampled_rows) = (None, Some(250));
    let column = &mut profile.columns[0];
    (column.distinct, column.distinct_exact) = (250, false);
    let hashes = column.hashes.take().unwrap();
    column.hashes = Some(hashes.into_iter().step_by(2).collect());
    assert_eq!(fixture.status("orders.customer_id -> customers.id"), ACCEPTED);
}

#[test]
fn uncounted_link_is_for_review() {
    let fixture = with_column(customers(), int("customer_id", |row| pick(row, 1, 500))).uncounted();
    let link = fixture.link("orders.customer_id -> customers.id").unwrap();
    assert_eq!((link.status, link.evidence[0].kind), (Status::Review, Signal::Uncounted));
}

#[test]
fn order_of_the_input_does_not_matter() {
    let mut fixture = with_column(airports(), text("dest", |row| code(pick(row, 1, 900))));
    fixture = fixture.table("customers", 500, vec![int("id", |row| row)]);
    let expected = fixture.detect();
    fixture.input.tables.reverse();
    fixture.input.profiles.reverse();
    assert_eq!(fixture.detect(), expected);
}

#[test]
fn result_is_printed_as_documented() {
    let fixture = with_column(customers(), int("customer_id", |row| pick(row, 1, 500)));
    let printed = serde_json::to_value(fixture.detect()).unwrap();
    let link = &printed["relationships"][0];
    assert_eq!(link["from"], serde_json::json!({ "table": "orders", "columns": ["customer_id"] }));
    assert_eq!((&link["status"], &link["cardinality"]), (&"accepted".into(), &"many_to_one".into()));
    assert_eq!((&link["declared"], &link["evidence"][0]["kind"]), (&false.into(), &"inclusion".into()));
    assert_eq!(printed["keys"][0]["columns"], serde_json::json!(["id"]));
}

#[test]
fn wrong_number_of_counts_is_an_error() {
    let fixture = with_column(customers(), int("customer_id", |row| pick(row, 1, 500)));
    let error = propose(&fixture.input, Weights::default()).conclude(&[], &[]).unwrap_err();
    assert_eq!(error.to_string(), "1 keys and links were proposed, 0 counted");
}

#[test]
fn declared_unique_column_is_a_target() {
    let city = |row: u64| format!("{:x} upon the river", row * 0x9234_5678);
    let offices = Fixture::default().table("offices", 40, vec![int("id", |row| row), text("city", city)]);
    let fixture = with_column(offices, text("city", move |row| city(pick(row, 1, 40))));
    let fixture = fixture.declare("offices", |table| table.unique_keys = vec![vec!["city".into()]]);
    assert_eq!(fixture.accepted(), ["orders.city -> offices.city"]);
    assert_eq!(fixture.keys(), ["offices.city", "offices.id", "orders.id"]);
}

fn columns_of(name: &str, column: &str) -> TableColumns {
    TableColumns { catalog: None, db: None, name: name.into(), columns: vec![column.into()] }
}

#[test]
fn accepted_target_that_repeats_is_stated() {
    let link = |to| LinkColumns { from: columns_of("orders", "no"), to: columns_of("customers", to) };
    let customers = || {
        let fixture = Fixture::default().table("customers", 500, vec![int("id", |row| row), int("no", |row| row % 50)]);
        with_column(fixture, int("no", |row| row % 50))
    };
    let repeats = |to| {
        let relationships = vec![LinkDecision { link: link(to), answer: Answer::Accepted }];
        let fixture = customers().decided(Decisions { relationships, keys: Vec::new() });
        let found = fixture.link(&format!("orders.no -> customers.{to}")).unwrap();
        assert_eq!(found.status, Status::Accepted);
        found.evidence.into_iter().find(|evidence| evidence.kind == Signal::Repeated).map(|evidence| evidence.text)
    };
    assert_eq!(repeats("no").as_deref(), Some("The target has 50 distinct values in 500 rows"));
    assert_eq!(repeats("id"), None);
    let keys = vec![KeyDecision { key: columns_of("customers", "no"), answer: Answer::Accepted }];
    let fixture = customers().decided(Decisions { relationships: Vec::new(), keys });
    // The right key stays beside it.
    assert_eq!(fixture.keys(), ["customers.id", "customers.no", "orders.id"]);
    assert_eq!(fixture.detect().keys[1].evidence.last().unwrap().kind, Signal::Repeated);
}

#[test]
fn accepted_link_of_an_empty_table_says_so() {
    let link = LinkColumns { from: columns_of("orders", "no"), to: columns_of("customers", "no") };
    let stated = |rows: u64, target_rows: u64| {
        let fixture = Fixture::default().table("customers", target_rows, vec![int("no", |row| row)]);
        let fixture = fixture.table("orders", rows, vec![int("no", |row| row)]);
        let relationships = vec![LinkDecision { link: link.clone(), answer: Answer::Accepted }];
        let fixture = fixture.decided(Decisions { relationships, keys: Vec::new() });
        let found = fixture.link("orders.no -> customers.no").unwrap();
        assert_eq!(found.status, Status::Accepted);
        assert!(found.evidence.iter().all(|evidence| evidence.kind != Signal::Repeated));
        found.evidence.into_iter().find(|evidence| evidence.kind == Signal::Inclusion).unwrap().text
    };
    assert_eq!(stated(20, 0), "20 rows refer to none, as the target has no row with a value");
    assert_eq!(stated(0, 9), "No row has a value to refer to one of 9 rows, so that nothing was compared");
    assert_eq!(stated(0, 0), "Neither side has a row with a value, so that nothing was compared");
    assert_eq!(stated(5, 9), "5 of 5 rows refer to one of 9 rows, whose values are distinct");
}

#[test]
fn declared_link_to_a_missing_column_is_left_out() {
    let foreign_keys = |column: &str, enforced| {
        let json = serde_json::json!({ "from_column": "par", "to_table": "parents", "to_column": column, "enforced": enforced });
        vec![serde_json::from_value::<ForeignKeyColumn>(json).unwrap()]
    };
    let declared = |column, enforced| {
        let fixture = Fixture::default().table("parents", 40, vec![int("id", |row| 1 + row / 2)]);
        let fixture = with_column(fixture, int("par", |row| 1 + row % 20));
        let fixture = fixture.declare("parents", |table| table.columns[0].primary_key = true);
        let fixture = fixture.declare("orders", move |table| table.foreign_keys = foreign_keys(column, enforced));
        fixture.detect().relationships.into_iter().find(|link| link.declared)
    };
    assert_eq!(declared("nope", true), None);
    let repeats = |enforced| declared("id", enforced).unwrap().evidence.iter().any(|it| it.kind == Signal::Repeated);
    assert_eq!((repeats(true), repeats(false)), (false, true));
}
