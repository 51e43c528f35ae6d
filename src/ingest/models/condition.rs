//! Conditions of joins in LookML.

use regex_lite::Regex;
use std::sync::LazyLock;

#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static AND: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)\s+and\s+").expect("a valid pattern"));
#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static EQUALITY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\$\{\s*(\w+\.\w+)\s*\}\s*=\s*\$\{\s*(\w+\.\w+)\s*\}$").expect("a valid pattern"));

/// Returns the pairs of fields that a condition equates, as in `${orders.customer_id} = ${customers.id}`. `None` for any
/// other condition: a further one, such as a range, decides which rows match.
pub(super) fn equal_fields(sql_on: &str) -> Option<Vec<(&str, &str)>> {
    let pair = |part| {
        let captures = EQUALITY.captures(part)?;
        Some((captures.get(1)?.as_str(), captures.get(2)?.as_str()))
    };
    AND.split(sql_on.trim()).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_equalities_of_fields_are_read() {
        assert_eq!(equal_fields(" ${a.x}=${ b.y } "), Some(vec![("a.x", "b.y")]));
        assert_eq!(equal_fields("${a.x} = ${b.x}\n  and ${b.y} = ${a.y}"), Some(vec![("a.x", "b.x"), ("b.y", "a.y")]));
        for text in [
            "",
            "${a.x} = ${b.x} AND ${b.current}",
            "${a.x} = ${b.x} OR ${a.y} = ${b.y}",
            "${a.x} >= ${b.x}",
            "lower(${a.x}) = ${b.x}",
            "${a.x} = 1",
            "${a.x} = ${b.x} -- AND",
            "${TABLE}.x = ${b.x}",
        ] {
            assert_eq!(equal_fields(text), None, "{text}");
        }
    }
}
