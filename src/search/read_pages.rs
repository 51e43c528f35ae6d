//! Lists and reads pages, without lines that name what a data policy denies.

use super::pages;
use crate::{
    error::{Code, Error, Result},
    project::{Project, confined, policy::Policy},
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Maximum bytes of a page.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Maximum characters of a title.
const MAX_TITLE: usize = 120;

/// A page in a list (`KtxPageSummary`).
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct PageSummary {
    /// Path in the project, with slashes: `notes/finance/churn.md`.
    pub path: String,
    /// First heading, or the name of the file without its ending.
    pub title: String,
}

/// A page (`KtxPage`).
#[derive(Debug, Serialize)]
pub struct Page {
    /// Its path and title.
    #[serde(flatten)]
    pub summary: PageSummary,
    /// Markdown.
    pub text: String,
}

/// The data policies of today, of all connections: a page may be about any of them.
pub(super) struct PagePolicy(Vec<Policy>);

impl PagePolicy {
    pub(super) fn new(project: &Project) -> Result<Self> {
        let policies = project.connections.keys().map(|id| project.policy(id)).collect::<Result<_>>()?;
        Ok(Self(policies))
    }

    /// Returns the lines that name nothing denied.
    pub(super) fn shown_lines<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        text.lines().filter(|line| self.shows(line))
    }

    fn shows(&self, text: &str) -> bool {
        !self.0.iter().any(|policy| policy.denies() && policy.hides_text(text))
    }
}

/// Lists the files of the pages, sorted, without those whose path below the folder of the pages names something denied.
pub(super) fn list_shown_files(project: &Project, policy: &PagePolicy) -> Result<Vec<PathBuf>> {
    let root = project.dir.join(pages::FOLDER);
    let is_shown = |file: &PathBuf| {
        let path = file.strip_prefix(&root).unwrap_or(file).with_extension("");
        policy.shows(&path.to_string_lossy())
    };
    Ok(pages::list_files(&project.dir)?.into_iter().filter(is_shown).collect())
}

/// Lists the first pages whose path contains a text, in any letter case, sorted by path. A page that cannot be read has
/// the name of its file as its title. Blocks. Errors: [`Code::FileIo`], [`Code::ProjectUnsafe`].
pub fn list_pages(project: &Project, contains: Option<&str>, limit: Option<usize>) -> Result<Vec<PageSummary>> {
    let (policy, part) = (PagePolicy::new(project)?, contains.unwrap_or_default().to_lowercase());
    let files = list_shown_files(project, &policy)?;
    let named = files.into_iter().map(|file| (pages::name(&project.dir, &file), file));
    let matching = named.filter(|(name, _)| name.to_lowercase().contains(&part)).take(limit.unwrap_or(usize::MAX));
    let summary = |(name, file): (String, PathBuf)| {
        let text = read_text(project, &policy, &name, &file).unwrap_or_default();
        PageSummary { path: name, title: title(&file, &text) }
    };
    Ok(matching.map(summary).collect())
}

/// Reads a page that [`list_pages`] lists. Blocks.
///
/// Errors: [`Code::PageUnknown`] for every other path; [`Code::FileIo`] if it is larger than 1 MiB or not UTF-8.
pub fn read_page(project: &Project, path: &str) -> Result<Page> {
    let policy = PagePolicy::new(project)?;
    let files = list_shown_files(project, &policy)?;
    let Some(file) = files.into_iter().find(|file| pages::name(&project.dir, file) == path) else {
        let message = format!("The project has no page {path}: pages are the Markdown files below {}", pages::FOLDER);
        return Err(Error::new(Code::PageUnknown, message));
    };
    let text = read_text(project, &policy, path, &file)?;
    Ok(Page { summary: PageSummary { path: path.to_owned(), title: title(&file, &text) }, text })
}

fn read_text(project: &Project, policy: &PagePolicy, name: &str, file: &Path) -> Result<String> {
    let unusable = |what, hint| Err(Error::new(Code::FileIo, format!("The page {name} {what}")).with_hint(hint));
    let bytes = confined::read(&project.dir, file)?.unwrap_or_default();
    if bytes.len() > MAX_BYTES {
        return unusable("is larger than 1 MiB", "Split it into several pages");
    }
    let Ok(text) = String::from_utf8(bytes) else { return unusable("is not UTF-8", "Save it as UTF-8") };
    Ok(policy.shown_lines(&text).collect::<Vec<_>>().join("\n"))
}

fn title(file: &Path, text: &str) -> String {
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    let heading = headings.map(|rest| rest.trim_start_matches('#').trim()).find(|heading| !heading.is_empty());
    let title = heading.map(str::to_owned).or_else(|| Some(file.file_stem()?.to_string_lossy().into_owned()));
    title.unwrap_or_default().chars().take(MAX_TITLE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fixture::{CONFIG, Shop};

    fn code(shop: &Shop, path: &str) -> Code {
        read_page(&shop.project, path).unwrap_err().code()
    }

    #[test]
    fn pages_are_listed_by_path_with_their_titles() {
        let shop = Shop::new(CONFIG);
        shop.write("notes/finance/churn.md", "intro\n## Churn rate\n");
        shop.write("notes/B.MD", "no heading");
        shop.write("notes/.hidden.md", "# Hidden");
        shop.write("notes/data.txt", "# Text");
        let list = |contains, limit| {
            let pages = list_pages(&shop.project, contains, limit).unwrap();
            pages.into_iter().map(|page| format!("{}: {}", page.path, page.title)).collect::<Vec<_>>()
        };
        assert_eq!(list(None, None), ["notes/B.MD: B", "notes/finance/churn.md: Churn rate"]);
        assert_eq!(list(Some("CHURN"), None), ["notes/finance/churn.md: Churn rate"]);
        assert_eq!(list(None, Some(1)), ["notes/B.MD: B"]);
        assert_eq!(read_page(&shop.project, "notes/finance/churn.md").unwrap().text, "intro\n## Churn rate");
    }

    #[test]
    fn only_listed_pages_are_read() {
        let shop = Shop::new(CONFIG);
        shop.write("notes/a.md", "A");
        shop.write("b.md", "B");
        for path in ["", "b.md", "notes/../b.md", "notes/./a.md", "/notes/a.md", "notes", "notes\\a.md", "notes/A.md"] {
            assert_eq!(code(&shop, path), Code::PageUnknown, "{path}");
        }
    }

    #[test]
    fn pages_that_are_too_large_or_not_utf_8_are_listed_and_not_read() {
        let shop = Shop::new(CONFIG);
        shop.write("notes/large.md", &"# x\n".repeat(MAX_BYTES / 4 + 1));
        std::fs::write(shop.path("notes/latin.md"), b"# caf\xe9").unwrap();
        let titles = list_pages(&shop.project, None, None).unwrap().into_iter().map(|page| page.title);
        assert_eq!(titles.collect::<Vec<_>>(), ["large", "latin"]);
        assert_eq!([code(&shop, "notes/large.md"), code(&shop, "notes/latin.md")], [Code::FileIo; 2]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_no_pages() {
        let shop = Shop::new(CONFIG);
        shop.write("notes/a.md", "A");
        shop.write(".ktx/secret.md", "secret");
        std::os::unix::fs::symlink("../.ktx/secret.md", shop.path("notes/link.md")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", shop.path("notes/outside.md")).unwrap();
        assert_eq!(list_pages(&shop.project, None, None).unwrap().len(), 1);
        assert_eq!(code(&shop, "notes/link.md"), Code::PageUnknown);
        assert_eq!(shop.first("secret", crate::search::Kind::Page), "");
    }

    #[test]
    fn lines_that_name_something_denied_are_left_out() {
        let shop = Shop::new("connections: { shop: { driver: sqlite, policy: { deny: { tables: [salaries] } } } }");
        shop.write("notes/a.md", "# About salaries\n# Pay\nSee salaries.\nAll is well\n");
        let page = read_page(&shop.project, "notes/a.md").unwrap();
        assert_eq!((page.summary.title.as_str(), page.text.as_str()), ("Pay", "# Pay\nAll is well"));
    }

    #[test]
    fn pages_whose_path_names_something_denied_are_left_out() {
        let deny = |table| {
            format!("connections: {{ shop: {{ driver: sqlite, policy: {{ deny: {{ tables: [{table}] }} }} }} }}")
        };
        let shop = Shop::new(&deny("salaries"));
        for path in ["notes/salaries.md", "notes/salaries/of-2026.md", "notes/pay.md"] {
            shop.write(path, "# Overview\nAll is well\n");
        }
        let paths = list_pages(&shop.project, None, None).unwrap().into_iter().map(|page| page.path);
        assert_eq!(paths.collect::<Vec<_>>(), ["notes/pay.md"]);
        assert_eq!(code(&shop, "notes/salaries.md"), Code::PageUnknown);
        assert_eq!(shop.first("overview", crate::search::Kind::Page), "notes/pay.md");
        let index = std::fs::read(shop.index()).unwrap();
        assert!(!String::from_utf8_lossy(&index).contains("salaries"));

        let shop = Shop::new(&deny("notes"));
        shop.write("notes/pay.md", "# Overview\n");
        assert_eq!(list_pages(&shop.project, None, None).unwrap().len(), 1);
    }
}
