//! Claims about reading and cleaning, on small files.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::config::source::{self, Overlay};

fn settings(directory: &Path, text: &str) -> Settings {
    Settings::resolve(source::parse(text, "restock.toml", &Overlay::default()).unwrap(), directory)
        .unwrap()
}

fn write(directory: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(directory.join(name), text).unwrap();
}

const ORDERS: &str = "[inputs.orders]\npath = \"orders.csv\"\n";

/// Loads orders with a configuration; bad rows are let through.
fn load_orders(orders: impl AsRef<[u8]>, more: &str) -> Result<Loaded> {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "orders.csv", orders);
    let text = format!("[run]\nmax_bad_rows = 1.0\n{ORDERS}{more}");
    load(&settings(directory.path(), &text), AsOf::Newest { today: None }, &())
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    loaded.rejects.iter().map(|reject| reject.code.name()).collect()
}

fn units(loaded: &Loaded) -> Vec<(String, i64)> {
    let demand = &loaded.demand;
    let total = |at: usize| {
        demand.quantity[demand.offsets[at]..demand.offsets[at + 1]].iter().copied().sum::<Fixed>()
    };
    demand
        .keys
        .iter()
        .enumerate()
        .map(|(at, key)| (key.sku.to_string(), total(at).steps() / 10_000))
        .collect()
}

#[test]
fn rows_in_are_rows_used_and_rows_set_aside() {
    let text = "date,sku,quantity\n2024-01-01,001,3\n2024-01-02,001,x\n2024-01-02,,1\n\
                9999-01-01,a,1\n2024-01-05,a\n\
                2024-01-03,a,nan\n2024-01-03,a,inf\n2024-01-03,b,-2\nnever,c,1\n";
    let loaded = load_orders(text, "").unwrap();

    assert_eq!(
        codes(&loaded),
        [
            "bad_number",
            "missing_value",
            "date_out_of_range",
            "ragged_row",
            "not_finite",
            "not_finite",
            "return_ignored",
            "bad_date"
        ]
    );
    let file = &loaded.inputs[0];
    assert_eq!((file.rows, file.used, file.set_aside.values().sum::<u64>()), (9, 1, 8));
    assert_eq!(units(&loaded), [("001".to_owned(), 3)]);
    let names: Vec<_> = loaded
        .demand
        .quarantined
        .iter()
        .map(|(key, code)| (key.sku.as_ref(), code.name()))
        .collect();
    assert_eq!(names, [("a", "not_finite"), ("b", "return_ignored"), ("c", "bad_date")]);
    assert_eq!(loaded.rejects[0].source.row, 2);
}

#[test]
fn a_cancelled_sale_and_its_cancellation_are_neither_demand() {
    let text = "date,sku,quantity,customer\n2024-01-01,a,80,x\n2024-01-20,a,80,x\n\
                2024-01-21,a,80,y\n2024-01-22,a,-80,x\n\
                2024-01-22,a,-5,x\n2024-03-30,a,-80,x\n2024-01-01,a,7,\n2024-01-02,a,-7,\n";
    let loaded = load_orders(text, "").unwrap();

    assert_eq!(
        codes(&loaded),
        ["cancelled_sale", "cancellation", "return_ignored", "return_ignored", "return_ignored"]
    );
    assert_eq!(loaded.rejects[0].source.row, 2);
    assert_eq!(units(&loaded), [("a".to_owned(), 167)]);
}

#[test]
fn a_return_comes_off_its_sale_where_the_order_is_known() {
    let text = "date,sku,quantity,order_id,customer\n2024-01-01,a,9,1,x\n2024-02-01,a,-4,1,x\n\
                2024-02-02,a,-1,,x\n";
    let loaded = load_orders(text, "[demand]\nreturns = \"net\"\n").unwrap();

    assert_eq!(loaded.demand.quantity, [Fixed::from_units(5), Fixed::from_units(-1)]);
}

#[test]
fn of_one_order_line_the_newest_then_the_largest_stays() {
    let text = "date,sku,quantity,order_id,line\n2024-01-01,a,9,1,1\n2024-01-02,a,3,1,1\n\
                2024-01-02,a,5,1,1\n\
                2024-01-02,a,5,1,2\n2024-01-02,a,5,2,\n2024-01-02,a,5,2,\n";
    let loaded = load_orders(text, "").unwrap();

    assert_eq!(codes(&loaded), ["duplicate_line", "duplicate_line"]);
    assert_eq!(units(&loaded), [("a".to_owned(), 20)]);
    assert_eq!(
        loaded.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(),
        [Code::EqualRows]
    );
}

#[test]
fn rules_leave_rows_out_by_the_files_own_names() {
    let text = "date,StockCode,quantity,price,state,fulfilment\n2024-01-01,POST,1,1,,\n\
                2024-01-01,85123A,1,0,,\n2024-01-01,85123A,2,3.5,,\n\
                2024-01-01,85123a,2,4.5,Cancelled,\n2024-01-01,9,1,1,,drop_ship\n\
                2024-01-01,9,1,1,,odd\n";
    let more = "columns = { sku = \"StockCode\", status = \"state\", unit_price = \"price\" }\n\
                exclude = [{ column = \"StockCode\", matches = \"[!0-9]*\" }, \
                { column = \"price\", below = 0.001 }]\n\
                [demand]\nsku_case = \"upper\"\n";
    let loaded = load_orders(text, more).unwrap();

    assert_eq!(
        codes(&loaded),
        ["excluded", "excluded", "cancelled_status", "drop_ship", "bad_choice"]
    );
    assert_eq!(loaded.rejects[2].sku, "85123A");
    assert_eq!(loaded.demand.unit_price, [Fixed::from_f64(3.5)]);
    assert_eq!(loaded.demand.quarantined.len(), 1);
}

#[test]
fn a_run_stands_at_the_start_of_its_day() {
    let text = "date,sku,quantity\n2024-01-01,a,1\n2024-01-02,a,2\n2024-01-03,a,4\n";
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "orders.csv", text);
    let settings = settings(directory.path(), ORDERS);
    let newest = load(&settings, AsOf::Newest { today: None }, &()).unwrap();
    let day = newest.as_of - 1;

    assert_eq!(crate::domain::calendar::date_of(newest.as_of).to_string(), "2024-01-04");
    let loaded = load(&settings, AsOf::Day(day), &()).unwrap();
    assert_eq!((units(&loaded), loaded.rejects.len()), (vec![("a".to_owned(), 3)], 0));
    assert_eq!(loaded.inputs[0].set_aside, BTreeMap::from([(Code::AfterAsOf, 1)]));
    let loaded = load(&settings, AsOf::Newest { today: Some(day - 1) }, &()).unwrap();
    assert_eq!((loaded.as_of, codes(&loaded)), (day, vec!["future_date"]));
}

#[test]
fn what_cannot_be_used_stops_the_night_with_a_hint() {
    let header = "date,sku,quantity\n";
    let many = "2024-01-01,a,1\n".repeat(20);
    let some_bad = format!("{header}{many}x,a,1\nx,a,1\n");
    let swallowed = format!("{header}{many}2024-01-01,\"a,1\n2024-01-01,a,1\n2024-01-01,a,1\n");
    let cases: [(&str, &str); 7] = [
        ("", "is empty"),
        ("date,sku,quantity\n", "has a header and no rows"),
        ("date,sku,quantty\n2024-01-01,a,1\n", "has no column `quantity`"),
        ("date;sku;quantity\n2024-01-01;a;1\n", "has no column `date`"),
        ("date,sku,quantity\nx,a,1\nx,a,1\n", "2 of 2 rows"),
        (&some_bad, "2 of 22 rows"),
        (&swallowed, "rows of orders.csv cannot be used"),
    ];
    for (text, message) in cases {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), "orders.csv", text);
        let error = load(&settings(directory.path(), ORDERS), AsOf::Newest { today: None }, &())
            .unwrap_err();
        assert!(error.message.contains(message), "{}", error.message);
        assert!(
            error.message.contains("orders.csv")
                && error.exit_code() == 3
                && !error.hints.is_empty(),
            "{error:?}"
        );
    }
    let directory = tempfile::tempdir().unwrap();
    let error =
        load(&settings(directory.path(), ORDERS), AsOf::Newest { today: None }, &()).unwrap_err();

    assert!(error.message.contains("does not exist") && error.exit_code() == 3);
}

#[test]
fn a_huge_field_costs_its_row_only() {
    let mut text = b"date,sku,quantity,note\n2024-01-01,a,1,x\n2024-01-01,a,1,".to_vec();
    text.extend(std::iter::repeat_n(b'y', 10 << 20));
    text.extend_from_slice(b"\n2024-01-01,a,1,z\n2024-01-01,\xff,1,z\n2024-01-01,a,1,\xff\n");
    let loaded = load_orders(text, "").unwrap();

    assert_eq!(codes(&loaded), ["field_too_long", "invalid_bytes"]);
    assert_eq!(units(&loaded), [("a".to_owned(), 3)]);
}

#[test]
fn packed_files_line_formats_and_patterns_read_alike() {
    use std::io::Write as _;
    let directory = tempfile::tempdir().unwrap();
    let text = "\u{feff}date,sku,quantity\n2024-01-01,001,3\n2024-01-02,001,4\n";
    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let (start, end) = text.split_at(30);
    write(directory.path(), "members.csv.gz", [gzip(start), gzip(end)].concat());
    write(directory.path(), "packed.csv.zst", zstd::encode_all(text.as_bytes(), 1).unwrap());
    write(directory.path(), "tabs.tsv", text.replace(',', "\t"));
    let lines = "{\"date\":\"2024-01-01\",\"sku\":\"001\",\"quantity\":3,\"x\":{}}\n\n\
                 {\"sku\":\"001\",\"quantity\":\"4\",\"date\":20240102}\n";
    write(directory.path(), "lines.ndjson", lines);
    write(directory.path(), "part-1.csv", "date,sku,quantity\n2024-01-01,001,3\n");
    write(directory.path(), "part-2.csv", "quantity,date,sku\n4,2024-01-02,001\n");
    for path in ["members.csv.gz", "packed.csv.zst", "tabs.tsv", "lines.ndjson", "part-*.csv"] {
        let settings = settings(directory.path(), &format!("[inputs.orders]\npath = {path:?}\n"));
        let loaded = load(&settings, AsOf::Newest { today: None }, &()).unwrap();
        assert_eq!(units(&loaded), [("001".to_owned(), 7)], "{path}");
        assert_eq!(loaded.inputs.iter().map(|file| file.rows).sum::<u64>(), 2, "{path}");
    }
}

#[test]
fn parquet_reads_like_text() {
    use polars::prelude::*;
    let directory = tempfile::tempdir().unwrap();
    let date = Column::new("date".into(), [19_723_i32, 19_724]).cast(&DataType::Date).unwrap();
    let sku = Column::new("sku".into(), [7_i64, 7]);
    let quantity = Column::new("quantity".into(), [1.5_f64, f64::NAN]);
    let mut frame = DataFrame::new(2, vec![date, sku, quantity]).unwrap();
    let file = std::fs::File::create(directory.path().join("orders.parquet")).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
    let text = "[run]\nmax_bad_rows = 1.0\n[inputs.orders]\npath = \"orders.parquet\"\n";
    let loaded =
        load(&settings(directory.path(), text), AsOf::Newest { today: None }, &()).unwrap();

    assert_eq!(codes(&loaded), ["not_finite"]);
    assert_eq!(
        (loaded.demand.keys[0].sku.as_ref(), loaded.demand.quantity[0].steps()),
        ("7", 15_000)
    );
}

#[test]
fn one_row_of_a_key_stays_and_negative_stock_is_a_finding() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "orders.csv", "date,sku,quantity\n2024-01-01,a,1\n");
    write(
        directory.path(),
        "items.csv",
        "sku,description,moq,target\nb,x,0,fill_rate=0.9\na,m,2,\na,z,3,\n",
    );
    write(directory.path(), "stock.csv", "sku,on_hand\na,-4\n");
    write(directory.path(), "suppliers.csv", "supplier,order_weekdays\n");
    let text = format!(
        "{ORDERS}[inputs.items]\npath = \"items.csv\"\n[inputs.stock]\npath = \"stock.csv\"\n\
         [inputs.suppliers]\npath = \"suppliers.csv\"\n"
    );
    let loaded =
        load(&settings(directory.path(), &text), AsOf::Newest { today: None }, &()).unwrap();
    let items = loaded.tables.items.unwrap();

    assert_eq!(
        items.iter().map(|item| item.description.as_deref()).collect::<Vec<_>>(),
        [Some("z"), Some("x")]
    );
    assert_eq!((items[1].moq, loaded.rejects[0].code), (None, Code::DuplicateKey));
    assert_eq!(loaded.findings[0].code, Code::NegativeStock);
    assert_eq!(loaded.tables.suppliers, Some(vec![]));
}

#[test]
fn a_table_without_locations_beside_one_with_them_is_refused_unless_it_says_where_it_lies() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "orders.csv", "date,sku,quantity,location\n2024-01-01,a,1,north\n");
    write(directory.path(), "stock.csv", "sku,on_hand\na,4\n");
    let text = format!("{ORDERS}[inputs.stock]\npath = \"stock.csv\"\n");
    let error =
        load(&settings(directory.path(), &text), AsOf::Newest { today: None }, &()).unwrap_err();

    assert_eq!(error.exit_code(), 2);
    let stated = format!("{text}location = \"north\"\n");
    let loaded =
        load(&settings(directory.path(), &stated), AsOf::Newest { today: None }, &()).unwrap();
    assert_eq!(loaded.tables.stock.unwrap()[0].key, loaded.demand.keys[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn shuffled_rows_give_the_same_demand(
        rows in proptest::collection::vec(
            (0..40_u32, 0..3_u8, -3..6_i32, 0..3_u8, 0..4_u8, 0..3_u8),
            1..60,
        ),
        seed in any::<u64>(),
        nets in any::<bool>(),
    ) {
        let line = |(day, sku, quantity, customer, order, line): &(u32, u8, i32, u8, u8, u8)| {
            let day = crate::domain::calendar::date_of(19_700 + *day as i32);
            let line = if *line == 0 { String::new() } else { line.to_string() };
            let price = quantity.abs() % 3;
            format!("{day},s{sku},{quantity},c{customer},o{order},{line},{price}.5\n")
        };
        let header = "date,sku,quantity,customer,order_id,line,unit_price\n".to_owned();
        let first: String = header.clone() + &rows.iter().map(line).collect::<String>();
        let mut shuffled = rows.clone();
        let mut state = seed;
        for at in (1..shuffled.len()).rev() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(at, (state >> 33) as usize % (at + 1));
        }
        let second: String = header + &shuffled.iter().map(line).collect::<String>();
        let more = if nets { "[demand]\nreturns = \"net\"\n" } else { "" };
        let (a, b) = (load_orders(first, more).unwrap(), load_orders(second, more).unwrap());

        prop_assert_eq!(a.demand, b.demand);
        prop_assert_eq!(a.findings, b.findings);
        prop_assert_eq!(a.set_aside, b.set_aside);
    }

    #[test]
    fn no_bytes_make_reading_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        has_header in any::<bool>(),
    ) {
        let header: &[u8] = if has_header { b"date,sku,quantity,location\n" } else { b"" };
        let _ = load_orders([header, &bytes].concat(), "");
    }
}
