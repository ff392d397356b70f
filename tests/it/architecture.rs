//! The invariants of docs/ARCHITECTURE.md that can be read off the source.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest source file, in lines before its tests.
const MAX_LINES: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, sorted.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// The library's source files by their path below `src/`, with their code: no comments, no tests.
fn sources() -> Vec<(String, String)> {
    let folder = root().join("src");
    files_below(&folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| {
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/");
            let text = fs::read_to_string(&path).unwrap();
            (name, code_of(&text))
        })
        .filter(|(name, _)| !name.ends_with("tests.rs") && !name.contains("/tests/"))
        .collect()
}

/// The lines before the test module, without those that are comments.
fn code_of(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Where a word is used outside the places that may use it.
fn uses_outside(words: &[&str], places: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, code) in sources() {
        if places.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        for line in code.lines().filter(|line| words.iter().any(|word| line.contains(word))) {
            found.push(format!("src/{name}: {}", line.trim()));
        }
    }
    found
}

fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn the_checks_see_code_and_not_comments_or_tests() {
    let text = "// polars\nuse a;\n\n#[cfg(test)]\nmod tests {\n    use polars;\n}\n";
    assert_eq!(code_of(text), "use a;\n");
    assert!(
        sources()
            .iter()
            .any(|(name, code)| name == "config/raw.rs" && code.contains("struct RawConfig"))
    );
}

#[test]
fn only_io_knows_polars() {
    assert_none(&uses_outside(&["polars"], &["io/"]), "Polars is used outside io/");
}

#[test]
fn only_the_pooled_models_know_linfa_and_forust() {
    let found = uses_outside(&["linfa", "forust", "ndarray"], &["forecast/models/pooled"]);
    assert_none(&found, "linfa and forust are used outside forecast/models/pooled.rs");
}

/// The folders and files of forecast/, from the bottom to the top.
const FORECAST_LAYERS: [&str; 6] = ["level", "distribution", "shared", "models", "item", "learn"];

#[test]
fn each_layer_of_the_forecast_knows_only_those_below() {
    let mut found = Vec::new();
    for (at, layer) in FORECAST_LAYERS.iter().enumerate() {
        let place = format!("src/forecast/{layer}");
        for above in &FORECAST_LAYERS[at + 1..] {
            let uses =
                uses_outside(&[&format!("forecast::{above}"), &format!("super::{above}::")], &[]);
            found.extend(uses.into_iter().filter(|line| line.starts_with(&place)));
        }
    }
    assert_none(&found, "a layer of forecast/ reaches up");
}

#[test]
fn only_measuring_reads_what_came_after_an_origin() {
    let may = ["demand/origin.rs", "forecast/learn/origins.rs"];
    assert_none(&uses_outside(&[".outcome("], &may), "an outcome is read by a model");
}

#[test]
fn only_commands_print() {
    let words = ["println!", "print!(", "eprintln!", "eprint!(", "dbg!("];
    assert_none(&uses_outside(&words, &["cli/", "main.rs"]), "printed outside cli/");
}

#[test]
fn only_commands_ask_for_the_time() {
    let words = ["SystemTime::now", "Instant::now", "Local::now", "Utc::now"];
    assert_none(&uses_outside(&words, &["cli/"]), "the clock is read outside cli/");
}

#[test]
fn only_commands_read_the_environment() {
    let words = ["std::env", "env::var", "env::args", "current_dir("];
    assert_none(
        &uses_outside(&words, &["cli/", "main.rs"]),
        "the environment is read outside cli/",
    );
}

#[test]
fn files_are_touched_in_four_folders_only() {
    let words = ["std::fs", "File::open", "File::create", "OpenOptions", "read_dir("];
    let found = uses_outside(&words, &["io/", "store/", "cli/", "config/"]);
    assert_none(&found, "files are touched outside io/, store/, cli/ and config/");
}

#[test]
fn maths_and_models_know_no_tables_of_the_outside() {
    let found: Vec<String> =
        uses_outside(&["crate::io", "crate::cli", "crate::store"], &["io/", "cli/", "store/"])
            .into_iter()
            .filter(|line| {
                ["stats", "forecast", "inventory", "domain", "demand"]
                    .iter()
                    .any(|f| line.starts_with(&format!("src/{f}/")))
            })
            .collect();
    assert_none(&found, "a pure stage reaches into io/, cli/ or store/");
}

#[test]
fn no_file_is_too_long() {
    let found: Vec<String> = files_below(&root().join("src"))
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            let lines = text.split("\n#[cfg(test)]\nmod ").next()?.lines().count();
            (lines > MAX_LINES).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert_none(&found, "a file is longer than 600 lines without its tests");
}

#[test]
fn every_folder_of_the_source_is_in_the_code_map() {
    let map = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    for entry in
        fs::read_dir(root().join("src")).unwrap().flatten().filter(|entry| entry.path().is_dir())
    {
        let has_source = files_below(&entry.path())
            .iter()
            .any(|path| path.extension().is_some_and(|it| it == "rs"));
        let heading = format!("### `src/{}`", entry.file_name().to_str().unwrap());
        assert!(
            !has_source || map.contains(&heading),
            "docs/ARCHITECTURE.md has no section {heading}"
        );
    }
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let ours = ["src", "tests", "docs", "config", "examples", "benches", "data", ".ci"];
    let mut files: Vec<PathBuf> =
        ours.iter().flat_map(|folder| files_below(&root().join(folder))).collect();
    files.extend(
        ["README.md", "CHANGELOG.md", "Cargo.toml", "deny.toml", "justfile"]
            .map(|name| root().join(name)),
    );
    for path in files.iter().filter(|path| !path.ends_with("architecture.rs")) {
        let Ok(text) = fs::read_to_string(path) else { continue };
        for place in ["/work/", "/root/", "/home/"] {
            assert!(!text.contains(place), "{} names {place}", path.display());
        }
    }
}
