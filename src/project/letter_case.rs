//! Names in another letter case, which some databases take for the same.

/// Whether two names are equal, regardless of letter case.
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

/// Finds an item by its exact name, or else the only one whose name differs in letter case.
pub(crate) fn find<'a, T>(items: &'a [T], name: &str, name_of: impl Fn(&T) -> &str) -> Option<&'a T> {
    items.iter().find(|item| name_of(item) == name).or_else(|| {
        let mut matches = items.iter().filter(|item| is_same(name_of(item), name));
        matches.next().filter(|_| matches.next().is_none())
    })
}

/// Names whose mentions in texts are found, regardless of letter case: also within other words, as no grammar is known.
pub(crate) struct Mentions(Vec<String>);

impl<'a> FromIterator<&'a str> for Mentions {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self(names.into_iter().map(str::to_lowercase).collect())
    }
}

impl Mentions {
    /// Whether a text mentions one of the names.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|name| text.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_found_within_words() {
        let names: Mentions = ["Größe", "id"].into_iter().collect();
        assert!(names.are_in("max(GRÖßE)") && names.are_in("userID > 0") && !names.are_in("name"));
    }

    #[test]
    fn exact_name_takes_precedence_and_another_letter_case_has_to_be_unambiguous() {
        let names = ["id", "ID", "Größe"];
        let found = |name| find(&names, name, |item| item).copied();
        assert_eq!((found("ID"), found("GRÖSSE"), found("größe")), (Some("ID"), None, Some("Größe")));
        assert_eq!((found("Id"), found("no")), (None, None));
    }
}
