//! A name as a phrase: what it is about, and the kind of key that its end or its beginning says.

use super::{
    vocabulary::{Suffix, suffix, suffixes},
    words::{Likeness, compare, is_compact},
};
use std::collections::BTreeSet;

/// A name in two parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::relationships) struct Phrase {
    /// What it is about: `bill customer` of `bill_customer_id`.
    pub(in crate::relationships) core: Vec<String>,
    /// What its end says: an identifier.
    pub(in crate::relationships) suffix: Option<Suffix>,
}

/// A phrase at the end of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::relationships) struct Tail {
    /// Words before it.
    pub(in crate::relationships) roles: usize,
    /// Whether a word is abbreviated.
    pub(in crate::relationships) is_abbreviated: bool,
}

impl Phrase {
    /// Parses the words of a name; `subjects` are words of tables, by which compounds such as `custkey` are split.
    pub(in crate::relationships) fn new(words: &[String], subjects: &BTreeSet<String>) -> Self {
        let mut core: Vec<_> = words.iter().flat_map(|word| split_compound(word, subjects)).collect();
        core.retain(|word| !word.chars().all(char::is_numeric));
        let mut kind = None;
        while let Some(found) = core.last().and_then(|word| suffix(word)) {
            kind = kind.or(Some(found));
            core.pop();
        }
        // As in `team_id_winner`.
        if let Some(index) = core.iter().skip(1).position(|word| suffix(word) == Some(Suffix::Identifier)) {
            kind = kind.or(Some(Suffix::Identifier));
            core.remove(index + 1);
            core.rotate_left(index + 1);
        }
        // As in `id_cliente`.
        if kind.is_none() && core.len() > 1 {
            kind = suffix(&core[0]);
            core.drain(..usize::from(kind.is_some()));
        }
        Self { core, suffix: kind }
    }

    /// Finds `end` at the end of this phrase.
    pub(in crate::relationships) fn tail(&self, end: &[String]) -> Option<Tail> {
        if end.is_empty() { None } else { tail(&self.core, end) }
    }
}

/// Fewest letters of a subject at the end of a compound, and of the rest.
const MIN_PART: usize = 4;
const MIN_REST: usize = 3;

fn split_compound(word: &str, subjects: &BTreeSet<String>) -> Vec<String> {
    let is_subject = |part: &str| part.len() > 2 && subjects.iter().any(|subject| compare(part, subject).is_some());
    if suffix(word).is_none() {
        for end in suffixes() {
            if let Some(part) = word.strip_suffix(end).filter(|part| is_subject(part)) {
                return vec![part.to_owned(), end.to_owned()];
            }
            if let Some(part) = word.strip_prefix(end).filter(|part| is_subject(part)) {
                return vec![end.to_owned(), part.to_owned()];
            }
        }
    }
    let is_compound = |subject: &&String| {
        subject.len() >= MIN_PART && word.strip_suffix(subject.as_str()).is_some_and(|rest| rest.len() >= MIN_REST)
    };
    match subjects.iter().filter(is_compound).max_by_key(|subject| subject.len()) {
        // As `orderdate`, beside a table of dates.
        Some(subject) => vec![word[..word.len() - subject.len()].to_owned(), subject.clone()],
        None => vec![word.to_owned()],
    }
}

fn tail(words: &[String], end: &[String]) -> Option<Tail> {
    let Some((last_of_end, rest_of_end)) = end.split_last() else {
        return Some(Tail { roles: words.len(), is_abbreviated: false });
    };
    let (last, rest) = words.split_last()?;
    let single = compare(last, last_of_end)
        .and_then(|likeness| tail(rest, rest_of_end).map(|found| found.and(likeness == Likeness::Abbreviated)));
    let compact = || {
        (2..=end.len()).find_map(|count| {
            let (before, compacted) = end.split_at(end.len() - count);
            tail(rest, before).filter(|_| is_compact(last, compacted)).map(|found| found.and(true))
        })
    };
    // As `order_line` and `orderlines`.
    let joined = || {
        (2..=words.len()).find_map(|count| {
            let (before, joined) = words.split_at(words.len() - count);
            let is_same = compare(&joined.concat(), last_of_end) == Some(Likeness::Same);
            tail(before, rest_of_end).filter(|_| is_same)
        })
    };
    single.or_else(compact).or_else(joined)
}

impl Tail {
    fn and(self, is_abbreviated: bool) -> Self {
        Self { is_abbreviated: self.is_abbreviated || is_abbreviated, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::words::split, *};

    fn phrase(name: &str) -> Phrase {
        Phrase::new(&split(name), &["kunden", "customer"].map(String::from).into())
    }

    #[test]
    fn suffix_is_separated() {
        let cases = [
            ("bill_customer_id", "bill customer", Some(Suffix::Identifier)),
            ("kundennummer", "kunden", Some(Suffix::Number)),
            ("custkey", "cust", Some(Suffix::Identifier)),
            ("id_cliente", "cliente", Some(Suffix::Identifier)),
            ("ID", "", Some(Suffix::Identifier)),
            ("teamIDwinner", "winner team", Some(Suffix::Identifier)),
            ("monkey", "monkey", None),
            ("paid", "paid", None),
        ];
        for (name, core, suffix) in cases {
            assert_eq!((phrase(name).core.join(" "), phrase(name).suffix), (core.to_owned(), suffix), "{name}");
        }
    }

    #[test]
    fn tail_has_roles_and_abbreviations() {
        let tail = |name: &str, end: &str| phrase(name).tail(&split(end)).map(|tail| (tail.roles, tail.is_abbreviated));
        assert_eq!(tail("bill_customer_id", "customers"), Some((1, false)));
        assert_eq!(tail("ship_cdemo_sk", "customer_demographics"), Some((1, true)));
        assert_eq!(tail("order_line_id", "orderlines"), Some((0, false)));
        assert_eq!(tail("customer_name", "customers"), None);
        assert_eq!(tail("id", "customers"), None);
    }
}
