//! Encodes arbitrary names as names of files and folders that are valid on every file system.
//!
//! Letters of all scripts are kept. Characters that are invalid on some file system are percent-encoded. Names that are
//! too long, or equal to another name on some file system, are shortened and get `~` and a prefix of their SHA-256.

use crate::digest::sha256;
use std::{collections::HashMap, fmt::Write};
use unicode_normalization::UnicodeNormalization;

/// Maximum bytes of a file name without its extension. Common file systems limit the name with extension to 255.
const MAX_BYTES: usize = 180;
/// Hexadecimal digits of the SHA-256 that make a name unique.
const HASH_DIGITS: usize = 12;

/// Names that Windows reserves for devices, also with an extension.
const DEVICE_NAMES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Folds letter case and Unicode composition: equal for names that are the same file on some file system.
pub fn fold_case(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfd().collect::<String>().to_uppercase().to_lowercase().nfd().collect()
}

/// Encodes one name, independently of other names.
pub fn encode(name: &str) -> String {
    limit_length(escape(name), name)
}

/// Returns the encodings that a name may have in a folder: alone, and beside a name that is equal but for its letter case.
pub fn encodings(name: &str) -> [String; 2] {
    let escaped = escape(name);
    [limit_length(escaped.clone(), name), add_hash(&escaped, name)]
}

/// Encodes different names of one folder, in their order. The results are distinct on every file system.
pub fn encode_distinct<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let escaped: Vec<_> = names.clone().map(escape).collect();
    let folded: Vec<_> = escaped.iter().map(|name| fold_case(name)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in &folded {
        *counts.entry(name).or_default() += 1;
    }
    let is_unique = |folded: &str| counts.get(folded) == Some(&1);
    names
        .zip(escaped)
        .zip(&folded)
        .map(
            |((name, escaped), folded)| {
                if is_unique(folded) { limit_length(escaped, name) } else { add_hash(&escaped, name) }
            },
        )
        .collect()
}

fn limit_length(escaped: String, name: &str) -> String {
    if escaped.len() > MAX_BYTES { add_hash(&escaped, name) } else { escaped }
}

fn add_hash(escaped: &str, name: &str) -> String {
    let end = escaped.floor_char_boundary(MAX_BYTES - HASH_DIGITS - 1);
    format!("{}~{}", &escaped[..end], &sha256(name)[..HASH_DIGITS])
}

fn escape(name: &str) -> String {
    let is_device = is_device_name(name);
    let last = name.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(name.len());
    for (index, letter) in name.chars().enumerate() {
        let is_reserved = match letter {
            '.' => index == 0 || index == last,
            ' ' => index == last,
            _ => is_device && index == 0,
        };
        if is_reserved || letter.is_control() || r#"/\:*?"<>|%~"#.contains(letter) {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                let _ = write!(escaped, "%{byte:02X}");
            }
        } else {
            escaped.push(letter);
        }
    }
    if escaped.is_empty() { "%".into() } else { escaped }
}

fn is_device_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let is_numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest| rest.chars().count() == 1 && rest.contains(|c: char| c.is_numeric()))
    };
    DEVICE_NAMES.contains(&stem.as_str()) || is_numbered("COM") || is_numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn valid_names_are_unchanged() {
        for name in ["public.orders", "größe.straße", "日本.注文", "a b-c_d", "Orders", "connection", "com"] {
            assert_eq!(encode(name), name);
        }
    }

    #[test]
    fn invalid_and_reserved_names_are_escaped() {
        for (name, expected) in [
            ("..", "%2E%2E"),
            (".", "%2E"),
            ("", "%"),
            ("../etc/passwd", "%2E.%2Fetc%2Fpasswd"),
            (r"a\b:c", "a%5Cb%3Ac"),
            ("100%~", "100%25%7E"),
            ("nul", "%6Eul"),
            ("CON.orders", "%43ON.orders"),
            ("com1 .x", "%63om1 .x"),
            ("lpt¹", "%6Cpt¹"),
            ("tail. ", "tail.%20"),
            ("new\nline\0", "new%0Aline%00"),
        ] {
            assert_eq!(encode(name), expected);
        }
    }

    #[test]
    fn names_that_differ_in_case_or_composition_stay_distinct() {
        let names = ["Orders", "orders", "caf\u{e9}", "cafe\u{301}", "STRASSE", "straße", "other"];
        let files = encode_distinct(names.iter().copied());
        let folded: HashSet<_> = files.iter().map(|file| fold_case(file)).collect();
        assert_eq!(folded.len(), names.len(), "{files:?}");
        assert!(files[0].starts_with("Orders~") && files[1].starts_with("orders~"), "{files:?}");
        assert_eq!(files[6], "other");
    }

    #[test]
    fn name_cannot_collide_with_the_encoding_of_another() {
        let encoded = encode_distinct(["A", "a"].into_iter());
        let files = encode_distinct(["A", "a", &encoded[0]].into_iter());
        assert_eq!(files.iter().collect::<HashSet<_>>().len(), 3, "{files:?}");
    }

    #[test]
    fn long_names_are_truncated_and_stay_distinct() {
        let (left, right) = (format!("{}1", "ü".repeat(400)), format!("{}2", "ü".repeat(400)));
        assert!(encode(&left).len() <= MAX_BYTES);
        assert_ne!(encode(&left), encode(&right));
        let files = encode_distinct([left.as_str(), right.as_str()].into_iter());
        assert_ne!(files[0], files[1]);
    }
}
