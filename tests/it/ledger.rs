//! The ledger through the front door: what a night hands over, what people decide, and what
//! becomes of it on the next nights.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shop::{bytes, restock, rows, write_shop};

type Row = BTreeMap<String, String>;

/// A shop of three items at two suppliers, the stock of which runs low.
struct Shop {
    dir: tempfile::TempDir,
    tables: BTreeMap<&'static str, String>,
    settings: String,
}

impl Shop {
    fn new(settings: &str) -> Self {
        let mut orders = "date,sku,quantity\n".to_owned();
        for day in 0..180_u64 {
            let date =
                chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(day);
            for (sku, units) in [("A1", 4), ("A2", 2), ("B1", 6)] {
                writeln!(orders, "{date},{sku},{units}").unwrap();
            }
        }
        let items = "sku,description,supplier,unit_cost,unit_price,pack_size,lead_time_days\n\
                     A1,Mug,ACME,2,5,10,10\nA2,Cup,ACME,3,8,1,10\nB1,Bowl,BOLT,1,2,12,10\n";
        let tables = BTreeMap::from([
            ("orders", orders),
            ("items", items.to_owned()),
            ("stock", "sku,on_hand\nA1,30\nA2,10\nB1,10\n".to_owned()),
            ("purchase_orders", OPEN.to_owned()),
        ]);
        let shop = Self { dir: tempfile::tempdir().unwrap(), tables, settings: settings.into() };
        shop.write();
        shop
    }

    fn write(&self) {
        let settings = format!("[forecast]\nmodel = \"moving-average\"\n{}", self.settings);
        write_shop(self.dir.path(), &self.tables, &settings);
    }

    fn set(&mut self, table: &'static str, text: &str) {
        self.tables.insert(table, text.to_owned());
        self.write();
    }

    fn command(&self, args: &[&str]) -> assert_cmd::Command {
        let mut command = restock(self.dir.path());
        command.args(args);
        command
    }

    fn run(&self, day: &str) -> PathBuf {
        self.command(&["run", "-q", "--as-of", day]).assert().success();
        self.dir.path().join("runs").join(day)
    }

    fn ledger(&self) -> Vec<Row> {
        let out = self.command(&["orders", "list", "--all", "--format", "csv"]).assert().success();
        let path = self.dir.path().join("listed.csv");
        fs::write(&path, &out.get_output().stdout).unwrap();
        rows(&path)
    }

    /// State and quantity of each line, by sku.
    fn states(&self) -> BTreeMap<String, (String, String)> {
        let state =
            |row: Row| (row["sku"].clone(), (row["state"].clone(), row["quantity"].clone()));
        self.ledger().into_iter().map(state).collect()
    }

    fn fails(&self, args: &[&str], code: i32) -> String {
        let out = self.command(args).assert().code(code);
        String::from_utf8_lossy(&out.get_output().stderr).into_owned()
    }
}

const OPEN: &str = "po_number,supplier,sku,quantity,ordered_on,expected_on,reference\n";
/// Nights after the history.
const D: [&str; 4] = ["2026-06-30", "2026-07-01", "2026-07-02", "2026-07-03"];
const APPROVE: &str = "[purchasing]\nhandover = \"approve\"";

fn orders(run: &Path) -> Vec<Row> {
    rows(&run.join("purchase_orders.csv"))
}

fn names(lines: &[Row]) -> Vec<(String, String)> {
    lines.iter().map(|row| (row["po_number"].clone(), row["line"].clone())).collect()
}

#[test]
fn a_night_run_again_and_the_next_one_order_nothing_twice() {
    let mut shop = Shop::new("");
    let first = shop.run(D[0]);
    let lines = orders(&first);
    assert_eq!(lines.len(), 3);

    // The same night again: the same bytes, and the same ledger.
    let (before, ledger) = (bytes(&first), shop.ledger());
    let again = shop.command(&["run", "--as-of", D[0]]).assert().success();
    assert!(String::from_utf8_lossy(&again.get_output().stderr).contains("Unchanged run"));
    assert_eq!((bytes(&first), shop.ledger()), (before, ledger));

    // The next night without feeding back: what is on order counts.
    let next = shop.run(D[1]);
    assert!(orders(&next).is_empty(), "{:?}", orders(&next));
    let summary = shop.command(&["run", "--as-of", D[1]]).assert().success();
    let said = String::from_utf8_lossy(&summary.get_output().stderr).into_owned();
    assert!(said.contains("no table of open orders yet: 3 lines"), "{said}");

    // Fed back under the numbers of the files: nothing new either, and the lines are confirmed.
    let mut open = OPEN.to_owned();
    for line in &lines {
        let (number, sku) = (&line["po_number"], &line["sku"]);
        let (supplier, quantity) = (&line["supplier"], &line["quantity"]);
        writeln!(open, "{number},{supplier},{sku},{quantity},{},2026-07-10,", D[0]).unwrap();
    }
    shop.set("purchase_orders", &open);
    assert!(orders(&shop.run(D[2])).is_empty());
    assert!(shop.states().values().all(|(state, _)| state == "confirmed"), "{:?}", shop.states());
}

#[test]
fn what_was_never_seen_is_told_with_its_value_and_needed_again() {
    let shop = Shop::new("[purchasing]\nconfirm_within_days = 1");
    let lines = orders(&shop.run(D[0]));
    shop.run(D[1]);
    let third = shop.run(D[2]);
    let again = orders(&third);
    assert_eq!(again.len(), lines.len());
    assert!(again.iter().all(|line| line["po_number"].starts_with("260702-")), "{again:?}");
    let found = rows(&third.join("exceptions.csv"));
    let found: Vec<&Row> = found.iter().filter(|row| row["code"] == "DQ100").collect();
    assert_eq!(found.len(), lines.len());
    assert!(found[0]["message"].contains(&format!("{} EUR", lines[0]["line_total"])), "{found:?}");
}

#[test]
fn an_order_loaded_with_its_reference_with_another_quantity_or_gone_is_told() {
    let mut shop = Shop::new("");
    let lines = orders(&shop.run(D[0]));
    let reference = &lines[0]["po_number"];
    let open = |units: &str| format!("{OPEN}P77,ACME,A1,{units},{},2026-07-10,{reference}\n", D[0]);

    shop.set("purchase_orders", &open("70"));
    shop.set("receipts", "po_number,supplier,sku,quantity,ordered_on,received_on\n");
    let run = shop.run(D[1]);
    let codes = |run: &Path| -> Vec<(String, String)> {
        let found = rows(&run.join("exceptions.csv"));
        let of_orders = found.into_iter().filter(|row| row["code"].as_str() >= "DQ100");
        of_orders.map(|row| (row["code"].clone(), row["sku"].clone())).collect()
    };
    assert_eq!(codes(&run), [("DQ101".to_owned(), "A1".to_owned())]);
    let first =
        |shop: &Shop| shop.ledger().into_iter().find(|row| row["matched"] == "P77").unwrap();
    assert_eq!(first(&shop)["state"], "confirmed");
    assert!(orders(&run).is_empty(), "the table counts, and 70 of 80 suffice");

    // Gone from the table: for one night it may be the export, or a receipt that comes late.
    shop.set("purchase_orders", OPEN);
    let run = shop.run(D[2]);
    assert!(codes(&run).is_empty() && orders(&run).is_empty(), "{:?}", codes(&run));
    let run = shop.run(D[3]);
    assert_eq!(codes(&run), [("DQ102".to_owned(), "A1".to_owned())]);
    assert!(orders(&run).iter().any(|line| line["sku"] == "A1"), "its need shows again");

    // Its receipt comes after all.
    let receipt = format!(
        "po_number,supplier,sku,quantity,ordered_on,received_on\nP77,ACME,A1,70,{},{}\n",
        D[0], D[2]
    );
    shop.set("receipts", &receipt);
    let run = shop.run("2026-07-04");
    assert_eq!(codes(&run), [("DQ105".to_owned(), "A1".to_owned())]);
    assert_eq!(first(&shop)["state"], "received");
}

#[test]
fn nothing_goes_out_that_was_not_approved_and_a_line_keeps_its_number() {
    let mut shop = Shop::new(APPROVE);
    let first = orders(&shop.run(D[0]));
    assert_eq!(first.len(), 3);
    let sent = shop.dir.path().join("runs").join(D[0]).join("purchase_orders");
    assert_eq!(fs::read_dir(sent).unwrap().count(), 0);

    // Stock falls: the same numbers, another quantity, the next revision.
    shop.set("stock", "sku,on_hand\nA1,0\nA2,10\nB1,0\n");
    let second = orders(&shop.run(D[1]));
    assert_eq!(names(&second), names(&first));
    let row = shop.ledger().into_iter().find(|row| row["sku"] == "A1").unwrap();
    assert_eq!((row["revision"].as_str(), row["state"].as_str()), ("2", "suggested"));
    assert_ne!(first[0]["quantity"], second[0]["quantity"]);

    // Approved lines count as on order at once, and go out with the next run.
    let number = &first[0]["po_number"];
    shop.command(&["orders", "approve", number, "--by", "ann"]).assert().success();
    let run = shop.run(D[2]);
    let third = orders(&run);
    let approved: Vec<&Row> = third.iter().filter(|row| row["state"] == "approved").collect();
    assert_eq!(approved.len(), 2, "{third:?}");
    assert_eq!(third.len(), 3, "{third:?}");
    let out = rows(&run.join("purchase_orders/ACME.csv"));
    assert_eq!(names(&out), names(&first)[..2]);
    assert_eq!(shop.states()["A1"].0, "sent");

    // The same night once more says the same.
    let before = bytes(&run);
    shop.run(D[2]);
    assert_eq!(bytes(&run), before);

    // What is not needed any more is taken back.
    shop.set("stock", "sku,on_hand\nA1,0\nA2,10\nB1,500\n");
    assert!(orders(&shop.run(D[3])).is_empty());
    assert_eq!(shop.states()["B1"].0, "cancelled");
}

#[test]
fn an_edit_stands_beside_the_original_and_is_exported_once() {
    let shop = Shop::new(APPROVE);
    let lines = orders(&shop.run(D[0]));
    let name = format!("{}:{}", lines[0]["po_number"], lines[0]["line"]);
    let edit = ["orders", "edit", &name, "--quantity", "20", "--reason", "trial", "--by", "ann"];
    shop.command(&edit).assert().success();

    let shown = shop.command(&["orders", "show", &name]).assert().success();
    let shown = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    assert!(shown.contains("suggested") && shown.contains("by ann  (trial)"), "{shown}");
    assert!(shown.contains(&lines[0]["quantity"]), "{shown}");

    let export = ["orders", "export", "--output", "out"];
    shop.command(&export).assert().success();
    let out = rows(&shop.dir.path().join("out/ACME.csv"));
    assert_eq!((out.len(), out[0]["quantity"].as_str()), (1, "20"));
    assert_eq!(out[0]["description"], "Mug");
    assert!(shop.fails(&export, 2).contains("approved"));

    // It was handed over: a run of the same night leaves it alone and counts it.
    let again = orders(&shop.run(D[0]));
    assert!(again.iter().all(|line| line["sku"] != "A1"), "{again:?}");
    assert_eq!(shop.states()["A1"], ("sent".to_owned(), "20".to_owned()));
    let plan = rows(&shop.dir.path().join("runs").join(D[0]).join("plan.csv"));
    assert_eq!(plan[0]["reason"], "snoozed", "what the edit took off is not suggested again");
}

#[test]
fn a_rejected_line_is_not_suggested_until_its_date_or_until_the_need_has_grown() {
    let mut shop = Shop::new(APPROVE);
    let lines = orders(&shop.run(D[0]));
    let of = |sku: &str| {
        let line = lines.iter().find(|line| line["sku"] == sku).unwrap();
        format!("{}:{}", line["po_number"], line["line"])
    };
    shop.command(&["orders", "reject", &of("A1"), "--until", D[2]]).assert().success();
    shop.command(&["orders", "reject", &of("B1"), "--reason", "too much"]).assert().success();

    let run = shop.run(D[1]);
    let ordered: Vec<String> = orders(&run).iter().map(|line| line["sku"].clone()).collect();
    assert_eq!(ordered, ["A2"]);
    let plan = rows(&run.join("plan.csv"));
    let reasons: Vec<&str> = plan.iter().map(|row| row["reason"].as_str()).collect();
    assert_eq!(reasons, ["snoozed", "at_reorder_point", "snoozed"]);

    // Its date has come, and the other's need has grown by half.
    shop.set("backorders", &format!("order_id,sku,quantity,ordered_on\nC1,B1,100,{}\n", D[0]));
    let ordered: Vec<String> =
        orders(&shop.run(D[2])).iter().map(|line| line["sku"].clone()).collect();
    assert_eq!(ordered, ["A1", "A2", "B1"]);
}

#[test]
fn a_file_of_decisions_is_applied_as_a_whole_or_refused_row_by_row() {
    let shop = Shop::new(APPROVE);
    let lines = orders(&shop.run(D[0]));
    let number = |sku: &str| {
        let line = lines.iter().find(|line| line["sku"] == sku).unwrap();
        format!("{},{}", line["po_number"], line["line"])
    };
    let header = "po_number,line,revision,action,quantity,until,reason,by\n";
    let write = |text: &str| fs::write(shop.dir.path().join("d.csv"), text).unwrap();
    let (a1, a2, b1) = (number("A1"), number("A2"), number("B1"));
    let apply = ["orders", "apply", "d.csv"];

    write(&format!(
        "{header}{a1},1,approve,,,,ann\n{a2},7,approve,,,,ann\n{b1},1,edit,7,,,ann\n\
         nowhere,1,1,approve,,,,ann\n{b1},1,reject,,someday,,ann\n"
    ));
    let said = shop.fails(&apply, 3);
    for part in ["row 2, ", "no revision 7", "row 3, ", "take 12", "row 4: ", "row 5: ", "someday"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(shop.states().values().all(|(state, _)| state == "suggested"));

    // One line can be decided in one way; the same decision twice is one.
    write(&format!("{header}{a1},1,approve,,,,ann\n{a1},1,reject,,,,ann\n"));
    let said = shop.fails(&apply, 3);
    assert!(said.contains("row 2: row 1 decides otherwise about"), "{said}");
    write(&format!("{header}{b1},1,edit,12,,,ann\n{b1},1,edit,24,,,ann\n"));
    assert!(shop.fails(&apply, 3).contains("row 1 decides otherwise"));

    write(&format!(
        "{header}{a1},1,approve,,,,ann\n{a1},1,approve,,,,ann\n{a2},1,edit,9,,half,ann\n\
         {b1},1,reject,,2026-08-01,,\n"
    ));
    shop.command(&apply).assert().success();
    let states = shop.states();
    let of = |sku: &str| (states[sku].0.as_str(), states[sku].1.as_str());
    assert_eq!((of("A1").0, of("A2"), of("B1").0), ("approved", ("approved", "9"), "rejected"));
    // Applied once more: nothing differs.
    shop.command(&apply).assert().success();
    assert_eq!(shop.states(), states);
}

#[test]
fn a_file_of_decisions_may_come_back_from_a_spreadsheet() {
    let shop = Shop::new(APPROVE);
    let lines = orders(&shop.run(D[0]));
    let number = |sku: &str| {
        let line = lines.iter().find(|line| line["sku"] == sku).unwrap();
        format!("{};{}", line["po_number"], line["line"])
    };
    let (a1, a2) = (number("A1"), number("A2"));
    let text = format!(
        "\u{feff}po_number;line;revision;action;quantity;until;reason;by\r\n\
         {a1};1;approve;;;;ann\r\n\
         {a2};1;edit;9,0;;\"half, for now\";ann\r\n"
    );
    fs::write(shop.dir.path().join("d.csv"), text).unwrap();
    shop.command(&["orders", "apply", "d.csv"]).assert().success();
    let states = shop.states();
    assert_eq!((states["A1"].0.as_str(), states["A2"].1.as_str()), ("approved", "9"));
}

#[test]
fn a_look_back_and_a_labelled_run_read_the_ledger_and_leave_it_alone() {
    let shop = Shop::new("");
    shop.run(D[0]);
    let second = shop.run(D[1]);
    let ledger = shop.ledger();

    shop.command(&["run", "-q", "--as-of", D[1], "--label", "trial"]).assert().success();
    let trial = orders(&shop.dir.path().join("runs").join(format!("{}-trial", D[1])));
    assert_eq!(trial, orders(&second));
    shop.command(&["run", "-q", "--as-of", D[0]]).assert().code(1);
    let first = orders(&shop.dir.path().join("runs").join(D[0]));
    assert_eq!(first.len(), 3, "as of its day nothing was handed over yet");
    shop.command(&["run", "-q", "--as-of", D[2], "--label", "ahead"]).assert().success();
    assert_eq!(shop.ledger(), ledger);
}

#[test]
fn a_lost_or_damaged_ledger_stops_the_night_and_is_made_again_from_the_runs() {
    let shop = Shop::new("");
    shop.run(D[0]);
    let second = shop.run(D[1]);
    let (before, ledger) = (bytes(&second), shop.ledger());
    let file = shop.dir.path().join("runs/ledger.sqlite");
    let run = ["run", "-q", "--as-of", D[1]];
    assert!(shop.fails(&["orders", "rebuild"], 2).contains("can be used"));

    let whole = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(shop.fails(&run, 3).contains("restock orders rebuild"));
    fs::write(&file, "").unwrap();
    assert!(shop.fails(&run, 3).contains("restock orders rebuild"));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(shop.fails(&run, 3).contains("is a folder"));
    fs::remove_dir(&file).unwrap();
    // A copy from before the newest night has forgotten what that handed over.
    fs::write(&file, &whole).unwrap();
    shop.run(D[2]);
    fs::write(&file, &whole).unwrap();
    assert!(shop.fails(&run, 3).contains("is older than"));
    fs::remove_dir_all(shop.dir.path().join("runs").join(D[2])).unwrap();
    fs::write(&file, "po_number,line\nno ledger at all, and long enough to look like a file\n")
        .unwrap();
    assert!(shop.fails(&run, 3).contains("restock orders rebuild"));
    assert_eq!(bytes(&second), before);

    shop.command(&["orders", "rebuild"]).assert().success();
    assert_eq!(shop.ledger(), ledger);
    assert!(shop.dir.path().join("runs/ledger.sqlite.1").exists(), "the old file is kept");
    shop.run(D[1]);
    assert_eq!(bytes(&second), before);
    assert!(orders(&shop.run(D[2])).is_empty());
}

#[test]
fn a_run_that_was_killed_after_its_night_was_written_is_finished_by_the_next_command() {
    let shop = Shop::new("");
    let first = shop.run(D[0]);
    let before = bytes(&first);
    // As a process leaves it that dies between the commit and the rename.
    let building = shop.dir.path().join("runs").join(format!(".building-{}", D[0]));
    fs::rename(&first, &building).unwrap();
    let manifest = fs::read(building.join("manifest.json")).unwrap();
    let sha256 = restock::io::sha256(&manifest);
    let db = rusqlite::Connection::open(shop.dir.path().join("runs/ledger.sqlite")).unwrap();
    db.execute("INSERT INTO pending VALUES (?1, ?2)", [D[0], &sha256]).unwrap();
    drop(db);

    shop.command(&["orders", "list"]).assert().success();
    assert_eq!(bytes(&first), before);
    assert!(!building.exists());
    assert!(orders(&shop.run(D[1])).is_empty());
}

#[test]
fn an_export_of_open_orders_that_lost_its_rows_holds_one_night_and_is_believed_on_the_next() {
    let mut shop = Shop::new("[demand]\nspikes = \"keep\"");
    let (mut orders_csv, mut items, mut stock) = (
        "date,sku,quantity\n".to_owned(),
        "sku,supplier,unit_cost,lead_time_days\n".to_owned(),
        "sku,on_hand\n".to_owned(),
    );
    for item in 0..8 {
        writeln!(items, "I{item},ACME,2,10").unwrap();
        writeln!(stock, "I{item},10").unwrap();
        for day in 0..180_u64 {
            let start = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            writeln!(orders_csv, "{},I{item},3", start + chrono::Days::new(day)).unwrap();
        }
    }
    shop.tables.insert("orders", orders_csv);
    shop.tables.insert("items", items);
    shop.tables.insert("stock", stock);
    shop.set("receipts", "po_number,supplier,sku,quantity,ordered_on,received_on\n");
    let lines = orders(&shop.run(D[0]));
    assert_eq!(lines.len(), 8);
    let mut open = OPEN.to_owned();
    for line in &lines {
        let (number, sku, units) = (&line["po_number"], &line["sku"], &line["quantity"]);
        writeln!(open, "{number},ACME,{sku},{units},{},2026-07-10,", D[0]).unwrap();
    }
    shop.set("purchase_orders", &open);
    assert!(orders(&shop.run(D[1])).is_empty());

    shop.set("purchase_orders", OPEN);
    let run = shop.command(&["run", "--as-of", D[2]]).assert().code(1);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains("8 of the 8 order lines that were open"), "{said}");
    // For that night they count as open all the same.
    assert!(orders(&shop.dir.path().join("runs").join(D[2])).is_empty());

    // The table is whole again: nothing is needed.
    shop.set("purchase_orders", &open);
    shop.run(D[2]);
    assert!(orders(&shop.run(D[2])).is_empty());

    // Or its rows stay away: they are needed again.
    shop.set("purchase_orders", OPEN);
    shop.command(&["run", "-q", "--as-of", D[2]]).assert().code(1);
    let again = orders(&shop.run(D[3]));
    assert!(again.len() == 8 && again.iter().all(|line| line["state"] == "suggested"), "{again:?}");
}

#[test]
fn a_night_beyond_its_limit_or_far_beyond_the_nights_before_is_held() {
    let mut shop = Shop::new("[purchasing]\nmax_order_value = 100");
    let run = shop.command(&["run", "--as-of", D[0]]).assert().code(1);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(
        said.contains("Nothing goes out tonight") && said.contains("max_order_value"),
        "{said}"
    );
    let lines = orders(&shop.dir.path().join("runs").join(D[0]));
    assert!(lines.iter().all(|line| line["state"] == "held"), "{lines:?}");
    assert!(shop.states().values().all(|(state, _)| state == "suggested"));

    // A person lets them out all the same.
    shop.command(&["orders", "approve", "--all"]).assert().success();
    shop.settings = String::new();
    shop.write();
    let out = orders(&shop.run(D[1]));
    assert!(out.iter().all(|line| line["state"] == "approved") && out.len() == 3, "{out:?}");
}

#[test]
fn lines_beyond_the_limits_of_automatic_approval_wait_for_a_person() {
    let limits = |text: &str| format!("[purchasing.auto_approve]\n{text}");
    let states = |shop: &Shop| -> Vec<String> {
        orders(&shop.run(D[0])).iter().map(|line| line["state"].clone()).collect()
    };
    let mut shop = Shop::new(&limits("known_suppliers_only = true"));
    shop.set(
        "receipts",
        "po_number,supplier,sku,quantity,ordered_on,received_on\n\
        R1,ACME,A1,10,2026-05-01,2026-05-11\n",
    );
    assert_eq!(states(&shop), ["suggested", "suggested", "needs_review"]);
    // Nobody decided: it does not go out on the next night, whatever the limits are then.
    shop.settings = limits("");
    shop.write();
    let next = orders(&shop.run(D[1]));
    assert!(next.iter().any(|line| line["sku"] == "B1" && line["state"] == "needs_review"));
    fs::remove_dir_all(shop.dir.path().join("runs")).unwrap();
    shop.settings = limits("max_times_usual = 1.5");
    shop.write();
    assert_eq!(states(&shop), ["needs_review", "suggested", "suggested"], "A1 had 10 at most");
    shop.settings = limits("max_value = 150");
    shop.write();
    assert_eq!(states(&shop), ["needs_review", "needs_review", "suggested"]);
}

#[test]
fn hostile_names_reach_the_ledger_and_leave_it_as_text() {
    let mut shop = Shop::new(APPROVE);
    let items = "sku,description,supplier,unit_cost,pack_size,lead_time_days\n\
                 A1,\"=cmd|' /C calc'!A1\",\"x'); DROP TABLE lines;--\",2,10,10\n\
                 A2,\"two\nlines\",../../etc,3,1,10\nB1,\u{202e}Bowl,BOLT,1,12,10\n";
    shop.set("items", items);
    shop.run(D[0]);
    assert_eq!(shop.ledger().len(), 3);
    shop.command(&["orders", "approve", "--all", "--reason", "=1+1"]).assert().success();
    shop.command(&["orders", "export", "--output", "out"]).assert().success();
    for entry in fs::read_dir(shop.dir.path().join("out")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        assert!(name.chars().all(is_safe), "{name}");
    }
    assert!(orders(&shop.run(D[1])).is_empty());
    let listed = shop.command(&["orders", "list", "--all"]).assert().success();
    let listed = String::from_utf8_lossy(&listed.get_output().stdout).into_owned();
    assert!(!listed.contains('\u{202e}') && !listed.contains("two\nlines"), "{listed}");
}

/// What a shop's tables say of open orders, a line each: number, sku, units, day, reference.
fn open_orders(lines: &[(&str, &str, &str, &str, &str)]) -> String {
    let mut text = OPEN.to_owned();
    for (number, sku, units, day, reference) in lines {
        let supplier = if sku.starts_with('A') { "ACME" } else { "BOLT" };
        writeln!(text, "{number},{supplier},{sku},{units},{day},2026-07-10,{reference}").unwrap();
    }
    text
}

const RECEIPTS: &str = "po_number,supplier,sku,quantity,ordered_on,received_on\n";

fn skus(run: &Path) -> Vec<String> {
    orders(run).iter().map(|line| line["sku"].clone()).collect()
}

#[test]
fn an_order_by_hand_that_is_far_off_is_not_taken_for_a_line() {
    let mut shop = Shop::new("");
    shop.run(D[0]);
    shop.set("purchase_orders", &open_orders(&[("P9", "A1", "5", D[0], "")]));
    assert!(skus(&shop.run(D[1])).is_empty());
    assert_eq!(shop.states()["A1"].0, "sent");
    // Packs and units: the one that is equal in units is it.
    let both =
        [("P9", "A1", "5", D[0], ""), ("Q0", "A1", "6", D[0], ""), ("Q1", "A1", "60", D[0], "")];
    shop.set("purchase_orders", &open_orders(&both));
    shop.run(D[2]);
    let row = shop.ledger().into_iter().find(|row| row["sku"] == "A1").unwrap();
    assert_eq!((row["matched"].as_str(), row["state"].as_str()), ("Q1", "confirmed"));
}

#[test]
fn what_came_in_part_without_ever_being_open_counts_with_its_rest() {
    let mut shop = Shop::new("");
    let lines = orders(&shop.run(D[0]));
    let a1 = lines.iter().find(|line| line["sku"] == "A1").unwrap();
    let number = a1["po_number"].clone();
    let receipt =
        |units: &str, day: &str| format!("{RECEIPTS}{number},ACME,A1,{units},{},{day}\n", D[0]);
    shop.set("receipts", &receipt("10", D[1]));
    shop.set("stock", "sku,on_hand\nA1,40\nA2,10\nB1,10\n");
    let run = shop.run(D[2]);
    assert!(skus(&run).is_empty());
    let rest: i64 = a1["quantity"].parse::<i64>().unwrap() - 10;
    assert_eq!(rows(&run.join("plan.csv"))[0]["on_order"], rest.to_string());

    // A receipt of a day that is yet to come says nothing.
    shop.set("receipts", &receipt(&a1["quantity"], "2026-08-01"));
    assert!(skus(&shop.run(D[3])).is_empty());
    assert_eq!(shop.states()["A1"].0, "sent");
}

#[test]
fn packs_that_were_taken_for_units_once_stay_packs_when_some_have_come() {
    let mut shop = Shop::new("");
    shop.run(D[0]);
    let on_order = |run: &Path| {
        let plan = rows(&run.join("plan.csv"));
        plan.iter().find(|row| row["sku"] == "B1").unwrap()["on_order"].clone()
    };
    shop.set("purchase_orders", &open_orders(&[("P2", "B1", "9", D[0], "")]));
    assert_eq!(on_order(&shop.run(D[1])), "108");
    shop.set("purchase_orders", &open_orders(&[("P2", "B1", "8", D[0], "")]));
    assert_eq!(on_order(&shop.run(D[2])), "96");
}

#[test]
fn a_table_that_is_given_no_more_leaves_its_lines_on_order_until_they_should_have_come() {
    let mut shop = Shop::new("");
    let lines = orders(&shop.run(D[0]));
    let mut open = Vec::new();
    for line in &lines {
        let (number, sku, units) = (&*line["po_number"], &*line["sku"], &*line["quantity"]);
        open.push((number, sku, units, D[0], ""));
    }
    shop.set("purchase_orders", &open_orders(&open));
    shop.run(D[1]);
    assert!(shop.states().values().all(|(state, _)| state == "confirmed"));
    shop.tables.remove("purchase_orders");
    shop.write();
    assert!(skus(&shop.run(D[2])).is_empty(), "the table is gone, and not the orders");
    assert!(!skus(&shop.run("2026-07-20")).is_empty(), "they should have come by now");
}

#[test]
fn an_approved_line_of_an_item_that_ended_or_vanished_stops_no_night() {
    let mut shop = Shop::new(APPROVE);
    shop.run(D[0]);
    shop.command(&["orders", "approve", "--all"]).assert().success();
    let items = "sku,description,supplier,unit_cost,pack_size,lead_time_days,status\n\
                 A1,Mug,ACME,2,10,10,discontinued\nA2,Cup,ACME,3,1,10,active\n\
                 B1,Bowl,ACME,1,12,10,active\n";
    shop.set("items", items);
    let run = shop.run(D[1]);
    // What has another supplier now was approved for this one, and goes to it.
    assert_eq!(skus(&run), ["A2", "B1"]);
    assert!(run.join("purchase_orders/BOLT.csv").exists());
    let row = shop.ledger().into_iter().find(|row| row["sku"] == "A1").unwrap();
    assert_eq!(row["state"], "cancelled");
}

#[test]
fn a_rerun_keeps_the_numbers_of_the_run_that_it_replaces() {
    let mut shop = Shop::new(APPROVE);
    shop.set("stock", "sku,on_hand\nA1,900\nA2,10\nB1,900\n");
    let before = orders(&shop.run(D[0]));
    assert_eq!(before.len(), 1, "A2 alone");
    shop.set("stock", "sku,on_hand\nA1,10\nA2,5\nB1,900\n");
    let after = orders(&shop.run(D[0]));
    let of = |lines: &[Row], sku: &str| {
        let line = lines.iter().find(|line| line["sku"] == sku).unwrap();
        (line["po_number"].clone(), line["line"].clone())
    };
    assert_eq!(of(&after, "A2"), of(&before, "A2"));
    assert_ne!(of(&after, "A1"), of(&before, "A2"), "no other item gets its number");

    // A decision on what was seen before is refused: the quantity is another now.
    let (number, line) = of(&before, "A2");
    let text = format!("po_number,line,revision,action\n{number},{line},1,approve\n");
    fs::write(shop.dir.path().join("d.csv"), text).unwrap();
    assert!(shop.fails(&["orders", "apply", "d.csv"], 3).contains("no revision 1"));

    // Once approved, an item that needs more is ordered under another number.
    shop.command(&["orders", "approve", &number]).assert().success();
    shop.set("backorders", &format!("order_id,sku,quantity,ordered_on\nC1,A2,100,{}\n", D[0]));
    let more = orders(&shop.run(D[0]));
    let is_more = |line: &&Row| line["sku"] == "A2" && line["state"] == "suggested";
    let more = more.iter().find(is_more).unwrap();
    assert_ne!(more["po_number"], number, "an order has an item once");
}

#[test]
fn what_was_approved_counts_towards_the_minimum_of_the_order_that_it_goes_out_with() {
    let mut shop = Shop::new(APPROVE);
    let lines = orders(&shop.run(D[0]));
    let value: f64 = lines[..2].iter().map(|it| it["line_total"].parse::<f64>().unwrap()).sum();
    shop.set("suppliers", &format!("supplier,min_order_value\nACME,{value}\n"));
    let both = orders(&shop.run(D[0]));
    assert_eq!(names(&both), names(&lines), "together they reach it");

    let first = format!("{}:{}", lines[0]["po_number"], lines[0]["line"]);
    shop.command(&["orders", "approve", &first]).assert().success();
    let run = shop.run(D[1]);
    let quantities = |lines: &[Row]| -> Vec<(String, String)> {
        let of_acme = lines.iter().filter(|line| line["supplier"] == "ACME");
        of_acme.map(|line| (line["sku"].clone(), line["quantity"].clone())).collect()
    };
    assert_eq!(quantities(&orders(&run)), quantities(&lines), "nothing tops it up");
}

#[test]
fn what_was_approved_rides_in_the_container_of_the_order_that_it_goes_out_with() {
    let mut shop = Shop::new(APPROVE);
    let items = "sku,description,supplier,unit_cost,unit_price,pack_size,lead_time_days,weight_kg\n\
                 A1,Mug,ACME,2,5,10,10,1\nA2,Cup,ACME,3,8,1,10,1\nB1,Bowl,BOLT,1,2,12,10,1\n";
    shop.set("items", items);
    let lines = orders(&shop.run(D[0]));
    let kilograms: f64 = lines[..2].iter().map(|it| it["quantity"].parse::<f64>().unwrap()).sum();
    let container = format!("ACME,{kilograms},10000\n");
    shop.set("suppliers", &format!("supplier,container_weight_kg,container_cost\n{container}"));
    let both = orders(&shop.run(D[0]));
    let quantities = |lines: &[Row]| -> Vec<(String, String)> {
        let of_acme = lines.iter().filter(|line| line["supplier"] == "ACME");
        of_acme.map(|line| (line["sku"].clone(), line["quantity"].clone())).collect()
    };
    assert_eq!(quantities(&both), quantities(&lines), "the two fill one container");

    // With one of them approved the other has no room to fill, however dear an empty one is.
    let first = format!("{}:{}", lines[0]["po_number"], lines[0]["line"]);
    shop.command(&["orders", "approve", &first]).assert().success();
    assert_eq!(quantities(&orders(&shop.run(D[1]))), quantities(&lines));
}

/// A shop of six items, the orders of which the purchasing system has; gives its lines.
fn confirmed(lead_time_days: u32, receipts: bool) -> (Shop, Vec<Row>) {
    let mut shop = Shop::new("");
    let skus = ["A1", "A2", "B1", "C1", "C2", "C3"];
    let mut sold = "date,sku,quantity\n".to_owned();
    for day in 0..180_u64 {
        let date = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(day);
        skus.iter().for_each(|sku| writeln!(sold, "{date},{sku},4").unwrap());
    }
    let items = skus.map(|sku| format!("{sku},ACME,2,{lead_time_days}\n")).concat();
    shop.set("orders", &sold);
    shop.set("items", &format!("sku,supplier,unit_cost,lead_time_days\n{items}"));
    let stock = skus.map(|sku| format!("{sku},10\n")).concat();
    shop.set("stock", &format!("sku,on_hand\n{stock}"));
    if receipts {
        let header = "po_number,supplier,sku,quantity,ordered_on,received_on\n";
        shop.set("receipts", &format!("{header}OLD,ACME,A1,10,2026-05-01,2026-05-21\n"));
    }

    let lines = orders(&shop.run(D[0]));
    let row = |line: &Row| {
        let [number, sku, quantity] = ["po_number", "sku", "quantity"].map(|name| &line[name]);
        format!("{number},ACME,{sku},{quantity},{},{},\n", D[0], line["requested_date"])
    };
    shop.set("purchase_orders", &(OPEN.to_owned() + &lines.iter().map(row).collect::<String>()));
    assert!(orders(&shop.run(D[1])).is_empty(), "all is on order");
    (shop, lines)
}

#[test]
fn a_table_of_open_orders_that_lost_its_rows_buys_nothing_again() {
    for receipts in [true, false] {
        let (mut shop, lines) = confirmed(20, receipts);
        assert_eq!(lines.len(), 6);
        let whole = shop.tables["purchase_orders"].clone();
        shop.set("purchase_orders", OPEN);
        shop.command(&["run", "-q", "--as-of", D[2]]).assert().code(1);
        let run = shop.dir.path().join("runs").join(D[2]);
        assert!(orders(&run).iter().all(|line| line["state"] == "held"), "{receipts}");
        let found = fs::read_to_string(run.join("exceptions.csv")).unwrap();
        assert!(found.contains("6 of the 6 order lines that were open are neither"), "{found}");

        // The next export is whole again, and so is the ledger.
        shop.set("purchase_orders", &whole);
        assert!(orders(&shop.run(D[3])).is_empty());
        let states = shop.states();
        assert!(states.values().all(|(state, _)| state == "confirmed"), "{states:?}");
    }

    // Without receipts what was due soon may have come: its end is no gap.
    let (mut shop, _) = confirmed(6, false);
    shop.set("purchase_orders", OPEN);
    shop.run(D[2]);
    let received = shop.ledger().iter().filter(|row| row["state"] == "received").count();
    assert_eq!(received, 6);
}

#[test]
fn what_a_decision_did_is_told_by_person_and_reason_when_its_time_is_over() {
    // Mugs sell 4 a day; the time that an order covers is over after some weeks.
    let mut shop = Shop::new(APPROVE);
    let lines = orders(&shop.run(D[0]));
    let name = |sku: &str| {
        let line = lines.iter().find(|line| line["sku"] == sku).unwrap();
        format!("{}:{}", line["po_number"], line["line"])
    };
    let quantity = |sku: &str| -> i64 {
        lines.iter().find(|line| line["sku"] == sku).unwrap()["quantity"].parse().unwrap()
    };
    let more = (quantity("A1") + 100).to_string();
    let decide = |action: &str, sku: &str, more: &[&str]| {
        let line = name(sku);
        let args = [&["orders", action, &line], more].concat();
        shop.command(&args).assert().success();
    };
    decide("edit", "A1", &["--quantity", &more, "--by", "@ann", "--reason", "fair"]);
    decide("reject", "A2", &["--by", "bob", "--reason", "dead"]);
    decide("approve", "B1", &["--by", "ann"]);

    let edits = |day: &str| rows(&shop.run(day).join("edits.csv"));
    let next = edits(D[1]);
    assert_eq!(next.len(), 2, "what was only approved is no edit: {next:#?}");
    assert_eq!((&*next[0]["by"], &*next[0]["reason"], &*next[0]["demand"]), ("'@ann", "fair", ""));
    assert_eq!((&*next[1]["ordered_quantity"], &*next[1]["by"]), ("0", "bob"));
    let to = next[0]["to"].clone();
    assert_eq!(edits(D[1]), next, "a night run again says the same");
    assert_eq!(edits(D[2]), next, "and so does the next");
    let none = shop.command(&["report", "--edits"]).assert().success();
    let said = String::from_utf8_lossy(&none.get_output().stdout).into_owned();
    assert!(said.contains("no decision can be judged yet; 2 remembered"), "{said}");

    // Demand goes on as it was, but for the mugs of ann's fair: 5 a day more.
    let (first, last): (chrono::NaiveDate, chrono::NaiveDate) =
        (D[0].parse().unwrap(), to.parse().unwrap());
    let mut demand = shop.tables["orders"].clone();
    for date in first.iter_days().take_while(|date| *date < last) {
        writeln!(demand, "{date},A1,9\n{date},A2,2\n{date},B1,6").unwrap();
    }
    shop.set("orders", &demand);
    let judged = rows(&shop.run(&to).join("edits.csv"));
    let number = |at: usize, column: &str| judged[at][column].parse::<f64>().unwrap();
    let days = (last - D[1].parse::<chrono::NaiveDate>().unwrap()).num_days() as f64;
    // The first week is taken by its share, and began with a day of 4.
    assert!((number(0, "demand") - 9.0 * days).abs() < 5.0, "{judged:#?}");
    // 100 more on a position of 90 or so: twice the demand was expected by it, and more.
    let ratio = number(0, "implied_demand") / number(0, "expected_demand");
    assert!((ratio - 190.0 / 90.0).abs() < 0.2, "{judged:#?}");
    let error = |column: &str| (number(0, "demand") - number(0, column)).abs();
    let added = error("expected_demand") - error("implied_demand");
    assert!((number(0, "value_added_units") - added).abs() < 0.01 && added > 0.0, "{judged:#?}");
    assert!(number(1, "value_added_units") < 0.0, "cups went on selling: {judged:#?}");

    let told = shop.command(&["report", "--edits", "--format", "csv"]).assert().success();
    let told = String::from_utf8_lossy(&told.get_output().stdout).into_owned();
    assert!(told.contains("@ann,fair,1,1,0,") && told.contains("\nbob,dead,1,0,1,-"), "{told}");
    let review = rows(&shop.dir.path().join("runs").join(&to).join("review.csv"));
    let row = review.last().unwrap();
    assert_eq!((&*row["edits_judged"], &*row["edits_better"]), ("2", "1"), "{row:#?}");

    // What was judged stays so, and is carried on.
    let after = (last + chrono::Days::new(1)).to_string();
    assert_eq!(rows(&shop.run(&after).join("edits.csv")), judged);
}

#[test]
fn a_rejection_outlasts_a_blocked_night_and_can_be_taken_back() {
    let mut shop = Shop::new(APPROVE);
    let lines = orders(&shop.run(D[0]));
    let a1 = format!("{}:{}", lines[0]["po_number"], lines[0]["line"]);
    shop.command(&["orders", "reject", &a1]).assert().success();
    let stock = shop.tables["stock"].clone();
    shop.set("stock", "sku,on_hand\nA1,abc\nA2,10\nB1,oops\n");
    shop.run(D[1]);
    shop.set("stock", &stock);
    let after = orders(&shop.run(D[2]));
    let listed: Vec<(&str, &str)> =
        after.iter().map(|line| (&*line["sku"], &*line["po_number"])).collect();
    let b1 = lines.iter().find(|line| line["sku"] == "B1").unwrap();
    assert_eq!(listed[1], ("B1", &*b1["po_number"]), "a blocked night takes no number away");
    assert!(listed.iter().all(|(sku, _)| *sku != "A1"), "{listed:?}");
    shop.command(&["orders", "approve", &a1]).assert().success();
    assert_eq!(shop.states()["A1"].0, "approved");
}

#[test]
fn exports_do_not_cover_each_other_and_look_backs_hand_nothing_over() {
    let mut shop = Shop::new(APPROVE);
    let lines = orders(&shop.run(D[0]));
    let name = |at: usize| format!("{}:{}", lines[at]["po_number"], lines[at]["line"]);
    let export = ["orders", "export", "--output", "out"];
    shop.command(&["orders", "approve", &name(0)]).assert().success();
    shop.command(&export).assert().success();
    shop.command(&["orders", "approve", &name(1)]).assert().success();
    assert!(shop.fails(&export, 2).contains("is there already"));
    assert_eq!(shop.states()["A2"].0, "approved", "nothing is said to be handed over");

    shop.settings = String::new();
    shop.write();
    shop.run(D[1]);
    let back = shop.command(&["run", "--as-of", D[0]]).assert().code(1);
    let said = String::from_utf8_lossy(&back.get_output().stderr).into_owned();
    assert!(said.contains("a look back"), "{said}");
    let folder = shop.dir.path().join("runs").join(D[0]).join("purchase_orders");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}
