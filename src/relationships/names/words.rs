//! Splits names into words, and compares words.

use crate::abbreviation::{MIN_LETTERS, abbreviates};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// How well a word matches another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::relationships) enum Likeness {
    /// Equal, or singular and plural.
    Same,
    /// One abbreviates the other.
    Abbreviated,
}

/// Endings of plurals in European languages.
const PLURALS: &[&str] = &["s", "es", "e", "n", "en", "er", "i", "x"];
/// Plurals that are no ending.
const IRREGULAR: &[(&str, &str)] =
    &[("people", "person"), ("children", "child"), ("men", "man"), ("women", "woman"), ("indices", "index")];

/// Returns the words of a name in lower case and without accents, split at other characters, digits and camel case.
pub(in crate::relationships) fn split(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
    let mut words = vec![String::new()];
    for (index, letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() || starts_word(&letters, index) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `aB`, the `Bc` of `ABc`, the digits of `a1`, and what follows an `ID`.
fn starts_word(letters: &[char], index: usize) -> bool {
    let Some(previous) = index.checked_sub(1).map(|index| letters[index]) else { return false };
    let letter = letters[index];
    let is_id = |end: usize| end >= 2 && letters[end - 2..end] == ['I', 'D'];
    if is_id(index + 1) && letters.get(index + 1).is_some_and(|next| next.is_lowercase()) {
        return false;
    }
    if is_id(index) && letter.is_lowercase() {
        return true;
    }
    let is_camel = letter.is_uppercase()
        && (previous.is_lowercase()
            || previous.is_uppercase() && letters.get(index + 1).is_some_and(|next| next.is_lowercase()));
    is_camel || letter.is_numeric() && previous.is_alphabetic()
}

/// Whether two words are equal, or singular and plural.
pub(in crate::relationships) fn is_same_word(left: &str, right: &str) -> bool {
    compare(left, right) == Some(Likeness::Same)
}

/// Compares two words.
pub(in crate::relationships) fn compare(left: &str, right: &str) -> Option<Likeness> {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if short == long || is_plural(short, long) {
        Some(Likeness::Same)
    } else if abbreviates(short, long) {
        Some(Likeness::Abbreviated)
    } else {
        None
    }
}

fn is_plural(singular: &str, plural: &str) -> bool {
    if IRREGULAR.iter().any(|pair| *pair == (plural, singular) || *pair == (singular, plural)) {
        return true;
    }
    if singular.len() < MIN_LETTERS {
        return false;
    }
    let has_ending = plural.strip_prefix(singular).is_some_and(|ending| PLURALS.contains(&ending));
    let stem = |word: &str| word.char_indices().next_back().map_or(0, |(end, _)| end);
    let (left, right) = (&singular[..stem(singular)], &plural[..stem(plural)]);
    let is_y = singular.ends_with('y') && plural.strip_prefix(left) == Some("ies");
    // As in Italian: prodotto and prodotti.
    let is_vowel = left == right && left.len() >= 4 && is_vowel_last(singular) && is_vowel_last(plural);
    has_ending || is_y || is_vowel
}

fn is_vowel_last(word: &str) -> bool {
    word.ends_with(['a', 'e', 'i', 'o', 'u'])
}

/// Whether a word consists of the beginnings of several words, as `cdemo` of `customer demographics`.
pub(in crate::relationships) fn is_compact(word: &str, words: &[String]) -> bool {
    let Some((first, others)) = words.split_first() else { return false };
    let shared = word.chars().zip(first.chars()).take_while(|(left, right)| left == right).count();
    let ends = word.char_indices().map(|(index, _)| index).chain([word.len()]);
    if others.is_empty() {
        // Also the plural of the last word.
        return compare(word, first) == Some(Likeness::Same) || shared == word.len() && shared >= MIN_LETTERS;
    }
    ends.skip(1).take(shared).any(|end| is_compact(&word[end..], others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split() {
        let cases = [
            ("customer_id", "customer id"),
            ("CustomerID", "customer id"),
            ("HTTPStatusCode", "http status code"),
            ("Größe-2", "große 2"),
            ("ADRESSE_LIGNE1", "adresse ligne 1"),
            ("idÉtudiant", "id etudiant"),
            ("teamIDwinner", "team id winner"),
            ("", ""),
        ];
        for (name, expected) in cases {
            assert_eq!(split(name).join(" "), expected);
        }
    }

    #[test]
    fn words_are_compared() {
        let same =
            ["order orders", "category categories", "box boxes", "kunde kunden", "prodotto prodotti", "person people"];
        let abbreviated = ["cust customer", "dept department", "mgr manager", "addr address", "acct account"];
        let different = ["cat contract", "id idea", "user order", "news newt", "part port"];
        let cases =
            [(&same[..], Some(Likeness::Same)), (&abbreviated, Some(Likeness::Abbreviated)), (&different, None)];
        for (pairs, expected) in cases {
            for pair in pairs {
                let (left, right) = pair.split_once(' ').unwrap();
                assert_eq!((compare(left, right), compare(right, left)), (expected, expected), "{pair}");
            }
        }
    }

    #[test]
    fn compact_words_are_recognised() {
        let words = split("customer_demographics");
        assert!(is_compact("cdemo", &words) && is_compact("custdemo", &words));
        assert!(!is_compact("hdemo", &words) && !is_compact("customer", &words));
        assert!(!is_compact("store", &split("store_returns")));
    }
}
