//! The data policy of a connection: tables and columns that are not read, and columns whose values are not stored.

mod pattern;
mod reference;
mod settings;
mod unused;

#[cfg(test)]
mod cases;

pub use pattern::{Pattern, TableName};
pub use settings::{DenySettings, PolicySettings};

use crate::error::{Code, Error, Result};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// The data policy of a connection. The default denies and masks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    denied: Denied,
    mask: Vec<Pattern>,
    unmask: Vec<Pattern>,
}

/// What a connection denies, as the daemon takes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Denied {
    tables: Vec<Pattern>,
    columns: Vec<Pattern>,
}

impl Policy {
    /// Parses the patterns. Errors: the keys of the list below `policy`, and a sentence about the pattern.
    pub(crate) fn parse(settings: &PolicySettings) -> Result<Self, (Vec<&'static str>, String)> {
        let mut parsed = settings.lists().map(|(keys, is_column, texts)| {
            let parse =
                |text: &String| Pattern::parse(text, is_column).map_err(|error| format!("{error}, not '{text}'"));
            texts.iter().map(parse).collect::<Result<Vec<_>, _>>().map_err(|error| (keys.to_vec(), error))
        });
        let mut next = |index: usize| std::mem::replace(&mut parsed[index], Ok(Vec::new()));
        let denied = Denied { tables: next(0)?, columns: next(1)? };
        Ok(Self { denied, mask: next(2)?, unmask: next(3)? })
    }

    /// The patterns as in `ktx.yaml`; `None` if there are none.
    pub(crate) fn settings(&self) -> Option<PolicySettings> {
        let texts = |patterns: &[Pattern]| {
            let texts: Vec<_> = patterns.iter().map(|pattern| pattern.text().to_owned()).collect();
            Some(texts).filter(|texts| !texts.is_empty())
        };
        let deny = DenySettings { tables: texts(&self.denied.tables), columns: texts(&self.denied.columns) };
        let deny = Some(deny).filter(|deny| *deny != DenySettings::default());
        let settings = PolicySettings { deny, mask: texts(&self.mask), unmask: texts(&self.unmask) };
        Some(settings).filter(|settings| *settings != PolicySettings::default())
    }

    /// Whether a table is denied, and so left out of scans and refused in queries.
    pub fn table_denied(&self, table: TableName<'_>) -> bool {
        self.denied.tables.iter().any(|pattern| pattern.matches_table(table))
    }

    /// Whether a column of a table that is not denied is denied itself.
    pub fn column_denied(&self, table: TableName<'_>, column: &str) -> bool {
        any_column(&self.denied.columns, table, column)
    }

    /// Whether the values of a column are counted and not stored.
    pub fn column_masked(&self, table: TableName<'_>, column: &str) -> bool {
        any_column(&self.mask, table, column)
    }

    /// Whether the values of a column are stored although it looks sensitive. A column that is masked, too, is masked.
    pub fn column_unmasked(&self, table: TableName<'_>, column: &str) -> bool {
        any_column(&self.unmask, table, column) && !self.column_masked(table, column)
    }

    /// The patterns of tables, with their keys below `policy`.
    pub fn table_patterns(&self) -> impl Iterator<Item = (&'static str, &Pattern)> {
        self.denied.tables.iter().map(|pattern| ("deny.tables", pattern))
    }

    /// The patterns of columns, with their keys below `policy`.
    pub fn column_patterns(&self) -> impl Iterator<Item = (&'static str, &Pattern)> {
        let lists = [("deny.columns", &self.denied.columns), ("mask", &self.mask), ("unmask", &self.unmask)];
        lists.into_iter().flat_map(|(key, patterns)| patterns.iter().map(move |pattern| (key, pattern)))
    }

    /// Whether any table or column is denied.
    pub fn denies(&self) -> bool {
        !self.denied.tables.is_empty() || !self.denied.columns.is_empty()
    }

    /// Whether the values of any column are masked.
    pub fn masks(&self) -> bool {
        !self.mask.is_empty()
    }

    /// What is denied, as JSON for a request to the daemon; `None` if nothing is.
    pub fn denied_json(&self) -> Result<Option<Box<RawValue>>> {
        let json_error = |error| Error::new(Code::Internal, "A data policy cannot be written as JSON").caused_by(error);
        self.denies().then(|| to_raw_value(&self.denied).map_err(json_error)).transpose()
    }
}

fn any_column(patterns: &[Pattern], table: TableName<'_>, column: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches_column(table, column))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Project, parse_config};

    const TEXT: &str = "
connections:
  w:
    driver: postgres
    policy:
      deny: { tables: [hr.salaries], columns: [users.password_hash] }
      mask: ['*.users.email']
      unmask: [products.email_template, users.email]
  plain: { driver: postgres, policy: { deny: } }
environments: { dev: { connections: { w: { policy: { mask: [a.b] } } } } }
";

    fn users() -> TableName<'static> {
        TableName { catalog: None, schema: Some("public"), name: "users" }
    }

    #[test]
    fn policy_answers_for_tables_and_columns() {
        let policy = Project::parsed("/p".as_ref(), TEXT).policy("w").unwrap();
        assert!(policy.table_denied(TableName { schema: Some("hr"), name: "salaries", ..users() }));
        assert!(!policy.table_denied(users()));
        assert!(policy.column_denied(users(), "password_hash") && !policy.column_denied(users(), "email"));
        assert!(policy.column_masked(users(), "email") && !policy.column_unmasked(users(), "email"));
        assert!(policy.column_unmasked(TableName { name: "products", ..users() }, "email_template"));
        assert_eq!(Policy::parse(&policy.settings().unwrap()).unwrap(), policy);
        assert_eq!(Policy::default().settings(), None);
    }

    #[test]
    fn environment_replaces_the_policy_of_a_connection() {
        let project = Project::parsed("/p".as_ref(), TEXT);
        assert_eq!(project.policy("plain").unwrap(), Policy::default());
        let project = project.in_environment(Some("dev")).unwrap();
        let policy = project.policy("w").unwrap();
        assert!(!policy.denies() && policy.column_masked(TableName { name: "a", ..users() }, "b"));
    }

    #[test]
    fn invalid_pattern_is_an_error_with_its_place() {
        for (policy, expected) in [
            (
                "deny: { columns: [email] }",
                "ktx.yaml:1:59: connections.w.policy.deny.columns: expected a table and its column, such as users.email or *.email, not 'email'",
            ),
            ("mask: users.email", "ktx.yaml:1:48: connections.w.policy.mask: expected a list, such as [a, b]"),
            ("deny: [hr.salaries]", "ktx.yaml:1:48: connections.w.policy.deny: expected keys and values"),
        ] {
            let text = format!("connections: {{ w: {{ driver: x, policy: {{ {policy} }} }} }}");
            let error = parse_config(&text).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let text = "connections: { w: { driver: x } }\nenvironments: { d: { connections: { w: { policy: { unmask: [x] } } } } }";
        let error = parse_config(text).unwrap_err().to_string();
        assert!(error.starts_with("ktx.yaml:2:60: environments.d.connections.w.policy.unmask: "), "{error}");
    }

    #[test]
    fn unknown_keys_are_warnings() {
        let text = "connections: { w: { driver: x, policy: { denny: [], deny: { table: [] } } } }";
        let warnings = parse_config(text).unwrap().1;
        let expected = [
            "ktx.yaml: unknown key connections.w.policy.denny; did you mean deny?",
            "ktx.yaml: unknown key connections.w.policy.deny.table; did you mean tables?",
        ];
        assert_eq!(warnings, expected);
    }
}
