//! Usage of dashboards and looks: views, favourites and schedules. It is staged, but not compared.

use super::{
    client::{Client, Failure, to_text},
    inventory::Inventory,
    kinds::{SCHEDULE, fields_parameter},
};
use crate::error::Result;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Key of the usage in an entity.
pub(super) const USAGE_KEY: &str = "usage";
/// Kinds with usage, and the key of a schedule that has the id of the entity.
const KINDS_WITH_USAGE: [(&str, &str); 2] = [("dashboards", "dashboard_id"), ("looks", "look_id")];

/// Moves the counters of dashboards and looks to `usage`, and adds the number of their schedules if the user may see
/// them. Errors: those of the network.
pub(super) async fn add(inventory: &mut Inventory, client: &Client) -> Result<()> {
    let query = [("fields", &*fields_parameter(SCHEDULE)), ("all_users", "true")];
    let schedules = match client.list("scheduled_plans", &query).await {
        Ok(schedules) => Some(schedules),
        // Many roles lack the permission, and schedules are optional.
        Err(Failure::Refused(_) | Failure::Failed(_)) => None,
        Err(Failure::Fatal(error)) => return Err(error),
    };
    for (kind, key) in KINDS_WITH_USAGE {
        let counts = schedules.as_deref().map(|schedules| count_schedules(schedules, key));
        let lists = inventory.lists.iter_mut().filter(|(listed, _)| listed.plural == kind);
        for item in lists.flat_map(|(_, items)| items) {
            let id = to_text(&item["id"]);
            let Some(object) = item.as_object_mut() else { continue };
            let usage = take_usage(object, counts.as_ref().map(|counts| counts.get(&id).copied().unwrap_or(0)));
            object.insert(USAGE_KEY.to_owned(), usage);
        }
    }
    Ok(())
}

fn count_schedules(schedules: &[Value], key: &str) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    for schedule in schedules.iter().filter(|schedule| schedule["enabled"] != false && !schedule[key].is_null()) {
        *counts.entry(to_text(&schedule[key])).or_default() += 1;
    }
    counts
}

fn take_usage(object: &mut Map<String, Value>, schedules: Option<u64>) -> Value {
    let counts = [
        ("views", object.shift_remove("view_count")),
        ("favourites", object.shift_remove("favorite_count")),
        ("schedules", schedules.map(|count| json!(count))),
    ];
    let present = counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), count?)));
    Value::Object(present.collect())
}
