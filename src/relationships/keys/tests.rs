use crate::relationships::fixture::{Fixture, int, of_type, text};

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
fn identifier_is_preferred_to_a_number() {
    let columns = vec![int("id", |row| row), int("invoice_number", |row| 7000 + row)];
    assert_eq!(Fixture::default().table("invoices", 300, columns).keys(), ["invoices.id"]);
}

#[test]
fn few_rows_need_the_name_of_their_key() {
    let table = |name, rows, key| Fixture::default().table(name, rows, vec![int(key, |row| row)]).keys();
    assert_eq!(table("levels", 3, "id"), ["levels.id"]);
    assert_eq!(table("levels", 3, "level_id"), ["levels.level_id"]);
    assert_eq!(table("refunds", 3, "customer_id"), [""; 0]);
}

#[test]
fn reference_is_no_key_of_a_snapshot() {
    let stock = |days: u64| {
        let taken_on = of_type("DATE", text("taken_on", move |row| format!("2024-01-{:02}", 1 + row % days)));
        let fixture = Fixture::default().table("products", 90, vec![int("id", |row| row)]);
        fixture.table("stock", 80, vec![int("product_id", |row| row), taken_on]).keys()
    };
    assert_eq!(stock(1), ["products.id"]);
    assert_eq!(stock(20), ["products.id", "stock.product_id"]);
}

#[test]
fn composite_key_has_no_unique_part() {
    let readings = || {
        let ts = of_type("TIMESTAMP", text("ts", |row| format!("2024-01-01 00:{:02}:{:02}", row / 60, row % 60)));
        Fixture::default().table("readings", 1000, vec![ts, int("device_id", |row| 1 + row % 7)])
    };
    assert_eq!(readings().keys(), [""; 0]);
    let mut estimated = readings();
    estimated.input.profiles[0].columns[0].distinct_exact = false;
    assert_eq!(estimated.keys(), [""; 0]);
}

#[test]
fn equal_columns_are_no_key() {
    let code = |name, factor| int(name, move |row| 40 + row * factor);
    let columns = |mut rest: Vec<_>| {
        rest.insert(0, int("n", |row| row % 7));
        Fixture::default().table("wide", 300, rest).keys()
    };
    assert_eq!(columns(vec![code("red_code", 3)]), ["wide.red_code"]);
    assert_eq!(columns(vec![code("red_code", 3), code("blue_code", 3)]), [""; 0]);
}
