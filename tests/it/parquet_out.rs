//! Forecast and plan as Parquet: the same tables in another form, which every command reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use polars::prelude::{DataType, ParquetReader, SerReader};

use crate::shop::{bytes, restock, write_shop};

/// Days of history before the first night; both are Mondays.
const DAYS: u64 = 420;

fn date(day: u64) -> String {
    let first: chrono::NaiveDate = "2025-04-07".parse().unwrap();
    (first + chrono::Days::new(day)).to_string()
}

/// Items with all that a plan can hold: fractions, nothing on hand, names that need quotes, one
/// that is not in the items table and one whose only row cannot be read.
fn write(dir: &Path, nights: u64, format: &str) {
    let skus = ["A,1", "B\"2", "ü-3", "D4", "E5"];
    let mut orders = String::from("date,sku,quantity\n");
    for day in 0..DAYS + nights {
        for (at, sku) in skus.iter().enumerate() {
            let units = (day * 7 + at as u64 * 5) % (4 + at as u64);
            let quoted = sku.replace('"', "\"\"");
            if at == 4 {
                writeln!(orders, "{},\"{quoted}\",{units}.25", date(day)).unwrap();
            } else if units > 0 {
                writeln!(orders, "{},\"{quoted}\",{units}", date(day)).unwrap();
            }
        }
    }
    writeln!(orders, "{},BAD,many", date(3)).unwrap();
    let items = "sku,supplier,unit_cost,unit_price,pack_size\n\"A,1\",ACME,2,5,6\n\
        \"B\"\"2\",ACME,3,5,\nü-3,\"Größe, AG\",1,2,\nE5,ACME,1.5,4,\n";
    let stock = "sku,on_hand\n\"A,1\",0\n\"B\"\"2\",900\nü-3,7\nD4,3\nE5,12.5\n";
    let tables = BTreeMap::from([
        ("orders", orders),
        ("items", items.to_owned()),
        ("stock", stock.to_owned()),
        ("suppliers", "supplier,lead_time_days,lead_time_sd_days\nACME,9,2.5\n".to_owned()),
    ]);
    write_shop(dir, &tables, &format!("format = \"{format}\""));
}

/// Runs two nights a week apart; gives the shop's folder and the second night's date.
fn two_nights(format: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    for nights in [0, 7] {
        write(dir.path(), nights, format);
        let as_of = date(DAYS + nights);
        restock(dir.path()).args(["run", "-q", "--as-of", &as_of]).assert().success();
    }
    (dir, date(DAYS + 7))
}

fn printed(dir: &Path, args: &[&str]) -> String {
    let output = restock(dir).args(args).assert().success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

/// The hash of a run's settings, which hold the form.
fn hash_of_settings(dir: &Path, night: &str) -> String {
    let path = dir.join("runs").join(night).join("manifest.json");
    let manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    manifest["config_sha256"].as_str().unwrap().to_owned()
}

/// The text of a file but for that hash, of which a page shows the beginning.
fn without_hash(bytes: &[u8], hash: &str) -> String {
    String::from_utf8_lossy(bytes).replace(&hash[..12], "…").replace(&hash[..8], "…")
}

#[test]
fn every_command_says_the_same_of_a_run_in_parquet() {
    let ((csv, night), (parquet, _)) = (two_nights("csv"), two_nights("parquet"));
    let files = |dir: &Path| {
        let mut files = bytes(&dir.join("runs").join(&night));
        // What says how the run was made.
        files.remove(Path::new("manifest.json")).unwrap();
        files.remove(Path::new("state.bin.zst")).unwrap();
        files
    };
    let (mut as_csv, mut as_parquet) = (files(csv.path()), files(parquet.path()));
    for name in ["forecast", "plan"] {
        let (text, typed) = (format!("{name}.csv"), format!("{name}.parquet"));
        assert!(
            as_csv.remove(Path::new(&text)).is_some() && !as_csv.contains_key(Path::new(&typed))
        );
        let bytes = as_parquet.remove(Path::new(&typed)).unwrap();
        assert!(bytes.starts_with(b"PAR1") && !as_parquet.contains_key(Path::new(&text)));
    }
    // The page, the review that reads the forecast of the night before, the orders.
    assert_eq!(as_csv.keys().collect::<Vec<_>>(), as_parquet.keys().collect::<Vec<_>>());
    let hashes = [&csv, &parquet].map(|dir| hash_of_settings(dir.path(), &night));
    for (name, bytes) in &as_csv {
        let [as_csv, as_parquet] = [(bytes, &hashes[0]), (&as_parquet[name], &hashes[1])]
            .map(|(bytes, hash)| without_hash(bytes, hash));
        assert!(as_csv == as_parquet, "{} differs", name.display());
    }
    let review = String::from_utf8(as_csv[Path::new("review.csv")].clone()).unwrap();
    let period = review.lines().last().unwrap().split(',').rev().nth(3).unwrap();
    assert!(!period.is_empty(), "the forecast of the night before was not read: {review}");
    let manifest =
        fs::read_to_string(parquet.path().join("runs").join(&night).join("manifest.json")).unwrap();
    assert!(manifest.contains("forecast.parquet") && !manifest.contains("forecast.csv"));

    let commands: [&[&str]; 6] = [
        &["show", "items", "--format", "csv"],
        &["show", "items", "--format", "json", "--where", "stockout_probability>=0.05"],
        &["show", "orders", "--abc", "A", "--format", "csv"],
        &["diff", "--format", "csv"],
        &["explain", "A,1", "--run", &night],
        &["report", "--output", "again.html"],
    ];
    for command in commands {
        let [as_csv, as_parquet] = [&csv, &parquet].map(|dir| printed(dir.path(), command));
        assert_eq!(as_csv, as_parquet, "{command:?}");
    }
    let [as_csv, as_parquet] = [(&csv, &hashes[0]), (&parquet, &hashes[1])]
        .map(|(dir, hash)| without_hash(&fs::read(dir.path().join("again.html")).unwrap(), hash));
    assert!(as_csv == as_parquet, "the page that is made again differs");
}

#[test]
fn parquet_has_types_the_values_of_the_csv_and_the_same_bytes_each_time() {
    let ((csv, night), (parquet, _)) = (two_nights("csv"), two_nights("parquet"));
    let run = |dir: &tempfile::TempDir| dir.path().join("runs").join(&night);
    for (name, rows) in [("plan", 6), ("forecast", 5 * 13)] {
        let text = restock::io::read_table(&run(&csv).join(format!("{name}.csv")), "sku").unwrap();
        let typed =
            restock::io::read_table(&run(&parquet).join(format!("{name}.csv")), "sku").unwrap();
        assert_eq!((&text.columns, text.rows(), typed.rows()), (&typed.columns, rows, rows));
        for row in 0..rows {
            for (column, title) in text.columns.iter().enumerate() {
                let (text, typed) = (text.field(row, column), typed.field(row, column));
                assert_eq!(text, typed, "{name} {row} {title}");
            }
        }
    }

    let file = fs::File::open(run(&parquet).join("plan.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    let dtype = |name: &str| frame.column(name).unwrap().dtype().clone();
    assert_eq!(dtype("sku"), DataType::String);
    assert_eq!(dtype("next_order_date"), DataType::Date);
    assert_eq!(dtype("reorder_point"), DataType::Float64);
    assert_eq!(dtype("review_period_days"), DataType::Int64);
    assert_eq!(dtype("on_hand"), DataType::Decimal(18, 4));
    assert_eq!(dtype("stockout_probability"), DataType::Decimal(5, 4));
    let on_hand = frame.column("on_hand").unwrap().cast(&DataType::Float64).unwrap();
    // BAD is quarantined and has no figures.
    let on_hand = on_hand.f64().unwrap();
    let units: Vec<f64> = (0..frame.height()).filter_map(|at| on_hand.get(at)).collect();
    assert_eq!((units.len(), units.iter().sum::<f64>()), (frame.height() - 1, 922.5));

    let (again, _) = two_nights("parquet");
    for name in ["plan.parquet", "forecast.parquet"] {
        let [first, second] = [&parquet, &again].map(|dir| fs::read(run(dir).join(name)).unwrap());
        assert!(first == second, "{name} has other bytes");
    }
    let asked = ["run", "--as-of", &night];
    let output = restock(parquet.path()).args(asked).assert().success().get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&output).contains("Unchanged run"));
}

#[test]
fn a_damaged_forecast_costs_its_own_comparison_only() {
    for cut in [0, 9, 200] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), 0, "parquet");
        let first = date(DAYS);
        restock(dir.path()).args(["run", "-q", "--as-of", &first]).assert().success();
        let path = dir.path().join("runs").join(&first).join("forecast.parquet");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - cut.max(whole.len() / 2 * usize::from(cut == 0))])
            .unwrap();

        write(dir.path(), 7, "parquet");
        let night = date(DAYS + 7);
        restock(dir.path()).args(["run", "-q", "--as-of", &night]).assert().success();
        let found = fs::read_to_string(dir.path().join("runs").join(&night).join("exceptions.csv"))
            .unwrap();
        let told = found.lines().filter(|line| line.contains("/forecast.parquet of the previous"));
        assert_eq!(told.count(), 1, "{cut} bytes missing: {found}");
    }
}
