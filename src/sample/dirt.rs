//! Rows that a real export has and a clean one does not: one or two of each kind, each of which has
//! its rule.

use super::dates::at;

/// Rows of the orders, with the day after which they stand in the file. The fields follow the
/// orders' header.
pub(super) fn orders() -> Vec<(i32, Vec<&'static str>)> {
    let mut rows: Vec<(i32, &str)> = vec![
        // A date that never was, a date that is a word, and a year with its digits turned round.
        (at(2024, 2, 29), "X1001|1|2024-02-30|GA-1001|2|8.50|depot|web||shipped||"),
        (at(2025, 6, 12), "X1002|1|soon|CE-1001|1|14.90|depot|web||shipped||"),
        (at(2024, 5, 11), "X1003|1|0202-05-11|GA-1013|1|6.90|depot|web||shipped||"),
        // The year 2062 was meant to be 2026; it must not move the day that the plan stands at.
        (at(2026, 6, 3), "X1004|1|2062-06-03|CE-1007|1|19.90|depot|web||shipped||"),
        // Quantities that are no numbers.
        (at(2024, 9, 4), "X1005|1|2024-09-04|DI-1001|two|12.90|depot|web||shipped||"),
        (at(2025, 1, 15), "X1006|1|2025-01-15|DI-1007|NaN|9.90|depot|web||shipped||"),
        (at(2025, 1, 15), "X1007|1|2025-01-15|DI-1007|inf|9.90|depot|web||shipped||"),
        (at(2025, 3, 3), "X1008|1|2025-03-03|PA-1001|1e300|3.50|shop|store||shipped||"),
        // Fields missing, one too many for want of a quote, and a row cut short.
        (at(2025, 4, 1), "X1009|1|2025-04-01||3|7.90|depot|web||shipped||"),
        (at(2025, 8, 20), "X1010|1|2025-08-20|GI-1004|2|11.90|shop|store||shipped||buy 2| get 1"),
        (at(2025, 8, 21), "X1011|1|2025-08-21|GI-1007"),
        // A word where one of a few is expected.
        (at(2025, 9, 9), "X1012|1|2025-09-09|TX-1001|1|39.90|depot|web||shipped|pigeon|"),
        // Entered, cancelled five days later; a return of something bought elsewhere; statuses that
        // mean "no sale".
        (at(2026, 3, 2), "T1013|1|2026-03-02|CE-1034|48|11.90|depot|trade|C1007|shipped||"),
        (at(2026, 3, 7), "T1013|2|2026-03-07|CE-1034|-48|11.90|depot|trade|C1007|shipped||"),
        (at(2026, 4, 22), "X1014|1|2026-04-22|TX-1022|-1|24.90|shop|store||shipped||"),
        (at(2025, 11, 27), "W1015|1|2025-11-27|CG-1001|3|89.90|depot|web||cancelled||"),
        (at(2025, 12, 2), "W1016|1|2025-12-02|GI-1010|6|12.90|depot|web||Voided||"),
        // The same order line exported twice, and two equal rows without a line number, which may
        // be two sales.
        (at(2026, 1, 14), "W1017|1|2026-01-14|CO-1004|4|13.90|depot|web||shipped||"),
        (at(2026, 1, 14), "W1017|1|2026-01-14|CO-1004|4|13.90|depot|web||shipped||"),
        (at(2026, 2, 3), "W1018||2026-02-03|PA-1007|5|2.50|depot|web||shipped||"),
        (at(2026, 2, 3), "W1018||2026-02-03|PA-1007|5|2.50|depot|web||shipped||"),
        // An item that nobody entered into the item table, and one written in small letters.
        (at(2026, 5, 5), "W1019|1|2026-05-05|ZZ-404|2|9.90|depot|web||shipped||"),
        (at(2026, 6, 9), "W1020|1|2026-06-09|ZZ-404|1|9.90|depot|web||shipped||"),
        (at(2026, 6, 10), "W1021|1|2026-06-10|ga-1016|2|5.90|depot|web||shipped||"),
        // Never touches our shelves: shipped by the supplier, or made for this customer.
        (at(2026, 4, 8), "W1022|1|2026-04-08|GA-1175|2|49.90|depot|web||shipped|drop_ship|"),
        (at(2026, 5, 19), "W1023|1|2026-05-19|DI-1115|1|79.90|depot|web||shipped|drop_ship|"),
        (
            at(2026, 5, 26),
            "T1024|1|2026-05-26|CE-1097|60|21.90|depot|trade|C1012|shipped|make_to_order|",
        ),
        // Looked at and not bought: a row that says the item was on sale.
        (at(2026, 6, 15), "W1025|1|2026-06-15|001055|0|4.50|depot|web||shipped||"),
        // Test orders of the web shop, left out by the configuration's `exclude`.
        (at(2026, 6, 24), "W1026|1|2026-06-24|CO-1007|999|0.00|depot|test||shipped||"),
        (at(2026, 6, 24), "W1027|1|2026-06-24|CO-1007|999|0.00|depot|test||shipped||"),
    ];

    rows.sort_by_key(|(day, _)| *day);
    rows.into_iter().map(|(day, row)| (day, row.split('|').collect())).collect()
}
