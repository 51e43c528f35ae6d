//! The policy on names of tables in texts: in reports, and in the key `table` of semantic sources.

use super::{Pattern, Policy, TableName};
use crate::project::table_reference::parse_reference;

impl Policy {
    /// Whether a table is denied, by its name in a report or by a reference in the dialect of the connection.
    pub fn denies_reference(&self, reference: &str) -> bool {
        readings(reference).iter().any(|parts| self.table_denied(table_name(parts)))
    }

    /// Whether the values of a column are not shown, because it is denied or masked. `names` are all texts that may name
    /// the column, such as its name and its expression.
    pub fn hides_values<'a>(&self, reference: &str, mut names: impl Iterator<Item = &'a str>) -> bool {
        let readings = readings(reference);
        let is_hidden = |column: &str| {
            let table =
                |parts| self.column_denied(table_name(parts), column) || self.column_masked(table_name(parts), column);
            readings.iter().map(Vec::as_slice).any(table)
        };
        names.any(|text| is_hidden(text) || words(text).any(is_hidden))
    }

    /// Whether a column is denied, like [`Self::hides_values`].
    pub fn denies_columns<'a>(&self, reference: &str, mut names: impl Iterator<Item = &'a str>) -> bool {
        let readings = readings(reference);
        let is_denied = |column: &str| readings.iter().any(|parts| self.column_denied(table_name(parts), column));
        names.any(|text| is_denied(text) || words(text).any(is_denied))
    }

    /// Whether any column of a table is denied or masked by a pattern of it.
    pub fn restricts_reference(&self, reference: &str) -> bool {
        let lists = [&self.denied.columns, &self.mask];
        let readings = readings(reference);
        lists
            .into_iter()
            .flatten()
            .any(|pattern| readings.iter().any(|parts| pattern.matches_table_of_column(table_name(parts))))
    }

    /// Whether a sentence has the name of something that is denied or masked. Patterns of all names match none.
    pub fn hides_text(&self, text: &str) -> bool {
        self.denies_text(text) || names_any(text, &[&self.mask])
    }

    /// Whether a sentence has the name of something that is denied, like [`Self::hides_text`].
    pub fn denies_text(&self, text: &str) -> bool {
        names_any(text, &[&self.denied.tables, &self.denied.columns])
    }
}

impl Policy {
    /// Whether a sentence has the name of something that is denied also as a part of a word, as a generated measure
    /// `average_salary` has that of its column.
    pub fn denies_part(&self, text: &str) -> bool {
        let lists = [&self.denied.tables, &self.denied.columns];
        let is_denied = |name: &str| lists.into_iter().flatten().any(|pattern| pattern.ends_with(name));
        words(text).any(|word| {
            let parts: Vec<_> = word.split('_').collect();
            (0..parts.len()).any(|from| (from + 1..=parts.len()).any(|to| is_denied(&parts[from..to].join("_"))))
        })
    }
}

/// Whether a text has the last part of a pattern as a word.
fn names_any(text: &str, lists: &[&Vec<Pattern>]) -> bool {
    words(text).any(|word| lists.iter().copied().flatten().any(|pattern| pattern.ends_with(word)))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').filter(|word| !word.is_empty())
}

/// The parts of a reference: with dots in quotes as parts of a name, and as separators, as in a reference of `BigQuery`.
/// One that cannot be parsed is read without its quotes.
fn readings(reference: &str) -> [Vec<String>; 2] {
    let unquoted = || reference.split('.').map(|part| part.replace(['"', '`', '[', ']'], "")).collect();
    let parts = parse_reference(reference).unwrap_or_else(unquoted);
    let pieces = parts.iter().flat_map(|part| part.split('.')).map(str::to_owned).collect();
    [parts, pieces]
}

fn table_name(parts: &[String]) -> TableName<'_> {
    let mut names = parts.iter().rev().map(String::as_str);
    let name = names.next().unwrap_or_default();
    TableName { name, schema: names.next(), catalog: names.next() }
}

#[cfg(test)]
mod tests {
    use crate::project::{Project, policy::Policy};

    fn policy() -> Policy {
        let policy = "{ deny: { tables: [hr.salaries, 'tmp.*'], columns: [emp.tier] }, mask: ['*.email'] }";
        let text = format!("connections: {{ w: {{ driver: x, policy: {policy} }} }}");
        Project::parsed("/p".as_ref(), &text).policy("w").unwrap()
    }

    #[test]
    fn references_are_read_in_every_dialect() {
        let policy = policy();
        for text in [
            "hr.salaries",
            "\"hr\".\"Salaries\"",
            "`p.hr.salaries`",
            "[hr].[salaries]",
            "d.hr.salaries",
            "tmp.x",
            "hr.\"salaries",
        ] {
            assert!(policy.denies_reference(text), "{text}");
        }
        for text in ["hr.bonus", "\"hr.x\".bonus", "other.salaries"] {
            assert!(!policy.denies_reference(text), "{text}");
        }
        assert!(policy.restricts_reference("s.emp") && policy.restricts_reference("any"));
    }

    #[test]
    fn values_are_hidden_by_name_and_by_expression() {
        let hides = |table: &str, texts: &[&str]| policy().hides_values(table, texts.iter().copied());
        assert!(hides("s.emp", &["tier"]) && hides("x", &["contact", "lower(EMAIL)"]));
        assert!(!hides("s.orders", &["tier"]) && !hides("x", &["email_count"]));
        assert!(policy().hides_text("The column emp.tier has one value") && !policy().hides_text("All is well"));
        assert!(policy().denies_text("join emp.id = salaries.emp_id") && !policy().denies_text("measure emp.emails"));
        assert!(policy().denies_part("measure emp.average_tier") && policy().denies_part("emp.tier_of_day"));
        assert!(!policy().denies_part("measure emp.frontiers") && !policy().denies_text("measure emp.average_tier"));
        assert!(policy().hides_text("the email") && !policy().denies_text("the email"));
    }
}
