//! The jobs of `deploy/` call the command as it is. That they work, their own checks show: they
//! need Spark, Airflow or a schema of Kubernetes, and no test here does.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shop::restock;
use crate::source::{files_below, root};

/// What a night over many machines consists of.
const STEPS: [&str; 3] = ["fit", "run", "merge"];

fn text(name: &str) -> String {
    fs::read_to_string(root().join("deploy").join(name)).unwrap()
}

/// The options in a command as it is written in a shell, in Python or in YAML.
fn options(written: &str) -> impl Iterator<Item = &str> {
    let is_apart = |c: char| c.is_whitespace() || "\"'=,()[]".contains(c);
    written.split(is_apart).filter(|word| word.len() > 2 && word.starts_with("--"))
}

/// Each call of a step, from its name to the end of what is handed to it.
fn calls<'a>(text: &'a str, before: &str, end: &str) -> Vec<(&'static str, &'a str)> {
    let mut found = Vec::new();
    for step in STEPS {
        for rest in text.split(&before.replace('@', step)).skip(1) {
            found.push((step, rest.split(end).next().unwrap_or_default()));
        }
    }
    found
}

#[test]
fn the_jobs_call_every_step_with_options_that_it_has() {
    let shell = text("parallel.sh").replace("\\\n", " ");
    let (spark, airflow) = (text("spark/night.py"), text("airflow/restock_night.py"));
    let kubernetes = text("kubernetes/night.yaml");
    let jobs = [
        ("parallel.sh", calls(&shell, "restock @ ", "\n")),
        ("spark/night.py", calls(&spark, "restock(program, \"@\"", ")\n")),
        ("airflow/restock_night.py", calls(&airflow, "restock(\"@\"", ")\n")),
        ("kubernetes/night.yaml", calls(&kubernetes, "args:\n            - @\n", "resources:")),
    ];

    for (file, calls) in jobs {
        let called: BTreeSet<&str> = calls.iter().map(|(step, _)| *step).collect();
        assert_eq!(called, BTreeSet::from(STEPS), "{file}");

        for (step, written) in calls {
            let output = restock(Path::new(".")).args(["help", step]).output().unwrap();
            let help = String::from_utf8(output.stdout).unwrap();
            let known: BTreeSet<&str> = options(&help).collect();
            for option in options(written) {
                assert!(known.contains(option), "{file}: restock {step} has no {option}");
            }
        }
    }
}

#[test]
fn every_line_of_the_jobs_is_narrow() {
    let jobs: Vec<PathBuf> = files_below(&root().join("deploy"))
        .into_iter()
        .filter(|path| path.extension().is_none_or(|ending| ending != "md"))
        .collect();
    assert!(jobs.len() >= 9, "the jobs and their checks");

    for path in jobs {
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate() {
            assert!(line.chars().count() <= 100, "{}:{}", path.display(), at + 1);
        }
    }
}
