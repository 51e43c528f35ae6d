//! Entries in JSON, with comments and trailing commas where a file has them.

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{Object, Value as Ast},
    cst::{CstInputValue, CstObject, CstRootNode},
    parse_to_ast,
};
use serde::Serialize;
use serde_json::{Value, json, ser::PrettyFormatter};

/// The step of indentation where the file shows none.
const INDENT: &str = "  ";

/// Inserts a new entry as one piece of text, at the begin of its object, so that it can be taken out again. `None` where
/// the key is there and has no keys and values.
pub(super) fn insert(text: &str, key: &str, name: &str, value: &Value) -> Result<Option<String>, String> {
    if text.trim().is_empty() {
        return Ok(Some(format!("{}\n", pretty(&json!({ key: { name: value } }), INDENT))));
    }
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).map_err(invalid)?;
    let Some(Ast::Object(root)) = &parsed.value else { return Ok(None) };
    let entries = root.properties.iter().find(|property| property.name.as_str() == key);
    Ok(match entries.map(|property| &property.value) {
        None => Some(insert_property(text, root, key, &json!({ name: value }))),
        Some(Ast::Object(entries)) => Some(insert_property(text, entries, name, value)),
        Some(_) => None,
    })
}

fn insert_property(text: &str, object: &Object<'_>, name: &str, value: &Value) -> String {
    let body = &text[object.range.start..object.range.end];
    let is_empty = object.properties.is_empty();
    let comma = if is_empty { "" } else { "," };
    if !is_empty && !body.contains('\n') {
        return insert_in_line(text, object.range.start + 1, name, value);
    }
    let outer = indent_of(text, object.range.start);
    let inner = match object.properties.first() {
        Some(first) if is_first_on_line(text, first.range.start) => indent_of(text, first.range.start).to_owned(),
        _ => format!("{outer}{INDENT}"),
    };
    let step = inner.strip_prefix(outer).filter(|step| !step.is_empty()).unwrap_or(INDENT);
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = pretty(value, step).replace('\n', &format!("{newline}{inner}"));
    let end = if is_empty { format!("{newline}{outer}") } else { String::new() };
    let at = object.range.start + 1 + comment_after(&text[object.range.start + 1..]);
    format!("{}{newline}{inner}{}: {lines}{comma}{end}{}", &text[..at], json!(name), &text[at..])
}

/// Inserts a property before those of an object on one line.
fn insert_in_line(text: &str, offset: usize, name: &str, value: &Value) -> String {
    let (before, after) = text.split_at(offset);
    let rest = after.trim_start_matches(' ');
    let blanks = &after[..after.len() - rest.len()];
    let separator = if blanks.is_empty() { " " } else { blanks };
    format!("{before}{blanks}{}: {value},{separator}{rest}", json!(name))
}

/// Bytes of the blanks and the comment that end the line of a brace.
fn comment_after(rest: &str) -> usize {
    let line = rest.lines().next().unwrap_or_default();
    if line.trim_start().starts_with("//") { line.trim_end().len() } else { 0 }
}

/// The blanks at the begin of the line of an offset.
fn indent_of(text: &str, offset: usize) -> &str {
    let begin = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[begin..offset];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn is_first_on_line(text: &str, offset: usize) -> bool {
    text[..offset].rfind('\n').is_some_and(|newline| text[newline + 1..offset].trim().is_empty())
}

fn pretty(value: &Value, indent: &str) -> String {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // A `Value` has keys of text only, and a vector takes every byte.
    let _ = value.serialize(&mut serializer);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Replaces an entry that is there.
pub(super) fn replace(text: &str, key: &str, name: &str, value: &Value) -> Result<String, String> {
    edit(text, |root| {
        root.object_value(key)?.get(name)?.set_value(input(value));
        Some(())
    })
}

/// Removes an entry, or the whole key.
pub(super) fn remove(text: &str, key: &str, name: Option<&str>) -> Result<String, String> {
    edit(text, |root| {
        let entries = root.get(key)?;
        match name {
            None => entries.remove(),
            Some(name) => entries.object_value()?.get(name)?.remove(),
        }
        Some(())
    })
}

/// The document.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    jsonc_parser::parse_to_serde_value(text, &ParseOptions::default()).map_err(invalid)
}

fn edit(text: &str, change: impl FnOnce(&CstObject) -> Option<()>) -> Result<String, String> {
    let root = CstRootNode::parse(text, &ParseOptions::default()).map_err(invalid)?;
    let object = root.object_value().ok_or("it has no keys and values")?;
    change(&object).ok_or("its servers are not written as keys and values")?;
    Ok(root.to_string())
}

fn invalid(error: impl std::fmt::Display) -> String {
    format!("it is not valid JSON: {error}")
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(value) => CstInputValue::Number(value.to_string()),
        Value::String(value) => CstInputValue::String(value.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(fields) => {
            CstInputValue::Object(fields.iter().map(|(key, value)| (key.clone(), input(value))).collect())
        }
    }
}
