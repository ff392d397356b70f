//! How the ledger is laid out in its file.

/// Marks the file as a ledger of ours: the bytes of `rstk`.
pub(super) const APPLICATION_ID: i32 = 0x7273_746b;

/// Version of the layout.
pub(super) const LAYOUT: i32 = 1;

/// Makes an empty ledger. Dates are ISO texts, so that they sort as dates; quantities and money are
/// whole numbers of 10⁻⁴ (`_e4`).
pub(super) const CREATE: &str = "
    CREATE TABLE nights (
        night TEXT PRIMARY KEY,
        order_value_e4 INTEGER NOT NULL
    );
    CREATE TABLE lines (
        id INTEGER PRIMARY KEY,
        po_number TEXT NOT NULL,
        line INTEGER NOT NULL,
        supplier TEXT NOT NULL,
        supplier_name TEXT,
        sku TEXT NOT NULL,
        location TEXT NOT NULL,
        supplier_sku TEXT,
        description TEXT,
        uom TEXT,
        pack_size_e4 INTEGER,
        currency TEXT NOT NULL,
        first_night TEXT NOT NULL,
        ended_night TEXT,
        decided_night TEXT,
        decided_event INTEGER,
        UNIQUE (po_number, line)
    );
    CREATE INDEX lines_by_end ON lines (ended_night);
    CREATE INDEX lines_by_start ON lines (first_night);
    CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        line_id INTEGER NOT NULL REFERENCES lines (id),
        night TEXT NOT NULL,
        status TEXT NOT NULL,
        since TEXT NOT NULL,
        revision INTEGER NOT NULL,
        quantity_e4 INTEGER NOT NULL,
        suggested_e4 INTEGER NOT NULL,
        unit_cost_e4 INTEGER,
        base_total_e4 INTEGER,
        requested_on TEXT NOT NULL,
        sent_on TEXT,
        matched TEXT NOT NULL,
        reason TEXT NOT NULL,
        until TEXT,
        decided_by TEXT NOT NULL
    );
    CREATE INDEX events_by_line ON events (line_id, id);
    CREATE INDEX events_by_night ON events (night);
    CREATE TABLE known_orders (
        po_number TEXT NOT NULL,
        sku TEXT NOT NULL,
        location TEXT NOT NULL,
        night TEXT NOT NULL,
        PRIMARY KEY (po_number, sku, location)
    ) WITHOUT ROWID;
    CREATE INDEX known_orders_by_night ON known_orders (night);
    CREATE TABLE pending (
        run TEXT NOT NULL,
        manifest_sha256 TEXT NOT NULL
    );
";

/// How each line that still matters stood at the start of a night (`?1`): after the newest event of
/// an earlier night, or after what a person decided about it since the night's own run. Lines that
/// ended before `?2` do not matter.
pub(super) const VIEW: &str = "
    SELECT l.po_number, l.line, l.supplier, l.supplier_name, l.sku, l.location, l.supplier_sku,
           l.description, l.uom, l.pack_size_e4, l.currency, l.first_night,
           e.status, e.since, e.revision, e.quantity_e4, e.suggested_e4, e.unit_cost_e4,
           e.base_total_e4,
           e.requested_on, e.sent_on, e.matched, e.reason, e.until, e.decided_by
    FROM lines l
    JOIN events e ON e.id = (
        SELECT max(x.id) FROM events x
        WHERE x.line_id = l.id
          AND (x.night < ?1
               OR (x.night = ?1 AND l.decided_night = ?1 AND x.id <= l.decided_event)))
    WHERE l.ended_night IS NULL OR l.ended_night >= ?2
    ORDER BY l.po_number, l.line
";

/// The lines on which an earlier run of a night (`?1`) wrote what a rerun takes back.
pub(super) const FORMER: &str = "
    SELECT l.po_number, l.line, l.supplier, l.supplier_name, l.sku, l.location, l.supplier_sku,
           l.description, l.uom, l.pack_size_e4, l.currency, l.first_night,
           e.status, e.since, e.revision, e.quantity_e4, e.suggested_e4, e.unit_cost_e4,
           e.base_total_e4, e.requested_on, e.sent_on, e.matched, e.reason, e.until, e.decided_by
    FROM events e
    JOIN lines l ON l.id = e.line_id
    WHERE e.night = ?1 AND e.decided_by = ''
      AND (l.decided_night IS NOT ?1 OR e.id > l.decided_event)
    ORDER BY l.po_number, l.line, e.id
";

/// How each line stood after the newest decision of a person about it, of those made after the run
/// of a night from `?2` to `?1`.
pub(super) const DECIDED: &str = "
    SELECT l.po_number, l.line, l.supplier, l.supplier_name, l.sku, l.location, l.supplier_sku,
           l.description, l.uom, l.pack_size_e4, l.currency, l.first_night,
           e.status, e.since, e.revision, e.quantity_e4, e.suggested_e4, e.unit_cost_e4,
           e.base_total_e4, e.requested_on, e.sent_on, e.matched, e.reason, e.until, e.decided_by
    FROM events e
    JOIN lines l ON l.id = e.line_id
    WHERE e.night >= ?2 AND e.night <= ?1
      AND e.decided_by <> '' AND e.status IN ('approved', 'rejected')
      AND NOT EXISTS (
          SELECT 1 FROM events x
          WHERE x.line_id = e.line_id AND x.id > e.id AND x.night <= ?1
            AND x.decided_by <> '' AND x.status IN ('approved', 'rejected'))
    ORDER BY l.po_number, l.line
";

/// The highest line number of each order that has lines which are open or ended after `?1`.
pub(super) const LAST_LINES: &str = "
    SELECT po_number, max(line) FROM lines
    WHERE po_number IN (
          SELECT po_number FROM lines WHERE ended_night IS NULL OR ended_night >= ?1)
    GROUP BY po_number
    ORDER BY po_number
";

/// Ends the rejected lines that may be suggested again from a night (`?1`) on.
pub(super) const END_REJECTED: &str = "
    UPDATE lines SET ended_night = ?1
    WHERE ended_night IS NULL
      AND (SELECT status = 'rejected' AND until <= ?1 FROM events
           WHERE line_id = lines.id ORDER BY id DESC LIMIT 1)
";

/// Takes back what an earlier run of a night (`?1`) wrote, statement by statement; what people
/// decided stays.
pub(super) const TAKE_BACK: &[&str] = &[
    "DELETE FROM events WHERE night = ?1 AND id > coalesce(
         (SELECT decided_event FROM lines WHERE id = line_id AND decided_night = ?1), 0)",
    "UPDATE lines SET ended_night = NULL WHERE ended_night = ?1",
    "UPDATE lines SET ended_night = ?1 WHERE decided_night = ?1
         AND (SELECT status FROM events WHERE id = decided_event) = 'cancelled'",
    "DELETE FROM lines WHERE first_night = ?1
         AND NOT EXISTS (SELECT 1 FROM events WHERE line_id = lines.id)",
    "DELETE FROM known_orders WHERE night = ?1",
];
