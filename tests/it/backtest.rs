//! Replays of the sample shop through the command line.

use std::fs;
use std::path::Path;

use crate::shop::{restock, rows};

fn shop() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    restock(dir.path()).args(["init", "."]).assert().success();
    dir
}

/// A short replay of some items.
fn replay(shop: &Path, output: &str, more: &[&str]) {
    let from =
        ["backtest", "--from", "2026-03-30", "--to", "2026-06-29", "--sample", "90", "--no-curve"];
    restock(shop).args(from).args(["--output", output]).args(more).assert().success();
}

#[test]
fn a_backtest_writes_its_tables_and_pictures_and_its_costs_add_up() {
    let shop = shop();
    replay(shop.path(), "found", &[]);
    let folder = shop.path().join("found");
    assert!(crate::docs::assert_folder_documented(&folder) >= 8);
    let found = rows(&folder.join("comparison.csv"));
    let names: Vec<&str> = found.iter().map(|row| row["policy"].as_str()).collect();
    assert_eq!(names.first(), Some(&"restock"));
    assert!(
        names.iter().any(|name| name.starts_with("cover ")) && names.contains(&"perfect foresight"),
        "{names:?}"
    );
    for row in &found {
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        let parts =
            number("holding") + number("shortage") + number("ordering") + number("obsolete");
        assert!((number("money") - parts).abs() <= 2.0, "{row:?}");
        assert!(
            number("money_low") <= number("money") && number("money") <= number("money_high"),
            "{row:?}"
        );
        for share in ["fill_rate", "cycle_service", "ready_rate"] {
            assert!((0.0..=1.0).contains(&number(share)), "{share} in {row:?}");
        }
    }
    let by_month: f64 = rows(&folder.join("months.csv"))
        .iter()
        .filter(|row| row["policy"] == "restock")
        .map(|row| row["money"].parse::<f64>().unwrap())
        .sum();
    let total: f64 = found[0]["money"].parse().unwrap();
    assert!((by_month - total).abs() < 2.0, "months {by_month}, all {total}");
    for name in ["curve.svg", "money.svg", "reliability.svg"] {
        let picture = fs::read_to_string(folder.join(name)).unwrap();
        assert!(
            picture.starts_with("<svg")
                && picture.ends_with("</svg>\n")
                && !picture.contains("NaN"),
            "{name}"
        );
    }
    assert_page(&folder);
    let report = fs::read_to_string(folder.join("report.txt")).unwrap();
    for said in
        ["90 items replayed", "Promised and achieved", "Brier score", "Items that cost most"]
    {
        assert!(report.contains(said), "{said} is missing in:\n{report}");
    }
}

/// What stands between two texts.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let rest = text.split_once(begin).unwrap_or_else(|| panic!("no {begin}")).1;
    rest.split_once(end).unwrap_or_else(|| panic!("no {end} after {begin}")).0
}

/// The page asks for nothing, runs nothing, and says what the tables beside it say.
fn assert_page(folder: &Path) {
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("script-src &#x27;none&#x27;;"), "{page}");
    let rest = page.replace("http-equiv", "");
    for forbidden in ["http", "style=", "<script", "url(", "NaN", " inf"] {
        assert!(!rest.contains(forbidden), "{forbidden} in {page}");
    }
    assert!(page.len() < 200_000, "{} bytes", page.len());

    let section = |id: &str| between(&page, &format!("<section id=\"{id}\""), "</section>");
    for row in rows(&folder.join("comparison.csv")) {
        let name = row["policy"].replace(['_', '='], " ");
        let line = between(section("comparison"), &format!(">{name}</th>"), "</tr>");
        let money = between(line, "<td class=\"n\">", "</td>").replace(',', "");
        assert_eq!(money, row["money"], "{name}");
    }
    for (id, title) in [
        ("curve", "Stock against service"),
        ("money", "Money over time"),
        ("reliability", "Stock-out probabilities"),
    ] {
        let picture = between(section(id), "<svg ", "</svg>");
        assert!(picture.contains("role=\"img\"") && picture.contains(title), "{picture}");
    }
    let promised = rows(&folder.join("service.csv"));
    assert_eq!(section("promises").matches("<th scope=\"row\">").count(), promised.len());
    assert!(section("items").contains(" at ") && section("replay").contains("plan.target"));
    assert!(section("read").contains("perfect foresight"));
    assert_eq!(page.matches("<table>").count(), page.matches("<caption>").count());
}

#[test]
fn a_page_of_a_backtest_shows_hostile_names_and_runs_none() {
    let shop = shop();
    for entry in fs::read_dir(shop.path().join("data")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace("LINDEN", "<img src=x onerror=y>")).unwrap();
    }
    let outage = "<img src=x onerror=y>:2026-05-11..2026-06-08";
    restock(shop.path())
        .args(["backtest", "--from", "2026-05-04", "--sample", "20", "--no-curve"])
        .args(["--output", "found", "--outage", outage])
        .assert()
        .success();
    assert_page(&shop.path().join("found"));
    let page = fs::read_to_string(shop.path().join("found/report.html")).unwrap();
    assert!(page.contains("&lt;img src=x onerror=y&gt; delivers nothing"), "{page}");
    assert!(!page.contains("<img"), "{page}");
}

#[test]
fn a_backtest_is_the_same_on_any_number_of_threads() {
    let shop = shop();
    replay(shop.path(), "one", &["--threads", "1"]);
    replay(shop.path(), "three", &["--threads", "3"]);
    assert!(shop.path().join("three/report.html").is_file());
    for entry in fs::read_dir(shop.path().join("one")).unwrap() {
        let name = entry.unwrap().file_name();
        let read = |folder: &str| fs::read(shop.path().join(folder).join(&name)).unwrap();
        assert!(read("one") == read("three"), "{name:?} differs");
    }
}

/// Changes every row that is dated on or after a day, in place.
fn poison(path: &Path, date_column: usize, from: &str, change: impl Fn(&mut Vec<String>)) -> usize {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).has_headers(false).from_path(path).unwrap();
    let records: Vec<Vec<String>> = reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let mut writer = csv::WriterBuilder::new().flexible(true).from_path(path).unwrap();
    let mut changed = 0;
    for (at, mut record) in records.into_iter().enumerate() {
        if at > 0 && record.get(date_column).is_some_and(|date| date.as_str() >= from) {
            change(&mut record);
            changed += 1;
        }
        writer.write_record(&record).unwrap();
    }
    writer.flush().unwrap();
    changed
}

/// Every row of orders, availability and prices that is dated on or after the decision, all of
/// today's stock, open orders, waiting customers and overrides, and every end, launch and handover
/// to come: none may reach a decision made before.
#[test]
fn no_row_of_the_future_reaches_a_decision() {
    const DAY: &str = "2026-05-18";
    let shop = shop();
    let data = shop.path().join("data");
    let column = |file: &str, name: &str| {
        let mut reader = csv::Reader::from_path(data.join(file)).unwrap();
        reader.headers().unwrap().iter().position(|header| header == name).unwrap()
    };
    // One item ends and another is replaced after that day: both sell well before it.
    let (end, launch, replaces) = (
        column("items.csv", "end_date"),
        column("items.csv", "launch_date"),
        column("items.csv", "replaces"),
    );
    let launched =
        poison(&data.join("items.csv"), launch, DAY, |row| row[replaces] = "001001".to_owned());
    assert!(launched > 0, "no launch lies ahead");
    poison(&data.join("items.csv"), 0, "001004", |row| {
        if row[0] == "001004" {
            row[end] = "2026-06-01".to_owned();
        }
    });
    replay(shop.path(), "clean", &[]);
    let (quantity, price) = (column("orders.csv", "quantity"), column("orders.csv", "unit_price"));
    let changed = poison(&data.join("orders.csv"), column("orders.csv", "date"), DAY, |row| {
        let units: i64 = row[quantity].parse().unwrap_or(1);
        row[quantity] = (units.abs() * 7 + 3).to_string();
        row[price] = "999.99".to_owned();
    });
    assert!(changed > 100);
    let in_stock = column("availability.csv", "in_stock");
    poison(&data.join("availability.csv"), column("availability.csv", "date"), DAY, |row| {
        row[in_stock] = "0".into()
    });
    let unit_price = column("prices.csv", "unit_price");
    poison(&data.join("prices.csv"), column("prices.csv", "from"), DAY, |row| {
        row[unit_price] = "0.01".into()
    });
    for (file, name) in
        [("stock.csv", "on_hand"), ("purchase_orders.csv", "quantity"), ("overrides.csv", "value")]
    {
        let at = column(file, name);
        poison(&data.join(file), 0, "", |row| row[at] = "12345".into());
    }
    let status = column("items.csv", "status");
    poison(&data.join("items.csv"), 0, "", |row| row[status] = "phase_out".into());
    poison(&data.join("items.csv"), end, DAY, |row| row[end].clear());
    poison(&data.join("items.csv"), launch, DAY, |row| {
        row[launch] = "2026-12-01".to_owned();
        row[replaces].clear();
    });
    replay(shop.path(), "poisoned", &[]);

    let orders = |folder: &str, is_before: bool| {
        let text = fs::read_to_string(shop.path().join(folder).join("orders.csv")).unwrap();
        let lines = text.lines().skip(1).filter(|line| (&line[..10] <= DAY) == is_before);
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(orders("clean", true).len() > 20, "too few decisions to tell anything");
    assert_eq!(orders("clean", true), orders("poisoned", true));
    assert_ne!(
        orders("clean", false),
        orders("poisoned", false),
        "the poison is too weak to be seen"
    );
}

#[test]
fn a_changed_world_is_replayed_and_a_history_too_short_to_tune_on_is_refused() {
    let shop = shop();
    let short = ["backtest", "--from", "2026-05-04", "--sample", "30", "--no-curve"];
    let changed = ["--demand", "1.5", "--no-moq", "--outage", "LINDEN:2026-05-11..2026-06-08"];
    let found = restock(shop.path())
        .args(short)
        .args(changed)
        .args(["--set", "plan.lead_time_days=28"])
        .output()
        .unwrap();
    let text = String::from_utf8(found.stdout).unwrap();
    assert!(
        found.status.success()
            && text.contains("LINDEN delivers nothing")
            && text.contains("1.5 times"),
        "{text}"
    );

    let refused =
        restock(shop.path()).args(["backtest", "--tune", "--from", "2024-08-05"]).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("too short to tune on") && said.contains("hint"), "{said}");
    let unknown = restock(shop.path())
        .args(short)
        .args(["--outage", "LINDN:2026-05-11..2026-06-08"])
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("did you mean `LINDEN`"));
}

#[test]
fn the_curve_is_the_targets_that_are_asked_for() {
    let shop = shop();
    let run = |more: &[&str]| {
        let args = ["backtest", "--from", "2026-05-04", "--sample", "20", "--format", "json"];
        restock(shop.path()).args(args).args(more).output().unwrap()
    };
    let found = run(&["--targets", "0.90,fill_rate=0.98,0.9"]);
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    let found: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    let rows = found["comparison"].as_array().unwrap();
    let names: Vec<&str> = rows.iter().filter_map(|row| row["policy"].as_str()).collect();
    let ours: Vec<&&str> = names.iter().filter(|name| name.starts_with("restock")).collect();
    assert_eq!(ours, [&"restock", &"restock cycle_service_level=0.9", &"restock fill_rate=0.98"]);

    for (targets, told) in [("95", "0.95"), ("fill_rat=0.9", "fill_rate"), ("x", "not a number")] {
        let refused = run(&["--targets", targets]);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(refused.status.code() == Some(2) && said.contains(told), "{targets}: {said}");
    }
}

/// The page of a run, and of the same run made again.
fn pages(shop: &Path, night: &str) -> [String; 2] {
    restock(shop).args(["report", night, "--output", "again.html"]).assert().success();
    let own = shop.join("runs").join(night).join("report.html");
    [own, shop.join("again.html")].map(|path| fs::read_to_string(path).unwrap())
}

#[test]
fn the_page_of_a_night_tells_what_the_last_backtest_found_and_nothing_else() {
    let shop = shop();
    let config = shop.path().join("restock.toml");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("backtest = "), "the sample names the folder");
    let night = |label: &str, warned: bool| {
        let ran = restock(shop.path())
            .args(["run", "--as-of", "2026-06-29", "--label", label])
            .assert()
            .success();
        let said = String::from_utf8_lossy(&ran.get_output().stderr).into_owned();
        assert_eq!(said.contains("the page goes without the last backtest"), warned, "{said}");
        pages(shop.path(), &format!("2026-06-29-{label}"))
    };
    let [page, again] = night("none", false);
    assert!(page == again && page.contains("measures it on your own past"));

    // A world that was not leaves nothing for later nights; one that was leaves its figures.
    let folder = shop.path().join("runs/backtest");
    let replayed = |more: &[&str]| {
        let from = ["backtest", "--from", "2026-03-30", "--sample", "60", "--no-curve"];
        restock(shop.path()).args(from).args(more).assert().success();
        folder.join("backtest.json").exists()
    };
    assert!(!replayed(&["--demand", "1.5"]));
    assert!(replayed(&[]));
    let [page, again] = night("some", false);
    assert!(page == again);
    let promises = rows(&folder.join("service.csv"));
    assert!(!promises.is_empty());
    for row in &promises {
        let achieved = 100.0 * row["achieved"].parse::<f64>().unwrap();
        let line = format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td>",
            row["abc"], row["target"], row["items"]
        );
        let at = page.find(&line).unwrap_or_else(|| panic!("{line} is not on the page"));
        assert!(page[at..at + 400].contains(&format!("{achieved:.1} %")), "{achieved} of {line}");
    }
    let told = rows(&folder.join("reliability.csv"));
    let told: Vec<_> = told.iter().filter(|row| row["count"] != "0").collect();
    assert!(told.len() >= 2, "{told:?}");
    for row in told {
        let share = |name: &str| format!("{:.1} %", 100.0 * row[name].parse::<f64>().unwrap());
        let cells = format!("{}</td><td class=\"n\">{}", share("mean_told"), share("came_true"));
        assert!(page.contains(&cells), "{cells}");
    }

    // What is broken, or not what a backtest writes, is said and costs the page that part alone.
    let good = fs::read_to_string(folder.join("backtest.json")).unwrap();
    for (label, bad) in [
        ("cut", good[..good.len() / 2].to_owned()),
        ("shares", good.replacen("\"promised\": 0.", "\"promised\": 7.", 1)),
        ("kind", "[]".to_owned()),
    ] {
        fs::write(folder.join("backtest.json"), bad).unwrap();
        let [page, again] = night(label, true);
        assert!(page == again && page.contains("measures it on your own past"), "{label}");
    }
}
