//! Names of files and folders for names that were made without file systems in mind.
//!
//! Letters of every script stay readable. What some file system cannot hold is written as `%` and the code of its
//! bytes; what some file systems cannot tell apart, or is too long, gets `~` and the beginning of its SHA-256.

use crate::digest::sha256;
use std::{collections::HashMap, fmt::Write};
use unicode_normalization::UnicodeNormalization;

/// Bytes of a file name without its extension; the limit of the common file systems is 255 with it.
const LONGEST: usize = 180;
/// Digits of the digest that make a name unique.
const DIGITS: usize = 12;

/// Names that Windows reserves for devices, with any extension.
const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Equal for two names that a file system may take for one: letter case and composition of accents do not count.
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfd().collect::<String>().to_uppercase().to_lowercase().nfd().collect()
}

/// A file name for one name, no matter which others there are.
pub fn single(name: &str) -> String {
    bounded(escape(name), name)
}

/// File names for several different names of one folder, in their order; no two the same on any file system.
pub fn distinct<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let escaped: Vec<_> = names.clone().map(escape).collect();
    let folded: Vec<_> = escaped.iter().map(|name| fold(name)).collect();
    let mut alike: HashMap<&str, usize> = HashMap::new();
    for name in &folded {
        *alike.entry(name).or_default() += 1;
    }
    let is_alone = |folded: &str| alike.get(folded) == Some(&1);
    names
        .zip(escaped)
        .zip(&folded)
        .map(|((name, escaped), folded)| if is_alone(folded) { bounded(escaped, name) } else { marked(&escaped, name) })
        .collect()
}

fn bounded(escaped: String, name: &str) -> String {
    if escaped.len() > LONGEST { marked(&escaped, name) } else { escaped }
}

fn marked(escaped: &str, name: &str) -> String {
    let end = escaped.floor_char_boundary(LONGEST - DIGITS - 1);
    format!("{}~{}", &escaped[..end], &sha256(name)[..DIGITS])
}

fn escape(name: &str) -> String {
    let device = is_device(name);
    let last = name.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(name.len());
    for (index, letter) in name.chars().enumerate() {
        let edge = match letter {
            '.' => index == 0 || index == last,
            ' ' => index == last,
            _ => device && index == 0,
        };
        if edge || letter.is_control() || r#"/\:*?"<>|%~"#.contains(letter) {
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

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest| rest.chars().count() == 1 && rest.contains(|c: char| c.is_numeric()))
    };
    DEVICES.contains(&stem.as_str()) || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn harmless_names_stay_as_they_are() {
        for name in ["public.orders", "größe.straße", "日本.注文", "a b-c_d", "Orders", "connection", "com"] {
            assert_eq!(single(name), name);
        }
    }

    #[test]
    fn what_leads_elsewhere_is_escaped() {
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
            assert_eq!(single(name), expected);
        }
    }

    #[test]
    fn names_that_some_file_systems_confuse_are_kept_apart() {
        let names = ["Orders", "orders", "caf\u{e9}", "cafe\u{301}", "STRASSE", "straße", "other"];
        let files = distinct(names.iter().copied());
        let folded: HashSet<_> = files.iter().map(|file| fold(file)).collect();
        assert_eq!(folded.len(), names.len(), "{files:?}");
        assert!(files[0].starts_with("Orders~") && files[1].starts_with("orders~"), "{files:?}");
        assert_eq!(files[6], "other");
    }

    #[test]
    fn a_name_cannot_pose_as_the_mark_of_another() {
        let marked = distinct(["A", "a"].into_iter());
        let files = distinct(["A", "a", &marked[0]].into_iter());
        assert_eq!(files.iter().collect::<HashSet<_>>().len(), 3, "{files:?}");
    }

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let (left, right) = (format!("{}1", "ü".repeat(400)), format!("{}2", "ü".repeat(400)));
        assert!(single(&left).len() <= LONGEST);
        assert_ne!(single(&left), single(&right));
        let files = distinct([left.as_str(), right.as_str()].into_iter());
        assert_ne!(files[0], files[1]);
    }
}
