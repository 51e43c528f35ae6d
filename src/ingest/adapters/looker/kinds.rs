//! What is asked of Looker, and which keys of the answers are staged. Source: Looker API 4.0.
//!
//! Only named keys are asked for and kept: counters, times of the last view and what a user can do change without a
//! change of the content.

use crate::order;
use serde_json::{Map, Value};

/// A key that is kept.
pub(super) enum Key {
    /// With all that is below it.
    Whole(&'static str),
    /// With these keys of the object, or of each object of the list, below it.
    Part(&'static str, &'static [Key]),
}

use Key::{Part, Whole};

impl Key {
    fn name(&self) -> &'static str {
        match self {
            Whole(name) | Part(name, _) => name,
        }
    }
}

/// Entities that have a list of their own.
pub(super) struct Kind {
    /// Folder, path of the list, and the word for several.
    pub(super) plural: &'static str,
    /// Keys of the list.
    pub(super) listed: &'static [Key],
    /// Further keys of one entity, where the list leaves out what matters.
    pub(super) detailed: Option<&'static [Key]>,
    /// Permission of Looker that shows them.
    pub(super) permission: &'static str,
}

/// Folder of the models.
pub(super) const MODELS: &str = "models";
/// Folder of the explores.
pub(super) const EXPLORES: &str = "explores";

/// Lists beside the models.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        plural: "dashboards",
        listed: DASHBOARD,
        detailed: Some(DASHBOARD_DETAIL),
        permission: "see_user_dashboards",
    },
    Kind { plural: "folders", listed: FOLDER, detailed: None, permission: "access_data" },
    Kind { plural: "looks", listed: LOOK, detailed: Some(LOOK_DETAIL), permission: "see_looks" },
    Kind { plural: "users", listed: USER, detailed: None, permission: "see_users" },
];

/// Of a connection; nothing of how it connects.
pub(super) const CONNECTION: &[Key] = &[Whole("name"), Whole("dialect_name"), Whole("database"), Whole("schema")];

pub(super) const MODEL: &[Key] = &[
    Whole("name"),
    Whole("label"),
    Whole("project_name"),
    Whole("allowed_db_connection_names"),
    Part("explores", &[Whole("name"), Whole("label"), Whole("group_label"), Whole("description"), Whole("hidden")]),
];

pub(super) const EXPLORE: &[Key] = &[
    Whole("name"),
    Whole("model_name"),
    Whole("label"),
    Whole("title"),
    Whole("description"),
    Whole("project_name"),
    Whole("group_label"),
    Whole("hidden"),
    Whole("tags"),
    Whole("view_name"),
    Whole("connection_name"),
    Whole("sql_table_name"),
    Whole("always_filter"),
    Whole("conditionally_filter"),
    Whole("always_join"),
    Part(
        "joins",
        &[
            Whole("name"),
            Whole("from"),
            Whole("view_label"),
            Whole("type"),
            Whole("relationship"),
            Whole("sql_on"),
            Whole("foreign_key"),
            Whole("sql_table_name"),
            Whole("required_joins"),
            Whole("fields"),
        ],
    ),
    Part(
        "fields",
        &[Part("dimensions", FIELD), Part("measures", FIELD), Part("filters", FIELD), Part("parameters", FIELD)],
    ),
];

const FIELD: &[Key] = &[
    Whole("name"),
    Whole("label"),
    Whole("label_short"),
    Whole("description"),
    Whole("view"),
    Whole("view_label"),
    Whole("type"),
    Whole("sql"),
    Whole("hidden"),
    Whole("primary_key"),
    Whole("field_group_label"),
    Whole("tags"),
    Whole("value_format"),
    Whole("default_filter_value"),
    Whole("enumerations"),
];

const DASHBOARD: &[Key] = &[
    Whole("id"),
    Whole("title"),
    Whole("description"),
    Whole("hidden"),
    Whole("deleted"),
    Whole("user_id"),
    IN_FOLDER,
    Whole("model"),
];

/// What the list leaves out.
const DASHBOARD_DETAIL: &[Key] = &[
    Part(
        "dashboard_filters",
        &[
            Whole("name"),
            Whole("title"),
            Whole("type"),
            Whole("model"),
            Whole("explore"),
            Whole("dimension"),
            Whole("default_value"),
        ],
    ),
    Part(
        "dashboard_elements",
        &[
            Whole("id"),
            Whole("title"),
            Whole("type"),
            Whole("body_text"),
            Whole("look_id"),
            Part("query", QUERY),
            Part("result_maker", &[Part("query", QUERY)]),
        ],
    ),
];

const LOOK: &[Key] = &[
    Whole("id"),
    Whole("title"),
    Whole("description"),
    Whole("deleted"),
    Whole("user_id"),
    IN_FOLDER,
    Whole("model"),
    Whole("query_id"),
];

/// What the list leaves out.
const LOOK_DETAIL: &[Key] = &[Part("query", QUERY)];

const IN_FOLDER: Key = Part("folder", &[Whole("id"), Whole("name")]);

const QUERY: &[Key] = &[
    Whole("model"),
    Whole("view"),
    Whole("fields"),
    Whole("pivots"),
    Whole("filters"),
    Whole("filter_expression"),
    Whole("sorts"),
    Whole("limit"),
    Whole("dynamic_fields"),
];

const FOLDER: &[Key] = &[Whole("id"), Whole("name"), Whole("parent_id"), Whole("creator_id"), Whole("is_personal")];

/// Enough to say whose something is, and no address.
const USER: &[Key] = &[Whole("id"), Whole("display_name"), Whole("is_disabled"), Whole("group_ids"), Whole("role_ids")];

/// The parameter `fields` that asks for these keys.
pub(super) fn parameter<'a>(keys: impl IntoIterator<Item = &'a Key>) -> String {
    keys.into_iter().map(Key::name).collect::<Vec<_>>().join(",")
}

/// The value with these keys alone, in their order; what is null is left out.
pub(super) fn pick<'a>(value: &Value, keys: impl IntoIterator<Item = &'a Key> + Clone) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| pick(item, keys.clone())).collect(),
        Value::Object(object) => {
            let kept = keys.into_iter().filter_map(|key| {
                let value = object.get(key.name()).filter(|value| !value.is_null())?;
                let value = match key {
                    Whole(_) => sorted(value),
                    Part(_, keys) => pick(value, *keys),
                };
                Some((key.name().to_owned(), value))
            });
            Value::Object(kept.collect())
        }
        other => other.clone(),
    }
}

/// The value with the keys of every object in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(object) => {
            let mut pairs: Vec<_> = object.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            order::sort_by(&mut pairs, |left, right| left.0.cmp(&right.0));
            Value::Object(pairs.into_iter().collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_named_keys_are_kept_in_their_order() {
        let look = json!({ "view_count": 7, "title": "T", "id": "1", "query": { "view": "v", "model": "m", "client_id": "x",
            "filters": { "b": "2", "a": "1" } }, "description": null, "last_accessed_at": "now" });
        assert_eq!(
            pick(&look, LOOK.iter().chain(LOOK_DETAIL)).to_string(),
            r#"{"id":"1","title":"T","query":{"model":"m","view":"v","filters":{"a":"1","b":"2"}}}"#
        );
        assert_eq!(parameter(CONNECTION), "name,dialect_name,database,schema");
        assert_eq!(pick(&json!([{ "name": "a", "password": "p" }]), CONNECTION), json!([{ "name": "a" }]));
    }
}
