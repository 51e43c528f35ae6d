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
