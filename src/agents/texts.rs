//! The skill and the rules that agents get.

/// The skill, which is a part of the plugin as well.
pub(super) const SKILL: &str = include_str!("../../plugin/skills/ktx/SKILL.md");

/// The name of its file.
pub(super) const SKILL_FILE: &str = "SKILL.md";

/// The rules: when to use the tools of KTX.
pub(super) const RULES: &str = "\
# Data questions

This project has a semantic layer, which the MCP server `ktx` serves. For a question about data, numbers or tables:

- Use the tools of `ktx` before you read the schema or write SQL by hand; the skill `ktx` says how.
- Ask with `sl_query` for measures and dimensions. An error names the choices: choose one, do not guess.
- Give the SQL and the filters with every number.
";

const BEGIN: &str = "<!-- ktx: begin -->";
const END: &str = "<!-- ktx: end; `ktx agents remove` deletes this section -->";

/// The rules in a file of our own.
pub(super) fn rules_file(front_matter: &str) -> String {
    if front_matter.is_empty() { RULES.to_owned() } else { format!("---\n{front_matter}---\n\n{RULES}") }
}

/// A text of the user's with the section at its end, in place of an earlier one.
pub(super) fn with_section(text: &str) -> String {
    let text = without_section(text);
    let gap = match text.as_str() {
        "" => "",
        text if text.ends_with("\n\n") => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    format!("{text}{gap}{BEGIN}\n{RULES}{END}\n")
}

/// The text without the section; the same text where there is none, or only a part of it.
pub(super) fn without_section(text: &str) -> String {
    let found = text.find(BEGIN).and_then(|begin| Some((begin, begin + text[begin..].find(END)? + END.len())));
    let Some((begin, end)) = found else { return text.to_owned() };
    let after = text[end..].strip_prefix('\n').unwrap_or(&text[end..]);
    format!("{}{after}", &text[..begin])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_added_once_and_removed() {
        for text in ["", "# Mine\n", "# Mine", "# Mine\n\n"] {
            let with = with_section(text);
            assert!(with.starts_with(text) && with.contains(RULES));
            assert_eq!(with_section(&with).matches(RULES).count(), 1);
            assert_eq!(without_section(&with).trim_end(), text.trim_end());
        }
        let between = format!("{}# More\n", with_section("# Mine\n"));
        assert_eq!(without_section(&between), "# Mine\n\n# More\n");
        assert_eq!(without_section("<!-- ktx: begin -->\n# Mine\n"), "<!-- ktx: begin -->\n# Mine\n");
    }
}
