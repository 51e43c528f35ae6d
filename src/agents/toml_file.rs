//! Entries in TOML.

use serde_json::Value;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table};

/// Inserts an entry, or replaces it.
pub(super) fn set(text: &str, key: &str, name: &str, value: &Value) -> Result<String, String> {
    edit(text, |root| {
        let entries = root.entry(key).or_insert_with(implicit_table);
        let entry = item(value, entries.is_inline_table())?;
        entries.as_table_like_mut()?.insert(name, entry);
        Some(())
    })
}

/// Removes an entry, or the whole key.
pub(super) fn remove(text: &str, key: &str, name: Option<&str>) -> Result<String, String> {
    edit(text, |root| {
        match name {
            None => root.remove(key)?,
            Some(name) => root.get_mut(key)?.as_table_like_mut()?.remove(name)?,
        };
        Some(())
    })
}

/// The document.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    toml::from_str(text).map_err(|error| format!("it is not valid TOML: {}", error.message()))
}

fn edit(text: &str, change: impl FnOnce(&mut Table) -> Option<()>) -> Result<String, String> {
    let parsed = text.parse::<DocumentMut>();
    let mut document = parsed.map_err(|error| format!("it is not valid TOML: {}", error.message()))?;
    change(document.as_table_mut()).ok_or("its servers are not written as keys and values")?;
    Ok(document.to_string())
}

fn implicit_table() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// An entry of texts and lists of texts; `None` for anything else.
fn item(value: &Value, is_inline: bool) -> Option<Item> {
    let fields = value.as_object()?.iter();
    let fields = fields.map(|(key, value)| Some((key.as_str(), value_of(value)?))).collect::<Option<Vec<_>>>()?;
    if is_inline {
        Some(Item::Value(fields.into_iter().collect::<InlineTable>().into()))
    } else {
        Some(Item::Table(fields.into_iter().map(|(key, value)| (key, Item::Value(value))).collect::<Table>()))
    }
}

fn value_of(value: &Value) -> Option<toml_edit::Value> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Bool(value) => Some((*value).into()),
        Value::Number(number) => Some(number.as_i64()?.into()),
        Value::Array(items) => Some(items.iter().map(Value::as_str).collect::<Option<Array>>()?.into()),
        _ => None,
    }
}
