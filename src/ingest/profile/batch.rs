//! Groups tables into requests.

use super::request::ProfileTable;
use std::ops::Range;

/// Maximum tables of a request: progress is reported between requests, and one whose connection is lost is lost.
const MAX_TABLES: usize = 16;
/// Maximum columns of a request of several tables. The answer has at most about 30 KB for a column, which is far below
/// the limit of 64 MiB, also for a table of its own request with the 1,600 columns of a database's limit.
const MAX_COLUMNS: usize = 256;

/// Returns the ranges of consecutive readable tables that are profiled in one request each; a few tables are divided by
/// the number of requests at a time.
pub(super) fn batches(tables: &[ProfileTable], concurrency: usize) -> Vec<Range<usize>> {
    let readable = tables.iter().filter(|table| table.readable).count();
    let max_tables = readable.div_ceil(concurrency.max(1)).clamp(1, MAX_TABLES);
    let mut ranges = Vec::new();
    let (mut start, mut columns) = (0, 0);
    for (index, table) in tables.iter().enumerate() {
        if !table.readable {
            if index > start {
                ranges.push(start..index);
            }
            (start, columns) = (index + 1, 0);
            continue;
        }
        let is_full = index - start == max_tables || columns + table.columns.len() > MAX_COLUMNS;
        if is_full && index > start {
            ranges.push(start..index);
            (start, columns) = (index, 0);
        }
        columns += table.columns.len();
    }
    if start < tables.len() {
        ranges.push(start..tables.len());
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::profile::request::ProfileColumn;

    fn ranges(columns: &[usize]) -> Vec<Range<usize>> {
        ranges_at_a_time(columns, 1)
    }

    fn ranges_at_a_time(columns: &[usize], concurrency: usize) -> Vec<Range<usize>> {
        let column = ProfileColumn { name: "a".into(), kind: "int".into(), masked: false, unmasked: false };
        let table = |count: &usize| ProfileTable {
            catalog: None,
            db: None,
            name: "t".into(),
            kind: "table",
            columns: vec![column.clone(); *count],
            estimated_rows: None,
            bytes: None,
            partition_key: None,
            partition_filter_required: false,
            restricted: false,
            // Tables without columns stand for those that the user may not read.
            readable: *count > 0,
        };
        batches(&columns.iter().map(table).collect::<Vec<_>>(), concurrency)
    }

    #[test]
    fn unreadable_tables_are_in_no_request() {
        assert!(ranges(&[0, 0]).is_empty());
        assert_eq!(ranges(&[0, 1, 1, 0, 0, 1]), [1..3, 5..6]);
        assert_eq!(ranges(&[200, 0, 200, 1]), [0..1, 2..4]);
    }

    #[test]
    fn requests_are_limited_by_tables_and_by_columns() {
        assert!(ranges(&[]).is_empty());
        assert_eq!(ranges(&[1; 40]), [0..16, 16..32, 32..40]);
        assert_eq!(ranges(&[200, 56, 1]), [0..2, 2..3]);
        assert_eq!(ranges(&[1, 2000, 1]), [0..1, 1..2, 2..3]);
        assert_eq!(ranges(&[1; 17]), [0..16, 16..17]);
    }

    #[test]
    fn a_few_tables_are_divided_by_the_concurrency() {
        assert_eq!(ranges_at_a_time(&[1; 6], 4), [0..2, 2..4, 4..6]);
        assert_eq!(ranges_at_a_time(&[1, 0, 1], 4), [0..1, 2..3]);
        assert_eq!(ranges_at_a_time(&[1; 65], 4).len(), 5);
        assert!(ranges_at_a_time(&[], 4).is_empty());
    }
}
