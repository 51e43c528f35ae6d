//! The types of a semantic source, in files and in requests to the daemon.
//!
//! Unknown keys are errors: to ignore `filters` in place of `filter` would give wrong numbers.

use crate::{
    error::{Code, Error, Result},
    project::{
        format,
        yaml::{self, or_default},
    },
};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, path::Path};

/// Maximum characters of the name of a source.
const MAX_NAME_CHARS: usize = 255;

/// A source: a table or a query (exactly one of both) whose rows are unique in the columns of `grain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name in queries.
    pub name: String,
    /// Description for users and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Reference to a physical table, in the dialect of the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// SQL query, in the dialect of the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Columns that identify a row.
    #[serde(default, deserialize_with = "or_default")]
    pub grain: Vec<String>,
    /// Columns of expressions and queries.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<Column>,
    /// Joins to other sources.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Join>,
    /// Aggregates.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// Named filters.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
}

/// A column of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Name in queries.
    pub name: String,
    /// Semantic type of the column.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// SQL over the columns of the table or query; default: the column with this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    /// Visibility of the column.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Visibility::is_public")]
    pub visibility: Visibility,
    /// Description for users and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All values of the column when it was last profiled; empty if they are not known.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Scalar>,
    /// Finest granularity of the times of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granularity: Option<Granularity>,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Scalar {
    Boolean(bool),
    Number(serde_json::Number),
    String(String),
}

/// Granularity of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Granularity {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Semantic type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum ColumnType {
    String,
    Number,
    Time,
    Boolean,
}

/// Visibility of a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// For queries and expressions.
    #[default]
    Public,
    /// For joins and expressions only.
    Internal,
    /// For joins and expressions only, as [`Self::Internal`].
    Hidden,
}

impl Visibility {
    fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

/// A join to another source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Name of the other source.
    pub to: String,
    /// `local_column = other.column`.
    pub on: String,
    /// Cardinality of the join.
    pub relationship: Relationship,
    /// Role of the other source in this join, if several joins lead to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// Cardinality of a join, from this source to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Relationship {
    ManyToOne,
    OneToMany,
    OneToOne,
}

/// A measure: an aggregate, such as `sum(amount)`, or an expression over other measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Name in queries.
    pub name: String,
    /// SQL over the columns and measures of the source.
    pub expr: String,
    /// Condition on the rows that are aggregated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Segments of the rows that are aggregated.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// Description for users and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A named filter of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Name in queries and measures.
    pub name: String,
    /// Condition: SQL over the columns of the source.
    pub expr: String,
    /// Description for users and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Source {
    /// Parses the text of a file. `file` is its name in errors.
    ///
    /// Errors: [`Code::FormatNewer`]; [`Code::SemanticInvalid`] with line and column, and with a suggestion for an
    /// unknown key.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self> {
        format::check_yaml(file, text)?;
        let (source, _) = yaml::read::<Self>(file, Code::SemanticInvalid, text)?;
        let empty = || invalid(format!("{file} is empty")).with_hint("Describe a source in it, or remove it");
        let source = source.ok_or_else(empty)?;
        source.check(file)?;
        Ok(source)
    }

    /// Parses the JSON of a host. Errors: [`Code::SemanticInvalid`] with the path of the key.
    pub fn from_json(text: &str) -> Result<Self> {
        let source: Self = yaml::read_json("source", Code::SemanticInvalid, text)?;
        source.check("source")?;
        Ok(source)
    }

    /// Serialises the source as the text of a file.
    pub fn to_yaml(&self) -> Result<String> {
        yaml::write(self)
    }

    /// Checks constraints that types cannot express. The daemon checks references between names.
    fn check(&self, place: &str) -> Result<()> {
        if self.name.trim().is_empty() || self.name.contains(char::is_control) {
            return Err(invalid(format!("{place}: the name of a source must be one line of text")));
        }
        if self.table.is_some() == self.sql.is_some() {
            return Err(invalid(format!("{place}: a source needs either a table or sql, and not both")));
        }
        let columns = self.columns.iter().map(|column| ("column", &column.name));
        let measures = self.measures.iter().map(|measure| ("measure", &measure.name));
        let segments = self.segments.iter().map(|segment| ("segment", &segment.name));
        let mut seen = HashSet::new();
        match columns.chain(measures).chain(segments).find(|named| !seen.insert(*named)) {
            Some((what, name)) => Err(invalid(format!("{place}: there are two {what}s with the name {name}"))),
            None => Ok(()),
        }
    }
}

/// Returns an error of a source.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::SemanticInvalid, message.into())
}

/// Serialises sources, or tables of a scan, as JSON for the daemon.
pub(super) fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(Code::Internal, "Semantic sources cannot be written as JSON").caused_by(error))
}

/// Formats a path relative to the project, with `/` on every system.
pub(super) fn display_path(project_dir: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(project_dir).unwrap_or(path);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Rejects names that queries cannot use, or that are too long for a file.
pub(super) fn check_name(name: &str) -> Result<()> {
    let excerpt: String = name.chars().take(40).collect();
    if name.chars().count() > MAX_NAME_CHARS {
        let length = name.chars().count();
        let message = format!("The name of a source has at most {MAX_NAME_CHARS} characters; {excerpt}… has {length}");
        return Err(invalid(message).with_hint("Choose a shorter one"));
    }
    if name.contains('.') {
        let message = format!("The name of a source cannot contain a dot, which separates it from a field: {excerpt}");
        return Err(invalid(message).with_hint("Choose another one"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &str = "\
name: orders
table: main.orders
grain:
  - order_id
columns:
  - name: order_id
    type: number
  - name: status
    type: string
    visibility: internal
joins:
  - to: customers
    on: customer_id = customers.customer_id
    relationship: many_to_one
measures:
  - name: revenue
    expr: sum(amount)
    filter: status != 'cancelled'
segments:
  - name: paid
    expr: status = 'paid'
";

    fn error(text: &str) -> String {
        let error = Source::from_yaml("orders.yaml", text).unwrap_err();
        assert_eq!(error.code(), Code::SemanticInvalid);
        error.with_hint_text()
    }

    #[test]
    fn written_file_is_in_block_style() {
        let source = Source::from_yaml("orders.yaml", ORDERS).unwrap();
        assert_eq!(source.to_yaml().unwrap(), ORDERS);
    }

    #[test]
    fn strings_that_look_like_other_types_round_trip() {
        let mut source = Source::from_yaml("orders.yaml", ORDERS).unwrap();
        for text in ["no", "12", "a: b", "# x", "two\nlines\n", "größe", "'", &"x + ".repeat(80), "* 2", " padded "] {
            source.measures[0].expr = text.to_owned();
            let back = Source::from_yaml("orders.yaml", &source.to_yaml().unwrap()).unwrap();
            assert_eq!(back, source, "{}", source.to_yaml().unwrap());
        }
    }

    #[test]
    fn values_of_all_types_round_trip() {
        let column = "name: a\ntable: t\ncolumns:\n  - name: c\n    type: string\n    granularity: day\n    values: ";
        let text = format!("{column}[true, 1, -2.5, 'yes', '1', 'null', größe]");
        let source = Source::from_yaml("a.yaml", &text).unwrap();
        let values = serde_json::json!([true, 1, -2.5, "yes", "1", "null", "größe"]);
        assert_eq!(serde_json::to_value(&source.columns[0].values).unwrap(), values);
        assert_eq!(Source::from_yaml("a.yaml", &source.to_yaml().unwrap()).unwrap(), source);
        assert_eq!(error(&format!("{column}[[1]]")), "orders.yaml:7:14: unexpected value or tag");
    }

    #[test]
    fn errors_have_their_location() {
        for (text, expected) in [
            ("", "orders.yaml is empty. Describe a source in it, or remove it"),
            ("table: x", "orders.yaml:1:1: the key name is missing"),
            ("name: a", "orders.yaml: a source needs either a table or sql, and not both"),
            ("name: ''\ntable: x", "orders.yaml: the name of a source must be one line of text"),
            (
                "name: a\ntable: x\ncolumns:\n  - { name: c, type: text }",
                "orders.yaml:4:22: columns[0].type: expected one of string, number, time, boolean",
            ),
            (
                "name: a\ntable: x\ncolumns: [{ name: c, type: time }, { name: c, type: time }]",
                "orders.yaml: there are two columns with the name c",
            ),
            ("name: a\ntable: x\ngrain: id", "orders.yaml:3:8: grain: expected a list, such as [a, b]"),
        ] {
            assert_eq!(error(text), expected);
        }
    }

    #[test]
    fn unknown_keys_are_errors_with_location_and_suggestion() {
        for (text, expected) in [
            ("name: a\ntable: x\nmeasurs: []", "orders.yaml:3:1: unknown key measurs; did you mean measures?"),
            (
                "descriptions:\n  user: y\nname: a",
                "orders.yaml:1:1: unknown key descriptions; did you mean description?",
            ),
            (
                "name: a\ntable: x\ncolumns:\n  - { name: c, type: time, expression: y }",
                "orders.yaml:4:28: columns[0]: unknown key expression; did you mean expr?",
            ),
            (
                "name: a\ntable: x\nmeasures:\n  - name: m\n    expr: count(*)\n    filters:\n      - a > 1",
                "orders.yaml:6:5: measures[0]: unknown key filters; did you mean filter?",
            ),
            (
                "name: a\ntable: x\nsegments:\n- name: a\n  expr: b\n- {name: a, sql: b}",
                "orders.yaml:6:13: segments[1]: unknown key sql; expected one of: name, expr, description",
            ),
            (
                "name: a\ntable: x\njoins:\n- to: b\n  on: c = b.c\n  relationship: many_to_one\n  as: d",
                "orders.yaml:7:3: joins[0]: unknown key as; expected one of: to, on, relationship, alias",
            ),
        ] {
            assert_eq!(error(text), expected);
        }
    }

    #[test]
    fn json_is_checked_like_yaml() {
        let error = |json| Source::from_json(json).unwrap_err().to_string();
        assert_eq!(
            error(r#"{"name":"a","table":"t","columns":[{"name":"x"}]}"#),
            "source.columns[0]: the key type is missing"
        );
        assert_eq!(error("[]"), "source: expected keys and values");
        assert_eq!(
            error(r#"{"name":"a","table":"t","measures":[{"name":"m","expr":"count(*)","filters":"x"}]}"#),
            "source.measures[0]: unknown key filters; did you mean filter?"
        );
        assert_eq!(error(r#"{"name":"a","table":"t","grian":[]}"#), "source: unknown key grian; did you mean grain?");
        assert!(Source::from_json(r#"{"name":"a","table":"t","joins":null,"sql":null}"#).unwrap().joins.is_empty());
    }

    #[test]
    fn types_match_the_schema() {
        let schema = |name: &str| crate::schemas::definition("semantic-source", name);
        schema("Source").assert_kept_by::<Source>();
        schema("Column").assert_kept_by::<Column>();
        schema("Join").assert_kept_by::<Join>();
        schema("Measure").assert_kept_by::<Measure>();
        schema("Segment").assert_kept_by::<Segment>();
        schema("Column").assert_values_of::<ColumnType>("type", &[]);
        schema("Column").assert_values_of::<Visibility>("visibility", &[]);
        schema("Column").assert_values_of::<Granularity>("granularity", &[]);
        schema("Join").assert_values_of::<Relationship>("relationship", &[]);
    }
}
