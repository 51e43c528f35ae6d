//! Features of the runtime: the core, and extras of the wheel.

use serde::{Deserialize, Serialize};

/// A feature of the runtime. The order is that of lists: core, local embeddings, the others by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// SQL analysis, introspection and the semantic layer.
    Core,
    /// Sentence embeddings on this machine.
    LocalEmbeddings,
    /// The client of BigQuery.
    #[serde(rename = "bigquery")]
    BigQuery,
    /// The driver of ClickHouse.
    #[serde(rename = "clickhouse")]
    ClickHouse,
    /// The driver of DuckDB.
    #[serde(rename = "duckdb")]
    DuckDb,
    /// The driver of Snowflake.
    Snowflake,
    /// The driver of Spark's Thrift server.
    Spark,
    /// The client of Spark Connect.
    SparkConnect,
    /// Drivers of other warehouses, through SQLAlchemy.
    #[serde(rename = "sqlalchemy")]
    SqlAlchemy,
}

impl Feature {
    /// All features, in order.
    pub const ALL: [Self; 9] = [
        Self::Core,
        Self::LocalEmbeddings,
        Self::BigQuery,
        Self::ClickHouse,
        Self::DuckDb,
        Self::Snowflake,
        Self::Spark,
        Self::SparkConnect,
        Self::SqlAlchemy,
    ];

    /// The name in options and files: that of the wheel's extra.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::LocalEmbeddings => "local-embeddings",
            Self::BigQuery => "bigquery",
            Self::ClickHouse => "clickhouse",
            Self::DuckDb => "duckdb",
            Self::Snowflake => "snowflake",
            Self::Spark => "spark",
            Self::SparkConnect => "spark-connect",
            Self::SqlAlchemy => "sqlalchemy",
        }
    }

    /// Parses a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == name)
    }

    /// The feature that connections of a driver need in addition to the core.
    pub fn for_driver(driver: &str) -> Option<Self> {
        match driver {
            "bigquery" => Some(Self::BigQuery),
            "clickhouse" => Some(Self::ClickHouse),
            "duckdb" | "files" => Some(Self::DuckDb),
            "snowflake" => Some(Self::Snowflake),
            "spark" => Some(Self::Spark),
            _ => None,
        }
    }

    /// The name of the runtime with this feature, for messages.
    pub fn runtime_name(self) -> String {
        match self {
            Self::Core => "core Python runtime".into(),
            Self::LocalEmbeddings => "local embeddings Python runtime".into(),
            other => format!("{} Python runtime", other.as_str()),
        }
    }

    /// Sorts features, removes duplicates and adds `core`.
    pub fn normalize(features: &[Self]) -> Vec<Self> {
        Self::ALL.into_iter().filter(|feature| *feature == Self::Core || features.contains(feature)).collect()
    }

    /// The extras of the wheel for features, as in `wheel[extra]`; empty for the core only.
    pub fn extras(features: &[Self]) -> String {
        let extras: Vec<_> = features.iter().filter(|feature| **feature != Self::Core).map(|f| f.as_str()).collect();
        if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalized_features_are_sorted_unique_and_contain_core() {
        use Feature::{Core, DuckDb, LocalEmbeddings};
        assert_eq!(Feature::normalize(&[]), [Core]);
        assert_eq!(Feature::normalize(&[LocalEmbeddings, LocalEmbeddings]), [Core, LocalEmbeddings]);
        let mut reversed = Feature::ALL;
        reversed.reverse();
        assert_eq!(Feature::normalize(&reversed), Feature::ALL);
        assert_eq!(Feature::extras(&[Core]), "");
        assert_eq!(Feature::extras(&[Core, LocalEmbeddings, DuckDb]), "[local-embeddings,duckdb]");
    }

    #[test]
    fn names_round_trip_and_are_sorted() {
        for feature in Feature::ALL {
            assert_eq!(serde_json::to_value(feature).unwrap(), feature.as_str());
            assert_eq!(Feature::parse(feature.as_str()), Some(feature));
        }
        let mut others = Feature::ALL[2..].iter().map(|feature| feature.as_str());
        assert!(others.by_ref().is_sorted(), "after local embeddings by name");
    }

    /// Each feature has a section of the lock file and an extra of the wheel.
    #[test]
    fn features_are_the_sections_of_the_lock_and_extras_of_the_wheel() {
        let lock = include_str!("../../python-runtime/requirements.lock");
        let sections: Vec<_> = lock.lines().filter_map(|line| line.strip_prefix("# feature: ")).collect();
        let names: Vec<_> = Feature::ALL[1..].iter().map(|feature| feature.as_str()).collect();
        assert_eq!(sections, names);
        let project = include_str!("../../python-runtime/pyproject.toml");
        let project: toml::Table = project.parse().unwrap();
        let extras = project["project"]["optional-dependencies"].as_table().unwrap();
        assert!(names.iter().all(|name| extras.contains_key(*name)));
        // It would pin PyTorch, see docs/embeddings.md.
        let left: Vec<_> = extras.keys().filter(|name| !names.contains(&name.as_str())).collect();
        assert_eq!(left, ["sentence-transformers"]);
    }
}
