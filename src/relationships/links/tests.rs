use crate::relationships::{
    Status,
    fixture::{Fixture, TestColumn, airports, code, customers, int, maybe, of_type, pick, text, with_column},
};

const ACCEPTED: Option<Status> = Some(Status::Accepted);
const REVIEW: Option<Status> = Some(Status::Review);
const REJECTED: Option<Status> = Some(Status::Rejected);

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
    let author = |salt| vec![int("id", |row| row), int("author_id", move |row| pick(row, salt, 697))];
    let users = || Fixture::default().table("users", 697, vec![int("id", |row| row)]);
    let family = users().table("posts", 3000, author(1)).table("photos", 4000, author(2));
    assert_eq!(family.accepted(), ["photos.author_id -> users.id", "posts.author_id -> users.id"]);
    // One column alone, a round number, and two series with the same end, prove nothing.
    assert_eq!(users().table("posts", 3000, author(1)).status("posts.author_id -> users.id"), REVIEW);
    let rivals = users().table("teams", 697, vec![int("id", |row| row)]);
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
fn own_layer_is_preferred() {
    let fixture = Fixture::default()
        .table("raw_customers", 500, vec![int("id", |row| row)])
        .table("stg_customers", 500, vec![int("id", |row| row)])
        .table("stg_orders", 900, vec![int("id", |row| row), int("customer_id", |row| pick(row, 1, 500))]);
    assert_eq!(fixture.accepted(), ["stg_orders.customer_id -> stg_customers.id"]);
}

#[test]
fn own_schema_is_found_among_many_copies() {
    let tenants: Vec<_> = (10..60).map(|number| format!("tenant{number}")).collect();
    let fixture = tenants.iter().fold(Fixture::default(), |fixture, tenant| {
        with_column(fixture, int("customer_id", |row| pick(row, 1, 500)))
            .table("customers", 500, vec![int("id", |row| row), text("name", |row| format!("name {}", code(row)))])
            .schema(tenant)
    });
    let link = |tenant| format!("{tenant}.orders.customer_id -> {tenant}.customers.id");
    assert_eq!(fixture.accepted(), tenants.iter().map(link).collect::<Vec<_>>());
}

/// Customers, orders and lines of tenants of several sizes, all with series of numbers as keys.
fn tenants(name: impl Fn(&str, &str) -> String, sizes: &[(&str, u64)]) -> Fixture {
    sizes.iter().fold(Fixture::default(), |fixture, (tenant, rows)| {
        let (rows, customers) = (*rows, rows / 8);
        fixture
            .table(
                &name(tenant, "customers"),
                customers,
                vec![int("id", |row| row), text("name", |row| format!("name {}", code(row)))],
            )
            .table(
                &name(tenant, "orders"),
                rows,
                vec![int("id", |row| row), int("customer_id", move |row| pick(row, rows, customers))],
            )
            .table(
                &name(tenant, "order_lines"),
                3 * rows,
                vec![int("order_id", |row| row.div_ceil(3)), int("line_no", |row| row % 3), int("qty", |row| row % 7)],
            )
    })
}

#[test]
fn tenants_refer_to_their_own_tables() {
    let sizes = [("us", 400), ("eu", 900), ("apac", 650)];
    for sizes in [&sizes[..2], &sizes[..]] {
        for name in [
            |tenant: &str, table: &str| format!("{tenant}_{table}"),
            |tenant: &str, table: &str| format!("{table}_{tenant}"),
        ] {
            let mut expected: Vec<_> = sizes
                .iter()
                .flat_map(|(tenant, _)| {
                    let [customers, orders, lines] =
                        ["customers", "orders", "order_lines"].map(|table| name(tenant, table));
                    [format!("{orders}.customer_id -> {customers}.id"), format!("{lines}.order_id -> {orders}.id")]
                })
                .collect();
            expected.sort_unstable();
            let mut accepted = tenants(name, sizes).accepted();
            accepted.sort_unstable();
            assert_eq!(accepted, expected);
        }
    }
}

#[test]
fn tenants_may_have_columns_of_their_own() {
    let customers = |fixture: Fixture, name: &str, rows, more: Option<TestColumn>| {
        let columns = [int("id", |row| row), text("name", |row| format!("name {}", code(row)))];
        fixture.table(name, rows, columns.into_iter().chain(more).collect())
    };
    let tables = || tenants(|tenant, table| format!("{tenant}_{table}"), &[("us", 400), ("eu", 900)]);
    let orders = |fixture: Fixture, name: &str| {
        fixture.table(name, 3000, vec![int("id", |row| row), int("member_id", |row| pick(row, 5, 60))])
    };
    let fixture = customers(tables(), "us_members", 60, Some(text("vat_id", |row| code(row + 9000))));
    let fixture = orders(customers(fixture, "eu_members", 800, None), "us_visits");
    assert!(fixture.accepted().contains(&"us_visits.member_id -> us_members.id".to_owned()));
    let fixture =
        customers(Fixture::default(), "members", 60, Some(text("vat_id", |row| code(row + 9000)))).schema("us");
    let fixture = orders(customers(fixture, "members", 800, None).schema("eu"), "visits").schema("us");
    assert_eq!(fixture.accepted(), ["us.visits.member_id -> us.members.id"]);
}

#[test]
fn quantities_refer_to_nothing() {
    let accounts = Fixture::default().table("accounts", 3000, vec![int("account_no", |row| 1000 + 7 * row)]);
    let fixture = accounts.table(
        "transfers",
        900,
        vec![int("id", |row| row), int("amount", |row| 1000 + 7 * pick(row, 1, 3000))],
    );
    assert_eq!(fixture.accepted(), [""; 0]);
    let salaries = Fixture::default().table(
        "salaries",
        150,
        vec![int("emp_id", |row| row), int("salary", |row| 30000 + 7919 * row % 40000)],
    );
    assert_eq!(salaries.keys(), ["salaries.emp_id"]);
}

#[test]
fn many_copies_of_a_table_are_for_review() {
    let fixture = (10..60).fold(customers(), |fixture, number| {
        fixture.table(&format!("backup_{number}"), 500, vec![text("token", code), int("day", move |_| number)])
    });
    let fixture = with_column(fixture, text("token", |row| code(pick(row, 1, 500))));
    assert_eq!(fixture.accepted(), [""; 0]);
    assert_eq!(fixture.status("orders.token -> backup_10.token"), REVIEW);
}

#[test]
fn composite_link_has_roles() {
    let team = |number: u64| format!("T{}", number % 30);
    let teams = vec![int("season_id", |row| 1950 + row / 30), text("team_id", team)];
    let mut games = vec![int("id", |row| row), int("season_id", |row| 1951 + row % 20)];
    games.extend([text("team_id_home", team), text("team_id_away", move |row| team(row + 3))]);
    let fixture = Fixture::default().table("teams", 1199, teams).table("games", 2000, games);
    let links = fixture.detect().relationships;
    let from = |column: &str| links.iter().filter(|link| link.from.columns.contains(&column.to_owned())).count();
    assert_eq!((from("team_id_home"), from("team_id_away")), (1, 1));
}

#[test]
fn sibling_is_no_target() {
    let part = || vec![int("id", |row| row), int("movie_id", |row| pick(row, 1, 90))];
    let fixture = Fixture::default().table("movie_links", 300, part()).table("movie_info", 300, part());
    assert_eq!(fixture.detect().relationships, []);
}

#[test]
fn few_rows_refer_by_accident() {
    let orders = |rows| {
        customers().table("orders", rows, vec![int("id", |row| row), int("customer_id", |row| pick(row, 1, 500))])
    };
    assert_eq!(orders(9).status("orders.customer_id -> customers.id"), REVIEW);
    assert_eq!(orders(10).status("orders.customer_id -> customers.id"), ACCEPTED);
    let days = |low: u64| {
        let date = Fixture::default().table("dates", 500, vec![int("date_id", move |row| low + row)]);
        date.table("orders", 9, vec![int("id", |row| row), int("date_id", move |row| low + pick(row, 1, 500))])
    };
    // Numbers that begin far from zero.
    assert_eq!(days(0).status("orders.date_id -> dates.date_id"), REVIEW);
    assert_eq!(days(2_450_000).status("orders.date_id -> dates.date_id"), ACCEPTED);
    let joined = orders(9).joined("orders.customer_id = customers.id", 1);
    assert_eq!(joined.status("orders.customer_id -> customers.id"), ACCEPTED);
}

#[test]
fn two_series_of_one_name_are_for_review() {
    let accounts = |name: &'static str, rows| Fixture::default().table(name, rows, vec![int("account_id", |row| row)]);
    let add = |fixture: Fixture, name, rows| fixture.table(name, rows, vec![int("account_id", |row| row)]);
    let calls = |salt| vec![int("id", |row| row), int("account_id", move |row| pick(row, salt, 500))];
    let used = |fixture: Fixture| fixture.table("calls", 3000, calls(1)).table("invoices", 3000, calls(2));
    let both = used(add(accounts("crm_accounts", 500), "billing_accounts", 800));
    assert_eq!(both.accepted(), [""; 0]);
    assert_eq!(both.status("calls.account_id -> crm_accounts.account_id"), REVIEW);
    let written = both.joined("calls.account_id = crm_accounts.account_id", 3);
    assert_eq!(written.accepted(), ["calls.account_id -> crm_accounts.account_id"]);
    assert_eq!(used(accounts("crm_accounts", 500)).accepted().len(), 2);
}

#[test]
fn natural_key_of_versions_is_for_review() {
    let orders = |versions: u64| {
        let customer =
            vec![int("customer_sk", |row| row), int("customer_no", move |row| 1 + (row - 1) % (1500 / versions))];
        let order = vec![int("id", |row| row), int("customer_id", |row| pick(row, 1, 500))];
        Fixture::default().table("dim_customer", 1500, customer).table("fact_orders", 4000, order)
    };
    assert_eq!(orders(3).status("fact_orders.customer_id -> dim_customer.customer_sk"), REVIEW);
    // Customers without orders are no versions.
    assert_eq!(orders(2).status("fact_orders.customer_id -> dim_customer.customer_sk"), ACCEPTED);
}

#[test]
fn self_reference_needs_no_better_series() {
    let replies = |count| {
        let replies = vec![int("id", |row| row), int("parent_id", move |row| pick(row, 1, count))];
        let posts = Fixture::default().table("posts", 900, vec![int("id", |row| row)]);
        posts.table("replies", 5000, replies).status("replies.parent_id -> replies.id")
    };
    assert_eq!(replies(900), REVIEW);
    assert_eq!(replies(4000), ACCEPTED);
}

#[test]
fn name_of_a_table_may_mean_a_longer_one() {
    let orders = || vec![int("id", |row| row), int("status", |row| pick(row, 1, 5))];
    let table = |name| Fixture::default().table(name, 5, vec![int("id", |row| row)]);
    let one = table("status").table("orders", 2000, orders());
    assert_eq!(one.status("orders.status -> status.id"), ACCEPTED);
    let two = table("status").table("order_status", 5, vec![int("id", |row| row)]).table("orders", 2000, orders());
    assert_eq!(two.status("orders.status -> status.id"), REVIEW);
}

#[test]
fn words_without_a_name_all_match() {
    let name = |row: u64| format!("{:x} of the hills", row * 0x9234_5678);
    let link = |customers: u64| {
        let person = vec![int("id", |row| row), text("full_nm", name)];
        let customer = vec![int("id", |row| row), text("nm", move |row| name(pick(row, 1, customers)))];
        Fixture::default().table("person", 1500, person).table("customers", 3000, customer)
    };
    let status =
        |customers| link(customers).joined("customers.nm = person.full_nm", 1).status("customers.nm -> person.full_nm");
    assert_eq!((link(1530).accepted(), status(1530)), (Vec::new(), ACCEPTED));
}

/// Actuals with a column, and a budget whose key has a name.
fn budget(key: &'static str, target: &'static str, column: &'static str) -> Fixture {
    let month = |row: u64| format!("2026-{:02}", 1 + row % 11);
    let fixture = Fixture::default().table(target, 11, vec![text(key, month), int("amount", |row| row * 1000)]);
    fixture.table("actuals", 900, vec![int("id", |row| row), text(column, month)])
}

#[test]
fn periods_of_two_tables_are_for_review() {
    for (name, key) in [("month", "month"), ("fiscal_period", "fiscal_period"), ("reported_at", "reported_at")] {
        let status = budget(key, "budget", name).status(&format!("actuals.{name} -> budget.{key}"));
        assert_eq!(status, REVIEW, "{name}");
    }
    let days = |target: &str| {
        let day = |row: u64| format!("2026-{:02}-{:02}", 1 + row / 28 % 12, 1 + row % 28);
        let fixture = Fixture::default().table(target, 300, vec![of_type("DATE", text("day", day))]);
        let fixture = with_column(fixture, of_type("DATE", text("day", move |row| day(1 + row % 300))));
        fixture.table("visits", 900, vec![of_type("DATE", text("day", move |row| day(1 + row % 300)))])
    };
    assert_eq!(days("forecast").status("orders.day -> forecast.day"), REVIEW);
    assert_eq!(days("dim_calendar").status("orders.day -> dim_calendar.day"), ACCEPTED);
}

#[test]
fn periods_refer_to_a_calendar_and_to_what_people_joined() {
    for target in ["months", "fiscal_calendar", "dim_date"] {
        let fixture = budget("month", target, "month");
        assert_eq!(fixture.status(&format!("actuals.month -> {target}.month")), ACCEPTED, "{target}");
    }
    let joined = budget("month", "budget", "month").joined("actuals.month = budget.month", 3);
    assert_eq!(joined.status("actuals.month -> budget.month"), ACCEPTED);
}

#[test]
fn few_codes_refer_to_a_table_that_describes_them() {
    let region = |row: u64| code(row % 9);
    let budget = |others: Vec<_>| {
        let fixture =
            Fixture::default().table("plan", 9, std::iter::once(text("region", region)).chain(others).collect());
        with_column(fixture, text("region", region)).status("orders.region -> plan.region")
    };
    assert_eq!(budget(vec![int("amount", |row| row * 10)]), REVIEW);
    assert_eq!(budget(vec![text("label", |row| format!("Region no {row}"))]), ACCEPTED);
}
