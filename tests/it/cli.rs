//! The command as a person or a scheduler meets it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use restock::domain::finding::Code;

/// Every command, in the order of the help.
const COMMANDS: [&str; 15] = [
    "init",
    "check",
    "run",
    "fit",
    "merge",
    "forecast",
    "explain",
    "diff",
    "report",
    "orders",
    "show",
    "backtest",
    "schema",
    "completions",
    "man",
];

/// What can be done with order lines.
const ORDERS: [&str; 9] = [
    "orders list",
    "orders show",
    "orders approve",
    "orders edit",
    "orders reject",
    "orders cancel",
    "orders export",
    "orders apply",
    "orders rebuild",
];

/// The command in a folder, with nothing of ours in its environment.
fn restock(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("restock").unwrap();
    command.current_dir(folder).env_remove("RESTOCK_CONFIG");
    command.env_remove("RESTOCK_LOG").env_remove("RESTOCK_USER");
    command
}

/// Exit code, stdout and stderr.
fn outcome(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = restock(folder).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn help_names_every_command_and_goes_to_stdout() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = outcome(folder.path(), &["--help"]);
    assert_eq!((code, err.as_str()), (0, ""));
    for command in COMMANDS {
        assert!(out.contains(&format!("\n  {command} ")), "{command} is not in the help");
        assert_eq!(outcome(folder.path(), &[command, "--help"]).0, 0, "{command}");
    }
}

/// A change of any command, option or text of the help shows here. What is meant to change is
/// accepted with `INSTA_UPDATE=always cargo test --release --test it reference`; otherwise nothing
/// is ever written (`.config/insta.yaml`), and a difference fails.
#[test]
fn the_reference_of_the_command_line_is_the_one_that_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let mut reference = String::new();
    for command in std::iter::once("").chain(COMMANDS).chain(ORDERS) {
        let mut help = restock(folder.path());
        // The width is that of a terminal of 100 columns, whatever the test runs in.
        help.env("COLUMNS", "100").arg("help").args(command.split_whitespace());
        let output = help.output().unwrap();
        assert!(output.status.success(), "{command}");

        let page = String::from_utf8(output.stdout).unwrap();
        reference += &format!("$ restock help {command}\n\n{page}\n");
    }

    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("command_line", reference));
}

#[test]
fn wrong_usage_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &[][..],
        &["fly"],
        &["run", "--label", "../x"],
        &["schema", "--threads", "0"],
        &["schema", "--set", "x"],
    ] {
        let (code, out, _) = outcome(folder.path(), args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
    }
}

#[test]
fn init_writes_a_shop_once_and_then_refuses() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(outcome(folder.path(), &["init", "shop"]).0, 0);
    let config = folder.path().join("shop/restock.toml");
    assert!(config.is_file() && folder.path().join("shop/data/orders.csv").is_file());
    fs::write(&config, "mine").unwrap();
    let (code, _, err) = outcome(folder.path(), &["init", "shop"]);
    assert_eq!(code, 2);
    assert!(err.starts_with("error: ") && err.contains("\nhint: "), "{err}");
    assert_eq!(fs::read_to_string(&config).unwrap(), "mine");
}

#[test]
fn an_unknown_key_exits_with_2_and_names_the_one_that_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("restock.toml"), "[plan]\nlead_time_dayz = 3\n").unwrap();
    let (code, _, err) = outcome(folder.path(), &["check"]);
    assert_eq!(code, 2);
    assert!(err.contains("hint: did you mean `lead_time_days`?"), "{err}");
}

#[test]
fn a_missing_configuration_exits_with_2_and_says_how_to_get_one() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["check", "run", "forecast"] {
        let (code, out, err) = outcome(folder.path(), &[command]);
        assert_eq!((code, out.as_str()), (2, ""), "{command}");
        assert!(
            err.contains("restock.toml") && err.contains("cause: ") && err.contains("restock init"),
            "{err}"
        );
    }
}

#[test]
fn the_configuration_is_also_found_below_config() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("config")).unwrap();
    fs::write(folder.path().join("config/restock.toml"), "[run]\nsead = 3\n").unwrap();
    assert!(outcome(folder.path(), &["check"]).2.contains("did you mean `seed`?"));
}

#[test]
fn schema_prints_the_stored_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let stored = fs::read_to_string(root.join("config/restock.schema.json")).unwrap();
    assert!(outcome(root, &["schema"]).1 == stored);
}

#[test]
fn completions_and_the_manual_page_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        assert!(outcome(folder.path(), &["completions", shell]).1.contains("explain"), "{shell}");
    }
    assert!(outcome(folder.path(), &["man"]).1.contains(".TH restock"));
    assert_eq!(outcome(folder.path(), &["man", "--output-dir", "pages"]).0, 0);
    assert!(folder.path().join("pages/restock-run.1").is_file());
}

#[test]
fn check_lists_every_code() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = outcome(folder.path(), &["check", "--list"]);
    assert_eq!((code, out.lines().count()), (0, Code::ALL.len()));
    for code in Code::ALL {
        assert!(
            out.contains(code.id()) && out.contains(code.name()) && out.contains(code.hint()),
            "{}",
            code.id()
        );
    }
}
