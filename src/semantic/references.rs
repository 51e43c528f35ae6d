//! Finds the names in a text of SQL, without the rules of a dialect. Texts in single quotes and comments have none.

/// Returns the names of an expression or a query in their order, each with its qualifiers. Keywords are among
/// them, and functions are not.
pub(super) fn references(sql: &str) -> Vec<Vec<String>> {
    let mut chars = sql.chars().peekable();
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut continues = false;
    while let Some(first) = chars.next() {
        let name = match first {
            '\'' => {
                skip_quoted(&mut chars, '\'');
                None
            }
            '"' | '`' => Some(skip_quoted(&mut chars, first)),
            '[' => Some(skip_quoted(&mut chars, ']')),
            '-' if chars.next_if_eq(&'-').is_some() => {
                chars.by_ref().find(|c| *c == '\n');
                None
            }
            c if c.is_alphabetic() || c == '_' => {
                let mut name = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '$')) {
                    name.push(c);
                }
                Some(name).filter(|_| chars.peek() != Some(&'('))
            }
            '.' if !found.is_empty() => {
                continues = true;
                continue;
            }
            c if c.is_whitespace() => continue,
            // A number, which may have letters.
            c if c.is_numeric() => {
                while chars.next_if(|c| c.is_alphanumeric()).is_some() {}
                None
            }
            _ => None,
        };
        match (name, found.last_mut().filter(|_| continues)) {
            (Some(name), Some(last)) => last.push(name),
            (Some(name), None) => found.push(vec![name]),
            (None, _) => {}
        }
        continues = false;
    }
    found
}

/// Returns the text up to a closing quote, which is doubled within.
fn skip_quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, closing: char) -> String {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        if c == closing && chars.next_if_eq(&closing).is_none() {
            break;
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_with_their_qualifiers() {
        let found = |sql: &str| references(sql).iter().map(|parts| parts.join("/")).collect::<Vec<_>>().join(" ");
        for (sql, names) in [
            ("sum(amount * 100)", "amount"),
            ("orders.amount > 1.5", "orders/amount"),
            ("a = b.c AND \"x y\".\"z\"\"\"", "a b/c AND x y/z\""),
            ("`p`.`d`.t . c", "p/d/t/c"),
            ("[dbo].[a b]", "dbo/a b"),
            ("note <> 'amount it''s' -- more\n and 1e5 < größe$", "note and größe$"),
            ("", ""),
            ("'open", ""),
        ] {
            assert_eq!(found(sql), names, "{sql}");
        }
    }
}
