//! Which file uses which, and which of them use each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, closing, parts, without_texts, words_at};

/// Which file uses which: by file name, the files that it names in `use` or in a path. Files called
/// `mod.rs` are left out: they declare the files of their folder and pass on what these give, so
/// each of them is in a circle with its folder. What they pass on counts for the file that has it.
pub(crate) fn file_uses(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let modules = Modules::of(sources);
    let mut uses = BTreeMap::new();
    for source in sources.iter().filter(|source| !is_facade(&source.name)) {
        let used = modules.used_by(source).into_iter().filter(|name| !is_facade(name)).collect();
        uses.insert(source.name.clone(), used);
    }
    uses
}

/// Which part uses which: a part is a folder of `src/` or a file that lies in none.
pub(crate) fn part_uses(
    sources: &[Source],
) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let modules = Modules::of(sources);
    let mut uses: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for source in sources {
        let part = part_of(&source.name);
        for used in modules.used_by(source) {
            let other = part_of(&used);
            if other != part {
                let by = uses.entry(part.to_owned()).or_default().entry(other.to_owned());
                by.or_default().insert(source.name.clone());
            }
        }
    }
    uses
}

/// The folder of `src/` that a file lies in, else its name without the ending.
pub(crate) fn part_of(name: &str) -> &str {
    name.split('/').next().unwrap_or(name).trim_end_matches(".rs")
}

fn is_facade(name: &str) -> bool {
    name.ends_with("mod.rs") || name == "lib.rs" || name == "main.rs"
}

/// The module tree, as the files lie.
struct Modules {
    /// File by module path.
    files: BTreeMap<Vec<String>, String>,
    /// What modules pass on by `pub use`: the path of a name and where it comes from.
    passed_on: BTreeMap<Vec<String>, Vec<String>>,
}

impl Modules {
    fn of(sources: &[Source]) -> Self {
        let files: BTreeMap<Vec<String>, String> =
            sources.iter().map(|source| (module_of(&source.name), source.name.clone())).collect();
        let mut passed_on = BTreeMap::new();
        for source in sources.iter().filter(|source| is_facade(&source.name)) {
            let module = module_of(&source.name);
            for (path, is_public) in use_paths(&source.code) {
                let absolute = absolute(&module, &path);
                if let Some(name) = path.last().filter(|_| is_public) {
                    let from = absolute.unwrap_or_else(|| [module.clone(), path.clone()].concat());
                    passed_on.insert([module.clone(), vec![name.clone()]].concat(), from);
                }
            }
        }
        Self { files, passed_on }
    }

    /// The files that one names, without itself.
    fn used_by(&self, source: &Source) -> BTreeSet<String> {
        let module = module_of(&source.name);
        let mut paths: Vec<Vec<String>> =
            use_paths(&source.code).into_iter().map(|(path, _)| path).collect();
        paths.extend(inline_paths(&source.code));

        let mut used: BTreeSet<String> = paths
            .iter()
            .filter_map(|path| absolute(&module, path))
            .filter_map(|path| self.file_of(&path))
            .collect();
        used.remove(&source.name);
        used
    }

    /// The file that holds what a path names.
    fn file_of(&self, path: &[String]) -> Option<String> {
        for length in (1..=path.len()).rev() {
            if let Some(from) = self.passed_on.get(&path[..length]).filter(|from| **from != path) {
                return self.file_of(from);
            }
            if let Some(file) = self.files.get(&path[..length]) {
                return Some(file.clone());
            }
        }
        None
    }
}

/// `forecast/distribution.rs` is `forecast::distribution`, `forecast/mod.rs` is `forecast`.
fn module_of(name: &str) -> Vec<String> {
    let path = name.trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(path, "lib" | "main") {
        return Vec::new();
    }
    path.split('/').map(str::to_owned).collect()
}

/// A path from the package's root, for one that begins with `crate`, `super` or `self`.
fn absolute(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    let mut here = match first.as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module.split_last()?.1.to_vec(),
        _ => return None,
    };

    let ups = rest.iter().take_while(|part| *part == "super").count();
    here.truncate(here.len().saturating_sub(ups));
    here.extend(rest[ups..].iter().cloned());
    Some(here)
}

/// Every path of the `use` declarations, braces opened, and whether it is passed on.
fn use_paths(code: &str) -> Vec<(Vec<String>, bool)> {
    let shape = without_texts(code);
    let mut found = Vec::new();
    for at in words_at(&shape, "use") {
        let Some(end) = shape[at..].find(';') else { continue };
        let line = shape[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let is_public = shape[line..at].trim_start().starts_with("pub");
        let tree = shape[at + 3..at + end].split_whitespace().collect::<Vec<_>>().join(" ");
        found.extend(opened("", &tree).into_iter().map(|path| (path, is_public)));
    }
    found
}

/// The paths of a use tree, each as its parts, without what they are renamed to.
fn opened(prefix: &str, tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = format!("{prefix}{}", tree.split(" as ").next().unwrap_or_default());
        let parts = path.split("::").map(|part| part.trim().to_owned());
        return vec![parts.filter(|part| !part.is_empty() && part != "*").collect()];
    };

    let inside = tree[open + 1..].trim_end().trim_end_matches('}');
    let close = closing(tree, open).map_or(inside, |close| &tree[open + 1..close]);
    let prefix = format!("{prefix}{}", &tree[..open]);
    parts(close).iter().flat_map(|part| opened(&prefix, part)).collect()
}

/// Paths from `crate` or `super` that stand in the code itself.
fn inline_paths(code: &str) -> Vec<Vec<String>> {
    let shape = without_texts(code);
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in shape.match_indices(start) {
            let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let path: String = shape[at..].chars().take_while(|c| is_path(*c)).collect();
            let parts = path.split("::").filter(|part| !part.is_empty());
            found.push(parts.map(str::to_owned).collect());
        }
    }
    found
}

/// Sets of nodes that lead to each other, each sorted; a node alone is none.
pub(crate) fn circles(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        uses.keys().map(|from| (from, reached(uses, from))).collect();
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    let mut found = Vec::new();

    for node in uses.keys() {
        if seen.contains(node) || !reach[node].contains(node) {
            continue;
        }
        let circle: Vec<String> = reach[node]
            .iter()
            .filter(|other| reach.get(**other).is_some_and(|back| back.contains(node)))
            .map(|other| (*other).clone())
            .collect();
        seen.extend(reach[node].iter().filter(|other| circle.contains(other)));
        found.push(circle);
    }

    found
}

fn reached<'a>(
    uses: &'a BTreeMap<String, BTreeSet<String>>,
    from: &String,
) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&String> = uses.get(from).into_iter().flatten().collect();
    while let Some(node) = open.pop() {
        if found.insert(node) {
            open.extend(uses.get(node).into_iter().flatten());
        }
    }
    found
}

#[test]
fn a_path_leads_to_the_file_that_holds_what_it_names() {
    let source = |name: &str, text: &str| Source {
        name: name.to_owned(),
        text: text.to_owned(),
        code: super::code_of(text),
    };
    let files = [
        source("lib.rs", "pub mod a;\npub mod b;\n"),
        source("a/mod.rs", "mod x;\nmod y;\npub use x::{X, One as Two};\n"),
        source("a/x.rs", "use super::y::Y;\npub struct X;\n"),
        source("a/y.rs", "use crate::{a::X, b};\nfn f() { crate::b::g() }\n"),
        source("b.rs", "pub fn g() {}\n#[cfg(test)]\nmod tests {\n    use crate::a::X;\n}\n"),
    ];
    let uses = file_uses(&files);
    let names = |name: &str| uses[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(names("a/x.rs"), ["a/y.rs"]);
    assert_eq!(names("a/y.rs"), ["a/x.rs", "b.rs"]);
    assert_eq!(names("b.rs"), [""; 0]);
    assert_eq!(circles(&uses), [["a/x.rs", "a/y.rs"]]);
    assert_eq!(part_uses(&files)["a"].keys().collect::<Vec<_>>(), ["b"]);
}
