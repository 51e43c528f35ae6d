//! Joins of imported models.

use super::{condition::equal_fields, views::Views};
use crate::{
    ingest::adapters::looker::{StagedExplore, StagedJoin},
    ports::UsedColumn,
};

/// A join of an explore. Both sides have the same number of columns, each side those of one table.
#[derive(Debug, PartialEq, Eq)]
pub struct ModelJoin {
    /// Columns of one side.
    pub left: Vec<UsedColumn>,
    /// Columns of the other side, in the same order.
    pub right: Vec<UsedColumn>,
}

/// Returns the joins of an explore between tables of a connection. Those of other conditions than equal columns, and of
/// views that are no tables, are left out.
pub fn joins_of(explore: &StagedExplore, connection_id: &str) -> Vec<ModelJoin> {
    let views = Views::new(explore, connection_id);
    explore.joins.iter().filter_map(|join| read_join(join, &views)).collect()
}

fn read_join(join: &StagedJoin, views: &Views<'_>) -> Option<ModelJoin> {
    let (left, right): (Vec<_>, Vec<_>) = match (&join.sql_on, &join.foreign_key) {
        (Some(sql), _) => {
            let pairs = equal_fields(sql)?;
            let (first, second) = (view_of(pairs.first()?.0)?, view_of(pairs.first()?.1)?);
            let direct = |(left, right)| match (view_of(left)?, view_of(right)?) {
                of if of == (first, second) => Some((left.to_owned(), right.to_owned())),
                of if of == (second, first) => Some((right.to_owned(), left.to_owned())),
                _ => None,
            };
            let is_of_two = first != second;
            pairs.into_iter().filter(|_| is_of_two).map(direct).collect::<Option<Vec<_>>>()?.into_iter().unzip()
        }
        (None, Some(field)) => (vec![views.qualified(field)?], vec![views.primary_key(&join.name)?.to_owned()]),
        (None, None) => return None,
    };
    let columns = |fields: Vec<String>| fields.iter().map(|field| views.column(field)).collect::<Option<Vec<_>>>();
    Some(ModelJoin { left: columns(left)?, right: columns(right)? }).filter(|join| !join.left.is_empty())
}

fn view_of(field: &str) -> Option<&str> {
    Some(field.split_once('.')?.0)
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::explore, *};
    use serde_json::{Value, json};

    fn joins(join: Value) -> Vec<String> {
        let describe = |columns: &[UsedColumn]| {
            let columns = columns.iter().map(|column| format!("{}.{}", column.table, column.column));
            columns.collect::<Vec<_>>().join("+")
        };
        let found = joins_of(&explore(&[join]), "w");
        found.iter().map(|join| format!("{}={}", describe(&join.left), describe(&join.right))).collect()
    }

    #[test]
    fn equal_columns_are_a_join() {
        let on = |sql: &str| joins(json!({ "name": "buyers", "sql_on": sql }));
        assert_eq!(on("${orders.customer} = ${buyers.id}"), ["orders.customer_id=customers.customer id"]);
        let both = "${buyers.id} = ${orders.customer_id} AND ${orders.region} = ${buyers.region}";
        assert_eq!(on(both), ["customers.customer id+customers.region=orders.customer_id+orders.region"]);
    }

    #[test]
    fn foreign_key_refers_to_the_primary_key() {
        let by_key = |name: &str, field: &str| joins(json!({ "name": name, "foreign_key": field }));
        for field in ["customer_id", "orders.customer_id"] {
            assert_eq!(by_key("buyers", field), ["orders.customer_id=customers.customer id"], "{field}");
        }
        assert!(by_key("elsewhere", "customer_id").is_empty());
    }

    #[test]
    fn joins_that_are_not_certain_are_left_out() {
        for sql in [
            "${orders.total} = ${buyers.id}",
            "${orders.customer_id} = ${elsewhere.id}",
            "${orders.customer_id} = ${orders.region}",
            "${orders.customer_id} = ${buyers.id} AND ${orders.region} = ${elsewhere.id}",
            "${orders.customer_id} = ${buyers.id} AND ${buyers.region} = 'x'",
        ] {
            assert!(joins(json!({ "name": "buyers", "sql_on": sql })).is_empty(), "{sql}");
        }
        assert!(joins(json!({ "name": "buyers", "type": "cross" })).is_empty());
    }
}
