//! Parts of the runtime that can be installed: the core, and extras of the wheel.

use serde::{Deserialize, Serialize};

/// A part of the runtime; the order is that in which features are listed: core, local embeddings, the others by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// SQL analysis, introspection and the semantic layer.
    Core,
    /// Sentence embeddings on this machine.
    LocalEmbeddings,
    /// The driver of DuckDB.
    #[serde(rename = "duckdb")]
    DuckDb,
    /// Drivers of other warehouses, through SQLAlchemy.
    #[serde(rename = "sqlalchemy")]
    SqlAlchemy,
}

impl Feature {
    /// Every feature, in order.
    pub const ALL: [Self; 4] = [Self::Core, Self::LocalEmbeddings, Self::DuckDb, Self::SqlAlchemy];

    /// The name that hosts and files use: that of the wheel's extra.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::LocalEmbeddings => "local-embeddings",
            Self::DuckDb => "duckdb",
            Self::SqlAlchemy => "sqlalchemy",
        }
    }

    /// The feature of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == name)
    }

    /// What a connection of this driver needs besides the core.
    pub fn of_driver(driver: &str) -> Option<Self> {
        (driver == "duckdb").then_some(Self::DuckDb)
    }

    /// What people call the runtime with this feature.
    pub fn runtime_name(self) -> String {
        match self {
            Self::Core => "core Python runtime".into(),
            Self::LocalEmbeddings => "local embeddings Python runtime".into(),
            other => format!("{} Python runtime", other.as_str()),
        }
    }

    /// The features in their order, each once, `core` always among them.
    pub fn normalized(features: &[Self]) -> Vec<Self> {
        Self::ALL.into_iter().filter(|feature| *feature == Self::Core || features.contains(feature)).collect()
    }

    /// The extras of the wheel that the features stand for, as in `wheel[extra]`; empty for core alone.
    pub fn extras(features: &[Self]) -> String {
        let extras: Vec<_> = features.iter().filter(|feature| **feature != Self::Core).map(|f| f.as_str()).collect();
        if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_ordered_unique_and_hold_core() {
        use Feature::{Core, DuckDb, LocalEmbeddings, SqlAlchemy};
        assert_eq!(Feature::normalized(&[]), [Core]);
        assert_eq!(Feature::normalized(&[LocalEmbeddings, LocalEmbeddings]), [Core, LocalEmbeddings]);
        assert_eq!(Feature::normalized(&[SqlAlchemy, DuckDb, LocalEmbeddings]), Feature::ALL);
        assert_eq!(Feature::extras(&[Core]), "");
        assert_eq!(Feature::extras(&[Core, LocalEmbeddings, DuckDb]), "[local-embeddings,duckdb]");
    }

    #[test]
    fn names_are_the_same_in_files_and_in_code() {
        for feature in Feature::ALL {
            assert_eq!(serde_json::to_value(feature).unwrap(), feature.as_str());
            assert_eq!(Feature::parse(feature.as_str()), Some(feature));
        }
        let mut others = Feature::ALL[2..].iter().map(|feature| feature.as_str());
        assert!(others.by_ref().is_sorted(), "after local embeddings by name");
    }

    /// What can be asked for is what the lock pins, and the wheel has an extra for it.
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
