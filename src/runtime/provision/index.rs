//! Package indexes: finds the user's index, and the URL of a file on its project page (PEP 503 and PEP 691).

use crate::{
    env::Environment,
    error::{Code, Error, Result},
    files::read_text,
    runtime::settings::uv::default_index,
};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use url::Url;

/// Package index if the user configures none.
const DEFAULT_INDEX: &str = "https://pypi.org/simple/";

/// Variables that name the user's index, by precedence.
const INDEX_VARIABLES: &[&str] = &["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"];

/// Variables that disable package indexes.
const NO_INDEX_VARIABLES: &[&str] = &["UV_NO_INDEX", "PIP_NO_INDEX"];

/// Name of the project on an index.
const PROJECT: &str = "uv";

/// Sources of wheels.
pub(super) struct WheelSources {
    /// Folders of wheels on this machine.
    pub(super) folders: Vec<PathBuf>,
    /// The project page on an index; `None` if indexes are disabled.
    pub(super) page: Option<Url>,
}

impl WheelSources {
    /// Reads the sources from environment variables and `uv.toml`. Blocks.
    pub(super) fn from_env(env: &Environment, home: Option<&Path>) -> Result<Self> {
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

/// Adds settings of uv for the index and the folders that variables of pip name, as the wheel of uv comes from there too.
/// Variables of uv take precedence.
pub(in crate::runtime) fn uv_environment(env: &Environment) -> Environment {
    let mut env = env.clone();
    let has_index = ["UV_DEFAULT_INDEX", "UV_INDEX_URL"].iter().any(|name| non_empty(&env, name).is_some());
    if let Some(index) = non_empty(&env, "PIP_INDEX_URL").filter(|_| !has_index).map(str::to_owned) {
        env = env.with("UV_DEFAULT_INDEX", index);
    }
    if let Some(links) = non_empty(&env, "PIP_FIND_LINKS").filter(|_| non_empty(&env, "UV_FIND_LINKS").is_none()) {
        let links = links.split_whitespace().collect::<Vec<_>>().join(",");
        env = env.with("UV_FIND_LINKS", links);
    }
    env
}

/// Whether variables restrict packages to folders. uv itself has no variable for that.
pub(in crate::runtime) fn has_no_index(env: &Environment) -> bool {
    NO_INDEX_VARIABLES.iter().any(|name| is_true(env, name))
}

fn non_empty<'a>(env: &'a Environment, name: &str) -> Option<&'a str> {
    env.get(name).map(str::trim).filter(|value| !value.is_empty())
}

fn is_true(env: &Environment, name: &str) -> bool {
    let is_true = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "t" | "yes" | "y" | "on");
    non_empty(env, name).is_some_and(is_true)
}

fn is_offline(env: &Environment) -> bool {
    is_true(env, "UV_OFFLINE") || has_no_index(env)
}

/// The URL of the user's index.
fn index(env: &Environment, home: Option<&Path>) -> Result<Url> {
    let named = INDEX_VARIABLES.iter().find_map(|name| Some((*name, non_empty(env, name)?.to_owned())));
    let (origin, value) = match named {
        Some(named) => named,
        None if is_offline(env) => ("The default index", DEFAULT_INDEX.to_owned()),
        None => ("uv.toml", default_index(env, home)?.unwrap_or_else(|| DEFAULT_INDEX.to_owned())),
    };
    let address = strip_index_name(&value);
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

/// Removes the name of an index, which uv allows before its URL: `name=https://…`.
fn strip_index_name(value: &str) -> &str {
    match value.split_once('=') {
        Some((name, url)) if name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) => url,
        _ => value,
    }
}

/// Folders of wheels in variables; pip separates them by spaces, uv by commas. HTTP URLs are ignored.
fn find_links(env: &Environment) -> Vec<PathBuf> {
    let pip = non_empty(env, "PIP_FIND_LINKS").into_iter().flat_map(str::split_whitespace);
    let uv = non_empty(env, "UV_FIND_LINKS").into_iter().flat_map(|value| value.split(','));
    pip.chain(uv).filter_map(|place| parse_folder(place.trim())).collect()
}

fn parse_folder(place: &str) -> Option<PathBuf> {
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

/// Reads the project page of an index in a folder. Blocks.
pub(super) fn read_page(page: &Url) -> Option<String> {
    read_text(&page.to_file_path().ok()?.join("index.html")).ok().flatten()
}

/// A URL without credentials and query, for messages.
pub(super) fn redacted_url(url: &Url) -> String {
    let mut clean = url.clone();
    clean.set_query(None);
    clean.set_fragment(None);
    crate::redact::urls(clean.as_str())
}

/// Resolves a link or a redirect relative to `base`. Credentials of `base` are kept for the same origin only. `None`
/// for an invalid URL or another kind of scheme.
pub(super) fn resolve_link(base: &Url, link: &str) -> Option<Url> {
    let mut url = base.join(link).ok()?;
    url.set_fragment(None);
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    if url.origin() == base.origin() && !has_credentials {
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

/// Finds the URL of a file on a project page, which is JSON or HTML.
pub(super) fn find_file_url(page: &Url, text: &str, file: &str) -> Option<Url> {
    if text.trim_start().starts_with('{') {
        let project: Project = serde_json::from_str(text).ok()?;
        let found = project.files.into_iter().find(|found| found.filename == file)?;
        return resolve_link(page, &found.url);
    }
    let mut links = links(text).filter_map(|link| resolve_link(page, &link));
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

/// The value of an attribute of a tag. Quoted values may contain `>` and text that looks like an attribute.
fn attribute<'a>(mut rest: &'a str, attribute_name: &str) -> Option<&'a str> {
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
        if name.eq_ignore_ascii_case(attribute_name) {
            return Some(value);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests;
