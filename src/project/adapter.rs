//! The adapters, by name.

use super::suggest;
use crate::error::{Code, Error, Result};

/// An adapter, which reads one kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// The schema of a database.
    LiveDatabase,
    /// A Looker instance.
    Looker,
    /// The query history of a database.
    HistoricSql,
}

impl Adapter {
    /// All adapters.
    pub const ALL: [Self; 3] = [Self::LiveDatabase, Self::Looker, Self::HistoricSql];
    /// Names of all adapters, in the same order.
    pub const NAMES: &'static [&'static str] =
        &[Self::LiveDatabase.name(), Self::Looker.name(), Self::HistoricSql.name()];

    /// Returns the name in commands, `ktx.yaml`, folders and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LiveDatabase => "live-database",
            Self::Looker => "looker",
            Self::HistoricSql => "historic-sql",
        }
    }

    /// Returns the adapter with a name. Errors: [`Code::AdapterUnknown`].
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|adapter| adapter.name() == name).ok_or_else(|| {
            Error::new(Code::AdapterUnknown, format!("There is no adapter {name}{}", suggest::hint(name, Self::NAMES)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    fn project(text: &str) -> Project {
        Project::parsed("/p".as_ref(), text)
    }

    #[test]
    fn no_list_enables_all_adapters_and_an_empty_list_none() {
        for text in ["", "ingest:", "ingest: {}", "ingest: { adapters: }"] {
            assert!(Adapter::NAMES.iter().all(|name| project(text).enabled_adapter(name).is_ok()), "{text}");
            assert_eq!(project(text).enabled_adapter("loker").unwrap_err().code(), Code::AdapterUnknown);
        }
        let empty = project("ingest: { adapters: [] }");
        assert!(Adapter::NAMES.iter().all(|name| empty.enabled_adapter(name).is_err()));
    }

    #[test]
    fn unknown_and_disabled_adapters_are_rejected() {
        let project = project("ingest: { adapters: [looker] }");
        assert_eq!(project.enabled_adapter("looker").unwrap(), Adapter::Looker);
        let error = project.enabled_adapter("historic-sql").unwrap_err();
        assert_eq!(error.code(), Code::AdapterDisabled);
        assert_eq!(error.hint(), Some("Add it to ingest.adapters in ktx.yaml"));
        let error = project.enabled_adapter("loker").unwrap_err();
        assert_eq!(error.code(), Code::AdapterUnknown);
        assert_eq!(error.to_string(), "There is no adapter loker; did you mean looker?");
        assert!(Adapter::from_name("x").unwrap_err().to_string().contains("expected one of: live-database, looker"));
    }
}
