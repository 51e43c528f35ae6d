//! Splits names and texts into words, in the form in which they are indexed and searched.

use super::abbreviations::expansions;

/// Maximum characters of a word; longer ones, such as hashes and encoded data, name nothing.
const MAX_WORD: usize = 40;
/// Maximum words of a text that are indexed.
const MAX_WORDS: usize = 400;
/// Maximum words of a name that are also indexed as one, as in `orderid`.
const MAX_JOINED: usize = 3;

/// A word of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The word in lower case, as the name has it.
    pub(super) written: String,
    /// The singular of the word, or of what the abbreviation commonly stands for: equal for words of one meaning.
    pub(super) canonical: String,
}

impl Word {
    fn new(written: String) -> Self {
        let long = expansions(&written).next().or_else(|| expansions(&singular(&written)).next());
        Self { canonical: long.map_or_else(|| singular(&written), str::to_owned), written }
    }

    /// All forms under which the word is indexed.
    pub(super) fn forms(&self) -> Vec<String> {
        let mut forms = vec![singular(&self.written)];
        for form in expansions(&self.written).map(str::to_owned).chain([self.canonical.clone()]) {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        forms
    }
}

/// Splits at characters that are neither letters nor digits, at changes of letter case as in `orderID` and `HTTPStatus`,
/// and between letters and digits.
pub(super) fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for part in text.split(|c: char| !c.is_alphanumeric() && !is_mark(c)) {
        words.extend(split_part(part).into_iter().map(|word| Word::new(word.to_lowercase())));
        if words.len() >= MAX_WORDS {
            break;
        }
    }
    words.retain(|word| !word.written.is_empty() && word.written.chars().count() <= MAX_WORD);
    words.truncate(MAX_WORDS);
    words
}

/// Combining marks belong to the letter before.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn split_part(part: &str) -> Vec<String> {
    let chars: Vec<char> = part.chars().collect();
    let mut words = vec![String::new()];
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| chars.get(before));
        if before.is_some_and(|before| is_boundary(*before, *c, chars.get(index + 1))) {
            words.push(String::new());
        }
        words.last_mut().into_iter().for_each(|word| word.push(*c));
    }
    words
}

fn is_boundary(before: char, c: char, after: Option<&char>) -> bool {
    let starts_word = before.is_lowercase() && c.is_uppercase();
    let ends_acronym = before.is_uppercase() && c.is_uppercase() && after.is_some_and(|after| after.is_lowercase());
    starts_word || ends_acronym || (before.is_numeric() != c.is_numeric())
}

/// Returns the text of a name for the index: all forms of its words, and a short name as one word.
pub(super) fn indexed_name(name: &str) -> String {
    let words = split(name);
    let mut text = indexed_words(&words);
    if (2..=MAX_JOINED).contains(&words.len()) {
        text.push(' ');
        text.extend(words.iter().map(|word| word.written.as_str()));
    }
    text
}

/// Returns the canonical words of a name, separated by blanks.
pub(super) fn canonical_name(name: &str) -> String {
    split(name).into_iter().map(|word| word.canonical).collect::<Vec<_>>().join(" ")
}

/// Returns all forms of the words of a text, for the index.
pub(super) fn indexed_text(text: &str) -> String {
    indexed_words(&split(text))
}

fn indexed_words(words: &[Word]) -> String {
    words.iter().flat_map(Word::forms).collect::<Vec<_>>().join(" ")
}

/// Returns the singular of an English word in lower case.
fn singular(word: &str) -> String {
    let keeps = word.len() < 4 || ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    if keeps || !word.ends_with('s') {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    let drops_es = ["sses", "shes", "ches", "xes", "zes"].iter().any(|end| word.ends_with(end));
    word[..word.len() - if drops_es { 2 } else { 1 }].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str) -> String {
        split(name).into_iter().map(|word| word.written).collect::<Vec<_>>().join(" ")
    }

    fn canonical(name: &str) -> String {
        split(name).into_iter().map(|word| word.canonical).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_are_split_into_words() {
        for (name, words) in [
            ("order_id", "order id"),
            ("orderID", "order id"),
            ("HTTPStatusCode", "http status code"),
            ("address2", "address 2"),
            ("dim.Customer-v2 (old)", "dim customer v 2 old"),
            ("GRÖSSE_größe", "grösse größe"),
            ("__", ""),
            ("", ""),
            ("\0\"'; DROP", "drop"),
            ("🦀 שלום مرحبا", "שלום مرحبا"),
        ] {
            assert_eq!(written(name), words, "{name}");
        }
        assert_eq!(split(&"x".repeat(41)), []);
    }

    #[test]
    fn abbreviations_and_plurals_have_the_form_of_their_word() {
        for (name, words) in [
            ("cust_addr", "customer address"),
            ("Customers addresses", "customer address"),
            ("qty_nbr", "quantity number"),
            ("categories status bus", "category status bus"),
            ("boxes branches classes invoices", "box branch class invoice"),
        ] {
            assert_eq!(canonical(name), words, "{name}");
        }
        assert_eq!(indexed_name("cust_keys"), "cust customer key custkeys");
        assert_eq!(indexed_name("inv"), "inv inventory invoice");
    }
}
