//! Replaces the literals of texts that mention masked columns: a condition or a comment may have their values.

use regex_lite::{Captures, Regex};
use std::{collections::HashSet, sync::LazyLock};

/// Names in backquotes; texts in double quotes, which are names or literals; literals; and words, which may have digits.
#[expect(clippy::expect_used, reason = "the pattern is fixed, and a test compiles it")]
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let name = r"`(?:[^`]|``)*`|(?:[A-Za-z_$]|[^\x00-\x7F])(?:[\w$]|[^\x00-\x7F])*";
    let text = r#""(?:[^"]|"")*""#;
    let literal = r"'(?:[^']|'')*'|\d[\w.]*";
    Regex::new(&format!("({name})|({text})|{literal}")).expect("a valid pattern")
});

/// What literals and comments begin with or contain in some dialects only, so that their end is not known.
const AMBIGUOUS: [&str; 4] = ["\\", "#", "--", "/*"];

/// Replaces the literals of SQL by `?`; `None` if it is not certain where they end. Texts in double quotes that are not
/// `names` of tables or columns are literals.
pub(super) fn hide_literals(sql: &str, names: &HashSet<String>) -> Option<String> {
    let count = |mark| sql.matches(mark).count();
    // Two dollars may quote a literal, as in PostgreSQL's `$tag$…$tag$`.
    let is_certain = AMBIGUOUS.iter().all(|mark| !sql.contains(mark)) && count('$') < 2 && count('\'') % 2 == 0;
    is_certain.then(|| replace(sql, names))
}

/// Replaces the literals of prose by `?`: what is between quotation marks, and numbers. Apostrophes within words are none.
pub(super) fn hide_quoted(text: &str) -> String {
    let prose = text.replace(['‘', '’', '‚', '`'], "'").replace(['“', '”', '„', '«', '»'], "\"");
    let mut letters: Vec<char> = prose.chars().collect();
    for index in 1..letters.len().saturating_sub(1) {
        if letters[index] == '\'' && letters[index - 1].is_alphanumeric() && letters[index + 1].is_alphanumeric() {
            letters[index] = '’';
        }
    }
    replace(&letters.into_iter().collect::<String>(), &HashSet::new())
}

fn replace(text: &str, names: &HashSet<String>) -> String {
    let hide = |found: &Captures<'_>| match (found.get(1), found.get(2)) {
        (Some(name), _) => name.as_str().to_owned(),
        (_, Some(quoted)) if names.contains(&quoted.as_str().trim_matches('"').to_lowercase()) => {
            quoted.as_str().to_owned()
        }
        _ => "?".to_owned(),
    };
    TOKEN.replace_all(text, hide).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_sql_are_replaced_and_names_are_kept() {
        let names = HashSet::from(["mixed col".to_owned()]);
        for (sql, expected) in [
            (
                "SELECT t1.a FROM t1 WHERE grp = 'it''s'::text AND n > 10.5e3",
                "SELECT t1.a FROM t1 WHERE grp = ?::text AND n > ?",
            ),
            (
                r#"SELECT "Mixed Col", `a 'b'` FROM t WHERE grp IN ("gold", 'x')"#,
                r#"SELECT "Mixed Col", `a 'b'` FROM t WHERE grp IN (?, ?)"#,
            ),
            ("SELECT größe2 FROM t WHERE grp = N'gold'", "SELECT größe2 FROM t WHERE grp = N?"),
        ] {
            assert_eq!(hide_literals(sql, &names).as_deref(), Some(expected));
        }
    }

    #[test]
    fn sql_whose_literals_end_differently_in_dialects_is_hidden() {
        for sql in
            [r"a = 'it\'s gold'", "a = $$gold$$", "a = $x$gold$x$", "a = 1 -- 'gold", "a /* ' */ = 'gold'", "a # gold"]
        {
            assert_eq!(hide_literals(sql, &HashSet::new()), None, "{sql}");
        }
    }

    #[test]
    fn quoted_values_of_prose_are_replaced() {
        assert_eq!(
            hide_quoted("The customer's grp: 'gold' or “silver”, at most 1000"),
            "The customer’s grp: ? or ?, at most ?"
        );
    }
}
