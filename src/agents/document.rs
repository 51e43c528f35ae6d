//! Entries in the JSON and TOML files of clients. Everything else in a file stays as it is written.

use super::{json, location::Syntax, toml_file};
use serde_json::{Map, Value};

/// Why a file cannot be read or changed, as the end of a sentence about it.
pub(super) type Reason = String;

const NOT_KEYS: &str = "it, or what it has of servers, is not written as keys and values";

/// The value of an entry.
pub(super) fn get(syntax: Syntax, text: &str, key: &str, name: &str) -> Result<Option<Value>, Reason> {
    let document = parse(syntax, text)?;
    Ok(document.get(key).and_then(|entries| entries.get(name)).cloned())
}

/// The text with an entry, in place of an earlier one.
pub(super) fn set(syntax: Syntax, text: &str, key: &str, name: &str, value: &Value) -> Result<String, Reason> {
    let mut expected = parse(syntax, text)?;
    let entries = expected.entry(key).or_insert_with(|| Value::Object(Map::new()));
    let entries = entries.as_object_mut().ok_or(NOT_KEYS)?;
    entries.insert(name.to_owned(), value.clone());
    let existing = get(syntax, text, key, name)?;
    if existing.as_ref() == Some(value) {
        return Ok(text.to_owned());
    }
    let (bom, body) = split_bom(text);
    let after = match syntax {
        Syntax::Json if existing.is_some() => json::replace(body, key, name, value),
        Syntax::Json => json::insert(body, key, name, value)?.ok_or_else(|| NOT_KEYS.to_owned()),
        Syntax::Toml => toml_file::set(body, key, name, value),
    }?;
    unchanged_but_for(syntax, format!("{bom}{after}"), &expected)
}

/// The text without an entry, and without its key where no other entry is left.
pub(super) fn remove(syntax: Syntax, text: &str, key: &str, name: &str) -> Result<String, Reason> {
    let mut expected = parse(syntax, text)?;
    let Some(entries) = expected.get_mut(key).and_then(Value::as_object_mut) else { return Ok(text.to_owned()) };
    if entries.shift_remove(name).is_none() {
        return Ok(text.to_owned());
    }
    let is_last = entries.is_empty();
    if is_last {
        expected.shift_remove(key);
    }
    let (bom, body) = split_bom(text);
    let name = (!is_last).then_some(name);
    let after = match syntax {
        Syntax::Json => json::remove(body, key, name),
        Syntax::Toml => toml_file::remove(body, key, name),
    }?;
    unchanged_but_for(syntax, format!("{bom}{after}"), &expected)
}

/// Whether a document says nothing, so that the file is not needed. Some clients add `$schema` to a file they read.
pub(super) fn is_empty(syntax: Syntax, text: &str) -> bool {
    parse(syntax, text).is_ok_and(|document| document.keys().all(|key| key == "$schema"))
}

/// The document; a file without any is an empty one.
fn parse(syntax: Syntax, text: &str) -> Result<Map<String, Value>, Reason> {
    let (_, text) = split_bom(text);
    let parsed = match syntax {
        _ if text.trim().is_empty() => return Ok(Map::new()),
        Syntax::Json => json::parse(text)?,
        Syntax::Toml => toml_file::parse(text)?,
    };
    match parsed {
        Value::Object(document) => Ok(document),
        _ => Err(NOT_KEYS.to_owned()),
    }
}

/// The byte order mark that some editors of Windows write, and the text behind it.
fn split_bom(text: &str) -> (&str, &str) {
    text.split_at(if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 })
}

/// A change that lost or altered anything else is not written.
fn unchanged_but_for(syntax: Syntax, after: String, expected: &Map<String, Value>) -> Result<String, Reason> {
    match parse(syntax, &after) {
        Ok(found) if found == *expected => Ok(after),
        _ => Err("it cannot be changed without changing the rest of it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry() -> Value {
        json!({ "command": "npx", "args": ["-y", "a \"b\" \\ c"] })
    }

    #[test]
    fn an_entry_is_added_to_json_of_every_form() {
        for text in [
            "",
            "\n",
            "{}",
            "{ }\n",
            "\u{feff}{}",
            "{\"a\":1}",
            "{\n  // mine\n  \"mcpServers\": {\n    \"other\": { \"command\": \"x\" }, // tail\n  },\n}\n",
            "{\r\n\t\"mcpServers\": {\r\n\t\t\"other\": {}\r\n\t}\r\n}\r\n",
            "/* top */ {\"mcpServers\": {}}",
        ] {
            let after = set(Syntax::Json, text, "mcpServers", "ktx", &entry()).unwrap();
            assert_eq!(get(Syntax::Json, &after, "mcpServers", "ktx").unwrap(), Some(entry()), "{after}");
            for comment in ["// mine", "// tail", "/* top */", "\u{feff}"] {
                assert_eq!(text.contains(comment), after.contains(comment), "{after}");
            }
            assert_eq!(text.contains("\r\n"), after.contains("\r\n"), "{after}");
            let removed = remove(Syntax::Json, &after, "mcpServers", "ktx").unwrap();
            assert_eq!(get(Syntax::Json, &removed, "mcpServers", "ktx").unwrap(), None);
            assert_eq!(removed.contains("other"), text.contains("other"), "{removed}");
        }
    }

    #[test]
    fn an_entry_is_added_to_toml_of_every_form() {
        for text in [
            "",
            "# mine\nmodel = \"x\"\n",
            "[mcp_servers.other]\ncommand = \"x\" # tail\n\n[profiles.a]\nb = 1\n",
            "[mcp_servers]\nother = { command = \"x\" }\n",
            "mcp_servers = { other = { command = \"x\" } }\n",
            "mcp_servers.other.command = \"x\"\n",
            "when = 2026-01-01T00:00:00Z\n",
        ] {
            let after = set(Syntax::Toml, text, "mcp_servers", "ktx", &entry()).unwrap();
            assert_eq!(get(Syntax::Toml, &after, "mcp_servers", "ktx").unwrap(), Some(entry()), "{after}");
            assert!(text.lines().filter(|line| line.contains('#')).all(|line| after.contains(line)), "{after}");
            let removed = remove(Syntax::Toml, &after, "mcp_servers", "ktx").unwrap();
            assert_eq!(removed.contains("other"), text.contains("other"), "{removed}");
            assert!(!removed.contains("ktx"), "{removed}");
        }
    }

    #[test]
    fn an_earlier_entry_is_replaced_and_others_stay() {
        let text = "{\"mcpServers\": {\"ktx\": {\"command\": \"old\"}, \"b\": 1}}";
        let after = set(Syntax::Json, text, "mcpServers", "ktx", &entry()).unwrap();
        assert!(!after.contains("old") && after.contains("\"b\": 1"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused() {
        for text in ["{", "[]", "{\"mcpServers\": []}", "{\"mcpServers\": 1}", "nonsense"] {
            set(Syntax::Json, text, "mcpServers", "ktx", &entry()).unwrap_err();
        }
        for text in ["a = ", "mcp_servers = 1", "[[mcp_servers]]\na = 1\n"] {
            set(Syntax::Toml, text, "mcp_servers", "ktx", &entry()).unwrap_err();
        }
        assert!(is_empty(Syntax::Json, "{ }") && is_empty(Syntax::Toml, "# c\n"));
        assert!(is_empty(Syntax::Json, "{\"$schema\":\"x\"}") && !is_empty(Syntax::Json, "{\"a\":1}"));
    }
}
