//! What surrounds a run, and what leaves it: earlier runs, terminals, the environment, the clock,
//! what stands under an input's name, the names of files and orders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{Days, NaiveDate};

use crate::shop::{bytes, restock, rows, write_shop};

const DAY: &str = "2026-06-29";
const EVE: &str = "2026-06-28";

/// Longer than any of these runs takes, also on a busy machine; what hangs is ended by it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A year of weekly orders of six items of one supplier up to a day, and too little stock.
fn tables(end: NaiveDate) -> BTreeMap<&'static str, String> {
    let mut orders = String::from("date,sku,quantity\n");
    for week in 0..52_u64 {
        for item in 0..6_u64 {
            let date = end - Days::new(7 * week + item);
            orders += &format!("{date},A{item},{}\n", 3 + (week * 7 + item * 5) % 9);
        }
    }
    let mut items = String::from("sku,description,supplier,unit_cost,unit_price\n");
    let mut stock = String::from("sku,on_hand\n");
    for item in 0..6 {
        items += &format!("A{item},Thing {item},ACME,2.50,5.00\n");
        stock += &format!("A{item},{}\n", 4 * item);
    }
    let open = "po_number,line,supplier,sku,quantity,ordered_on,expected_on\n\
        P1,1,ACME,A0,5,2026-06-20,2026-07-02\n";
    BTreeMap::from([
        ("orders", orders),
        ("items", items),
        ("stock", stock),
        ("suppliers", "supplier,name,lead_time_days\nACME,Acme Ltd,10\n".to_owned()),
        ("purchase_orders", open.to_owned()),
    ])
}

fn usual() -> BTreeMap<&'static str, String> {
    tables(EVE.parse().unwrap())
}

fn shop_of(tables: &BTreeMap<&'static str, String>, settings: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_shop(dir.path(), tables, settings);
    dir
}

/// Runs a command in a folder: exit code, and what it said on stderr.
fn said(dir: &Path, args: &[&str]) -> (i32, String) {
    let output = restock(dir).args(args).timeout(PATIENCE).output().unwrap();
    let code = output.status.code().unwrap_or_else(|| panic!("{args:?} hung or was killed"));
    (code, String::from_utf8(output.stderr).unwrap())
}

fn night(dir: &Path, day: &str) -> (i32, String) {
    said(dir, &["run", "--as-of", day])
}

/// The run of the usual day; it must succeed.
fn run_of(dir: &Path) -> PathBuf {
    let (code, text) = night(dir, DAY);
    assert_eq!(code, 0, "{text}");
    dir.join("runs").join(DAY)
}

// The previous run.

#[test]
fn a_damaged_previous_run_costs_the_comparison_and_no_night() {
    let dir = shop_of(&usual(), "");
    assert_eq!(night(dir.path(), EVE).0, 0);
    let eve = dir.path().join("runs").join(EVE);
    let run = run_of(dir.path());
    let compared = bytes(&run);
    let whole = bytes(&eve);
    let risks = rows(&run.join("backorder_risk.csv"));
    // What was ordered the night before is on its way.
    assert!(risks.iter().any(|row| row["status"] == "better"), "nothing is compared: {risks:?}");

    let saved =
        |text: &str| format!("\u{feff}\"{}", text.replace(',', "\";\"").replace('\n', "\"\n\""));
    type Damage<'a> = (&'a str, &'a dyn Fn(&Path));
    let replace = |path: &Path, change: &dyn Fn(&str) -> Vec<u8>| {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, change(&text)).unwrap();
    };
    let cases: [Damage<'_>; 11] = [
        ("manifest.json", &|path| replace(path, &|_| Vec::new())),
        ("manifest.json", &|path| replace(path, &|text| text.as_bytes()[..200].to_vec())),
        ("backorder_risk.csv", &|path| fs::remove_file(path).unwrap()),
        ("backorder_risk.csv", &|path| replace(path, &|text| saved(text).into_bytes())),
        ("backorder_risk.csv", &|path| replace(path, &|text| (text.to_owned() + "A0,x\n").into())),
        ("backorder_risk.csv", &|path| replace(path, &|text| text.as_bytes()[..90].to_vec())),
        ("backorder_risk.csv", &|path| {
            replace(path, &|text| text.replace(",0.", ",\"0,\"").into())
        }),
        ("backorder_risk.csv", &|path| replace(path, &|_| Vec::new())),
        ("open_order_advice.csv", &|path| replace(path, &|_| b"\xFF\xFE\0".to_vec())),
        ("open_order_advice.csv", &|path| fs::remove_file(path).unwrap()),
        ("open_order_advice.csv", &|path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
    ];
    for (at, (file, damage)) in cases.iter().enumerate() {
        fs::remove_dir_all(&run).unwrap();
        damage(&eve.join(file));
        let (code, text) = night(dir.path(), DAY);
        assert_eq!(code, 0, "case {at} of {file}: {text}");
        assert!(text.contains(&format!("{EVE}/{file}")), "case {at} is not said: {text}");

        let told = rows(&run.join("exceptions.csv"));
        let told: Vec<_> = told.iter().filter(|row| row["code"] == "DQ085").collect();
        assert_eq!(told.len(), 1, "case {at}: {told:?}");
        assert!(told[0]["file"].ends_with(file) && told[0]["severity"] == "warning", "{told:?}");
        let mut changed = bytes(&run);
        for (path, content) in &compared {
            // What seems new is told anew, and what is kept has the finding.
            let told = ["exceptions.csv", "manifest.json", "notices.csv", "report.html"];
            let is_told = |path: &str| told.contains(&path) || path == "state.bin.zst";
            let name = path.to_str().unwrap();
            let may_differ = is_told(name) || name == *file || path.starts_with("notices");
            assert!(
                changed.remove(path).as_ref() == Some(content) || may_differ,
                "case {at} changed {}",
                path.display()
            );
        }

        // As it was, for the next case.
        let path = eve.join(file);
        if path.is_dir() {
            fs::remove_dir(&path).unwrap();
        }
        fs::write(&path, &whole[Path::new(file)]).unwrap();
    }
}

#[test]
fn the_manifest_says_what_else_went_into_a_run() {
    let dir = shop_of(&usual(), "");
    let manifest = |name: &str| -> serde_json::Value {
        let text = fs::read_to_string(dir.path().join("runs").join(name).join("manifest.json"));
        serde_json::from_str(&text.unwrap()).unwrap()
    };
    assert_eq!(night(dir.path(), EVE).0, 0);
    run_of(dir.path());
    let now = ["run", "--as-of", DAY, "--order-now", "--label", "now"];
    assert_eq!(said(dir.path(), &now).0, 0);

    let (first, second, now) = (manifest(EVE), manifest(DAY), manifest(&format!("{DAY}-now")));
    assert_eq!((&first["order_now"], &now["order_now"]), (&false.into(), &true.into()));
    assert!(first["previous_run"].is_null() && first["previous_run_sha256"].is_null(), "{first}");
    assert_eq!(second["previous_run"], EVE);
    for file in ["backorder_risk.csv", "open_order_advice.csv", "manifest.json"] {
        let bytes = fs::read(dir.path().join("runs").join(EVE).join(file)).unwrap();
        assert_eq!(second["previous_run_sha256"][file], restock::io::sha256(&bytes), "{file}");
    }
}

// Who listens.

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_said_decides_nothing() {
    // Stale data, so that there is something to warn of; and a variable that is no setting.
    let night = |stderr: &str, flags: &str| {
        let dir = shop_of(&usual(), "");
        let line =
            format!("exec {} {flags} run --as-of {DAY} 2>{stderr}", env!("CARGO_BIN_EXE_restock"));
        let output = assert_cmd::Command::new("sh")
            .args(["-c", &line])
            .env("RESTOCK_PLAN_LEAD", "3")
            .current_dir(dir.path())
            .timeout(PATIENCE)
            .output()
            .unwrap();
        let run = dir.path().join("runs").join(DAY);
        (output.status.code(), if run.exists() { bytes(&run) } else { BTreeMap::new() })
    };

    for flags in ["", "-vv", "--log-format json", "-q"] {
        let heard = night("/dev/null", flags);
        assert_eq!(heard.0, Some(0));
        for stderr in ["/dev/full", "&-"] {
            let unheard = night(stderr, flags);
            assert_eq!(unheard.0, heard.0, "2>{stderr} {flags}");
            assert!(unheard.1 == heard.1, "2>{stderr} {flags} published another run");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_error_that_cannot_be_said_keeps_its_exit_code() {
    let dir = shop_of(&usual(), "");
    fs::remove_file(dir.path().join("orders.csv")).unwrap();
    for (args, code) in [("run", 3), ("run --set plan.x=1", 2), ("nonsense", 2), ("init .", 2)] {
        for stderr in ["/dev/full", "&-"] {
            let line = format!("exec {} {args} 2>{stderr}", env!("CARGO_BIN_EXE_restock"));
            let mut shell = assert_cmd::Command::new("sh");
            let output = shell.args(["-c", &line]).current_dir(dir.path()).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{args} 2>{stderr}");
        }
    }
}

// Formulas and escapes.

/// Columns that hold keys, words of our own, dates and numbers, which are written as they are.
fn is_free_text(column: &str) -> bool {
    [
        "supplier_name",
        "supplier_sku",
        "description",
        "uom",
        "cause_detail",
        "action",
        "comment",
        "message",
    ]
    .contains(&column)
}

#[test]
fn no_free_text_of_any_output_is_a_formula() {
    let formulas = ["=1+1", "＝1+1", "\u{200b}=1+1", "\u{2060}\u{feff}@SUM(1)", " \u{a0}+1", "-1"];
    let mut tables = usual();
    let mut items =
        String::from("sku,description,supplier,supplier_sku,uom,unit_cost,unit_price\n");
    let mut suppliers = String::from("supplier,name,lead_time_days\n");
    for (item, formula) in formulas.iter().enumerate() {
        items += &format!("A{item},\"{formula}\",S{item},\"{formula}\",\"{formula}\",2.50,5.00\n");
        suppliers += &format!("S{item},\"{formula}\",10\n");
    }
    tables.insert("items", items);
    tables.insert("suppliers", suppliers);
    let dir = shop_of(&tables, "");
    let run = run_of(dir.path());

    let lines = rows(&run.join("purchase_orders.csv"));
    assert_eq!(lines.len(), formulas.len());
    for line in &lines {
        for column in ["supplier_name", "supplier_sku", "description", "uom"] {
            assert!(line[column].starts_with('\''), "{column} of {line:?}");
        }
    }
    let begins = |text: &str| {
        let seen = text.trim_start_matches(|c: char| c.is_whitespace() || !c.is_ascii());
        text.trim_start().starts_with('＝') || seen.starts_with(['=', '+', '-', '@'])
    };
    for path in bytes(&run).keys().filter(|path| path.extension().is_some_and(|it| it == "csv")) {
        for row in rows(&run.join(path)) {
            for (column, value) in row.iter().filter(|(column, _)| is_free_text(column)) {
                assert!(!begins(value), "{}: {column} is {value:?}", path.display());
            }
        }
    }
}

#[test]
fn keys_and_numbers_are_never_guarded() {
    let mut tables = usual();
    for table in ["orders", "items", "stock", "purchase_orders"] {
        *tables.get_mut(table).unwrap() = tables[table].replace("A0", "=A0").replace("A1", "-17");
    }
    *tables.get_mut("stock").unwrap() = tables["stock"].replace("=A0,0", "=A0,-7");
    let dir = shop_of(&tables, "");
    let run = run_of(dir.path());
    for file in ["plan.csv", "purchase_orders.csv", "forecast.csv"] {
        let skus: BTreeSet<String> =
            rows(&run.join(file)).iter().map(|row| row["sku"].clone()).collect();
        assert!(skus.contains("=A0") && skus.contains("-17"), "{file}: {skus:?}");
    }
    let plan = rows(&run.join("plan.csv"));
    let row = plan.iter().find(|row| row["sku"] == "=A0").unwrap();
    assert_eq!(row["inventory_position"], "-2");
}

/// A name that clears the screen and forges a line of ours.
const HOSTILE: &str = "\u{1b}[2J\u{9b}31mRED\nerror: forged\r\u{202e}";

/// Checks that nothing in a text controls a terminal, and that no line is forged.
fn assert_tame(text: &str, of: &str) {
    let control = text.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
    assert_eq!(control, None, "{of}: {text}");
    assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{of}: {text}");
}

#[test]
fn nothing_that_was_read_controls_the_terminal() {
    let quoted = format!("\"{HOSTILE}\"");
    let mut tables = usual();
    for table in ["orders", "items", "stock"] {
        *tables.get_mut(table).unwrap() = tables[table].replace("A0", &quoted);
    }
    let items = tables.get_mut("items").unwrap();
    *items = items.replace("ACME", &quoted);
    for item in 0..6 {
        *items = items.replace(&format!("Thing {item}"), &quoted);
    }
    tables.insert("suppliers", format!("supplier,name,lead_time_days\n{quoted},{quoted},10\n"));
    tables.insert(
        "overrides",
        format!(
            "sku,from,to,kind,value,reason,expires_on\n\
             {quoted},2026-07-01,2026-07-30,multiply,2,{quoted},2026-08-01\n"
        ),
    );
    let dir = shop_of(&tables, "");
    let commands: [&[&str]; 4] = [
        &["run", "--as-of", DAY],
        &["run", "--as-of", "2026-06-30", "-vv"],
        &["explain", "*RED*", "--as-of", DAY],
        &["forecast", "--as-of", DAY, "--format", "table"],
    ];
    for args in commands {
        let output = restock(dir.path()).args(args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{args:?}: {err}");
        assert!(out.contains("RED") || err.contains("RED"), "{args:?} names nothing: {out}{err}");
        assert_tame(&(out + &err), &format!("{args:?}"));
    }
}

#[test]
fn no_header_or_file_name_in_an_error_controls_the_terminal() {
    // A header.
    let mut tables = usual();
    tables.insert("orders", format!("day,\"{HOSTILE}\",quantity\n2026-06-01,A0,1\n"));
    let dir = shop_of(&tables, "");
    let (code, text) = night(dir.path(), DAY);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("RED"), "{text}");
    assert_tame(&text, "a header");

    // The name of a file, in the only place where others name files: a folder that is read whole.
    let dir = shop_of(&usual(), "");
    let config = dir.path().join("restock.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("\"orders.csv\"", "\"orders*.csv\"")).unwrap();
    fs::write(dir.path().join("orders\u{1b}[2J\nerror: forged.csv"), "nothing\n1\n").unwrap();
    let (code, text) = night(dir.path(), DAY);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("[2J"), "{text}");
    assert_tame(&text, "a file name");
}

// Names and numbers.

#[test]
fn no_two_suppliers_share_a_file_and_no_two_orders_a_number() {
    let long = "x".repeat(252);
    let longer = format!("{long}y");
    let pairs = [
        ("A-B", "C"),
        ("A", "B-C"),
        ("A B", "C"),
        ("A_B_fea4c5ce", "C"),
        ("acme", "C"),
        ("ACME", "C"),
        ("CON", "C"),
        ("lpt1", "C"),
        ("../../etc/x", "C"),
        (&long, "C"),
        (&longer, "C"),
        ("Über", "\u{dc}bersee"),
    ];
    let (mut orders, mut items, mut stock) = (
        String::from("date,sku,location,quantity\n"),
        String::from("sku,supplier,unit_cost\n"),
        String::from("sku,location,on_hand\n"),
    );
    for (at, (supplier, location)) in pairs.iter().enumerate() {
        items += &format!("S{at},{supplier},2\n");
        stock += &format!("S{at},{location},0\n");
        for week in 0..40_u64 {
            let date = EVE.parse::<NaiveDate>().unwrap() - Days::new(7 * week);
            orders += &format!("{date},S{at},{location},5\n");
        }
    }
    let tables = BTreeMap::from([("orders", orders), ("items", items), ("stock", stock)]);
    let dir = shop_of(&tables, "");
    let run = run_of(dir.path());

    let lines = rows(&run.join("purchase_orders.csv"));
    assert_eq!(lines.len(), pairs.len());
    let numbers: BTreeSet<String> =
        lines.iter().map(|line| line["po_number"].to_lowercase()).collect();
    assert_eq!(numbers.len(), pairs.len(), "{numbers:?}");
    let is_safe = |name: &str| {
        name.len() <= 200 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    assert!(numbers.iter().all(|number| is_safe(number)), "{numbers:?}");

    let mut names = BTreeSet::new();
    let mut sent = Vec::new();
    for entry in fs::read_dir(run.join("purchase_orders")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_lowercase();
        assert!(is_safe(&name) && !["con", "lpt1"].contains(&name.as_str()), "{name}");
        names.insert(name);
        let own = rows(&path);
        assert!(own.iter().all(|line| line["supplier"] == own[0]["supplier"]), "{own:?}");
        sent.extend(own);
    }
    assert_eq!(names.len(), pairs.len(), "{names:?}");
    sent.sort_by_key(|line| lines.iter().position(|other| other == line));
    assert!(sent == lines, "lines were lost");
}

#[test]
fn a_supplier_gets_no_file_of_what_is_not_sent() {
    // A budget for a part of the lines: the others are held.
    let mut tables = usual();
    *tables.get_mut("items").unwrap() = tables["items"].replace("A5,Thing 5,ACME", "A5,Five,OTHER");
    let plain = shop_of(&tables, "");
    let all = rows(&run_of(plain.path()).join("purchase_orders.csv"));
    let total = |line: &BTreeMap<String, String>| line["line_total"].parse::<f64>().unwrap();
    let sum: f64 = all.iter().map(total).sum();

    let files = |run: &Path| -> Vec<String> {
        let folder = fs::read_dir(run.join("purchase_orders")).unwrap();
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    for (budget, is_some_sent) in [(sum / 2.0, true), (0.01, false)] {
        let dir = shop_of(&tables, &format!("[purchasing]\nbudget = {budget}\n"));
        let run = run_of(dir.path());
        let lines = rows(&run.join("purchase_orders.csv"));
        assert!(lines.iter().any(|line| line["state"] == "held"), "{lines:?}");
        let sent: Vec<_> = lines.iter().filter(|line| line["state"] == "suggested").collect();
        assert_eq!(!sent.is_empty(), is_some_sent, "{lines:?}");

        let suppliers: BTreeSet<String> =
            sent.iter().map(|line| format!("{}.csv", line["supplier"])).collect();
        let files = files(&run);
        assert_eq!(files.iter().cloned().collect::<BTreeSet<_>>(), suppliers);
        let written = files.iter().flat_map(|file| rows(&run.join("purchase_orders").join(file)));
        let written: Vec<_> = written.collect();
        assert_eq!(written.len(), sent.len());
        assert!(written.iter().all(|line| line["state"] == "suggested"), "{written:?}");
    }
}

// The environment and the command line.

#[test]
fn variables_of_others_are_passed_over() {
    let dir = shop_of(&usual(), "");
    let night = |variables: &[(&str, &str)], flags: &[&str]| {
        let mut command = restock(dir.path());
        command.args(["run", "--as-of", DAY]).args(flags).envs(variables.iter().copied());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };

    let links = [
        ("RESTOCK_PORT", "tcp://10.0.0.1:80"),
        ("RESTOCK_SERVICE_HOST", "10.0.0.1"),
        ("RESTOCK_SERVICE_PORT_HTTP", "80"),
        ("RESTOCK_API_PORT_80_TCP_ADDR", "10.0.0.1"),
    ];
    let (code, said) = night(&links, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("RESTOCK_"), "every pod would be told every night: {said}");
    assert!(night(&links, &["-vv"]).1.contains("RESTOCK_PORT"));

    let (code, said) = night(&[("RESTOCK_PLAN_LEAD_TIME_DAY", "3"), ("RESTOCK_TEAM", "x")], &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("RESTOCK_PLAN_LEAD_TIME_DAYS") && said.contains("RESTOCK_TEAM"),
        "{said}"
    );

    // Ours are read as ever, and refused where they are wrong.
    let (code, said) = night(&[("RESTOCK_PLAN_LEAD_TIME_DAYS", "soon")], &[]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_label_is_no_longer_than_a_name_may_be() {
    let dir = shop_of(&usual(), "");
    for length in [81, 300] {
        let (code, text) =
            said(dir.path(), &["run", "--as-of", DAY, "--label", &"x".repeat(length)]);
        assert_eq!(code, 2, "{length}: {text}");
        assert!(text.contains("at most 80") && !dir.path().join("runs").exists(), "{text}");
    }
    let longest = "x".repeat(80);
    assert_eq!(said(dir.path(), &["run", "--as-of", DAY, "--label", &longest]).0, 0);
}

#[test]
fn an_output_folder_without_a_name_is_a_configuration_error() {
    for dir in ["", " "] {
        let shop = shop_of(&usual(), "");
        let (code, text) =
            said(shop.path(), &["run", "--as-of", DAY, "--set", &format!("outputs.dir=\"{dir}\"")]);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("outputs.dir"), "{text}");
        assert!(!shop.path().join(DAY).exists(), "a run stands among the inputs");
    }
}

#[test]
fn a_setting_that_is_nested_without_end_is_refused() {
    let dir = shop_of(&usual(), "");
    let key = vec!["a"; 50_000].join(".");
    // As much as an argument may hold.
    let open = |mark: &str| format!("plan.target={}", mark.repeat(40_000));
    for set in [format!("{key}=1"), format!("inputs.{key}=1"), open("["), open("{a=")] {
        let (code, text) = said(dir.path(), &["run", "--as-of", DAY, "--set", &set]);
        assert_eq!(code, 2, "{}", text.chars().take(300).collect::<String>());
    }
}

// What stands under an input's name.

#[cfg(unix)]
#[test]
fn pipes_devices_and_sockets_are_refused_at_once() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    for table in ["orders", "stock"] {
        for kind in ["pipe", "zero", "null", "socket", "pattern"] {
            let dir = shop_of(&usual(), "");
            let path = dir.path().join(format!("{table}.csv"));
            fs::remove_file(&path).unwrap();
            let _socket = match kind {
                "socket" => Some(UnixListener::bind(&path).unwrap()),
                "pipe" | "pattern" => {
                    std::process::Command::new("mkfifo").arg(&path).status().unwrap();
                    None
                }
                device => {
                    symlink(format!("/dev/{device}"), &path).unwrap();
                    None
                }
            };
            if kind == "pattern" {
                let config = dir.path().join("restock.toml");
                let text = fs::read_to_string(&config).unwrap();
                let named = format!("\"{table}.csv\"");
                fs::write(&config, text.replace(&named, &format!("\"{table}*.csv\""))).unwrap();
            }

            let mut command = restock(dir.path());
            let output = command.args(["run", "--as-of", DAY]).timeout(PATIENCE).output().unwrap();
            let text = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(3), "{kind} for {table}: {text}");
            assert!(text.contains(&format!("{table}.csv")) && text.contains("hint:"), "{text}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_a_pattern_is_read_whatever_the_bytes_of_its_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let in_files = |second: &[u8]| {
        let mut tables = usual();
        let orders = tables.remove("orders").unwrap();
        let dir = shop_of(&tables, "[inputs.orders]\npath = \"orders*.csv\"\n");
        let (first_half, second_half) = orders.split_at(orders.len() / 2);
        let cut = second_half.find('\n').unwrap() + 1;
        let name = OsStr::from_bytes(second);
        let header = "date,sku,quantity\n";
        fs::write(dir.path().join("orders_1.csv"), first_half.to_owned() + &second_half[..cut])
            .unwrap();
        fs::write(dir.path().join(name), header.to_owned() + &second_half[cut..]).unwrap();
        let plan = fs::read(run_of(dir.path()).join("plan.csv")).unwrap();
        (dir, plan)
    };
    let (_plain, expected) = in_files(b"orders_2.csv");
    for name in [b"orders_\xE4.csv".as_slice(), b"orders_\xFF\xFE.csv"] {
        let (dir, plan) = in_files(name);
        assert!(plan == expected, "{name:?} was left out");
        let manifest = fs::read_to_string(dir.path().join("runs").join(DAY).join("manifest.json"));
        assert!(manifest.unwrap().contains("orders_\u{fffd}"));
    }

    // A link to a file that is gone was meant as well.
    let dir = shop_of(&usual(), "");
    let config = dir.path().join("restock.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("\"orders.csv\"", "\"orders*.csv\"")).unwrap();
    std::os::unix::fs::symlink("gone.csv", dir.path().join("orders_2.csv")).unwrap();
    let (code, text) = night(dir.path(), DAY);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("orders_2.csv"), "{text}");
}

// The clock.

#[test]
fn a_clock_that_is_behind_the_orders_gives_no_run() {
    #[allow(clippy::disallowed_methods, reason = "`--as-of today` goes by the clock")]
    let today = chrono::Local::now().date_naive();
    let years_ahead = |days: u64| tables(today + Days::new(days));
    // 1970 and 400 days back, as the orders see it; and some weeks.
    for days in [20_000, 401, 45] {
        let dir = shop_of(&years_ahead(days), "");
        for args in [["run", "--as-of"], ["forecast", "--as-of"], ["explain", "A1"]] {
            let args = [
                args.as_slice(),
                if args[0] == "explain" { &["--as-of", "today"] } else { &["today"] },
            ]
            .concat();
            let (code, text) = said(dir.path(), &args);
            assert_eq!(code, 3, "{days} days, {args:?}: {text}");
            assert!(text.contains(&today.to_string()) && text.contains("hint:"), "{text}");
        }
        assert!(!dir.path().join("runs").join(today.to_string()).exists());
    }

    // Orders of today, and of tomorrow where their day has begun already, are no such sign; nor is
    // one row with a typed year.
    for days in [0, 1] {
        let mut tables = years_ahead(days);
        *tables.get_mut("orders").unwrap() += "2062-01-01,A1,3\n";
        let dir = shop_of(&tables, "");
        let (code, text) = said(dir.path(), &["run", "--as-of", "today"]);
        assert_eq!(code, 0, "{days}: {text}");
    }
}

#[test]
fn a_day_before_all_orders_gives_no_empty_run() {
    let dir = shop_of(&usual(), "");
    for day in ["1971-01-01", "2025-06-01"] {
        let (code, text) = night(dir.path(), day);
        assert_eq!(code, 3, "{day}: {text}");
        assert!(text.contains(day) && !dir.path().join("runs").join(day).exists(), "{text}");
    }
}

// What leaves.

#[test]
fn the_file_of_a_forecast_is_replaced_whole() {
    let dir = shop_of(&usual(), "");
    let path = |name: &str| dir.path().join(name);
    let forecast = |output: &str| {
        let args = ["forecast", "--as-of", DAY, "--format", "csv", "--output", output];
        said(dir.path(), &args)
    };
    // Who reads the old file goes on reading the old file.
    fs::write(path("f.csv"), "old").unwrap();
    fs::hard_link(path("f.csv"), path("opened")).unwrap();
    let (code, text) = forecast("f.csv");
    assert_eq!(code, 0, "{text}");
    assert_eq!(fs::read_to_string(path("opened")).unwrap(), "old");
    assert!(fs::read_to_string(path("f.csv")).unwrap().starts_with("sku,"));

    let (code, text) = forecast("none/f.csv");
    assert_eq!(code, 2, "{text}");
    let left = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("part")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_forecast_goes_through_a_link_and_to_a_device() {
    let dir = shop_of(&usual(), "");
    fs::create_dir(dir.path().join("served")).unwrap();
    std::os::unix::fs::symlink("served/f.csv", dir.path().join("f.csv")).unwrap();
    fs::write(dir.path().join("served/f.csv"), "old").unwrap();
    let args = ["forecast", "--as-of", DAY, "--format", "csv", "--output"];
    let output = |to: &str| restock(dir.path()).args(args).arg(to).output().unwrap();
    assert!(output("f.csv").status.success());
    assert!(dir.path().join("f.csv").is_symlink());
    assert!(fs::read_to_string(dir.path().join("served/f.csv")).unwrap().starts_with("sku,"));

    let printed = output("/dev/stdout");
    assert!(printed.status.success() && printed.stdout.starts_with(b"sku,"), "{printed:?}");
}

#[test]
fn an_opening_order_is_not_told_as_no_order() {
    let mut tables = usual();
    tables.remove("stock");
    let dir = shop_of(&tables, "[plan]\nmissing_stock = \"zero\"\n");
    let (code, text) = night(dir.path(), DAY);
    assert_eq!(code, 0, "{text}");
    let lines = rows(&dir.path().join("runs").join(DAY).join("purchase_orders.csv"));
    assert_eq!(lines.len(), 6);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("out of stock") && !text.contains("nothing is ordered"), "{text}");
}

#[test]
fn a_day_that_a_typo_has_put_years_ahead_plans_nothing() {
    let dir = shop_of(&usual(), "");
    let (code, said_of) = said(dir.path(), &["run", "--as-of", "2062-06-29"]);
    assert_eq!(code, 2, "{said_of}");
    assert!(said_of.contains("days after the newest order, of 2026-06-28"), "{said_of}");
    // No run stands there, and no night of the ledger.
    let (code, said_of) = said(dir.path(), &["run", "--as-of", DAY]);
    assert_eq!(code, 0, "{said_of}");
    assert!(!said_of.contains("look back"), "{said_of}");
}
