//! What is refused, and what is made of the rest.

use super::*;
use crate::config::choices::STATUSES;
use crate::config::settings::TextTest;

fn resolve(text: &str) -> Result<Settings> {
    Settings::resolve(source::parse(text, "restock.toml", &Overlay::default())?, Path::new("/base"))
}

#[test]
fn relative_paths_start_at_the_file() {
    let settings = resolve("[inputs.orders]\npath = \"data/orders.csv\"\n").unwrap();
    assert_eq!(settings.input("orders").unwrap().paths, [Path::new("/base/data/orders.csv")]);
    assert_eq!(settings.outputs_dir, Path::new("/base/runs"));
}

#[test]
fn values_out_of_range_are_refused_with_the_key() {
    for (text, key) in [
        ("[forecast]\nquantiles = [1.5]", "forecast.quantiles"),
        ("[forecast]\nquantiles = [nan]", "forecast.quantiles"),
        ("[plan]\nlead_time_days = -1", "plan.lead_time_days"),
        ("[plan]\nlead_time_days = nan", "plan.lead_time_days"),
        ("[plan]\nreview_period_days = 0", "plan.review_period_days"),
        ("[run]\nmax_bad_rows = 2", "run.max_bad_rows"),
        ("[[plan.rule]]\nlead_time_days = 3", "plan.rule[1]"),
        ("[forecast]\nmodel = \"etss\"", "forecast.model"),
        ("[inputs.orders]\npath = \"\"", "inputs.orders.path"),
        ("[[hooks]]\non = \"done\"\ncommand = []", "hooks[1].command"),
        ("[[hooks]]\non = \"done\"\ncommand = [\" \"]", "hooks[1].command"),
        ("[[hooks]]\non = \"done\"\ncommand = [\"x\"]\ntimeout_s = 0", "hooks[1].timeout_s"),
        ("[inputs.orders]\npath = \"x\"\ndate_format = \"%Q\"", "inputs.orders.date_format"),
        (
            "[inputs.orders]\npath = \"x\"\ndate_format = [\"%Y\", \"%Q\"]",
            "inputs.orders.date_format",
        ),
        ("[inputs.orders]\npath = \"x\"\ndate_format = []", "inputs.orders.date_format"),
    ] {
        let error = resolve(text).unwrap_err();
        assert!(error.message.contains(key), "{text}: {}", error.message);
        assert_eq!(error.exit_code(), 2);
    }
}

#[test]
fn a_hook_is_a_program_that_is_looked_up_or_starts_at_the_file() {
    let program = |written: &str, base: &str| {
        let text = format!("[[hooks]]\non = \"done\"\ncommand = [\"{written}\", \"a b\"]\n");
        let raw = source::parse(&text, "restock.toml", &Overlay::default()).unwrap();
        let hook = Settings::resolve(raw, Path::new(base)).unwrap().hooks.remove(0);
        assert_eq!((hook.timeout.as_secs(), hook.command[1].as_str()), (60, "a b"));
        hook.command[0].clone()
    };
    assert_eq!(program("curl", "/base"), "curl");
    assert_eq!(program("./x.sh", "/base"), "/base/x.sh");
    assert_eq!(program("./x.sh", "."), "./x.sh");
    assert_eq!(program("/bin/x", "/base"), "/bin/x");
}

#[test]
fn quantiles_are_sorted_and_single() {
    let settings = resolve("[forecast]\nquantiles = [0.9, 0.5, 0.9]").unwrap();
    assert_eq!(settings.forecast.quantiles, [0.5, 0.9]);
}

#[test]
fn a_word_that_no_item_has_is_refused_with_the_nearest() {
    for (test, key, nearest) in [
        ("status = \"phaseout\"", "plan.rule[1].match.status", "phase_out"),
        ("status = \"discont\"", "plan.rule[1].match.status", "discontinued"),
        ("abc = \"a\"", "plan.rule[1].match.abc", "A"),
        ("xyz = \"y\"", "plan.rule[1].match.xyz", "Y"),
        ("demand_class = \"intermitent\"", "plan.rule[1].match.demand_class", "intermittent"),
        ("demand_class = \"Lumpy*\"", "plan.rule[1].match.demand_class", "lumpy"),
    ] {
        let text = format!("[[plan.rule]]\nmatch = {{ {test} }}\nlead_time_days = 3\n");
        let error = resolve(&text).unwrap_err();
        assert!(error.message.contains(key), "{test}: {}", error.message);
        let meant = format!("did you mean `{nearest}`?");
        assert!(error.hints.contains(&meant), "{test}: {:?}", error.hints);
        assert_eq!(error.exit_code(), 2);
    }
}

#[test]
fn a_pattern_of_words_holds_for_each_that_it_names() {
    let text = "[[plan.rule]]\nmatch = { abc = \"[AB]\", status = \"*\" }\npolicy = \"rS\"\n";
    let tests = resolve(text).unwrap().plan.rules[0].matches.clone();
    let abc = tests.abc.unwrap();
    assert_eq!(["A", "B", "C"].map(|class| abc.matches(class)), [true, true, false]);
    assert!(STATUSES.iter().all(|status| tests.status.as_ref().unwrap().matches(status)));
}

#[test]
fn a_text_that_is_no_pattern_is_compared_as_it_is() {
    assert!(TextTest::of("A[1").matches("A[1") && !TextTest::of("A[1").matches("A1"));
    assert!(TextTest::of("A*").matches("A[1"));
}

#[test]
fn a_misspelt_model_is_refused_from_the_environment_and_from_a_flag_too() {
    let wrong = |environment: Vec<(String, String)>, flags: Vec<(String, String)>| {
        let overlay = Overlay { environment, flags };
        let raw = source::parse("", "restock.toml", &overlay).unwrap();
        Settings::resolve(raw, Path::new("/base")).unwrap_err()
    };
    let set = |key: &str| vec![(key.to_owned(), "smoothin".to_owned())];
    for error in
        [wrong(set("RESTOCK_FORECAST_MODEL"), Vec::new()), wrong(Vec::new(), set("forecast.model"))]
    {
        assert_eq!(error.exit_code(), 2);
        assert!(error.hints.iter().any(|hint| hint == "did you mean `smoothing`?"), "{error}");
    }
}
