//! Checks the dependencies of `src`: only those that `docs/architecture.md` allows, and no import cycles.

#![allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

use petgraph::{algo::tarjan_scc, graphmap::DiGraphMap};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    hash::RandomState,
    path::{Path, PathBuf},
    sync::LazyLock,
};
use syn::{
    Attribute, Item, ItemMod, ItemUse, UseTree, Visibility,
    visit::{Visit, visit_item_use, visit_path},
};

/// Modules of `src` by path in `crate`, such as `http::call`.
type Modules = BTreeMap<String, Module>;

/// Modules that each module imports from.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// Shared by the tests, as parsing the sources takes seconds without optimization.
static IMPORTS: LazyLock<Imports> = LazyLock::new(|| imports(&modules()));

/// A source file.
struct Module {
    syntax: syn::File,
    /// Full paths of its re-exports, by name.
    exports: BTreeMap<String, String>,
}

/// Collects the paths in a file, except in its tests.
#[derive(Default)]
struct Paths {
    /// Each path, and whether it is re-exported.
    found: Vec<(Vec<String>, bool)>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(ItemMod { attrs, .. }) | Item::Use(ItemUse { attrs, .. }) => attrs.as_slice(),
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            _ => &[],
        };
        if !attributes.iter().any(is_test_only) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_export = !matches!(item.vis, Visibility::Inherited);
        for path in leaves(&item.tree) {
            self.found.push((path, is_export));
        }
        visit_item_use(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            self.found.push((names, false));
        }
        visit_path(self, path);
    }
}

fn is_test_only(attribute: &Attribute) -> bool {
    let text = |attribute: &Attribute| attribute.parse_args::<syn::Path>().ok();
    attribute.path().is_ident("cfg") && text(attribute).is_some_and(|condition| condition.is_ident("test"))
}

/// Returns the paths of a `use`. The last segment is the imported name, also after `as`.
fn leaves(tree: &UseTree) -> Vec<Vec<String>> {
    let prefix = |name: String, paths: Vec<Vec<String>>| {
        paths.into_iter().map(|path| [vec![name.clone()], path].concat()).collect()
    };
    match tree {
        UseTree::Path(path) => prefix(path.ident.to_string(), leaves(&path.tree)),
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
        UseTree::Name(name) if name.ident == "self" => vec![vec![]],
        UseTree::Name(name) => vec![vec![name.ident.to_string()]],
        UseTree::Rename(rename) if rename.ident == "self" => vec![vec![]],
        UseTree::Rename(rename) => vec![vec![rename.ident.to_string()]],
        UseTree::Glob(_) => vec![vec![]],
    }
}

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { source_files(&path) } else { vec![path] }).collect()
}

fn module_name(file: &Path, root: &Path) -> String {
    let names = file.strip_prefix(root).unwrap().with_extension("");
    let names = names.iter().map(|name| name.to_str().unwrap()).filter(|name| !matches!(*name, "mod" | "lib"));
    names.collect::<Vec<_>>().join("::")
}

fn modules() -> Modules {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules: Modules = source_files(&root)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|kind| kind == "rs") && !file.ends_with("tests.rs"))
        .map(|file| {
            let syntax = syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap();
            (module_name(&file, &root), Module { syntax, exports: BTreeMap::new() })
        })
        .collect();
    let names: BTreeSet<_> = modules.keys().cloned().collect();
    for (name, module) in &mut modules {
        let exports = paths_of(&module.syntax).into_iter().filter(|(_, is_export)| *is_export);
        let exports = exports.filter_map(|(path, _)| Some((path.last()?.clone(), absolute(name, &path, &names)?)));
        module.exports = exports.collect();
    }
    modules
}

fn paths_of(syntax: &syn::File) -> Vec<(Vec<String>, bool)> {
    let mut paths = Paths::default();
    paths.visit_file(syntax);
    paths.found
}

/// Returns the path in `crate`; `None` for a path of another crate.
fn absolute(module: &str, path: &[String], modules: &BTreeSet<String>) -> Option<String> {
    let mut base: Vec<_> = module.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => (base, rest) = (Vec::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|name| name == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        child => {
            base.push(child.to_owned());
            if !modules.contains(&base.join("::")) {
                return None;
            }
            rest = &path[1..];
        }
    }
    base.extend_from_slice(rest);
    Some(base.join("::"))
}

/// Returns the module that defines the item of a path; follows re-exports.
fn defining_module(path: &str, modules: &Modules) -> Option<String> {
    let names: Vec<_> = path.split("::").collect();
    let length = (0..=names.len()).rev().find(|length| modules.contains_key(&names[..*length].join("::")))?;
    let module = names[..length].join("::");
    match names.get(length).and_then(|item| modules[&module].exports.get(*item)) {
        Some(exported) if exported != path => defining_module(exported, modules),
        _ => Some(module),
    }
}

fn imports(modules: &Modules) -> Imports {
    let names: BTreeSet<_> = modules.keys().cloned().collect();
    let imports_of = |name: &str, module: &Module| -> BTreeSet<String> {
        let paths = paths_of(&module.syntax).into_iter().filter(|(_, is_export)| !is_export);
        let paths = paths.filter_map(|(path, _)| absolute(name, &path, &names));
        paths.filter_map(|path| defining_module(&path, modules)).filter(|other| other != name).collect()
    };
    modules.iter().map(|(name, module)| (name.clone(), imports_of(name, module))).collect()
}

/// Parses the table below the heading "Allowed dependencies".
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("## Allowed dependencies\n").unwrap();
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    let rows = section.lines().skip_while(|line| !line.starts_with("| `")).take_while(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1);
        let module = names(cells.next().unwrap()).pop_first().unwrap();
        (module, names(cells.next().unwrap()))
    })
    .collect()
}

#[test]
fn modules_import_only_what_the_architecture_allows() {
    let allowed = allowed();
    let top = |name: &str| name.split("::").next().unwrap_or_default().to_owned();
    let shared = &allowed["every module"];
    let forbidden: BTreeSet<_> = IMPORTS
        .iter()
        .flat_map(|(from, all)| all.iter().map(move |to| (from, to)))
        .filter(|(from, to)| {
            let (from, to) = (top(from), top(to));
            let is_allowed =
                allowed.get(&from).is_some_and(|to_set| to_set.contains("everything") || to_set.contains(&to));
            from != to && !from.is_empty() && !to.is_empty() && !is_allowed && !shared.contains(&to)
        })
        .map(|(from, to)| format!("{from} imports {to}"))
        .collect();
    assert_eq!(forbidden, BTreeSet::new());
}

#[test]
fn imports_have_no_cycles() {
    let mut graph = DiGraphMap::<&str, (), RandomState>::new();
    for (from, all) in &*IMPORTS {
        for to in all {
            graph.add_edge(from.as_str(), to.as_str(), ());
        }
    }
    let cycles: Vec<_> = tarjan_scc(&graph).into_iter().filter(|files| files.len() > 1).collect();
    let edges = |cycle: &[&str]| -> String {
        let edges = graph.all_edges().filter(|(from, to, ())| cycle.contains(from) && cycle.contains(to));
        edges.map(|(from, to, ())| format!("  {from} imports {to}\n")).collect()
    };
    let cycles: Vec<_> = cycles.iter().map(|cycle| edges(cycle)).collect();
    assert!(cycles.is_empty(), "cycles:\n{}", cycles.join("\n"));
}
