//! Comments of statements.

/// Splits the comment at the start of a text from what follows; `None` if there is none. Block comments nest in
/// PostgreSQL; one without an end reaches to the end of the text.
pub(super) fn split_comment(sql: &str) -> Option<(&str, &str)> {
    if let Some(text) = sql.strip_prefix("--") {
        return Some(text.split_at(text.find('\n').unwrap_or(text.len())));
    }
    let text = sql.strip_prefix("/*")?;
    let rest = skip_block_comment(sql);
    let comment = &text[..text.len() - rest.len()];
    Some((comment.strip_suffix("*/").unwrap_or(comment), rest))
}

fn skip_block_comment(sql: &str) -> &str {
    let (mut depth, mut rest) = (0, sql);
    loop {
        match (rest.get(..2), rest.chars().next()) {
            (Some("/*"), _) => (depth, rest) = (depth + 1, &rest[2..]),
            (Some("*/"), _) => (depth, rest) = (depth - 1, &rest[2..]),
            (_, Some(letter)) => rest = &rest[letter.len_utf8()..],
            (_, None) => return "",
        }
        if depth == 0 {
            return rest;
        }
    }
}
