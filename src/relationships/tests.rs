use super::{
    fixture::{Fixture, code, int, maybe, of_type, pick, text},
    *,
};
use crate::schemas::definition;

const ACCEPTED: Option<Status> = Some(Status::Accepted);
const REVIEW: Option<Status> = Some(Status::Review);
const REJECTED: Option<Status> = Some(Status::Rejected);

fn customers() -> Fixture {
    Fixture::default().table("customers", 500, vec![int("id", |row| row)])
}

fn with_column(fixture: Fixture, column: fixture::TestColumn) -> Fixture {
    fixture.table("orders", 2000, vec![int("id", |row| row), column])
}

#[test]
fn profiles_are_those_of_the_daemon() {
    let ignored = ["mean", "values_complete", "formats", "sensitive", "hidden"];
    definition("profile", "ColumnProfile").ignoring(&ignored).assert_read_by::<ColumnProfile>();
    let ignored = ["statements", "seconds", "bytes", "unread"];
    definition("profile", "TableProfile").ignoring(&ignored).assert_read_by::<TableProfile>();
    definition("profile", "FrequentValue").ignoring(&["count"]).assert_read_by::<FrequentValue>();
    definition("profile", "KeyCount").assert_read_by::<KeyCount>();
    definition("profile", "LinkCount").assert_read_by::<LinkCount>();
    definition("profile-request", "TableColumns").assert_kept_by::<TableColumns>();
    definition("profile-request", "LinkCheck").assert_kept_by::<LinkColumns>();
}

#[test]
fn name_decides_between_series_of_numbers() {
    let column = || int("customer_id", |row| pick(row, 1, 500));
    let other = |fixture: Fixture| fixture.table("suppliers", 500, vec![int("id", |row| row)]);
    assert_eq!(other(with_column(customers(), column())).accepted(), ["orders.customer_id -> customers.id"]);
}

#[test]
fn name_misleads_where_the_values_are_others() {
    let fixture = with_column(customers(), int("customer_id", |row| 9000 + pick(row, 1, 500)));
    let link = fixture.link("orders.customer_id -> customers.id").unwrap();
    assert_eq!(link.status, Status::Rejected);
    assert_eq!(link.evidence[0].value, 0.0);
}

#[test]
fn names_are_found_in_other_spellings() {
    let cases = [
        ("CUSTOMERS", "CUSTOMERID", "ID"),
        ("tblCustomer", "BillToCustomerId", "Id"),
        ("dim_customer", "cust_key", "customer_key"),
        ("Kunden", "kundennummer", "kundennummer"),
        ("clientes", "id_cliente", "id_cliente"),
        ("clients", "client", "id"),
        ("order_customers", "customer_id", "customer_id"),
    ];
    for (table, column, key) in cases {
        let fixture = Fixture::default().table(table, 400, vec![int(key, |row| row)]);
        let fixture = fixture.table("events", 2000, vec![int("n", |row| row), int(column, |row| pick(row, 1, 400))]);
        assert_eq!(fixture.accepted(), [format!("events.{column} -> {table}.{key}")]);
    }
}

#[test]
fn inclusion_of_numbers_proves_nothing() {
    for name in ["score", "quantity", "rank", "ref1"] {
        assert_eq!(with_column(customers(), int(name, |row| pick(row, 1, 500))).detect().relationships, []);
    }
}

#[test]
fn positions_and_counts_are_for_review_at_most() {
    for name in ["customer", "customers", "customer_number"] {
        let fixture = with_column(customers(), int(name, |row| pick(row, 1, 20)));
        assert_eq!(fixture.status(&format!("orders.{name} -> customers.id")), REVIEW);
    }
}

fn airports() -> Fixture {
    Fixture::default().table("airports", 900, vec![text("faa", code), text("label", |row| format!("Airport no {row}"))])
}

#[test]
fn surprise_decides_without_a_name() {
    let fixture = with_column(airports(), text("dest", |row| code(pick(row, 1, 900))));
    assert_eq!(fixture.accepted(), ["orders.dest -> airports.faa"]);
}

#[test]
fn surprise_tolerates_few_rows_without_a_match() {
    let dest = |share: u64| text("dest", move |row| code(if row % 100 < share { 5000 } else { pick(row, 1, 900) }));
    assert_eq!(with_column(airports(), dest(4)).status("orders.dest -> airports.faa"), ACCEPTED);
    assert_eq!(with_column(airports(), dest(12)).status("orders.dest -> airports.faa"), REVIEW);
    let customer = int("customer_id", |row| if row == 7 { 900 } else { pick(row, 1, 500) });
    assert_eq!(with_column(customers(), customer).status("orders.customer_id -> customers.id"), REVIEW);
}

#[test]
fn surprise_misleads_where_values_are_common() {
    let grade = |row| char::from(b'A' + (row % 5) as u8).to_string();
    let grades = Fixture::default().table("levels", 5, vec![text("code", move |row| grade(row - 1))]);
    assert_eq!(with_column(grades, text("mark", grade)).accepted(), [""; 0]);
    let states = ["open", "closed", "pending", "failed"];
    let words = Fixture::default().table("phases", 4, vec![text("phase", move |row| states[row as usize - 1].into())]);
    assert_eq!(with_column(words, text("result", move |row| states[row as usize % 3].into())).accepted(), [""; 0]);
}

#[test]
fn values_of_several_tables_are_for_review() {
    let fixture = airports().table("stations", 900, vec![text("station", code), int("opened", |row| 1900 + row % 90)]);
    let fixture = with_column(fixture, text("dest", |row| code(pick(row, 1, 900))));
    assert_eq!(fixture.status("orders.dest -> airports.faa"), REVIEW);
    assert_eq!(fixture.status("orders.dest -> stations.station"), REVIEW);
}

#[test]
fn texts_that_number_their_rows_prove_nothing() {
    let number = |row: u64| format!("C{row:05}");
    let fixture = Fixture::default().table("crates", 900, vec![text("crate_code", number)]);
    assert_eq!(with_column(fixture, text("mark", move |row| number(pick(row, 1, 900)))).accepted(), [""; 0]);
}

#[test]
fn head_decides_for_a_family() {
    let author = |salt| vec![int("id", |row| row), int("author_id", move |row| pick(row, salt, 700))];
    let users = || Fixture::default().table("users", 700, vec![int("id", |row| row)]);
    let family = users().table("posts", 3000, author(1)).table("photos", 4000, author(2));
    assert_eq!(family.accepted(), ["photos.author_id -> users.id", "posts.author_id -> users.id"]);
    // One column alone, and two series with the same end, prove nothing.
    assert_eq!(users().table("posts", 3000, author(1)).status("posts.author_id -> users.id"), REVIEW);
    let rivals = users().table("teams", 700, vec![int("id", |row| row)]);
    assert_eq!(rivals.table("posts", 3000, author(1)).table("photos", 4000, author(2)).accepted(), [""; 0]);
}

#[test]
fn range_decides_for_dates_in_numbers() {
    let day = |row: u64| 20_240_000 + row / 28 % 12 * 100 + 100 + row % 28 + 1;
    let calendar = Fixture::default().table("dim_date", 336, vec![int("date_key", day)]);
    let fixture = with_column(calendar, int("ship_date", move |row| day(pick(row, 1, 90))));
    assert_eq!(fixture.accepted(), ["orders.ship_date -> dim_date.date_key"]);
    // The range alone misleads.
    let calendar = Fixture::default().table("dim_date", 336, vec![int("date_key", day)]);
    let fixture = with_column(calendar, int("version", move |row| day(pick(row, 1, 90))));
    assert_eq!(fixture.accepted(), [""; 0]);
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
        assert_eq!(propose(&fixture.input, Weights::default()).links(), []);
        assert_eq!(fixture.status("orders.customer_id -> customers.id"), status);
    }
    let keys = vec![KeyDecision { key: side("customers", "id"), answer: Answer::Rejected }];
    let fixture = customers().decided(Decisions { relationships: Vec::new(), keys });
    assert_eq!(fixture.keys(), [""; 0]);
}

#[test]
fn polymorphic_reference_is_no_link() {
    let kinds = ["Customer", "Order"];
    let fixture = |name, kind| {
        let columns = vec![int("id", |row| row), int(name, |row| pick(row, 1, 500)), kind];
        with_column(customers(), int("n", |row| row)).table("notes", 2000, columns)
    };
    let kind = text("customer_type", move |row| kinds[row as usize % 2].into());
    assert_eq!(fixture("customer_id", kind).status("notes.customer_id -> customers.id"), REJECTED);
    // A type of customers.
    let kind = text("customer_type", |row| ["private", "company"][row as usize % 2].into());
    assert_eq!(fixture("customer_id", kind).status("notes.customer_id -> customers.id"), ACCEPTED);
    let kind = text("parent_type", |row| ["x", "y"][row as usize % 2].into());
    assert_eq!(fixture("parent_id", kind).status("notes.parent_id -> notes.id"), REVIEW);
}

#[test]
fn self_reference_is_named_by_its_relation() {
    let parent = |name| maybe(name, |row| (row > 3).then_some(row / 3));
    let table = |table: &str, name| Fixture::default().table(table, 300, vec![int("id", |row| row), parent(name)]);
    assert_eq!(table("folders", "parent_id").status("folders.parent_id -> folders.id"), ACCEPTED);
    assert_eq!(table("employees", "ReportsTo").status("employees.ReportsTo -> employees.id"), ACCEPTED);
    assert_eq!(table("folders", "manager_id").accepted(), [""; 0]);
}

#[test]
fn types_are_not_mixed() {
    let fixture = with_column(customers(), of_type("VARCHAR", int("customer_id", |row| pick(row, 1, 500))));
    assert_eq!(fixture.detect().relationships, []);
}

#[test]
fn attribute_is_for_review_at_most() {
    let city = |row: u64| format!("{:x} upon the river", row * 0x9234_5678);
    let offices = Fixture::default().table("offices", 40, vec![int("id", |row| row), text("city", city)]);
    let fixture = with_column(offices, text("city", move |row| city(pick(row, 1, 40))));
    assert_eq!(fixture.status("orders.city -> offices.city"), REVIEW);
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
fn own_layer_is_preferred() {
    let fixture = Fixture::default()
        .table("raw_customers", 500, vec![int("id", |row| row)])
        .table("stg_customers", 500, vec![int("id", |row| row)])
        .table("stg_orders", 900, vec![int("id", |row| row), int("customer_id", |row| pick(row, 1, 500))]);
    assert_eq!(fixture.accepted(), ["stg_orders.customer_id -> stg_customers.id"]);
}

#[test]
fn sampled_target_is_not_refuted() {
    let mut fixture = with_column(customers(), int("customer_id", |row| pick(row, 1, 500)));
    let profile = &mut fixture.input.profiles[0];
    (profile.rows, profile.sampled_rows) = (Some(500), Some(250));
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
fn key_is_the_unique_column_that_is_meant() {
    let columns = vec![
        text("label", |row| format!("Some words {row}")),
        int("serial", |row| row * 977),
        int("customer_id", |row| row),
        of_type("DOUBLE", int("amount", |row| row * 3)),
    ];
    assert_eq!(Fixture::default().table("customers", 300, columns).keys(), ["customers.customer_id"]);
}

#[test]
fn composite_key_is_minimal_and_no_accident() {
    let lines = |rows| {
        let columns =
            vec![int("order_id", |row| 1 + row / 4), int("line_no", |row| 1 + row % 4), int("n", |row| row % 90)];
        Fixture::default().table("lines", rows, columns)
    };
    assert_eq!(lines(3000).keys(), ["lines.order_id, line_no"]);
    // Few rows have distinct pairs by accident.
    assert_eq!(lines(12).keys(), [""; 0]);
}

#[test]
fn composite_key_is_referred_to() {
    let key = || vec![int("order_id", |row| 1 + row / 4), int("line_no", |row| 1 + row % 4)];
    let mut returns = vec![int("id", |row| row)];
    returns.extend([int("order_id", |row| 2 + row % 700), int("line_no", |row| 1 + row % 4)]);
    let fixture = Fixture::default().table("order_lines", 3000, key()).table("returns", 900, returns);
    assert_eq!(fixture.accepted(), ["returns.order_id, line_no -> order_lines.order_id, line_no"]);
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
