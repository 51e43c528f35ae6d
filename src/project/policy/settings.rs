//! The key `policy` of a connection in `ktx.yaml`.

use serde::{Deserialize, Serialize};

/// Data policy of a connection: what is not read, and columns whose values are not stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct PolicySettings {
    /// Tables and columns that are neither scanned nor queried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny: Option<DenySettings>,
    /// Patterns of columns whose values are counted and not stored, such as `*.users.email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Vec<String>>,
    /// Patterns of columns whose values are stored although they look sensitive, by name or by content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmask: Option<Vec<String>>,
}

/// Patterns of what is denied. Tables and columns have lists of their own, since `a.b` may be the name of either.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct DenySettings {
    /// Patterns of tables, such as `hr.salaries` or `staging.*`. A qualifier that is left out may be any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tables: Option<Vec<String>>,
    /// Patterns of columns with their table, such as `public.users.password_hash`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
}

impl PolicySettings {
    /// The lists that are set, with their keys below `policy`; lists of columns are marked.
    pub(super) fn lists(&self) -> [(&'static [&'static str], bool, &[String]); 4] {
        let deny = self.deny.as_ref();
        let tables = deny.and_then(|deny| deny.tables.as_deref());
        let columns = deny.and_then(|deny| deny.columns.as_deref());
        [
            (&["deny", "tables"], false, tables.unwrap_or_default()),
            (&["deny", "columns"], true, columns.unwrap_or_default()),
            (&["mask"], true, self.mask.as_deref().unwrap_or_default()),
            (&["unmask"], true, self.unmask.as_deref().unwrap_or_default()),
        ]
    }
}
