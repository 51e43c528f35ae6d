//! Parts of the runtime that can be installed.

use serde::{Deserialize, Serialize};

/// A part of the runtime; the order is that in which features are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// SQL analysis, introspection and the semantic layer.
    Core,
    /// Sentence embeddings on this machine.
    LocalEmbeddings,
}

impl Feature {
    /// Every feature, in order.
    const ALL: [Self; 2] = [Self::Core, Self::LocalEmbeddings];

    /// The name that hosts and files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::LocalEmbeddings => "local-embeddings",
        }
    }

    /// The feature of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == name)
    }

    /// What people call the runtime with this feature.
    pub fn runtime_name(self) -> &'static str {
        match self {
            Self::Core => "core Python runtime",
            Self::LocalEmbeddings => "local embeddings Python runtime",
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
        use Feature::{Core, LocalEmbeddings};
        assert_eq!(Feature::normalized(&[]), [Core]);
        assert_eq!(Feature::normalized(&[LocalEmbeddings, LocalEmbeddings]), [Core, LocalEmbeddings]);
        assert_eq!(Feature::extras(&[Core]), "");
        assert_eq!(Feature::extras(&[Core, LocalEmbeddings]), "[local-embeddings]");
    }
}
