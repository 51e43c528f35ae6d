//! What is asked of Looker, and which keys of the answers are staged. Source: Looker API 4.0.
//!
//! Only named keys are asked for and kept. Counters are kept as usage, which is no part of an entity's content: they
//! change without a change of what they count.

use serde_json::{Map, Value};

/// A key that is kept.
pub(super) enum Key {
    /// With all that is below it.
    Whole(&'static str),
    /// A list whose order is the server's choice: it is sorted.
    Set(&'static str),
    /// With these keys of the object, or of each object of the list, below it.
    Part(&'static str, &'static [Key]),
}

use Key::{Part, Set, Whole};

impl Key {
    fn name(&self) -> &'static str {
        match self {
            Whole(name) | Set(name) | Part(name, _) => name,
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
    /// Whether Looker paginates the list; it ignores the paging parameters of the others.
    pub(super) has_pages: bool,
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
        has_pages: false,
        permission: "see_user_dashboards",
    },
    Kind { plural: "folders", listed: FOLDER, detailed: None, has_pages: false, permission: "access_data" },
    Kind { plural: "looks", listed: LOOK, detailed: Some(LOOK_DETAIL), has_pages: false, permission: "see_looks" },
    Kind { plural: "users", listed: USER, detailed: None, has_pages: true, permission: "see_users" },
];

/// Of a connection; nothing of how it connects.
pub(super) const CONNECTION: &[Key] = &[Whole("name"), Whole("dialect_name"), Whole("database"), Whole("schema")];

pub(super) const MODEL: &[Key] = &[
    Whole("name"),
    Whole("label"),
    Whole("project_name"),
    Set("allowed_db_connection_names"),
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
    Set("tags"),
    Whole("view_name"),
    Whole("connection_name"),
    Whole("sql_table_name"),
    Whole("always_filter"),
    Whole("conditionally_filter"),
    Whole("always_join"),
    Whole("access_filters"),
    Whole("aliases"),
    Whole("sets"),
    Whole("errors"),
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
            Whole("sql_foreign_key"),
            Whole("outer_only"),
            Whole("sql_table_name"),
            Whole("required_joins"),
            Whole("dependent_fields"),
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
    Whole("original_view"),
    Whole("type"),
    Whole("sql"),
    Whole("sql_case"),
    // Of a measure: without them it is another number.
    Whole("filters"),
    Whole("percentile"),
    Whole("dimension_group"),
    Whole("time_interval"),
    Whole("hidden"),
    Whole("primary_key"),
    Whole("field_group_label"),
    Set("tags"),
    Whole("value_format"),
    Whole("default_filter_value"),
    Whole("enumerations"),
    Whole("suggestions"),
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
    VIEWS,
    FAVOURITES,
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
            Whole("title_text"),
            Whole("subtitle_text"),
            Whole("body_text"),
            Whole("note_text"),
            Whole("look_id"),
            Whole("merge_result_id"),
            Part("query", QUERY),
            Part(
                "result_maker",
                &[
                    Whole("merge_result_id"),
                    Whole("sql_query_id"),
                    Whole("dynamic_fields"),
                    Part("filterables", &[Whole("model"), Whole("view"), Whole("name"), Whole("listen")]),
                    Part("query", QUERY),
                ],
            ),
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
    VIEWS,
    FAVOURITES,
];

/// What the list leaves out.
const LOOK_DETAIL: &[Key] = &[Part("query", QUERY)];

const VIEWS: Key = Whole("view_count");
const FAVOURITES: Key = Whole("favorite_count");

const IN_FOLDER: Key = Part("folder", &[Whole("id"), Whole("name")]);

pub(super) const QUERY: &[Key] = &[
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

/// Of an explore: what its tables are found by.
pub(super) const EXPLORE_HEAD: &[Key] = &[
    Whole("name"),
    Whole("model_name"),
    Whole("view_name"),
    Whole("connection_name"),
    Whole("sql_table_name"),
    Whole("errors"),
    Part("joins", &[Whole("name"), Whole("from"), Whole("sql_table_name")]),
];

/// Of a merged query; its source queries are asked for one by one.
pub(super) const MERGE_QUERY: &[Key] = &[
    Whole("sorts"),
    Whole("pivots"),
    Whole("dynamic_fields"),
    Part("source_queries", &[Whole("name"), Whole("query_id"), Whole("merge_fields")]),
];

/// Of a query that was written in SQL Runner.
pub(super) const SQL_QUERY: &[Key] = &[Whole("sql"), Whole("connection_name"), Whole("model_name")];

/// Of a schedule.
pub(super) const SCHEDULE: &[Key] = &[Whole("id"), Whole("dashboard_id"), Whole("look_id"), Whole("enabled")];

/// Enough to say whose something is, and no address.
const USER: &[Key] = &[Whole("id"), Whole("display_name"), Whole("is_disabled"), Set("group_ids"), Set("role_ids")];

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
                    Set(_) => as_set(value),
                    Part(_, keys) => pick(value, *keys),
                };
                Some((key.name().to_owned(), value))
            });
            Value::Object(kept.collect())
        }
        other => other.clone(),
    }
}

/// A list in the order of its items' JSON; anything else as it is.
fn as_set(value: &Value) -> Value {
    let mut value = sorted(value);
    if let Value::Array(items) = &mut value {
        items.sort_by_cached_key(Value::to_string);
    }
    value
}

/// The value with the keys of every object in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(object) => {
            let mut pairs: Vec<_> = object.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
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
    fn only_named_keys_are_kept_in_their_order() {
        let look = json!({ "view_count": 7, "title": "T", "id": "1", "query": { "view": "v", "model": "m", "client_id": "x",
            "filters": { "b": "2", "a": "1" } }, "description": null, "last_accessed_at": "now" });
        assert_eq!(
            pick(&look, LOOK.iter().chain(LOOK_DETAIL)).to_string(),
            r#"{"id":"1","title":"T","view_count":7,"query":{"model":"m","view":"v","filters":{"a":"1","b":"2"}}}"#
        );
        assert_eq!(parameter(CONNECTION), "name,dialect_name,database,schema");
        let user = json!({ "id": "1", "group_ids": ["9", "10", "2"] });
        assert_eq!(pick(&user, USER), json!({ "id": "1", "group_ids": ["10", "2", "9"] }));
        assert_eq!(pick(&json!([{ "name": "a", "password": "p" }]), CONNECTION), json!([{ "name": "a" }]));
    }
}
