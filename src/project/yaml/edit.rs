//! Adds, changes and removes entries below a top-level key and preserves all other bytes of a file: comments, quotes,
//! line ends.
//!
//! The caller parses the result and compares it with the expected value: if the value of the key is an alias or comes
//! from a merge key, an added entry would replace it.

use super::write;
use crate::error::{Code, Error, Result};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, str::FromStr};
use yaml_edit::{Document, Mapping, YamlFile};

/// Inserts an entry into the mapping of a top-level key, and the key itself if it is missing. Returns the new text, or
/// `None` if other bytes would change.
pub(crate) fn insert_entry(text: &str, key: &str, name: &str, value: &impl Serialize) -> Result<Option<String>> {
    let (entry, mapping) = (node(value)?, node(&BTreeMap::from([(name, value)]))?);
    let insert = |document: &Document| document.get_mapping(key).map(|present| present.set(name, &entry)).is_some();
    let fill = |document: &Document| match document.get_mapping(key) {
        Some(present) if !present.is_empty() => insert(document),
        _ => document.set(key, &mapping),
    };
    Ok(edit(text, key, fill).or_else(|| edit(text, key, insert)))
}

/// Changes keys of an entry's mapping below a top-level key: sets a value, or removes the key without one. Returns the
/// new text, or `None` if bytes outside of the entry would change.
pub(crate) fn change_keys(
    text: &str,
    key: &str,
    name: &str,
    changes: &BTreeMap<String, Option<Value>>,
) -> Result<Option<String>> {
    let nodes = changes.iter().map(|(key, value)| Ok((key, value.as_ref().map(node).transpose()?)));
    let nodes = nodes.collect::<Result<Vec<_>>>()?;
    let Ok(file) = YamlFile::from_str(text) else { return Ok(None) };
    let Some(entry) = find_entry(&file, key, name) else { return Ok(None) };
    let before = outside(text, &entry);
    for (key, value) in nodes {
        match value {
            Some(value) => entry.set(key, &value),
            None => drop(entry.remove(key)),
        }
    }
    let after = file.to_string();
    let changed = YamlFile::from_str(&after).ok().and_then(|file| find_entry(&file, key, name));
    let is_preserved = changed.is_some_and(|changed| outside(&after, &changed) == before);
    Ok(is_preserved.then_some(after))
}

fn find_entry(file: &YamlFile, key: &str, name: &str) -> Option<Mapping> {
    file.document()?.get_mapping(key)?.get_mapping(name)
}

/// The text before and after a mapping, without the white space around it.
fn outside(text: &str, mapping: &Mapping) -> (String, String) {
    let range = mapping.byte_range();
    let (start, end) = (range.start as usize, range.end as usize);
    let part = |part: Option<&str>| part.unwrap_or_default().trim().to_owned();
    (part(text.get(..start)), part(text.get(end..)))
}

/// Removes an entry from the mapping of a top-level key. Returns the new text, or `None` if other bytes would change.
pub(crate) fn remove_entry(text: &str, key: &str, name: &str) -> Option<String> {
    let file = YamlFile::from_str(text).ok()?;
    file.document()?.get_mapping(key)?.remove(name)?;
    let after = file.to_string();
    // Without its last entry, the key has `{}` before its comment.
    let without_braces = after.replacen("{} #", "#", 1);
    (is_insertion(&after, text) || is_insertion(&without_braces, text)).then_some(after)
}

/// Removes an item from the sequence of a top-level key. Returns the new text, or `None` if other bytes would change.
pub(crate) fn remove_item(text: &str, key: &str, index: usize) -> Option<String> {
    let file = YamlFile::from_str(text).ok()?;
    file.document()?.get_sequence(key)?.remove(index)?;
    let after = file.to_string();
    is_insertion(&after, text).then_some(after)
}

/// Appends items to the sequence of a top-level key, and adds the key itself if it is missing. Returns the new text, or
/// `None` if other bytes would change.
pub(crate) fn append_items(text: &str, key: &str, items: &[impl Serialize]) -> Result<Option<String>> {
    let (nodes, sequence) = (items.iter().map(node).collect::<Result<Vec<_>>>()?, node(items)?);
    let append = |document: &Document| {
        document.get_sequence(key).map(|present| nodes.iter().for_each(|item| present.push(item))).is_some()
    };
    let fill = |document: &Document| match document.get_sequence(key) {
        Some(present) if !present.is_empty() => append(document),
        _ => document.set(key, &sequence),
    };
    Ok(edit(text, key, fill).or_else(|| edit(text, key, append)))
}

/// Sets a key of an item of the sequence of a top-level key. Returns the new text, or `None` if bytes outside of the item
/// would change.
pub(crate) fn set_in_item(
    text: &str,
    key: &str,
    index: usize,
    name: &str,
    value: &impl Serialize,
) -> Result<Option<String>> {
    let value = node(value)?;
    let Ok(file) = YamlFile::from_str(text) else { return Ok(None) };
    let Some(item) = find_item(&file, key, index) else { return Ok(None) };
    let before = outside(text, &item);
    item.set(name, &value);
    let after = file.to_string();
    let changed = YamlFile::from_str(&after).ok().and_then(|file| find_item(&file, key, index));
    let is_preserved = changed.is_some_and(|changed| outside(&after, &changed) == before);
    Ok(is_preserved.then_some(after))
}

fn find_item(file: &YamlFile, key: &str, index: usize) -> Option<Mapping> {
    file.document()?.get_sequence(key)?.get(index)?.as_mapping().cloned()
}

/// Converts a value to a node of yaml-edit. It is parsed from [`write`]'s text, so that quoting is the same as in new
/// files.
fn node(value: &(impl Serialize + ?Sized)) -> Result<Document> {
    let node = Document::from_str(&write(value)?);
    node.map_err(|error| Error::new(Code::Internal, "A value cannot be added to YAML").caused_by(error))
}

/// Applies a change to the document. `change` returns whether it was applicable.
fn edit(before: &str, key: &str, change: impl FnOnce(&Document) -> bool) -> Option<String> {
    let mut file = YamlFile::from_str(before).ok()?;
    if file.document().is_none() {
        file = YamlFile::from_str(&with_key(before, key)).ok()?;
    }
    let after = change(&file.document()?).then(|| file.to_string());
    after.filter(|after| is_insertion(before, after))
}

/// Appends the key without a value to a text that has no document, such as comments only.
fn with_key(text: &str, key: &str) -> String {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { line_end };
    format!("{text}{gap}{key}:{line_end}")
}

/// Whether `after` is `before` with text inserted at one position, which may replace an empty value.
fn is_insertion(before: &str, after: &str) -> bool {
    let start = before.bytes().zip(after.bytes()).take_while(|(left, right)| left == right).count();
    let (left, right) = (&before.as_bytes()[start..], &after.as_bytes()[start..]);
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count();
    let replaced = left[..left.len() - end].trim_ascii();
    let inner = replaced.strip_prefix(b"{").or_else(|| replaced.strip_prefix(b"[")).unwrap_or(replaced);
    let inner = inner.strip_suffix(b"}").or_else(|| inner.strip_suffix(b"]")).unwrap_or(inner);
    matches!(inner.trim_ascii(), b"" | b"~" | b"null" | b"Null" | b"NULL")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_entry(text: &str) -> Option<String> {
        insert_entry(text, "k", "n", &BTreeMap::from([("x", 1)])).unwrap()
    }

    fn with_items(text: &str) -> Option<String> {
        append_items(text, "k", &[BTreeMap::from([("n", "a")]), BTreeMap::from([("t", "b\n\nc\n")])]).unwrap()
    }

    #[test]
    fn entries_follow_the_style_of_the_mapping() {
        for (before, after) in [
            ("", "k:\n  n:\n    x: 1\n"),
            ("# c", "# c\nk:\n  n:\n    x: 1\n"),
            ("---\n# c\n...\n", "---\n# c\nk:\n  n:\n    x: 1\n...\n"),
            ("a: 1\n...\n# c\n", "a: 1\nk:\n  n:\n    x: 1\n...\n# c\n"),
            ("\u{feff}a: 1\r\n", "\u{feff}a: 1\r\nk:\r\n  n:\r\n    x: 1\r\n"),
            ("{a: 1, } # c", "{a: 1, k: {n: {x: 1}}, } # c"),
            ("k:\na: 1\n", "k:\n  n:\n    x: 1\na: 1\n"),
            ("k: {}\na: 1\n", "k:\n  n:\n    x: 1\na: 1\n"),
            ("k:  {} # c\n", "k:  {n: {x: 1}} # c\n"),
            ("\"k\":\tnull\n", "\"k\":\n  n:\n    x: 1\n"),
            ("k:\n    a: 1 # c\n\n# d\nb: 1\n", "k:\n    a: 1 # c\n    n:\n      x: 1\n\n# d\nb: 1\n"),
            ("k:\n  a: |\n    # x\n\nb: 1\n", "k:\n  a: |\n    # x\n\n  n:\n    x: 1\nb: 1\n"),
            ("k: !!map &a\n  a: &b 'c'\n", "k: !!map &a\n  a: &b 'c'\n  n:\n    x: 1\n"),
            ("k: {a: 1} # c\n", "k: {a: 1, n: {x: 1}} # c\n"),
            ("k:\r\n  a: 'b'\r\nb: 1", "k:\r\n  a: 'b'\r\n  n:\r\n    x: 1\r\nb: 1"),
        ] {
            assert_eq!(with_entry(before).as_deref(), Some(after), "{before:?}");
        }
    }

    #[test]
    fn removed_entry_leaves_the_rest() {
        for (before, after) in [
            ("k:\n  n: { x: 1 } # c\n  # d\n  m: 2\nb: 1\n", "k:\n  # d\n  m: 2\nb: 1\n"),
            ("k: # c\n  n:\n    x: 1\n", "k: {} # c\n"),
            ("k: { m: 2, n: 1 } # c\n", "k: { m: 2} # c\n"),
        ] {
            assert_eq!(remove_entry(before, "k", "n").as_deref(), Some(after), "{before:?}");
        }
        assert_eq!(remove_entry("k: { m: 2 }\n", "k", "n"), None);
    }

    #[test]
    fn removed_item_leaves_the_rest() {
        for (before, after) in [
            ("k:\n  - n: a # c\n    t: b\n  # d\n  - n: e\nb: 1\n", "k:\n  # d\n  - n: e\nb: 1\n"),
            ("k: [{ n: a }, { n: e }] # c\n", "k: [{ n: e }] # c\n"),
            ("k:\n- n: a\nb: 1\n", "k: []\nb: 1\n"),
        ] {
            assert_eq!(remove_item(before, "k", 0).as_deref(), Some(after), "{before:?}");
        }
        assert_eq!(remove_item("k: [1]\n", "k", 1), None);
    }

    #[test]
    fn items_follow_the_style_of_the_sequence() {
        let block = "- n: a\n- t: |\n    b\n\n    c\n";
        let indented = "  - n: a\n  - t: |\n      b\n\n      c\n";
        let flow = "{n: a}, {t: \"b\\n\\nc\\n\"}";
        for (before, after) in [
            ("k:\n- a\n# c\nb: 1\n", format!("k:\n- a\n{block}# c\nb: 1\n")),
            ("k:\n  - a:\n  # c\n", format!("k:\n  - a:\n{indented}  # c\n")),
            ("k: [] # c\nb: 1\n", format!("k: [{flow}] # c\nb: 1\n")),
            ("k: [a, ]", format!("k: [a, {flow}, ]")),
        ] {
            assert_eq!(with_items(before), Some(after), "{before:?}");
        }
    }

    #[test]
    fn edit_that_changes_other_bytes_is_rejected() {
        for text in ["k: 7", "k: x # c\n", "x: &a {b: 1}\nk: *a\n", "- k", "text", "k: ["] {
            assert_eq!(with_entry(text), None, "{text:?}");
            assert_eq!(with_items(text), None, "{text:?}");
        }
        for (before, after) in [("a # c\n", "a\n"), ("a: b\n", "a: 'b'\n"), ("a: ~\nb: ~\n", "a:\n  c: d\nb:\n")] {
            assert!(!is_insertion(before, after), "{before:?}");
        }
    }
}
