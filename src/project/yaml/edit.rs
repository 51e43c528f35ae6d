//! Entries for a key at the top of a document: nothing else in its text changes.

use super::outline::{Kind, Outline, Part};

/// The step of files that do not have one of their own.
pub(crate) const STEP: usize = 2;

/// A text, and where to add to one of the keys at its top. What comes of it has to be read again: a text may have shapes
/// that this does not know.
pub(crate) struct Addition<'a> {
    text: &'a str,
    key: &'a str,
    outline: Outline,
}

impl<'a> Addition<'a> {
    /// `None` where the text is not YAML.
    pub(crate) fn to(text: &'a str, key: &'a str) -> Option<Self> {
        Some(Self { text, key, outline: Outline::of(text, key)? })
    }

    /// Spaces by which a mapping stands further right than the key that it belongs to.
    pub(crate) fn step(&self) -> usize {
        self.step_of(Kind::Keys)
    }

    /// The text with more entries; `None` where the key has none to add to, or is written in an unusual way.
    ///
    /// The entries are given twice: as lines without an indent, and in brackets on one line.
    pub(crate) fn of(&self, lines: &str, brackets: &str) -> Option<String> {
        let inner = brackets.trim_end().get(1..)?.strip_suffix([']', '}'])?;
        let kind = if brackets.starts_with('[') { Kind::List } else { Kind::Keys };
        let Some(root) = self.outline.root.as_ref().filter(|root| root.kind != Kind::Nothing) else {
            return Some(self.with_key(0, kind, lines));
        };
        let value = self.outline.found.and_then(|found| root.parts.get(found));
        match (root.kind, value) {
            (Kind::Keys, None) => Some(self.with_key(self.column(root)?, kind, lines)),
            (Kind::Keys, Some(value)) => self.below(root, value, kind, lines).or_else(|| self.within(value, inner)),
            (Kind::FlowKeys, None) => self.within(root, &format!("{}: {}", self.key, brackets.trim_end())),
            (Kind::FlowKeys, Some(value)) if value.kind == Kind::Nothing => {
                Some(self.replaced(value.start, value.end, &format!(" {}", brackets.trim_end())))
            }
            (Kind::FlowKeys, Some(value)) => self.within(value, inner),
            _ => None,
        }
    }

    fn with_key(&self, column: usize, kind: Kind, lines: &str) -> String {
        let lines = indented(lines, self.step_of(kind));
        self.with_lines(self.outline.end, column, &format!("{}:\n{lines}", self.key))
    }

    /// On lines of their own below the last entry.
    fn below(&self, root: &Part, value: &Part, kind: Kind, lines: &str) -> Option<String> {
        let outer = self.column(root)?;
        let at = self.line_below(value.end, outer);
        if matches!(value.kind, Kind::List | Kind::Keys) {
            return Some(self.with_lines(at, self.column_below(value, outer)?, lines));
        }
        let cut = self.empty_after_colon(value)?;
        let text = self.with_lines(at, outer + self.step_of(kind), lines);
        Some(format!("{}{}", &text[..cut], &text[value.end..]))
    }

    /// Where an empty value, with the blanks before it, can be cut out of the line of its key.
    fn empty_after_colon(&self, value: &Part) -> Option<usize> {
        let is_empty = value.kind == Kind::Nothing || (value.kind.is_flow() && value.parts.is_empty());
        let key = self.outline.root.as_ref()?.parts.get(self.outline.found?.checked_sub(1)?)?;
        let is_on_line = !self.text[key.end..value.end].contains('\n');
        let rest = self.text[value.end..].lines().next().unwrap_or_default().trim_start();
        let is_last = rest.is_empty() || rest.starts_with('#');
        (is_empty && is_on_line && is_last).then(|| self.text[..value.start].trim_end().len())
    }

    /// In the brackets, behind the last entry.
    fn within(&self, value: &Part, inner: &str) -> Option<String> {
        let (at, comma) = value.parts.last().map_or((value.start + 1, ""), |last| (last.end, ", "));
        value.kind.is_flow().then(|| self.replaced(at, at, &format!("{comma}{inner}")))
    }

    /// Below the line of a place and comments that stand further right than the column: those belong to it.
    fn line_below(&self, place: usize, column: usize) -> usize {
        let mut lines = self.text[place..].split_inclusive('\n');
        let mut next = place + lines.next().map_or(0, str::len);
        let mut found = next;
        for line in lines {
            let content = line.trim_start();
            next += line.len();
            if content.starts_with('#') && line.len() - content.len() > column {
                found = next;
            } else if !content.is_empty() {
                break;
            }
        }
        found
    }

    fn with_lines(&self, at: usize, column: usize, lines: &str) -> String {
        let is_at_line = at == 0 || self.text[..at].ends_with('\n');
        let lines = format!("{}{}", if is_at_line { "" } else { "\n" }, indented(lines, column));
        let has_returns = self.text.split_once('\n').is_some_and(|(line, _)| line.ends_with('\r'));
        self.replaced(at, at, &if has_returns { lines.replace('\n', "\r\n") } else { lines })
    }

    fn replaced(&self, start: usize, end: usize, by: &str) -> String {
        format!("{}{by}{}", &self.text[..start], &self.text[end..])
    }

    fn step_of(&self, kind: Kind) -> usize {
        let step = self.outline.root.as_ref().and_then(|root| {
            let first = root.parts.iter().find(|part| part.kind == kind)?;
            let outer = self.column(root)?;
            self.column_below(first, outer)?.checked_sub(outer)
        });
        step.unwrap_or(STEP)
    }

    /// The parser gives no place for the dash of a list that stands no further right than its key.
    fn column_below(&self, part: &Part, outer: usize) -> Option<usize> {
        match part.kind {
            Kind::List if !self.text[part.start..].starts_with('-') => Some(outer),
            Kind::List => self.column(part).or(Some(outer)),
            _ => self.column(part),
        }
    }

    /// Spaces before a part; `None` where there is more than spaces.
    fn column(&self, part: &Part) -> Option<usize> {
        let before = self.text[..part.start].trim_start_matches('\u{feff}');
        let spaces = before.len() - before.trim_end_matches(' ').len();
        let is_first = spaces == before.len() || before[..before.len() - spaces].ends_with('\n');
        is_first.then_some(spaces)
    }
}

fn indented(lines: &str, column: usize) -> String {
    let mut text = String::new();
    for line in lines.lines() {
        text.push_str(&" ".repeat(if line.is_empty() { 0 } else { column }));
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{
        collection::vec,
        sample::select,
        test_runner::{Config, TestRunner},
    };

    const LINES: &str = "n:\n  x: 1\n";
    const ITEMS: &str = "- n: 1\n  t: |\n    a\n\n    b\n";

    fn with_entry(text: &str) -> Option<String> {
        Addition::to(text, "k")?.of(LINES, "{n: {x: 1}}\n")
    }

    fn with_item(text: &str) -> Option<String> {
        Addition::to(text, "k")?.of(ITEMS, "[{n: 1}]\n")
    }

    fn assert_all(add: fn(&str) -> Option<String>, expected: &[(&str, &str)]) {
        for (before, after) in expected {
            assert_eq!(add(before).as_deref(), Some(*after), "{before:?}");
        }
    }

    #[test]
    fn a_key_that_is_not_there_comes_last() {
        assert_all(
            with_entry,
            &[
                ("", "k:\n  n:\n    x: 1\n"),
                ("# c", "# c\nk:\n  n:\n    x: 1\n"),
                ("---\n# c\n...\n", "---\n# c\nk:\n  n:\n    x: 1\n...\n"),
                ("a: 1\n# c\n", "a: 1\n# c\nk:\n  n:\n    x: 1\n"),
                ("a: 1\n...\n# c\n", "a: 1\nk:\n  n:\n    x: 1\n...\n# c\n"),
                ("  a:\n     b: 1", "  a:\n     b: 1\n  k:\n     n:\n       x: 1\n"),
                ("\u{feff}a: 1\r\n", "\u{feff}a: 1\r\nk:\r\n  n:\r\n    x: 1\r\n"),
                ("{a: 1, } # c", "{a: 1, k: {n: {x: 1}}, } # c"),
                ("{ a: }", "{ a:, k: {n: {x: 1}} }"),
                ("{}", "{k: {n: {x: 1}}}"),
                ("a: |\n  x\n\n", "a: |\n  x\n\nk:\n  n:\n    x: 1\n"),
            ],
        );
        assert_all(with_item, &[("l:\n- a\n", "l:\n- a\nk:\n- n: 1\n  t: |\n    a\n\n    b\n")]);
    }

    #[test]
    fn nothing_becomes_lines() {
        assert_all(
            with_entry,
            &[
                ("k:\na: 1\n", "k:\n  n:\n    x: 1\na: 1\n"),
                ("k: # c\n  # d\n# e\na: 1\n", "k: # c\n  # d\n  n:\n    x: 1\n# e\na: 1\n"),
                ("k:   {} # c", "k: # c\n  n:\n    x: 1\n"),
                ("k: &a {  }\nl:\n   m: 1\n", "k: &a\n   n:\n     x: 1\nl:\n   m: 1\n"),
                ("\"k\":\tnull\n", "\"k\":\n  n:\n    x: 1\n"),
                ("{k: ~, a: 1}", "{k:  {n: {x: 1}}, a: 1}"),
                ("{k: , a: 1}", "{k: {n: {x: 1}} , a: 1}"),
                ("k:\n  {}\n", "k:\n  {n: {x: 1}}\n"),
                ("k: { # c\n  }\n", "k: {n: {x: 1} # c\n  }\n"),
            ],
        );
        assert_all(with_item, &[("k: [] # c\n", "k: # c\n  - n: 1\n    t: |\n      a\n\n      b\n")]);
    }

    #[test]
    fn entries_gain_one_that_looks_like_them() {
        assert_all(
            with_entry,
            &[
                (
                    "k:\n    a: 1 # c\n\n    # d\n  # e\n\n# f\nb: 1\n",
                    "k:\n    a: 1 # c\n\n    # d\n  # e\n    n:\n      x: 1\n\n# f\nb: 1\n",
                ),
                ("k:\n  a:\n    b:\n# c\nb: 1\n", "k:\n  a:\n    b:\n  n:\n    x: 1\n# c\nb: 1\n"),
                ("k: !!map &a\n  a: one\n    two\n\n", "k: !!map &a\n  a: one\n    two\n  n:\n    x: 1\n\n"),
                ("k:\n  a: |\n    # x\n\n  # c\nb: 1\n", "k:\n  a: |\n    # x\n\n  # c\n  n:\n    x: 1\nb: 1\n"),
                ("k:\n  a: >+\n    x\n\n\nb: 1\n", "k:\n  a: >+\n    x\n\n\n  n:\n    x: 1\nb: 1\n"),
                ("k:\n  a: |-\n    x", "k:\n  a: |-\n    x\n  n:\n    x: 1\n"),
                ("k: {a: 1} # c\n", "k: {a: 1, n: {x: 1}} # c\n"),
                ("k: {\n  a: 1, # c\n}\n", "k: {\n  a: 1, n: {x: 1}, # c\n}\n"),
                ("k:\r\n  a: 'b'\r\nb: 1", "k:\r\n  a: 'b'\r\n  n:\r\n    x: 1\r\nb: 1"),
            ],
        );
        assert_all(
            with_item,
            &[
                ("k:\n- a\n# c\nb: 1\n", "k:\n- a\n- n: 1\n  t: |\n    a\n\n    b\n# c\nb: 1\n"),
                ("k:\n  - a:\n  # c\n", "k:\n  - a:\n  # c\n  - n: 1\n    t: |\n      a\n\n      b\n"),
                ("k: [a, ]", "k: [a, {n: 1}, ]"),
            ],
        );
    }

    #[test]
    fn other_values_and_texts_are_left_alone() {
        for text in ["k: 1", "k: *a", "- k", "text", "k: [", "? x\n: - k\nk: *x", "k:\n  null\n", "x: &a {}\nk: *a\n"] {
            assert_eq!(with_entry(text), None, "{text:?}");
        }
    }

    const TOKENS: [&str; 32] = [
        "k", "k:", "k: ", "a: ", "b", "- ", "-", "? ", ": ", "{", "}", "[", "]", ", ", "|", ">+", "'", "\"", "&a ",
        "*a", "!t ", "# c", " # ö", " ", "  ", "\n", "\n  ", "\n    ", "\n...\n", "\n---\n", "\t", "~",
    ];

    /// Nothing is lost but an empty value.
    fn assert_within(before: &str, after: &str) {
        let mut rest = after.chars();
        for character in before.chars().filter(|character| !" \t[]{}~".contains(*character)) {
            assert!(rest.any(|other| other == character), "{character:?} of {before:?}\n{after}");
        }
    }

    #[test]
    fn whatever_the_text_its_parts_stay() {
        let mut runner = TestRunner::new(Config { cases: 4_000, failure_persistence: None, ..Config::default() });
        let result = runner.run(&vec(select(&TOKENS[..]), 0..14), |tokens| {
            let text = tokens.concat();
            for after in [with_entry(&text), with_item(&text)].into_iter().flatten() {
                assert_within(&text, &after);
            }
            Ok(())
        });
        assert!(result.is_ok(), "{}", result.unwrap_err());
    }
}
