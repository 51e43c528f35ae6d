//! Classes of types whose values can refer to each other.

use super::profile::{ColumnProfile, Scalar};

/// A class of types. Only columns of one class are compared, as a join of others needs a cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum TypeClass {
    /// Whole numbers, also decimals without digits after the point.
    Integer,
    /// Texts.
    Text,
    /// UUIDs.
    Uuid,
    /// Dates without a time.
    Date,
    /// Dates with a time, which are parts of keys only.
    Time,
    /// Measures, documents, booleans: never a part of a key.
    Other,
}

impl TypeClass {
    /// Whether a column of this class can be a key.
    pub(super) fn is_key(self) -> bool {
        !matches!(self, Self::Time | Self::Other)
    }
}

const OTHER: &[&str] = &["bool", "interval", "point", "json", "variant", "array", "map(", "struct"];
const TIMES: &[&str] = &["datetime", "timestamp"];
const TEXTS: &[&str] = &["char", "text", "string", "clob", "enum", "name"];

/// Returns the class of a type. Numbers without a scale, and columns of SQLite without a type, are classified by their
/// values.
pub(super) fn type_class(spelling: &str, profile: Option<&ColumnProfile>) -> TypeClass {
    let lower = spelling.to_lowercase();
    let lower =
        lower.trim_start_matches("nullable(").trim_start_matches("lowcardinality(").trim_start_matches("nullable(");
    let contains = |names: &[&str]| names.iter().any(|name| lower.contains(name));
    if contains(OTHER) || lower.starts_with("tinyint(1)") || lower.ends_with("[]") {
        TypeClass::Other
    } else if contains(TIMES) {
        TypeClass::Time
    } else if lower.contains("int") || lower.contains("serial") {
        TypeClass::Integer
    } else if lower.contains("uuid") || lower.contains("uniqueidentifier") {
        TypeClass::Uuid
    } else if contains(TEXTS) {
        TypeClass::Text
    } else if lower.starts_with("date") {
        TypeClass::Date
    } else if ["num", "dec", "fixed"].iter().any(|start| lower.starts_with(start)) {
        class_of_decimal(lower, profile)
    } else if lower.is_empty() {
        class_of_values(profile)
    } else {
        TypeClass::Other
    }
}

/// Whether values of two types, in the spelling of the database, may be equal without a cast. Types that are not known
/// may be.
pub fn may_be_equal(left: &str, right: &str) -> bool {
    match (family(left), family(right)) {
        (Some(left), Some(right)) => left == right,
        _ => true,
    }
}

/// The class of a type, where all numbers are one and dates with a time are dates; `None` if it is not known.
fn family(spelling: &str) -> Option<TypeClass> {
    const NUMBERS: &[&str] = &["num", "dec", "fixed", "float", "double", "real", "money"];
    let lower = spelling.to_lowercase();
    match type_class(spelling, None) {
        TypeClass::Time => Some(TypeClass::Date),
        TypeClass::Other => NUMBERS.iter().any(|start| lower.starts_with(start)).then_some(TypeClass::Integer),
        class => Some(class),
    }
}

fn class_of_decimal(lower: &str, profile: Option<&ColumnProfile>) -> TypeClass {
    let arguments = lower.split_once('(').map(|(_, rest)| rest.trim_end_matches([')', ' ']));
    let scale = arguments.map(|text| text.split_once(',').map_or("0", |(_, scale)| scale.trim()));
    match scale {
        Some("0") => TypeClass::Integer,
        None if class_of_values(profile) == TypeClass::Integer => TypeClass::Integer,
        _ => TypeClass::Other,
    }
}

fn class_of_values(profile: Option<&ColumnProfile>) -> TypeClass {
    match profile.and_then(|column| Some((column.min.as_ref()?, column.max.as_ref()?))) {
        Some((Scalar::Text(low), _)) if low.parse::<f64>().is_err() => TypeClass::Text,
        Some((low, high)) => match (low.as_number(), high.as_number()) {
            (Some(low), Some(high)) if low.fract() == 0.0 && high.fract() == 0.0 => TypeClass::Integer,
            _ => TypeClass::Other,
        },
        None => TypeClass::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_classified() {
        let classes = [
            (TypeClass::Integer, "INTEGER,bigint(20) unsigned,UInt32,Nullable(Int64),NUMBER(38;0),numeric(10),serial8"),
            (TypeClass::Text, "character varying(20),TEXT,LowCardinality(String),NVARCHAR2(10),enum('a';'b')"),
            (TypeClass::Uuid, "uuid,UNIQUEIDENTIFIER"),
            (TypeClass::Date, "date,Date32"),
            (TypeClass::Time, "timestamp with time zone,DATETIME"),
            (TypeClass::Other, "NUMERIC(10;2),double,interval,int[],json,tinyint(1)"),
        ];
        for (class, spellings) in classes {
            for spelling in spellings.split(',').map(|spelling| spelling.replace(';', ",")) {
                assert_eq!(type_class(&spelling, None), class, "{spelling}");
            }
        }
    }

    #[test]
    fn only_values_of_one_family_are_equal() {
        for (left, right) in [("INTEGER", "NUMERIC(10,2)"), ("double", "bigint"), ("date", "timestamp"), ("", "text")] {
            assert!(may_be_equal(left, right), "{left} {right}");
        }
        for (left, right) in [("DECIMAL(10,2)", "VARCHAR"), ("int", "text"), ("uuid", "bigint"), ("date", "int")] {
            assert!(!may_be_equal(left, right), "{left} {right}");
        }
    }

    #[test]
    fn values_decide_without_a_scale() {
        let profile = |value: f64| ColumnProfile {
            min: Some(Scalar::Number(value)),
            max: Some(Scalar::Number(value)),
            ..ColumnProfile::default()
        };
        assert_eq!(type_class("NUMBER", Some(&profile(7.0))), TypeClass::Integer);
        assert_eq!(type_class("", Some(&profile(7.5))), TypeClass::Other);
    }
}
