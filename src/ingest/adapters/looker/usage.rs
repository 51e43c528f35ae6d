//! How much dashboards and looks are used: views, favourites and schedules. It is staged, and no part of their content.

use super::{
    client::{Client, Failure, text_of},
    found::Found,
    kinds::{SCHEDULE, parameter},
};
use crate::error::Result;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Key of an entity that holds it.
pub(super) const USAGE: &str = "usage";
/// Kinds that are used, and the key of a schedule that names one.
const USED: [(&str, &str); 2] = [("dashboards", "dashboard_id"), ("looks", "look_id")];

/// Moves the counters of dashboards and looks below `usage`, with the number of their schedules where the user may see
/// schedules. Errors: those of the network.
pub(super) async fn add(found: &mut Found, client: &Client) -> Result<()> {
    let query = [("fields", &*parameter(SCHEDULE)), ("all_users", "true")];
    let schedules = match client.list("scheduled_plans", &query).await {
        Ok(schedules) => Some(schedules),
        // Not every role shows them, and nothing else depends on them.
        Err(Failure::Refused(_) | Failure::Failed(_)) => None,
        Err(Failure::Broken(error)) => return Err(error),
    };
    for (kind, key) in USED {
        let counts = schedules.as_deref().map(|schedules| counted(schedules, key));
        let lists = found.lists.iter_mut().filter(|(listed, _)| listed.plural == kind);
        for item in lists.flat_map(|(_, items)| items) {
            let id = text_of(&item["id"]);
            let Some(object) = item.as_object_mut() else { continue };
            let usage = usage_of(object, counts.as_ref().map(|counts| counts.get(&id).copied().unwrap_or(0)));
            object.insert(USAGE.to_owned(), usage);
        }
    }
    Ok(())
}

fn counted(schedules: &[Value], key: &str) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    for schedule in schedules.iter().filter(|schedule| schedule["enabled"] != false && !schedule[key].is_null()) {
        *counts.entry(text_of(&schedule[key])).or_default() += 1;
    }
    counts
}

fn usage_of(object: &mut Map<String, Value>, schedules: Option<u64>) -> Value {
    let counts = [
        ("views", object.shift_remove("view_count")),
        ("favourites", object.shift_remove("favorite_count")),
        ("schedules", schedules.map(|count| json!(count))),
    ];
    let known = counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), count?)));
    Value::Object(known.collect())
}
