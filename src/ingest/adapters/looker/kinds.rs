//! The entities of Looker that are read, and the keys of each that are staged. Source: Looker API 4.0.
//!
//! Only the listed keys are requested and staged. Counters are staged as usage, which is not compared.

use serde_json::{Map, Value};

/// A staged key.
pub(super) enum Key {
    /// A key with its value of any type.
    Subtree(&'static str),
    /// A list in no particular order, which is sorted.
    Set(&'static str),
    /// Some keys of an object, or of each object of a list.
    Nested(&'static str, &'static [Key]),
}

use Key::{Nested, Set, Subtree};

impl Key {
    fn name(&self) -> &'static str {
        match self {
            Subtree(name) | Set(name) | Nested(name, _) => name,
        }
    }
}

/// A kind of entities that Looker has a list of.
pub(super) struct Kind {
    /// Plural, which is also the folder and the path of the list.
    pub(super) plural: &'static str,
    /// Keys in the list.
    pub(super) list_keys: &'static [Key],
    /// Further keys that require a request for each entity.
    pub(super) detail_keys: Option<&'static [Key]>,
    /// Whether Looker paginates the list. It ignores the paging parameters of other lists.
    pub(super) is_paginated: bool,
    /// Permission of Looker that the list requires.
    pub(super) permission: &'static str,
}

/// Folder of the models.
pub(super) const MODELS: &str = "models";
/// Folder of the explores.
pub(super) const EXPLORES: &str = "explores";

/// Kinds of entities besides models and explores.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        plural: "dashboards",
        list_keys: DASHBOARD,
        detail_keys: Some(DASHBOARD_DETAIL),
        is_paginated: false,
        permission: "see_user_dashboards",
    },
    Kind { plural: "folders", list_keys: FOLDER, detail_keys: None, is_paginated: false, permission: "access_data" },
    Kind {
        plural: "looks",
        list_keys: LOOK,
        detail_keys: Some(LOOK_DETAIL),
        is_paginated: false,
        permission: "see_looks",
    },
    Kind { plural: "users", list_keys: USER, detail_keys: None, is_paginated: true, permission: "see_users" },
];

/// Keys of a connection, without its host and credentials.
pub(super) const CONNECTION: &[Key] =
    &[Subtree("name"), Subtree("dialect_name"), Subtree("database"), Subtree("schema")];

pub(super) const MODEL: &[Key] = &[
    Subtree("name"),
    Subtree("label"),
    Subtree("project_name"),
    Set("allowed_db_connection_names"),
    Nested(
        "explores",
        &[Subtree("name"), Subtree("label"), Subtree("group_label"), Subtree("description"), Subtree("hidden")],
    ),
];

pub(super) const EXPLORE: &[Key] = &[
    Subtree("name"),
    Subtree("model_name"),
    Subtree("label"),
    Subtree("title"),
    Subtree("description"),
    Subtree("project_name"),
    Subtree("group_label"),
    Subtree("hidden"),
    Set("tags"),
    Subtree("view_name"),
    Subtree("connection_name"),
    Subtree("sql_table_name"),
    Subtree("always_filter"),
    Subtree("conditionally_filter"),
    Subtree("always_join"),
    Subtree("access_filters"),
    Subtree("aliases"),
    Subtree("sets"),
    Subtree("errors"),
    Nested(
        "joins",
        &[
            Subtree("name"),
            Subtree("from"),
            Subtree("view_label"),
            Subtree("type"),
            Subtree("relationship"),
            Subtree("sql_on"),
            Subtree("foreign_key"),
            Subtree("sql_foreign_key"),
            Subtree("outer_only"),
            Subtree("sql_table_name"),
            Subtree("required_joins"),
            Subtree("dependent_fields"),
            Subtree("fields"),
        ],
    ),
    Nested(
        "fields",
        &[
            Nested("dimensions", FIELD),
            Nested("measures", FIELD),
            Nested("filters", FIELD),
            Nested("parameters", FIELD),
        ],
    ),
];

const FIELD: &[Key] = &[
    Subtree("name"),
    Subtree("label"),
    Subtree("label_short"),
    Subtree("description"),
    Subtree("view"),
    Subtree("view_label"),
    Subtree("original_view"),
    Subtree("type"),
    Subtree("sql"),
    Subtree("sql_case"),
    // Of a measure: they change its value.
    Subtree("filters"),
    Subtree("percentile"),
    Subtree("dimension_group"),
    Subtree("time_interval"),
    Subtree("hidden"),
    Subtree("primary_key"),
    Subtree("field_group_label"),
    Set("tags"),
    Subtree("value_format"),
    Subtree("default_filter_value"),
    Subtree("enumerations"),
    Subtree("suggestions"),
];

const DASHBOARD: &[Key] = &[
    Subtree("id"),
    Subtree("title"),
    Subtree("description"),
    Subtree("hidden"),
    Subtree("deleted"),
    Subtree("user_id"),
    FOLDER_REFERENCE,
    Subtree("model"),
    VIEWS,
    FAVOURITES,
];

/// Keys that the list does not have.
const DASHBOARD_DETAIL: &[Key] = &[
    Nested(
        "dashboard_filters",
        &[
            Subtree("name"),
            Subtree("title"),
            Subtree("type"),
            Subtree("model"),
            Subtree("explore"),
            Subtree("dimension"),
            Subtree("default_value"),
        ],
    ),
    Nested(
        "dashboard_elements",
        &[
            Subtree("id"),
            Subtree("title"),
            Subtree("type"),
            Subtree("title_text"),
            Subtree("subtitle_text"),
            Subtree("body_text"),
            Subtree("note_text"),
            Subtree("look_id"),
            Subtree("merge_result_id"),
            Nested("query", QUERY),
            Nested(
                "result_maker",
                &[
                    Subtree("merge_result_id"),
                    Subtree("sql_query_id"),
                    Subtree("dynamic_fields"),
                    Nested("filterables", &[Subtree("model"), Subtree("view"), Subtree("name"), Subtree("listen")]),
                    Nested("query", QUERY),
                ],
            ),
        ],
    ),
];

const LOOK: &[Key] = &[
    Subtree("id"),
    Subtree("title"),
    Subtree("description"),
    Subtree("deleted"),
    Subtree("user_id"),
    FOLDER_REFERENCE,
    Subtree("model"),
    Subtree("query_id"),
    VIEWS,
    FAVOURITES,
];

/// Keys that the list does not have.
const LOOK_DETAIL: &[Key] = &[Nested("query", QUERY)];

const VIEWS: Key = Subtree("view_count");
const FAVOURITES: Key = Subtree("favorite_count");

const FOLDER_REFERENCE: Key = Nested("folder", &[Subtree("id"), Subtree("name")]);

pub(super) const QUERY: &[Key] = &[
    Subtree("model"),
    Subtree("view"),
    Subtree("fields"),
    Subtree("pivots"),
    Subtree("filters"),
    Subtree("filter_expression"),
    Subtree("sorts"),
    Subtree("limit"),
    Subtree("dynamic_fields"),
];

const FOLDER: &[Key] =
    &[Subtree("id"), Subtree("name"), Subtree("parent_id"), Subtree("creator_id"), Subtree("is_personal")];

/// Keys of an explore that determine its tables.
pub(super) const EXPLORE_HEAD: &[Key] = &[
    Subtree("name"),
    Subtree("model_name"),
    Subtree("view_name"),
    Subtree("connection_name"),
    Subtree("sql_table_name"),
    Subtree("errors"),
    Nested("joins", &[Subtree("name"), Subtree("from"), Subtree("sql_table_name")]),
];

/// Keys of a merged query. Its source queries need further requests.
pub(super) const MERGE_QUERY: &[Key] = &[
    Subtree("sorts"),
    Subtree("pivots"),
    Subtree("dynamic_fields"),
    Nested("source_queries", &[Subtree("name"), Subtree("query_id"), Subtree("merge_fields")]),
];

/// Keys of a query of SQL Runner.
pub(super) const SQL_QUERY: &[Key] = &[Subtree("sql"), Subtree("connection_name"), Subtree("model_name")];

/// Keys of a schedule.
pub(super) const SCHEDULE: &[Key] = &[Subtree("id"), Subtree("dashboard_id"), Subtree("look_id"), Subtree("enabled")];

/// Keys of a user, without the e-mail address.
const USER: &[Key] =
    &[Subtree("id"), Subtree("display_name"), Subtree("is_disabled"), Set("group_ids"), Set("role_ids")];

/// Returns the value of the parameter `fields` for some keys.
pub(super) fn fields_parameter<'a>(keys: impl IntoIterator<Item = &'a Key>) -> String {
    keys.into_iter().map(Key::name).collect::<Vec<_>>().join(",")
}

/// Returns the value with some keys only, in their order and without nulls.
pub(super) fn pick<'a>(value: &Value, keys: impl IntoIterator<Item = &'a Key> + Clone) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| pick(item, keys.clone())).collect(),
        Value::Object(object) => {
            let picked = keys.into_iter().filter_map(|key| {
                let value = object.get(key.name()).filter(|value| !value.is_null())?;
                let value = match key {
                    Subtree(_) => sort_keys(value),
                    Set(_) => sort_set(value),
                    Nested(_, keys) => pick(value, *keys),
                };
                Some((key.name().to_owned(), value))
            });
            Value::Object(picked.collect())
        }
        other => other.clone(),
    }
}

/// Sorts a list by the JSON of its items. Other values are returned unchanged.
fn sort_set(value: &Value) -> Value {
    let mut value = sort_keys(value);
    if let Value::Array(items) = &mut value {
        items.sort_by_cached_key(Value::to_string);
    }
    value
}

/// Sorts the keys of all objects in a value.
fn sort_keys(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sort_keys).collect(),
        Value::Object(object) => {
            let mut pairs: Vec<_> = object.iter().map(|(key, value)| (key.clone(), sort_keys(value))).collect();
            pairs.sort_by(|left, right| left.0.cmp(&right.0));
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
    fn pick_returns_the_listed_keys_in_their_order() {
        let look = json!({ "view_count": 7, "title": "T", "id": "1", "query": { "view": "v", "model": "m", "client_id": "x",
            "filters": { "b": "2", "a": "1" } }, "description": null, "last_accessed_at": "now" });
        assert_eq!(
            pick(&look, LOOK.iter().chain(LOOK_DETAIL)).to_string(),
            r#"{"id":"1","title":"T","view_count":7,"query":{"model":"m","view":"v","filters":{"a":"1","b":"2"}}}"#
        );
        assert_eq!(fields_parameter(CONNECTION), "name,dialect_name,database,schema");
        let user = json!({ "id": "1", "group_ids": ["9", "10", "2"] });
        assert_eq!(pick(&user, USER), json!({ "id": "1", "group_ids": ["10", "2", "9"] }));
        assert_eq!(pick(&json!([{ "name": "a", "password": "p" }]), CONNECTION), json!([{ "name": "a" }]));
    }
}
