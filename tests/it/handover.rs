//! Hand-over profiles through the front door: what a run writes by them, and that the night after
//! knows its orders again when they come back as another system's export.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use restock::config::Settings;
use restock::config::placeholders::Placeholder;
use restock::config::presets::{PRESETS, read_back};
use restock::config::source::Overlay;
use restock::domain::calendar::date_of;
use restock::io::{AsOf, load};

use crate::shop::{bytes, restock, rows};
use crate::source::root;

type Row = BTreeMap<String, String>;

/// Nights after the history.
const D: [&str; 3] = ["2026-06-30", "2026-07-01", "2026-07-02"];

/// Items with what makes exports hard: zeros in front, a sku that looks like a formula, fractions,
/// quotes, umlauts, a lead time of their own.
const ITEMS: &str = "\
sku,description,supplier,supplier_sku,gtin,unit_cost,unit_price,pack_size,uom,lead_time_days
00420,\"Tasse \"\"groß\"\", 2er\",ACME,-100,4006381333931,2.25,5,10,Stück,
=A1+B1,Cup,ACME,C*2,,3.1,8,1,,
E5,\"=Kaffee, geröstet\",ACME,,012345678905,12.345,20,0.5,kg,21
B1,Bowl,BOLT,BB-1,,1,2,12,pc,
";

const SUPPLIERS: &str = "\
supplier,name,lead_time_days,email,currency
ACME,Acme GmbH & Söhne,10,orders@acme.example,EUR
BOLT,,14,,EUR
";

const LOCATIONS: &str = "location,name\ndepot,\"Depot, Hamburg\"\nshop,Shop\n";

const OPEN: &str = "po_number,supplier,sku,quantity,ordered_on,expected_on,location,reference\n";

const BUYER: &str = "[handover_buyer]\nname = \"Haus & Hof GmbH\"\ngln = \"4012345000009\"\n\
                     address = \"Lange Straße 1, 20095 Hamburg\"\ncountry = \"Germany\"\n\
                     currency = \"EUR\"\n";

/// A shop of four items at two locations, the stock of which runs low.
struct Shop {
    dir: tempfile::TempDir,
    open: String,
}

impl Shop {
    fn new(settings: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut orders = "date,sku,quantity,location\n".to_owned();
        let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        for day in 0..180_u64 {
            let date = first + chrono::Days::new(day);
            for (sku, units) in [("00420", 4.0), ("=A1+B1", 2.0), ("E5", 1.5), ("B1", 6.0)] {
                writeln!(orders, "{date},{sku},{units},depot").unwrap();
                writeln!(orders, "{date},{sku},{},shop", units * 0.5).unwrap();
            }
        }
        let mut stock = "sku,location,on_hand\n".to_owned();
        for sku in ["00420", "=A1+B1", "E5", "B1"] {
            writeln!(stock, "{sku},depot,9\n{sku},shop,3").unwrap();
        }
        for (table, text) in [
            ("orders", &*orders),
            ("stock", &*stock),
            ("items", ITEMS),
            ("suppliers", SUPPLIERS),
            ("locations", LOCATIONS),
            ("purchase_orders", OPEN),
        ] {
            fs::write(dir.path().join(format!("{table}.csv")), text).unwrap();
        }
        let shop = Self { dir, open: "path = \"purchase_orders.csv\"".to_owned() };
        shop.configure(settings);
        shop
    }

    /// Writes the configuration.
    fn configure(&self, settings: &str) {
        let mut text = format!("[forecast]\nmodel = \"moving-average\"\n{BUYER}{settings}\n");
        for table in ["orders", "stock", "items", "suppliers", "locations"] {
            writeln!(text, "[inputs.{table}]\npath = \"{table}.csv\"").unwrap();
        }
        writeln!(text, "[inputs.purchase_orders]\n{}", self.open).unwrap();
        fs::write(self.dir.path().join("restock.toml"), text).unwrap();
    }

    /// Replaces a text in a table.
    fn change(&self, table: &str, from: &str, to: &str) {
        let path = self.dir.path().join(format!("{table}.csv"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{table} lacks {from}");
        fs::write(path, text.replace(from, to)).unwrap();
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

    /// What the command says when it ends with a code.
    fn ends(&self, args: &[&str], code: i32) -> String {
        let out = self.command(args).assert().code(code);
        let stdout = String::from_utf8_lossy(&out.get_output().stdout).into_owned();
        stdout + &String::from_utf8_lossy(&out.get_output().stderr)
    }

    /// The state of each line of the ledger, by sku and location.
    fn states(&self) -> BTreeMap<(String, String), String> {
        let out = self.command(&["orders", "list", "--all", "--format", "csv"]).assert().success();
        let path = self.dir.path().join("listed.csv");
        fs::write(&path, &out.get_output().stdout).unwrap();
        let named =
            |row: Row| ((row["sku"].clone(), row["location"].clone()), row["state"].clone());
        rows(&path).into_iter().map(named).collect()
    }
}

/// The files of a profile by name.
fn handed(run: &Path, profile: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = run.join("handover").join(profile);
    if !folder.exists() {
        return BTreeMap::new();
    }
    let name = |path: PathBuf| path.to_str().unwrap().to_owned();
    bytes(&folder).into_iter().map(|(path, bytes)| (name(path), bytes)).collect()
}

fn text_of(run: &Path, profile: &str, file: &str) -> String {
    let files = handed(run, profile);
    let bytes = files.get(file).unwrap_or_else(|| panic!("{file} is not in {:?}", files.keys()));
    String::from_utf8(bytes.clone()).unwrap()
}

/// Findings of a run by code, with their messages.
fn found(run: &Path, code: &str) -> Vec<String> {
    let all = rows(&run.join("exceptions.csv")).into_iter();
    all.filter(|row| row["code"] == code).map(|row| row["message"].clone()).collect()
}

/// Compares files with those in the repository; `UPDATE_GOLDENS=1` writes these anew.
#[allow(
    clippy::disallowed_methods,
    reason = "goldens are written again by an environment variable"
)]
fn assert_golden(profile: &str, files: &BTreeMap<String, Vec<u8>>) {
    let folder = root().join("tests/it/goldens/handover").join(profile);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
    let names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        names.iter().collect::<BTreeSet<_>>(),
        files.keys().collect::<BTreeSet<_>>(),
        "files of {profile}"
    );
    for (name, bytes) in files {
        let golden = fs::read(folder.join(name)).unwrap();
        assert!(
            golden == *bytes,
            "{profile}/{name} is not what it was:\n{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

/// A profile of an electronic format, with all that it needs.
const EDI: &str = "[[handover]]\nname = \"x12\"\nformat = \"x12-850\"\n\
    one_file_per = \"supplier\"\n\
    map.supplier = { ACME = \"01:006927180\", BOLT = \"4000001000005\" }\n\
    map.location = { depot = \"4012345000108\", shop = \"02\" }\n";
const UBL: &str = "[[handover]]\nname = \"ubl\"\nformat = \"ubl-order\"\n\
    map.supplier = { ACME = \"006927180\", BOLT = \"4000001000005\" }\n";

/// A table as spreadsheets in Germany read it.
const GERMAN: &str = "[[handover]]\nname = \"german\"\none_file_per = \"run\"\n\
    encoding = \"windows-1252\"\ndelimiter = \";\"\ndecimal = \",\"\ndate_format = \"%d.%m.%Y\"\n\
    second_header = [\"Nummer\", \"\", \"\", \"\", \"\", \"\"]\n\
    columns = [[\"Bestellung\", \"{number}\"], [\"Artikel\", \"{sku}\"], \
    [\"Text\", \"{description}\"], [\"Menge\", \"{quantity} {uom|Stk}\"], \
    [\"Summe\", \"{line_total}\"], [\"Termin\", \"{requested_date}\"]]\n";

#[test]
fn every_preset_and_format_writes_what_it_wrote_before() {
    let mut profiles: BTreeMap<&str, String> = PRESETS
        .iter()
        .map(|(name, _)| (*name, format!("[[handover]]\npreset = \"{name}\"\n")))
        .collect();
    profiles.extend([("x12", EDI.into()), ("ubl", UBL.into()), ("german", GERMAN.into())]);
    for (name, settings) in profiles {
        let shop = Shop::new(&settings);
        let run = shop.run(D[0]);
        assert_eq!(rows(&run.join("purchase_orders.csv")).len(), 8);
        assert_eq!(found(&run, "DQ115"), Vec::<String>::new(), "{name}");
        assert_golden(name, &handed(&run, name));

        // The same night again has the same bytes, whenever they are written.
        let again = shop.ends(&["run", "--as-of", D[0]], 0);
        assert!(again.contains("Unchanged run"), "{name}: {again}");
    }
}

/// Presets whose format has no location: their files are read one location at a time.
const WITHOUT_LOCATION: [&str; 3] = ["odoo", "shopify-app", "xero"];

#[test]
fn what_a_preset_wrote_is_read_back_as_the_same_orders() {
    for (name, _) in PRESETS {
        let is_by_location = WITHOUT_LOCATION.contains(&name);
        let mut profile = format!("[[handover]]\npreset = \"{name}\"\n");
        if is_by_location {
            profile += "one_file_per = \"order\"\nfile = \"{location}-{number}.csv\"\n";
        }
        let mut shop = Shop::new(&profile);
        let run = shop.run(D[0]);
        let ordered = rows(&run.join("purchase_orders.csv"));

        let (files, location) = match is_by_location {
            true => ("depot-*.csv", "location = \"depot\"\n"),
            false => ("*", ""),
        };
        let keys = read_back(name).unwrap();
        shop.open = format!("path = \"runs/{}/handover/{name}/{files}\"\n{location}{keys}", D[0]);
        shop.configure(&profile);
        let back: Vec<Row> = ordered
            .into_iter()
            .filter(|row| !is_by_location || row["location"] == "depot")
            .collect();
        assert_eq!(open_orders(&shop), expected(name, &back), "{name}");

        // Nothing is ordered twice, and the ledger knows its orders by their number.
        let next = shop.run(D[1]);
        assert_eq!(rows(&next.join("purchase_orders.csv")), Vec::<Row>::new(), "{name}");
        let states = shop.states();
        assert_eq!(states.len(), 8);
        for ((sku, location), state) in states {
            let is_back = !is_by_location || location == "depot";
            let expected = if is_back { "confirmed" } else { "sent" };
            assert_eq!(state, expected, "{name}: {sku} at {location}");
        }
    }
}

/// What the table of open orders holds: reference, supplier, sku, location, quantity and dates.
fn open_orders(shop: &Shop) -> BTreeSet<Vec<String>> {
    let path = shop.dir.path().join("restock.toml");
    let settings = Settings::load(&path, &Overlay::default()).unwrap();
    let night = (D[1].parse::<chrono::NaiveDate>().unwrap()
        - chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap())
    .num_days();
    let loaded = load(&settings, AsOf::Day(night as i32), &()).unwrap();
    let date = |day: Option<i32>| day.map(|day| date_of(day).to_string()).unwrap_or_default();
    let open = loaded.tables.purchase_orders.unwrap().into_iter();
    open.map(|row| {
        vec![
            row.reference.as_deref().unwrap_or_default().to_owned(),
            row.supplier.to_string(),
            row.key.sku.to_string(),
            row.key.location.to_string(),
            row.quantity.to_string(),
            date(row.ordered_on),
            date(row.expected_on),
        ]
    })
    .collect()
}

/// The same of what was ordered, as far as the preset's format has it.
fn expected(preset: &str, ordered: &[Row]) -> BTreeSet<Vec<String>> {
    let earliest = |number: &str| {
        let of_order = ordered.iter().filter(|row| row["po_number"] == number);
        of_order.map(|row| row["requested_date"].clone()).min().unwrap()
    };
    let fields = |row: &Row| {
        let number = &row["po_number"];
        let reference = if preset == "cin7-omni" { format!("PO-{number}") } else { number.clone() };
        let (ordered_on, expected_on) = match preset {
            "shopify-app" => (String::new(), String::new()),
            "xero" => (row["order_date"].clone(), earliest(number)),
            _ => (row["order_date"].clone(), row["requested_date"].clone()),
        };
        let [supplier, sku, location, quantity] =
            ["supplier", "sku", "location", "quantity"].map(|name| row[name].clone());
        vec![reference, supplier, sku, location, quantity, ordered_on, expected_on]
    };
    ordered.iter().map(fields).collect()
}

#[test]
fn a_profile_that_lacks_a_word_costs_its_file_and_no_order() {
    let broken = "[[handover]]\npreset = \"netsuite\"\none_file_per = \"order\"\n\
                  file = \"{number}.csv\"\nmap.location = { depot = \"Stores - DE\" }\n";
    let without_buyer = format!("{UBL}map.location = {{ depot = \"1\" }}\n");
    for (settings, profile, files) in
        [(broken.to_owned(), "netsuite", 2), (without_buyer, "ubl", 2)]
    {
        let shop = Shop::new(&settings);
        let said = shop.ends(&["check"], 2);
        assert!(said.contains("`map.location` has no entry for \"shop\""), "{said}");
        let said = shop.ends(&["run", "--as-of", D[0], "--fail-on", "error"], 1);
        assert!(said.contains("handover_not_written"), "{said}");

        let run = shop.dir.path().join("runs").join(D[0]);
        assert_eq!(rows(&run.join("purchase_orders.csv")).len(), 8);
        assert!(run.join("purchase_orders/ACME.csv").exists());
        let written = handed(&run, profile);
        assert_eq!(written.len(), files, "{:?}", written.keys());
        assert!(written.keys().all(|name| name.contains("depot")), "{:?}", written.keys());
        let messages = found(&run, "DQ115");
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].contains("260630-ACME-shop"), "{messages:?}");
        assert!(shop.states().values().all(|state| state == "sent"));
        // Without --fail-on the night is done.
        shop.run(D[1]);
    }
}

#[test]
fn electronic_formats_need_both_sides_of_an_order() {
    for format in ["x12-850", "ubl-order"] {
        let settings =
            format!("[[handover]]\nname = \"e\"\nformat = \"{format}\"\nsuppliers = \"ACME\"\n");
        let shop = Shop::new(&settings);
        let path = shop.dir.path().join("restock.toml");
        let text = fs::read_to_string(&path).unwrap().replace(BUYER, "");
        fs::write(path, text).unwrap();
        shop.change("items", ",kg,", ",barrel,");

        let said = shop.ends(&["check"], 2);
        for missing in [
            "`handover_buyer.name` is not given",
            "`handover_buyer.gln` is not given",
            "`map.supplier` has no entry for \"ACME\"",
            "`map.uom` has no code for the unit \"barrel\"",
        ] {
            assert!(said.contains(missing), "{format}: {missing} is not in {said}");
        }
        // Nobody but ACME is concerned; that nothing lays out the others' orders is worth a word.
        assert!(!said.contains("\"BOLT\""), "{said}");
        assert!(said.contains("no hand-over profile takes the orders of BOLT"), "{said}");
        let run = shop.run(D[0]);
        assert!(handed(&run, "e").is_empty());
        assert_eq!(rows(&run.join("purchase_orders.csv")).len(), 8);
    }
}

#[test]
fn an_identifier_that_x12_cannot_hold_is_refused() {
    for (id, word) in [("2", "2 to 15"), ("4012345000108777", "2 to 15")] {
        let settings = EDI.replace("01:006927180", id);
        let said = Shop::new(&settings).ends(&["check"], 2);
        assert!(said.contains(word), "{said}");
    }
    // A location is one, too, though it is no side of an interchange.
    let said = Shop::new(&EDI.replace("\"02\"", "\"2\"")).ends(&["check"], 2);
    assert!(said.contains("\"2\" has not 2 to 80 characters of X12"), "{said}");
}

#[test]
fn an_unknown_placeholder_is_answered_with_the_nearest_one() {
    let settings = "[[handover]]\nname = \"a\"\ncolumns = [[\"Item\", \"{suplier_sku}\"]]\n";
    let shop = Shop::new(settings);
    for args in [["check", "-q"], ["run", "-q"]] {
        let said = shop.ends(&args, 2);
        assert!(said.contains("did you mean `supplier_sku`?"), "{said}");
    }
    assert!(!shop.dir.path().join("runs").exists());
}

#[test]
fn the_first_profile_that_matches_takes_an_order() {
    let settings = "[[handover]]\nname = \"bolt\"\nsuppliers = [\"B*\", \"X\"]\n\
                    [[handover]]\nname = \"rest\"\nsuppliers = \"*\"\n";
    let shop = Shop::new(settings);
    let run = shop.run(D[0]);
    let names = |profile| handed(&run, profile).into_keys().collect::<Vec<_>>();
    assert_eq!(names("bolt"), ["260630-BOLT-depot.csv", "260630-BOLT-shop.csv"]);
    assert_eq!(names("rest"), ["260630-ACME-depot.csv", "260630-ACME-shop.csv"]);
    assert_eq!(found(&run, "DQ116"), Vec::<String>::new());
    // Without columns they are those of all orders.
    let header = text_of(&run, "rest", "260630-ACME-shop.csv");
    let all = fs::read_to_string(run.join("purchase_orders.csv")).unwrap();
    assert_eq!(header.lines().next(), all.lines().next());

    let shop = Shop::new("[[handover]]\nname = \"bolt\"\nsuppliers = \"BOLT\"\n");
    let run = shop.run(D[0]);
    let messages = found(&run, "DQ116");
    assert!(messages.len() == 1 && messages[0].ends_with("the orders of ACME"), "{messages:?}");
    // Without any profile that is no news.
    let shop = Shop::new("");
    assert_eq!(found(&shop.run(D[0]), "DQ116"), Vec::<String>::new());
}

#[test]
fn a_long_order_is_split_and_known_again_part_by_part() {
    let profile = "[[handover]]\nname = \"few\"\nmax_lines = 2\nnumber = \"NO {po_number}/x\"\n\
                   columns = [[\"po\", \"{number}\"], [\"supplier\", \"{supplier}\"], \
                   [\"sku\", \"{sku}\"], [\"qty\", \"{quantity}\"], [\"day\", \"{order_date}\"], \
                   [\"place\", \"{location}\"]]\n";
    let mut shop = Shop::new(profile);
    let run = shop.run(D[0]);
    let files = handed(&run, "few");
    assert_eq!(files.len(), 6, "{:?}", files.keys());
    let lines = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).lines().count() - 1;
    assert_eq!(files.values().map(lines).sum::<usize>(), 8);
    assert!(files.values().all(|bytes| lines(bytes) <= 2));
    let texts: String = files.values().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    assert!(texts.contains("\nNO 260630-ACME-shop-2/x,ACME,"), "{texts}");

    shop.open = format!(
        "path = \"runs/{}/handover/few/*\"\ncolumns = {{ po_number = \"po\", quantity = \"qty\", \
         ordered_on = \"day\", location = \"place\", reference = \"po\" }}",
        D[0]
    );
    shop.configure(profile);
    // The quantity there differs: only the number can say which order it is.
    let name = files.keys().find(|name| name.contains("ACME-shop-2")).unwrap();
    let path = run.join("handover/few").join(name);
    let text = fs::read_to_string(&path).unwrap();
    let fields: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
    let more = text.replace(&format!(",{},", fields[3]), ",5000,");
    assert_ne!(text, more);
    fs::write(&path, more).unwrap();
    let next = shop.run(D[1]);
    assert!(shop.states().values().all(|state| state == "confirmed"), "{:?}", shop.states());
    assert_eq!(found(&next, "DQ101").len(), 1);
    assert!(rows(&next.join("purchase_orders.csv")).is_empty());
}

#[test]
fn parts_of_an_order_have_files_of_their_own_whatever_the_template() {
    let profile = "[[handover]]\nname = \"few\"\nmax_lines = 1\nfile = \"{po_number}.csv\"\n\
                   suppliers = \"ACME\"\n";
    let shop = Shop::new(profile);
    let run = shop.run(D[0]);
    let names: Vec<String> = handed(&run, "few").into_keys().collect();
    let expected = ["depot-2", "depot-3", "depot", "shop-2", "shop-3", "shop"];
    assert_eq!(names, expected.map(|part| format!("260630-ACME-{part}.csv")));
    // The first profile's format has the order's own number on every part.
    let text = text_of(&run, "few", "260630-ACME-shop-3.csv");
    assert!(text.lines().nth(1).unwrap().starts_with("260630-ACME-shop,3,"), "{text}");
}

#[test]
fn words_of_a_profile_and_names_are_read_back_as_the_codes_that_they_stand_for() {
    let profile = "[[handover]]\npreset = \"erpnext\"\n\
                   map.location = { depot = \"Stores - DE\", shop = \"Shop - DE\" }\n\
                   map.sku = { \"00420\" = \"MUG\", \"=A1+B1\" = \"CUP\", E5 = \"E5\", \
                   B1 = \"B1\" }\n";
    let mut shop = Shop::new(profile);
    let run = shop.run(D[0]);
    let text = text_of(&run, "erpnext", "orders.csv");
    assert!(text.contains(",Stores - DE\n") && text.contains(",MUG,"), "{text}");
    assert!(!text.contains("00420"), "{text}");
    let ordered = rows(&run.join("purchase_orders.csv"));
    let keys = read_back("erpnext").unwrap();
    shop.open = format!("path = \"runs/{}/handover/erpnext/orders.csv\"\n{keys}", D[0]);
    shop.configure(profile);
    assert_eq!(open_orders(&shop), expected("erpnext", &ordered));

    // A name that two suppliers have is nobody's, and a code is never taken for a name.
    shop.change("suppliers", "BOLT,,", "BOLT,Acme GmbH & Söhne,");
    let suppliers: BTreeSet<String> =
        open_orders(&shop).into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(suppliers, BTreeSet::from(["Acme GmbH & Söhne".to_owned(), "BOLT".to_owned()]));
    shop.change("suppliers", "BOLT,Acme GmbH & Söhne,", "BOLT,ACME,");
    shop.change("suppliers", "ACME,Acme GmbH & Söhne,", "ACME,,");
    shop.open = "path = \"purchase_orders.csv\"".to_owned();
    shop.configure(profile);
    let line = "X1,ACME,E5,5,2026-06-29,2026-07-09,depot,\n";
    fs::write(shop.dir.path().join("purchase_orders.csv"), format!("{OPEN}{line}")).unwrap();
    assert_eq!(open_orders(&shop).first().unwrap()[1], "ACME");
}

#[test]
fn approved_orders_are_written_by_a_profile_by_hand() {
    let profile = "[purchasing]\nhandover = \"approve\"\n[[handover]]\npreset = \"odoo\"\n\
                   [[handover]]\nname = \"mapped\"\nmap.location = { depot = \"1\" }\n\
                   columns = [[\"place\", \"{location}\"], [\"ean\", \"{gtin}\"]]\n";
    let shop = Shop::new(profile);
    let run = shop.run(D[0]);
    assert!(!run.join("handover").exists(), "nobody has approved anything");
    let said = shop.ends(&["orders", "export", "--profile", "odoo", "--output", "out"], 2);
    assert!(said.contains("none of these lines is approved"), "{said}");
    shop.ends(&["orders", "approve", "260630-ACME-shop", "--by", "Ada"], 0);

    let export = ["orders", "export", "--profile", "odoo", "--output", "out", "--by", "Ada"];
    let said = shop.ends(&["orders", "export", "--profile", "oddo", "--output", "out"], 2);
    assert!(said.contains("did you mean `odoo`?"), "{said}");
    let said = shop.ends(&["orders", "export", "--profile", "mapped", "--output", "out"], 2);
    assert!(said.contains("has no entry for \"shop\""), "{said}");
    assert!(!shop.dir.path().join("out").exists(), "nothing is handed over by half");
    assert!(!shop.states().values().any(|state| state == "sent"));

    shop.ends(&export, 0);
    let text = fs::read_to_string(shop.dir.path().join("out/orders.csv")).unwrap();
    assert_eq!(text.lines().count(), 4);
    assert!(text.contains("restock_260630-ACME-shop,Acme GmbH & Söhne,"), "{text}");
    let states = shop.states();
    let mut sent = states.iter().filter(|(_, state)| *state == "sent").map(|(key, _)| key);
    assert!(sent.clone().count() == 3 && sent.all(|(_, location)| location == "shop"));
    // What was handed over can be laid out again by its number, not over what lies there.
    let again = ["orders", "export", "260630-ACME-shop", "--profile", "odoo", "--output", "out"];
    assert!(shop.ends(&again, 2).contains("is there already"));
    let others = ["orders", "approve", "260630-BOLT-depot", "--by", "Ada"];
    shop.ends(&others, 0);
    // What is approved goes out with the night, by the first profile that takes it.
    let next = shop.run(D[1]);
    let text = text_of(&next, "odoo", "orders.csv");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("260630-BOLT-depot"), "{text}");
}

#[test]
fn a_look_back_and_a_run_beside_the_nights_hand_nothing_over() {
    let shop = Shop::new("[[handover]]\npreset = \"odoo\"\n");
    shop.ends(&["run", "-q", "--as-of", D[0], "--label", "try"], 0);
    assert!(!shop.dir.path().join(format!("runs/{}-try/handover", D[0])).exists());
    assert!(shop.run(D[1]).join("handover").exists());
    shop.ends(&["run", "-q", "--as-of", D[0]], 1);
    assert!(!shop.dir.path().join(format!("runs/{}/handover", D[0])).exists());
}

#[test]
fn orders_in_packs_have_the_price_of_a_pack() {
    let columns = "columns = [[\"sku\", \"{sku}\"], [\"n\", \"{quantity}\"], \
                   [\"price\", \"{unit_cost}\"], [\"total\", \"{line_total}\"], \
                   [\"pack\", \"{pack_size}\"]]\n";
    let run = |quantity: &str| {
        let name =
            format!("[[handover]]\nname = \"p\"\none_file_per = \"run\"\n{quantity}{columns}");
        let shop = Shop::new(&name);
        let run = shop.run(D[0]);
        rows(&run.join("handover/p/orders.csv"))
    };
    let number = |row: &Row, name: &str| row[name].parse::<f64>().unwrap();
    let (units, packs) = (run(""), run("quantity = \"packs\"\n"));
    for (of_units, of_packs) in units.iter().zip(&packs) {
        let pack = number(of_units, "pack");
        assert!((number(of_packs, "n") * pack - number(of_units, "n")).abs() < 1e-9);
        assert!((number(of_packs, "price") - number(of_units, "price") * pack).abs() < 1e-9);
        let worth = number(of_packs, "n") * number(of_packs, "price");
        assert!((worth - number(of_packs, "total")).abs() < 0.006, "{of_packs:?}");
    }
    assert!(packs.iter().any(|row| row["pack"] == "12" && number(row, "price") == 12.0));
}

#[test]
fn free_text_is_no_formula_and_keys_are_as_they_are() {
    let settings = "[[handover]]\nname = \"p\"\none_file_per = \"run\"\n\
                    columns = [[\"sku\", \"{sku}\"], [\"text\", \"{description}\"], \
                    [\"theirs\", \"{supplier_sku}\"], [\"both\", \"{sku} {description}\"]]\n";
    let shop = Shop::new(settings);
    let run = shop.run(D[0]);
    let rows = rows(&run.join("handover/p/orders.csv"));
    let of = |sku: &str| rows.iter().find(|row| row["sku"] == sku).unwrap();
    assert_eq!(of("E5")["text"], "'=Kaffee, geröstet");
    assert_eq!(of("=A1+B1")["both"], "=A1+B1 Cup");
    assert_eq!(of("00420")["theirs"], "-100");
}

#[test]
fn files_have_safe_names_and_never_share_one() {
    let settings = "[[handover]]\nname = \"../p\"\nfile = \"{supplier_name} {order_date}.txt\"\n";
    let shop = Shop::new(settings);
    let run = shop.run(D[0]);
    let folders: Vec<_> = fs::read_dir(run.join("handover")).unwrap().flatten().collect();
    assert_eq!(folders.len(), 1);
    let folder = folders[0].file_name().into_string().unwrap();
    assert!(folder.starts_with("___p_"), "{folder}");
    let names: Vec<String> = handed(&run, &folder).into_keys().collect();
    // Each order of a supplier is a file, though the template gives them one name.
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(names.iter().all(|name| name.ends_with(".txt") && name.is_ascii()), "{names:?}");
}

#[test]
fn what_a_format_has_no_room_for_is_said() {
    let shop = Shop::new(EDI);
    let run = shop.run(D[0]);
    let messages = found(&run, "DQ117").join("\n");
    assert!(messages.contains("`ö` became `oe`"), "{messages}");
    // An item's number that is another one there is more than a note.
    let messages = found(&run, "DQ118").join("\n");
    assert!(messages.contains("\"C*2\" became \"Cx2\""), "{messages}");
    assert!(!messages.contains("ö"), "{messages}");
    let text = text_of(&run, "x12", "ACME.x12");
    assert!(text.is_ascii() && text.contains("*VP*Cx2*BP*=A1+B1~"), "{text}");
    assert_eq!(text.lines().next().unwrap().len(), 106);
    // Windows-1252 has no arrow.
    let shop = Shop::new(GERMAN);
    shop.change("items", "Cup", "Cup → 2");
    let messages = found(&shop.run(D[0]), "DQ118");
    assert!(messages.len() == 1 && messages[0].contains("`→`"), "{messages:?}");
    // And XML 1.0 no control characters.
    let shop = Shop::new(UBL);
    shop.change("items", "Cup", "Cup \u{8}<&>");
    let run = shop.run(D[0]);
    assert!(found(&run, "DQ117")[0].contains("`\\u{8}` was left out"));
    let text = text_of(&run, "ubl", "260630-ACME-shop.xml");
    assert!(text.contains("Cup &lt;&amp;&gt;</cbc:Name>"), "{text}");
}

#[test]
fn a_workbook_has_text_for_skus_and_days_for_dates() {
    use calamine::{Data, DataType, Reader};
    let shop = Shop::new("[[handover]]\npreset = \"excel\"\n");
    let run = shop.run(D[0]);
    let path = run.join("handover/excel/ACME-2026-06-30.xlsx");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
    let sheets = book.worksheets();
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["260630-ACME-depot", "260630-ACME-shop", "Lines"]);

    let cells: Vec<&Data> =
        sheets.iter().flat_map(|(_, range)| range.used_cells()).map(|it| it.2).collect();
    let is_text =
        |text: &'static str| cells.iter().filter(move |it| it.as_string().as_deref() == Some(text));
    // Two sheets to print and twice in the table.
    for sku in ["00420", "=A1+B1"] {
        assert_eq!(is_text(sku).count(), 4, "{sku}");
        assert!(is_text(sku).all(|cell| cell.is_string()));
    }
    assert!(cells.iter().any(|cell| cell.is_datetime()));
    assert!(is_text("Depot, Hamburg (depot)").count() == 1, "{cells:?}");
    assert!(is_text("Haus & Hof GmbH").count() == 2);
    // The total of the sheet is that of its lines.
    let (_, first) = &sheets[0];
    let numbers: Vec<f64> = first.rows().filter_map(|row| row.last()?.get_float()).collect();
    let (total, lines) = numbers.split_last().unwrap();
    assert!((lines.iter().sum::<f64>() - total).abs() < 1e-6, "{numbers:?}");
}

#[test]
fn the_page_has_every_preset_with_its_keys_and_every_placeholder() {
    let page = fs::read_to_string(root().join("docs/HANDOVER.md")).unwrap();
    for (name, _) in PRESETS {
        let section = page.split_once(&format!("\n## `{name}`\n")).unwrap().1;
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains(read_back(name).unwrap()), "{name}: keys to read it back");
        assert!(section.contains("*Checked*") && section.contains("*Not tried*"), "{name}");
    }
    for one in Placeholder::ALL {
        let scope = format!("{:?}", one.scope()).to_lowercase();
        let row = format!("\n| `{{{}}}` | {scope} | {} |\n", one.name(), one.meaning());
        assert!(page.contains(&row), "docs/HANDOVER.md lacks {row}");
    }
}

/// Packs of less than one unit, and an order of which a pack less was placed.
#[test]
fn orders_that_went_out_in_packs_come_back_as_units() {
    let profile = "[[handover]]\npreset = \"netsuite\"\nquantity = \"packs\"\n";
    let mut shop = Shop::new(profile);
    let run = shop.run(D[0]);
    let ordered = rows(&run.join("purchase_orders.csv"));
    let file = fs::read_dir(run.join("handover/netsuite")).unwrap().next().unwrap().unwrap();
    let mut reader = csv::Reader::from_path(file.path()).unwrap();
    let mut back = csv::Writer::from_path(shop.dir.path().join("back.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    back.write_record(&header).unwrap();
    let column = |name: &str| header.iter().position(|it| it == name).unwrap();
    let (item, place, packs) = (column("Item"), column("Location"), column("Quantity"));
    for record in reader.records() {
        let mut fields: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        if fields[item] == "00420" && fields[place] == "depot" {
            fields[packs] = (fields[packs].parse::<i64>().unwrap() - 1).to_string();
        }
        back.write_record(&fields).unwrap();
    }
    back.flush().unwrap();

    shop.open = format!("path = \"back.csv\"\n{}", read_back("netsuite").unwrap());
    shop.configure(profile);
    let next = shop.run(D[1]);
    let plan = rows(&next.join("plan.csv"));
    for line in ordered {
        let of = |row: &&Row| row["sku"] == line["sku"] && row["location"] == line["location"];
        let on_order: f64 = plan.iter().find(of).unwrap()["on_order"].parse().unwrap();
        let less = if line["sku"] == "00420" && line["location"] == "depot" { 10.0 } else { 0.0 };
        let units = line["quantity"].parse::<f64>().unwrap() - less;
        assert!((on_order - units).abs() < 1e-9, "{} has {on_order} of {units}", line["sku"]);
    }
}
