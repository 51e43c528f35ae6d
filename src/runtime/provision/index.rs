//! Package indexes: which one the user's variables name, and where its page has a file (PEP 503 and PEP 691).

use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::read_text,
    runtime::settings::uv::default_index,
};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use url::Url;

/// Where Python packages come from unless the user says otherwise.
const DEFAULT_INDEX: &str = "https://pypi.org/simple/";

/// Variables that name the user's index, the strongest first.
const INDEX_VARIABLES: &[&str] = &["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"];

/// Variables that keep the tools from asking an index.
const OFFLINE_VARIABLES: &[&str] = &["UV_OFFLINE", "UV_NO_INDEX", "PIP_NO_INDEX"];

/// The project's folder below an index.
const PROJECT: &str = "uv";

/// Where wheels may come from.
pub(super) struct Sources {
    /// Folders of wheels on this machine.
    pub(super) folders: Vec<PathBuf>,
    /// The page of the project on an index; `None` where no index may be asked.
    pub(super) page: Option<Url>,
}

impl Sources {
    /// What the user's variables and `uv.toml` name. Blocks.
    pub(super) fn of(env: &Environment, home: Option<&Path>) -> Result<Self> {
        let mut folders = find_links(env);
        let index = index(env, home)?;
        let page = match index.to_file_path() {
            Ok(folder) if index.scheme() == "file" => {
                folders.extend([folder.join(PROJECT), folder]);
                Some(project_page(index))
            }
            _ => (!is_offline(env)).then(|| project_page(index)),
        };
        Ok(Self { folders, page })
    }
}

fn set<'a>(env: &'a Environment, name: &str) -> Option<&'a str> {
    env.get(name).map(str::trim).filter(|value| !value.is_empty())
}

fn is_offline(env: &Environment) -> bool {
    let truth = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "t" | "yes" | "y" | "on");
    OFFLINE_VARIABLES.iter().any(|name| set(env, name).is_some_and(truth))
}

/// The user's index.
fn index(env: &Environment, home: Option<&Path>) -> Result<Url> {
    let named = INDEX_VARIABLES.iter().find_map(|name| Some((*name, set(env, name)?.to_owned())));
    let (origin, value) = match named {
        Some(named) => named,
        None if is_offline(env) => ("The default index", DEFAULT_INDEX.to_owned()),
        None => ("uv.toml", default_index(env, home)?.unwrap_or_else(|| DEFAULT_INDEX.to_owned())),
    };
    let address = without_name(&value);
    let url = if Path::new(address).is_absolute() { Url::from_directory_path(address).ok() } else { None };
    match url.or_else(|| Url::parse(address).ok()) {
        Some(url) if url.scheme() == "file" || (matches!(url.scheme(), "http" | "https") && url.has_host()) => Ok(url),
        _ => {
            let shown = crate::redact::urls(&value);
            let error = Error::new(Code::EnvInvalid, format!("{origin} does not name a package index: {shown:?}"));
            Err(error.with_hint("Set it to an http, https or file URL, or unset it"))
        }
    }
}

/// uv lets an index be called by a name: `name=https://…`.
fn without_name(value: &str) -> &str {
    match value.split_once('=') {
        Some((name, url)) if name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) => url,
        _ => value,
    }
}

/// Folders of wheels; pip separates them by spaces, uv by commas. Pages that are called links are not asked.
fn find_links(env: &Environment) -> Vec<PathBuf> {
    let pip = set(env, "PIP_FIND_LINKS").into_iter().flat_map(str::split_whitespace);
    let uv = set(env, "UV_FIND_LINKS").into_iter().flat_map(|value| value.split(','));
    pip.chain(uv).filter_map(|place| folder_of(place.trim())).collect()
}

fn folder_of(place: &str) -> Option<PathBuf> {
    if Path::new(place).is_absolute() {
        return Some(place.into());
    }
    Url::parse(place).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()
}

fn project_page(mut index: Url) -> Url {
    if let Ok(mut segments) = index.path_segments_mut() {
        segments.pop_if_empty().extend([PROJECT, ""]);
    }
    index
}

/// The page of an index that is a folder. Blocks.
pub(super) fn read_page(page: &Url) -> Option<String> {
    read_text(&page.to_file_path().ok()?.join("index.html")).ok().flatten()
}

/// A URL as messages show it: without credentials and query.
pub(super) fn shown(url: &Url) -> String {
    let mut clean = url.clone();
    clean.set_query(None);
    clean.set_fragment(None);
    crate::redact::urls(clean.as_str())
}

/// What a link or a redirect of `base` leads to. Credentials go with it to the same server and to no other one.
pub(super) fn follow(base: &Url, link: &str) -> Option<Url> {
    let mut url = base.join(link).ok()?;
    url.set_fragment(None);
    let carries = !url.username().is_empty() || url.password().is_some();
    if url.origin() == base.origin() && !carries {
        url.set_username(base.username()).ok()?;
        url.set_password(base.password()).ok()?;
    }
    let same_kind = matches!(url.scheme(), "http" | "https") || url.scheme() == base.scheme();
    same_kind.then_some(url)
}

#[derive(Deserialize)]
struct Project {
    files: Vec<ProjectFile>,
}

#[derive(Deserialize)]
struct ProjectFile {
    filename: String,
    url: String,
}

/// Where a project's page, of JSON or HTML, has the file of that name.
pub(super) fn find(page: &Url, text: &str, file: &str) -> Option<Url> {
    if text.trim_start().starts_with('{') {
        let project: Project = serde_json::from_str(text).ok()?;
        let found = project.files.into_iter().find(|found| found.filename == file)?;
        return follow(page, &found.url);
    }
    let mut links = links(text).filter_map(|link| follow(page, &link));
    links.find(|url| last_segment(url).is_some_and(|name| name == file))
}

fn last_segment(url: &Url) -> Option<String> {
    let name = url.path_segments()?.next_back()?;
    Some(percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned())
}

/// The targets of all anchors of a page.
fn links(html: &str) -> impl Iterator<Item = String> {
    html.split('<').filter_map(|tag| {
        let inner = tag.strip_prefix(['a', 'A'])?.strip_prefix(|c: char| c.is_ascii_whitespace())?;
        Some(attribute(inner, "href")?.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&"))
    })
}

/// The value of an attribute among those of a tag. Values may hold what looks like an attribute, or a `>`.
fn attribute<'a>(mut rest: &'a str, wanted: &str) -> Option<&'a str> {
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>'))?;
        let name = &rest[..end];
        rest = rest[end..].trim_start();
        let Some(valued) = rest.strip_prefix('=') else {
            if rest.starts_with('>') {
                return None;
            }
            continue;
        };
        let valued = valued.trim_start();
        let (value, after) = match valued.chars().next()? {
            quote @ ('"' | '\'') => valued[1..].split_once(quote)?,
            _ => valued.split_at(valued.find(|c: char| c.is_ascii_whitespace() || c == '>')?),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests;
