//! A run directory is whole or absent, and the last good run is never lost.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use restock::error::ErrorKind;
use restock::store::{Outcome, Published, RunStore};

const NAME: &str = "2026-06-29";

fn open() -> (tempfile::TempDir, RunStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = RunStore::open(&folder.path().join("runs")).unwrap();
    (folder, store)
}

fn publish(store: &RunStore, name: &str, plan: &str, timings: &str) -> Published {
    let staging = store.begin(name).unwrap();
    fs::create_dir(staging.path().join("purchase_orders")).unwrap();
    for (file, text) in [
        ("manifest.json", "{}"),
        ("plan.csv", plan),
        ("timings.json", timings),
        ("purchase_orders/a.csv", plan),
    ] {
        fs::write(staging.path().join(file), text).unwrap();
    }
    staging.publish().unwrap()
}

fn plan_of(run: &Path) -> String {
    fs::read_to_string(run.join("plan.csv")).unwrap()
}

/// The runs in the folder, sorted, without hidden names.
fn runs(store: &RunStore) -> Vec<String> {
    let mut names: Vec<String> =
        entries(store).into_iter().filter(|name| !name.starts_with(".restock")).collect();
    names.sort();
    names
}

fn entries(store: &RunStore) -> Vec<String> {
    fs::read_dir(store.dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_first_run_is_new() {
    let (_folder, store) = open();
    let published = publish(&store, NAME, "a", "1");
    assert_eq!(
        published,
        Published { path: store.dir().join(NAME), outcome: Outcome::New, kept: None }
    );
    assert_eq!(runs(&store), [NAME]);
}

#[test]
fn a_rerun_that_differs_in_timings_only_changes_nothing() {
    let (_folder, store) = open();
    publish(&store, NAME, "a", "1");
    assert_eq!(publish(&store, NAME, "a", "2").outcome, Outcome::Unchanged);
    assert_eq!(runs(&store), [NAME]);
    assert_eq!(fs::read_to_string(store.dir().join(NAME).join("timings.json")).unwrap(), "1");
}

#[test]
fn a_rerun_with_another_result_keeps_the_old_ones_by_number() {
    let (_folder, store) = open();
    publish(&store, NAME, "a", "1");
    let first: PathBuf = store.dir().join("2026-06-29.1");
    let second = publish(&store, NAME, "b", "1");
    assert_eq!((second.outcome, second.kept.as_ref()), (Outcome::Replaced, Some(&first)));
    publish(&store, NAME, "c", "1");
    assert_eq!(runs(&store), [NAME, "2026-06-29.1", "2026-06-29.2"]);
    assert_eq!(plan_of(&first), "a");
    assert_eq!(plan_of(&store.dir().join("2026-06-29.2")), "b");
    assert_eq!(plan_of(&store.dir().join(NAME)), "c");
}

#[test]
fn a_file_more_or_less_is_another_result() {
    let (_folder, store) = open();
    publish(&store, NAME, "a", "1");
    fs::remove_file(store.dir().join(NAME).join("purchase_orders/a.csv")).unwrap();
    assert_eq!(publish(&store, NAME, "a", "1").outcome, Outcome::Replaced);
}

#[test]
fn a_run_that_is_given_up_leaves_nothing() {
    let (_folder, store) = open();
    let staging = store.begin(NAME).unwrap();
    fs::write(staging.path().join("plan.csv"), "a").unwrap();
    drop(staging);
    assert_eq!(runs(&store), Vec::<String>::new());
}

#[test]
fn a_run_without_a_manifest_is_not_published() {
    let (_folder, store) = open();
    assert_eq!(store.begin(NAME).unwrap().publish().unwrap_err().kind, ErrorKind::Internal);
    assert_eq!(runs(&store), Vec::<String>::new());
}

#[test]
fn recovery_removes_what_a_killed_run_was_building() {
    let (_folder, store) = open();
    publish(&store, NAME, "a", "1");
    // A killed process drops nothing.
    std::mem::forget(store.begin(NAME).unwrap());
    assert_eq!(runs(&store).len(), 2);
    store.recover().unwrap();
    assert_eq!(runs(&store), [NAME]);
    assert_eq!(plan_of(&store.dir().join(NAME)), "a");
}

#[test]
fn recovery_restores_the_newest_kept_run_of_a_missing_date() {
    let (_folder, store) = open();
    for number in 0..12 {
        publish(&store, NAME, &number.to_string(), "1");
    }
    // Killed between the two renames of a replacement: the newest result stands under the highest
    // number.
    fs::rename(store.dir().join(NAME), store.dir().join("2026-06-29.12")).unwrap();
    store.recover().unwrap();
    assert_eq!(plan_of(&store.dir().join(NAME)), "11");
    assert!(!store.dir().join("2026-06-29.12").exists());
    assert!(store.dir().join("2026-06-29.11").exists());
}

#[test]
fn recovery_leaves_strangers_alone() {
    let (_folder, store) = open();
    for name in ["notes.1", "2026-06-29.old", "2026-06-30.1"] {
        fs::create_dir(store.dir().join(name)).unwrap();
    }
    store.recover().unwrap();
    // The last is no whole run: it has no manifest.
    assert_eq!(runs(&store), ["2026-06-29.old", "2026-06-30.1", "notes.1"]);
}

#[test]
fn the_previous_run_is_the_newest_whole_plain_one_before_the_date() {
    let (_folder, store) = open();
    for name in ["2026-06-01", "2026-06-27", "2026-06-28-trial", NAME] {
        publish(&store, name, "a", "1");
    }
    publish(&store, "2026-06-27", "b", "1");
    fs::create_dir(store.dir().join("2026-06-28")).unwrap();
    assert_eq!(store.previous(date(NAME)), Some(store.dir().join("2026-06-27")));
    assert_eq!(store.previous(date("2026-06-01")), None);
}

#[test]
fn a_second_run_is_refused_until_the_first_lets_go() {
    let (_folder, store) = open();
    let held = store.lock().unwrap();
    let refused = store.lock().unwrap_err();
    assert_eq!((refused.kind, refused.exit_code()), (ErrorKind::Locked, 4));
    assert!(!refused.hints.is_empty());
    drop(held);
    store.lock().unwrap();
}

#[test]
fn a_label_cannot_lead_out_of_the_folder() {
    let (_folder, store) = open();
    for name in ["2026-06-29-../x", "../x", "2026-06-29-a b", "2026-06-29.1", ""] {
        assert_eq!(store.begin(name).unwrap_err().exit_code(), 2, "{name}");
    }
}
