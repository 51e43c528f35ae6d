//! A semantic source, as it stands in a file and goes to the daemon.
//!
//! A key that a source does not have is an error: to ignore `filters` where `filter` is meant gives a wrong number.

use crate::{
    error::{Code, Error, Result},
    project::{
        format,
        yaml::{self, or_default},
    },
};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, path::Path};

/// Longest name of a source that is written.
const LONGEST_NAME: usize = 255;

/// A table or a query (exactly one of both), whose rows are unique in the columns of `grain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What queries call it.
    pub name: String,
    /// For people and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Physical table, in the dialect of the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Query, in the dialect of the connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Columns that tell one row from every other.
    #[serde(default, deserialize_with = "or_default")]
    pub grain: Vec<String>,
    /// Columns that expressions and queries may use.
    #[serde(default, deserialize_with = "or_default")]
    pub columns: Vec<Column>,
    /// Ways to other sources.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Join>,
    /// Aggregates.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// Named conditions.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
}

/// A column; `expr` is SQL over the source's own columns, by default the column of that name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What queries call it.
    pub name: String,
    /// What can be done with it.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// SQL over the source's own columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    /// Who may use it.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Visibility::is_public")]
    pub visibility: Visibility,
    /// For people and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What can be done with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum ColumnType {
    String,
    Number,
    Time,
    Boolean,
}

/// Who may use a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Queries and expressions.
    #[default]
    Public,
    /// Expressions of any source.
    Internal,
    /// Expressions of its own source.
    Hidden,
}

impl Visibility {
    fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

/// A way to another source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Name of the other source.
    pub to: String,
    /// `local_column = other.column`.
    pub on: String,
    /// How many rows of the other source belong to how many of this one.
    pub relationship: Relationship,
    /// What the other source is called on this way, where there are several to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// Rows of this source to rows of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Relationship {
    ManyToOne,
    OneToMany,
    OneToOne,
}

/// An aggregate, such as `sum(amount)`, or a calculation with other measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// What queries call it.
    pub name: String,
    /// SQL over the columns and measures of the source.
    pub expr: String,
    /// Only rows for which this holds count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Only rows of these segments count.
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// For people and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A named condition over the rows of its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// What queries and measures call it.
    pub name: String,
    /// SQL over the source's own columns.
    pub expr: String,
    /// For people and agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Source {
    /// Reads a file. `file` is what errors call it.
    ///
    /// Errors: [`Code::FormatNewer`]; [`Code::SemanticInvalid`] with line and column; for an unknown key with the near one.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self> {
        format::check_yaml(file, text)?;
        let (source, _) = yaml::read::<Self>(file, Code::SemanticInvalid, text)?;
        let empty = || invalid(format!("{file} is empty")).with_hint("Describe a source in it, or remove it");
        let source = source.ok_or_else(empty)?;
        source.check(file)?;
        Ok(source)
    }

    /// Reads JSON, as hosts give it. Errors: [`Code::SemanticInvalid`] names the key.
    pub fn from_json(text: &str) -> Result<Self> {
        let source: Self = yaml::read_json("source", Code::SemanticInvalid, text)?;
        source.check("source")?;
        Ok(source)
    }

    /// The text of a file.
    pub fn to_yaml(&self) -> Result<String> {
        yaml::write(self)
    }

    /// What the types alone do not say. What names refer to is the daemon's to check.
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

/// An error about a source.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::SemanticInvalid, message.into())
}

/// A path as files of every system and every person write it.
pub(super) fn shown(project_dir: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(project_dir).unwrap_or(path);
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Refuses a name that no query could use, or that no file could have.
pub(super) fn check_name(name: &str) -> Result<()> {
    let shown: String = name.chars().take(40).collect();
    if name.chars().count() > LONGEST_NAME {
        let length = name.chars().count();
        let message = format!("The name of a source has at most {LONGEST_NAME} characters; {shown}… has {length}");
        return Err(invalid(message).with_hint("Choose a shorter one"));
    }
    if name.contains('.') {
        let message = format!("The name of a source cannot hold a dot, which separates it from a field: {shown}");
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
    fn a_file_is_written_as_a_person_would() {
        let source = Source::from_yaml("orders.yaml", ORDERS).unwrap();
        assert_eq!(source.to_yaml().unwrap(), ORDERS);
    }

    #[test]
    fn texts_that_look_like_something_else_survive() {
        let mut source = Source::from_yaml("orders.yaml", ORDERS).unwrap();
        for text in ["no", "12", "a: b", "# x", "two\nlines\n", "größe", "'", &"x + ".repeat(80), "* 2", " padded "] {
            source.measures[0].expr = text.to_owned();
            let back = Source::from_yaml("orders.yaml", &source.to_yaml().unwrap()).unwrap();
            assert_eq!(back, source, "{}", source.to_yaml().unwrap());
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
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
    fn unknown_keys_are_errors_with_their_place_and_what_was_meant() {
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
    fn json_is_checked_as_well() {
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
        let of = |name: &str| crate::schemas::definition("semantic-source", name);
        of("Source").assert_kept_by::<Source>();
        of("Column").assert_kept_by::<Column>();
        of("Join").assert_kept_by::<Join>();
        of("Measure").assert_kept_by::<Measure>();
        of("Segment").assert_kept_by::<Segment>();
        of("Column").assert_values_of::<ColumnType>("type", &[]);
        of("Column").assert_values_of::<Visibility>("visibility", &[]);
        of("Join").assert_values_of::<Relationship>("relationship", &[]);
    }
}
