//! Tests of the parser with types that accept any value.

use super::*;
use proptest::{prelude::any, prop_assert_eq, proptest};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn value(text: &str) -> Value {
    read::<Value>("f.yaml", Code::ProjectInvalid, text).unwrap_or_else(|error| panic!("{text}: {error}")).0.into()
}

fn error<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
    let error = read::<T>("f.yaml", Code::ProjectInvalid, text).unwrap_err().to_string();
    error.strip_prefix("f.yaml:").unwrap_or(&error).to_owned()
}

type Texts = BTreeMap<String, Option<Vec<String>>>;

#[test]
fn scalars_follow_the_core_schema_of_yaml_1_2() {
    for (text, expected) in [
        ("[~, null, NULL, '', ]", json!([null, null, null, ""])),
        ("[true, False, yes, on, off, 'true']", json!([true, false, "yes", "on", "off", "true"])),
        ("[0, +5, 1_000, 0x1F, 0o17, 0b101]", json!([0, 5, 1000, 31, 15, 5])),
        ("[-5, -0x10, .5, 5., 1e3]", json!([-5, -16, 0.5, 5.0, 1000.0])),
        (
            "[inf, nan, 1__0, _1, 0x, --5, 1 2, 2026-01-01]",
            json!(["inf", "nan", "1__0", "_1", "0x", "--5", "1 2", "2026-01-01"]),
        ),
        ("[!!str 5, ! 5, !!int '5', !!null x]", json!(["5", "5", 5, null])),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y", json!({"a": "x\ny\n", "b": "x y"})),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn only_yaml_strings_are_accepted_as_text() {
    let (texts, _) =
        read::<Texts>("", Code::ProjectInvalid, "k: [yes, 'on', 2026-01-01, 0x, ! 5, !!str 5, !!binary aGk=, 08:30]")
            .unwrap();
    assert_eq!(texts.unwrap()["k"].as_ref().unwrap(), &["yes", "on", "2026-01-01", "0x", "5", "5", "aGk=", "08:30"]);
    for text in ["5", "0o7", "007", "1_000", "1e3", ".inf", "true", "FALSE", "-1", "!kind 5"] {
        let message = error::<Texts>(&format!("k: [{text}]"));
        assert!(
            message.ends_with(
                " k[0]: expected text, found a number or a boolean; put it in quotes if it is meant as text"
            ),
            "{message}"
        );
    }
}

#[test]
fn aliases_and_merge_keys_are_resolved() {
    for (text, expected) in [
        ("a: &x { b: [1] }\nc: *x", json!({"a": {"b": [1]}, "c": {"b": [1]}})),
        (
            "a: &x { b: 1, e: 4 }\nc: { <<: *x, b: 2, d: 3 }",
            json!({"a": {"b": 1, "e": 4}, "c": {"b": 2, "d": 3, "e": 4}}),
        ),
        (
            "a: &x { b: 1 }\nc: &y { b: 2, d: 3 }\ne: { <<: [*x, *y] }",
            json!({"a": {"b": 1}, "c": {"b": 2, "d": 3}, "e": {"b": 1, "d": 3}}),
        ),
        ("a: { <<: ~, '<<': 5 }", json!({"a": {"<<": 5}})),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    for (text, expected) in [
        ("&k key: v\n? *k\n: w", "1:4: duplicate key key"),
        ("a: { <<: 5 }", "1:10: expected keys and values to merge, or a list of them"),
        ("a: &x [*x]", "1:8: recursive alias"),
        ("a: *x", "1:4: alias of an unknown anchor"),
    ] {
        assert_eq!(error::<Value>(text), expected, "{text}");
    }
    assert_eq!(
        error::<Texts>("a: &x [b]\nc: [d,\n  *x]"),
        "3:3: c[1]: expected text",
        "the location is that of the alias"
    );
}

#[test]
fn file_is_one_document_with_string_keys() {
    for text in ["", "# a comment", "~", "---\n...\n", "\u{feff}"] {
        assert_eq!(value(text), Value::Null, "{text:?}");
    }
    assert_eq!(value("\u{feff}--- # a comment\na: b # another\r\n...\n"), json!({"a": "b"}));
    assert_eq!(value("a:\r\n  - b\r\n  - |\r\n    c\r\n    d\r\n"), json!({"a": ["b", "c\nd\n"]}));
    for (text, expected) in [
        ("a: [b]\n---\nb: 2", "3:1: expected one document, found another"),
        ("? [a]\n: b", "1:3: expected a key that is text; put it in quotes"),
        (": b", "1:1: expected a key that is text; put it in quotes"),
        ("a:\n\t- b", "2:2: tabs disallowed within this context (block indentation)"),
        ("a: 'b", "1:4: unclosed quote"),
    ] {
        assert_eq!(error::<Texts>(text), expected, "{text}");
    }
    let not_text = decode("f.yaml", Code::ProjectInvalid, b"a: \xff\n".to_vec()).unwrap_err();
    assert_eq!(not_text.to_string(), "f.yaml is not UTF-8 text");
}

#[test]
fn unknown_keys_are_returned_with_their_paths() {
    #[derive(Debug, serde::Deserialize)]
    struct Known {
        #[serde(default)]
        known: Vec<Option<Known>>,
    }
    let text = "a: { b: c }\nknown:\n- &x { known: [ { d: 1 } ] }\n- *x\n";
    let (known, unknown) = read::<Known>("", Code::ProjectInvalid, text).unwrap();
    assert_eq!(known.unwrap().known.len(), 2);
    let unknown: Vec<_> = unknown.iter().map(|path| path.join(".")).collect();
    assert_eq!(unknown, ["a", "known.0.known.0.d", "known.1.known.0.d"]);
}

#[test]
fn documents_beyond_the_limits_are_rejected() {
    let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    value(&deep(64));
    let too_deep = "the document is nested too deeply: more than 64 levels";
    let nested = format!("a: &a {}\nb: {}*a{}", deep(40), "[".repeat(40), "]".repeat(40));
    let blocks: String = (0..100).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    for text in [deep(65), deep(200), deep(100_000), nested, blocks] {
        assert!(error::<Value>(&text).ends_with(too_deep), "{}", error::<Value>(&text));
    }
    let mut laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..9 {
        let list = vec![format!("*a{}", level - 1); 9].join(",");
        laughs.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    let merged = (0..300).map(|key| format!("k{key}: 1, ")).collect::<String>();
    let merges = format!("a: &a {{ {merged} }}\nb:\n{}", "- { <<: *a }\n".repeat(900));
    let many = format!("[{}]", "x,".repeat(250_001));
    for text in [laughs, merges, many] {
        let message = error::<Value>(&text);
        assert!(
            message.ends_with("the document is too large: more than 250,000 values, with every alias expanded"),
            "{message}"
        );
    }
    let long = "x".repeat(1 << 20);
    let too_long = "the document is too large: more than 16 MiB of text, with every alias expanded";
    let in_keys = format!("a: &a {long}\nb:\n{}", "- *a\n".repeat(16));
    for text in [in_keys.replace('b', "ignored"), in_keys, "#".repeat((16 << 20) + 1)] {
        assert!(error::<Texts>(&text).ends_with(too_long) || error::<Value>(&text).ends_with(too_long));
    }
}

#[test]
fn many_aliases_of_a_short_text_are_read() {
    let text = format!("a: &a text\nb: [{}]", "*a, ".repeat(5_000));
    assert_eq!(value(&text)["b"].as_array().unwrap().len(), 5_000);
}

proptest! {
    #[test]
    fn json_text_round_trips(text in any::<String>(), key in any::<String>()) {
        let json = json!({ key: [text] });
        let read: Value = read_json("x", Code::ProjectInvalid, &json.to_string()).unwrap();
        prop_assert_eq!(read, json);
    }

    #[test]
    fn written_text_round_trips(text in any::<String>(), key in any::<String>()) {
        let texts = Texts::from([(key, Some(vec![text]))]);
        let read = read::<Texts>("", Code::ProjectInvalid, &write(&texts).unwrap()).unwrap().0;
        prop_assert_eq!(read.unwrap(), texts);
    }
}
