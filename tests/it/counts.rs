//! Counts of what makes the source hard to read, printed on request:
//! `cargo test --release --test it -- --ignored --nocapture counts`. `RESTOCK_COUNT_OF` names
//! another checkout to count, so that two versions can be compared.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it is run for what it prints, of a checkout that the environment names"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::source::{
    Source, circles, constants, file_uses, functions, part_uses, root, sources_of, type_names,
};

/// Words by which a constant says where it comes from: a book, a measurement or a judgement.
const SOURCE_WORDS: &[&str] = &[
    "section",
    "chapter",
    "equation",
    "eq.",
    "table ",
    "et al",
    "&",
    "measured",
    "judgement",
    "docs/",
    "isbn",
    "doi",
    "algorithm",
];

#[test]
#[ignore = "prints counts and checks nothing"]
fn counts_of_the_source() {
    let package = std::env::var_os("RESTOCK_COUNT_OF").map_or(root().to_path_buf(), PathBuf::from);
    let sources = sources_of(&package);
    count_circles(&sources);
    count_upward_imports(&sources);
    count_functions(&sources);
    count_wide_lines(&sources);
    count_types(&sources);
    count_constants(&sources);
    count_files(&sources);
}

fn count_circles(sources: &[Source]) {
    let circles = circles(&file_uses(sources));
    println!("circles between files: {}", circles.len());
    circles.iter().for_each(|circle| println!("    {}", circle.join(" ↔ ")));
}

fn count_upward_imports(sources: &[Source]) {
    let layer = |part: &str| crate::architecture::LAYERS.iter().position(|layer| *layer == part);
    let mut found = Vec::new();
    for (from, others) in part_uses(sources) {
        for (to, files) in others.into_iter().filter(|(to, _)| layer(to) > layer(&from)) {
            found.push(format!("    {from} → {to}: {} files", files.len()));
        }
    }
    println!("upward imports: {}", found.len());
    found.iter().for_each(|line| println!("{line}"));
}

fn count_functions(sources: &[Source]) {
    let (mut count, mut lines, mut blank) = (0, 0, 0);
    let (mut long_lists, mut long_bodies) = (Vec::new(), Vec::new());
    for source in sources {
        for function in functions(&source.code) {
            let name = format!("    {} {}", source.name, function.name);
            count += 1;
            lines += function.lines;
            blank += function.blank_lines;
            if function.parameters > 5 {
                long_lists.push(format!("{name}: {}", function.parameters));
            }
            if function.lines > 70 {
                long_bodies.push(format!("{name}: {}", function.lines));
            }
        }
    }

    println!("functions: {count}");
    println!("functions of more than 5 parameters, tuples opened: {}", long_lists.len());
    long_lists.iter().for_each(|line| println!("{line}"));
    println!("functions of more than 70 lines: {}", long_bodies.len());
    long_bodies.iter().for_each(|line| println!("{line}"));
    let share = 100.0 * blank as f64 / lines.max(1) as f64;
    println!("blank lines per 100 lines inside functions: {share:.1} ({blank} of {lines})");
}

fn count_wide_lines(sources: &[Source]) {
    let lines: usize = sources.iter().map(|source| source.text.lines().count()).sum();
    let is_wide = |line: &&str| line.chars().count() > 100;
    let wide: usize =
        sources.iter().map(|source| source.text.lines().filter(is_wide).count()).sum();
    let share = 100.0 * wide as f64 / lines.max(1) as f64;
    println!("lines over 100 characters: {wide} of {lines} ({share:.1} %)");
}

fn count_types(sources: &[Source]) {
    let mut files: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for source in sources {
        for name in type_names(&source.code) {
            files.entry(name).or_default().push(&source.name);
        }
    }
    files.retain(|_, files| files.len() > 1);
    println!("type names that stand for two things or more: {}", files.len());
    files.iter().for_each(|(name, files)| println!("    {name}: {}", files.join(", ")));
}

fn count_constants(sources: &[Source]) {
    let (mut count, mut with_source) = (0, 0);
    for (_, comment) in sources.iter().flat_map(|source| constants(&source.text)) {
        let comment = comment.to_lowercase();
        count += 1;
        with_source += usize::from(SOURCE_WORDS.iter().any(|word| comment.contains(word)));
    }
    println!(
        "named constants: {count}, with a source, a measurement or a judgement: {with_source}"
    );
}

fn count_files(sources: &[Source]) {
    let mut sizes: Vec<(usize, &str)> =
        sources.iter().map(|source| (source.lines(), source.name.as_str())).collect();
    sizes.sort_by(|a, b| b.cmp(a));
    let over = |limit: usize| sizes.iter().filter(|(lines, _)| *lines > limit).count();
    let median = sizes.get(sizes.len() / 2).map_or(0, |(lines, _)| *lines);
    println!(
        "files: {}, median {median} lines without tests, over 300: {}, over 400: {}",
        sizes.len(),
        over(300),
        over(400)
    );
    sizes.iter().take(20).for_each(|(lines, name)| println!("    {name}: {lines}"));
}
