//! The sample is what its generator makes, and its configuration names every key.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use restock::config::resolve::Settings;
use restock::config::schema;
use restock::config::source::{Overlay, parse};
use restock::sample;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn config_text() -> String {
    std::fs::read_to_string(root().join("config/restock.toml")).unwrap()
}

#[test]
fn data_holds_what_the_generator_makes() {
    for (name, content) in sample::files(sample::SEED) {
        let path = root().join("data").join(name);
        let stored = std::fs::read_to_string(&path).unwrap();
        assert!(
            stored == content,
            "data/{name} is stale: cargo run --release --example make_sample"
        );
    }
}

#[test]
fn a_seed_makes_one_shop_and_another_seed_another() {
    assert!(sample::files(1) == sample::files(1));
    assert!(sample::files(1) != sample::files(2));
}

#[test]
fn the_configuration_gives_every_table_and_each_file_is_there() {
    let settings =
        Settings::load(&root().join("config/restock.toml"), &Overlay::default()).unwrap();
    let made: BTreeSet<PathBuf> =
        sample::files(sample::SEED).into_iter().map(|(name, _)| PathBuf::from(name)).collect();
    let named: BTreeSet<PathBuf> = settings
        .inputs
        .iter()
        .flat_map(|source| &source.paths)
        .map(|path| PathBuf::from(path.file_name().unwrap()))
        .collect();
    assert_eq!(named, made);
    assert!(settings.inputs.iter().flat_map(|source| &source.paths).all(|path| path.exists()));
}

#[test]
fn the_configuration_of_init_stands_beside_its_data() {
    let raw = parse(&sample::config_for_init(), "restock.toml", &Overlay::default()).unwrap();
    let settings = Settings::resolve(raw, Path::new("/shop")).unwrap();
    assert_eq!(settings.outputs_dir, Path::new("/shop/runs"));
    assert!(
        settings
            .inputs
            .iter()
            .all(|source| source.paths.iter().all(|path| path.starts_with("/shop/data")))
    );
    for word in ["../", "docs/", "cargo", "./restock.schema.json", "max_age_days = 2 "] {
        assert!(!sample::config_for_init().contains(word), "{word} leads nowhere there");
    }
}

/// Optional keys stand in the file as `#key = value`, without a space; prose has one.
#[test]
fn the_configuration_shows_every_key_and_each_shown_value_is_valid() {
    let text = config_text();
    let (mut section, mut shown) = (String::new(), BTreeSet::new());
    for line in text.lines() {
        // A section may be optional as a whole.
        let heading = line.strip_prefix('#').filter(|line| line.starts_with("[["));
        if let Some(name) = heading.unwrap_or(line).strip_prefix('[') {
            section = name.split(']').next().unwrap().trim_start_matches('[').to_owned();
            continue;
        }
        let setting = line.strip_prefix('#').unwrap_or(line);
        let Some((key, _)) = setting
            .split_once(" = ")
            .filter(|(key, _)| key.chars().all(|c| c == '_' || c.is_ascii_lowercase()))
        else {
            continue;
        };
        shown.insert(format!("{section}.{key}"));
        let one = if section == "plan.rule" {
            format!(
                "[[plan.rule]]\nmatch = {{ abc = \"A\" }}\n{}\n",
                if key == "match" { "" } else { setting }
            )
        } else if section == "hooks" {
            let others = ["on = \"done\"", "command = [\"x\"]"];
            let others = others.iter().filter(|other| !other.starts_with(key));
            let others: Vec<&str> = others.copied().collect();
            format!("[[hooks]]\n{}\n{setting}\n", others.join("\n"))
        } else if section == "handover" {
            let others =
                ["name = \"x\"", "columns = [[\"a\", \"\"], [\"b\", \"\"], [\"c\", \"\"]]"];
            let others = others.iter().filter(|other| !other.starts_with(key));
            let others: Vec<&str> = others.copied().collect();
            format!("[[handover]]\n{}\n{setting}\n", others.join("\n"))
        } else if key == "path" || !section.starts_with("inputs") {
            format!("[{section}]\n{setting}\n")
        } else {
            let source = match key {
                "command" => "",
                "sheet" => "path = \"x.xlsx\"",
                "query" => "path = \"x.sqlite\"",
                "timeout_s" => "command = [\"x\"]",
                _ => "path = \"x.csv\"",
            };
            format!("[{section}]\n{source}\n{setting}\n")
        };
        let raw = parse(&one, line, &Overlay::default())
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        Settings::resolve(raw, Path::new(".")).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    for key in schema::scalar_keys() {
        let is_repeated = key.starts_with("inputs.")
            && !key.starts_with("inputs.orders.")
            && !key.ends_with(".path");
        assert!(is_repeated || shown.contains(&key), "config/restock.toml does not show {key}");
    }
    for key in [
        "inputs.orders.columns",
        "inputs.orders.exclude",
        "plan.rule.match",
        "currency.rates",
        "hooks.on",
        "hooks.command",
        "hooks.timeout_s",
    ] {
        assert!(shown.contains(key), "config/restock.toml does not show {key}");
    }
}

#[test]
fn the_configuration_shows_the_defaults() {
    let given = parse(&config_text(), "restock.toml", &Overlay::default()).unwrap();
    let default = restock::config::raw::RawConfig::default();
    assert_eq!(
        (&given.run, &given.demand, &given.forecast),
        (&default.run, &default.demand, &default.forecast)
    );
    assert_eq!((&given.risk, &given.purchasing), (&default.risk, &default.purchasing));
}

#[test]
fn the_stored_schema_is_current() {
    let stored =
        std::fs::read_to_string(root().join("config/restock.schema.json")).unwrap_or_default();
    assert!(
        stored == schema::json(),
        "config/restock.schema.json is stale: cargo run --release --example make_sample"
    );
}
