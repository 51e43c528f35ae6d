//! References to tables, as people and statements write them.

/// Parses a table reference into its parts, without the quotes of any dialect. `None` if it is invalid.
pub(crate) fn parse_reference(reference: &str) -> Option<Vec<String>> {
    let mut chars = reference.trim().chars().peekable();
    let mut parts = Vec::new();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let closing = match chars.peek() {
            Some('[') => Some(']'),
            Some(quote @ ('"' | '`')) => Some(*quote),
            _ => None,
        };
        let mut part = String::new();
        match closing {
            None => {
                while let Some(c) = chars.next_if(|c| *c != '.') {
                    part.push(c);
                }
                part.truncate(part.trim_end().len());
            }
            Some(closing) => {
                chars.next();
                loop {
                    match chars.next()? {
                        c if c == closing && chars.next_if_eq(&closing).is_none() => break,
                        c => part.push(c),
                    }
                }
            }
        }
        parts.push(part);
        match chars.next() {
            None => return Some(parts),
            Some('.') => {}
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_all_dialects_are_parsed() {
        let parsed = |text: &str| parse_reference(text).map(|parts| parts.join("|"));
        for (text, expected) in [
            ("orders", "orders"),
            ("sales.orders", "sales|orders"),
            ("a.\"b.c\".[d.e]", "a|b.c|d.e"),
            ("`a``b`.\"c\"\"d\".[e]]f]", "a`b|c\"d|e]f"),
            ("\"\"", ""),
            (" größe . x ", "größe|x"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!((parsed("\"a"), parsed("\"a\"b")), (None, None));
    }
}
