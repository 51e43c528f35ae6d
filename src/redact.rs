//! Credentials never reach a log, an error or a staged file.

/// Replaces what stands between `://` and `@` in every URL of a text.
pub fn urls(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://").map(|index| index + 3) {
        let (before, after) = rest.split_at(start);
        clean.push_str(before);
        let end =
            after.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>')).unwrap_or(after.len());
        match after[..end].rfind('@') {
            Some(at) => {
                clean.push_str("***");
                rest = &after[at..];
            }
            None => rest = after,
        }
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::urls;

    #[test]
    fn user_and_password_go_and_the_rest_stays() {
        assert_eq!(
            urls("at https://u:p@host/x, postgres://a:b@c@h:1/d"),
            "at https://***@host/x, postgres://***@h:1/d"
        );
        assert_eq!(urls("http://host/a@b and user@mail"), "http://host/a@b and user@mail");
        assert_eq!(urls("x://"), "x://");
    }
}
