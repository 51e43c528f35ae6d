//! Words of command lines that hints suggest.

use std::borrow::Cow;

/// Quotes a word: a name of a project from elsewhere must not run a command when the hint is copied to a shell. A path
/// with blanks is in double quotes, which `cmd.exe` reads as well.
pub(crate) fn quote(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "/:._-+@=,".contains(c) || (cfg!(windows) && c == '\\');
    let is_quotable = |c: char| is_plain(c) || c == ' ';
    match word {
        "" => "''".into(),
        _ if word.chars().all(is_plain) => word.into(),
        _ if word.chars().all(is_quotable) => format!("\"{word}\"").into(),
        // Only a word with NUL cannot be quoted; neither names nor paths have it.
        _ => shlex::try_quote(word).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_word_back() {
        let words = [
            "warehouse",
            "",
            "größe",
            "a b",
            "$(id)",
            "`id`",
            "a'b",
            "a\"b",
            "a\\b",
            "a;b",
            "*",
            "~",
            "#",
            "!!",
            "{a,b}",
        ];
        for word in words {
            assert_eq!(shlex::split(&quote(word)).unwrap(), [word]);
        }
    }

    #[test]
    fn nothing_is_expanded() {
        for word in ["$(id)", "`id`", "$HOME", "*", "~", "a&b", "!!"] {
            assert_eq!(quote(word), format!("'{word}'"));
        }
    }
}
