//! The ledger: an SQLite file beside the runs that keeps what became of every suggested line.
//!
//! Each event says how a line stands after it; events are added, and those of a night are replaced
//! by a rerun of that night alone. A night's events become true together with its run: the file
//! notes which run it waits for before the run gets its name, and whoever opens the folder next
//! finishes what a killed process left (see [`RunStore::recover`](super::RunStore::recover)).

mod rows;
mod schema;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Transaction, params};

use crate::domain::calendar::Day;
use crate::domain::fixed::Fixed;
use crate::domain::ledger::{
    KnownOrder, LedgerChanges, LedgerLine, LedgerView, LineName, Standing,
};
use crate::error::{Error, Result};
use rows::{iso, line_of, standing_of};
use schema::{
    APPLICATION_ID, CREATE, DECIDED, END_REJECTED, FORMER, LAST_LINES, LAYOUT, TAKE_BACK, VIEW,
};

/// The file's name in the folder of runs.
pub const LEDGER_FILE: &str = "ledger.sqlite";

/// The table of a run that the ledger can be rebuilt from.
pub const LEDGER_TABLE: &str = "ledger.csv";

/// Nights for which lines that ended are still looked at: an order that was given up may turn up in
/// the table of open orders. Judgement: two months, longer than any import hangs.
const ENDED_NIGHTS: i64 = 60;

/// Nights whose totals tell what is usual. The contract states it.
const USUAL_NIGHTS: i64 = 28;

/// Milliseconds for which a read waits while a run writes. Judgement: a commit takes a fraction.
const BUSY_MS: u64 = 10_000;

/// A ledger up to so many bytes is checked as a whole each time. Judgement: it takes a tenth of a
/// second.
const CHECKED_BYTES: u64 = 1 << 25;

/// A run whose events are written and that may not have its name yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    /// Its name.
    pub(super) run: String,
    /// SHA-256 of its manifest.
    pub(super) manifest_sha256: String,
}

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    db: Connection,
}

impl Ledger {
    /// Whether there is a ledger in a folder.
    pub(super) fn is_in(dir: &Path) -> bool {
        let file = std::fs::metadata(dir.join(LEDGER_FILE));
        file.is_ok_and(|file| !file.is_file() || file.len() > 0)
    }

    /// Opens the ledger of a folder, making an empty one if there is none.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let path = dir.join(LEDGER_FILE);
        let is_new = std::fs::metadata(&path).map_or(true, |file| file.len() == 0);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut ledger = Self::connect(path, flags)?;
        if is_new {
            ledger.make()?;
        }
        ledger.check()?;
        Ok(ledger)
    }

    /// Opens the ledger of a folder for reading alone.
    pub(super) fn open_to_read(dir: &Path) -> Result<Self> {
        let ledger = Self::connect(dir.join(LEDGER_FILE), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        ledger.check()?;
        Ok(ledger)
    }

    fn connect(path: PathBuf, flags: OpenFlags) -> Result<Self> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&path, flags).map_err(|cause| broken(&path, cause))?;
        let ledger = Self { path, db };
        let wait = std::time::Duration::from_millis(BUSY_MS);
        ledger.or_broken(ledger.db.busy_timeout(wait))?;
        // A power cut after a commit must not undo it.
        ledger.or_broken(ledger.db.pragma_update(None, "synchronous", "FULL"))?;
        Ok(ledger)
    }

    fn make(&mut self) -> Result<()> {
        let made = (|| {
            let tx = self.db.transaction()?;
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            tx.pragma_update(None, "user_version", LAYOUT)?;
            tx.execute_batch(CREATE)?;
            tx.commit()
        })();
        self.or_broken(made)
    }

    /// Whether the file is a ledger of this layout, and whole.
    fn check(&self) -> Result<()> {
        let number =
            |name: &str| self.db.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let (id, layout) = (self.or_broken(number("application_id"))?, number("user_version"));
        let layout = self.or_broken(layout)?;
        if id != APPLICATION_ID {
            return Err(refused(&self.path, "is no ledger of restock"));
        }
        if layout != LAYOUT {
            let what = format!("has layout {layout}, and this version reads layout {LAYOUT}");
            return Err(Error::data(format!("the ledger {} {what}", self.path.display()))
                .hint("use the version of restock that wrote it, or a newer one"));
        }

        // A damaged page of a larger file shows when it is read.
        let bytes = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        if bytes > CHECKED_BYTES {
            return Ok(());
        }
        let check = self.db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        match self.or_broken(check)?.as_str() {
            "ok" => Ok(()),
            fault => Err(refused(&self.path, &format!("is damaged: {fault}"))),
        }
    }

    fn or_broken<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|cause| broken(&self.path, cause))
    }

    /// The newest night that the ledger has; `None` of an empty one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn newest_night(&self) -> Result<Option<Day>> {
        let newest = self.db.query_row("SELECT max(night) FROM nights", [], |row| {
            row.get::<_, Option<String>>(0)?.map(|text| rows::day(&text)).transpose()
        });
        self.or_broken(newest)
    }

    /// The ledger as it stood at the start of a night, with what people decided since that night's
    /// own run; of the orders that tonight's tables name, those that were open on earlier nights.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn view(&self, night: Day, named: &BTreeSet<KnownOrder>) -> Result<LedgerView> {
        let read = (|| {
            let (on, since) = (iso(night), iso(before(night, ENDED_NIGHTS)));
            let mut statement = self.db.prepare(VIEW)?;
            let lines = statement.query_map(params![on, since], line_of)?;
            let lines = lines.collect::<rusqlite::Result<Vec<LedgerLine>>>()?;

            let mut statement = self.db.prepare(FORMER)?;
            let former = statement.query_map(params![on], line_of)?;
            let former = former.collect::<rusqlite::Result<Vec<LedgerLine>>>()?;

            let mut statement = self.db.prepare(LAST_LINES)?;
            let last_line = statement.query_map(params![since], |row| {
                Ok((row.get::<_, String>(0)?.as_str().into(), row.get(1)?))
            })?;
            let last_line = last_line.collect::<rusqlite::Result<_>>()?;

            let is_known = "SELECT 1 FROM known_orders
                            WHERE po_number = ?1 AND sku = ?2 AND location = ?3 AND night < ?4";
            let mut is_known = self.db.prepare(is_known)?;
            let mut known = BTreeSet::new();
            for (po_number, key) in named {
                if is_known.exists(params![&**po_number, &*key.sku, &*key.location, on])? {
                    known.insert((po_number.clone(), key.clone()));
                }
            }

            let totals = "SELECT night, order_value_e4 FROM nights WHERE night < ?1 AND night >= ?2
                          ORDER BY night DESC";
            let mut statement = self.db.prepare(totals)?;
            let since = iso(before(night, USUAL_NIGHTS));
            let night_totals = statement.query_map(params![on, since], |row| {
                Ok((rows::day(&row.get::<_, String>(0)?)?, Fixed::of_steps(row.get(1)?)))
            })?;
            let night_totals = night_totals.collect::<rusqlite::Result<_>>()?;

            let mut statement = self.db.prepare(DECIDED)?;
            let since = iso(before(night, ENDED_NIGHTS));
            let decided = statement.query_map(params![on, since], line_of)?;
            let decided = decided.collect::<rusqlite::Result<_>>()?;
            Ok(LedgerView { lines, former, last_line, known, night_totals, decided })
        })();
        self.or_broken(read)
    }

    /// Every line that the ledger has, as it stands now, by order and line.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn all_lines(&self) -> Result<Vec<LedgerLine>> {
        let read = (|| {
            // Past every night: each line's newest event.
            let mut statement = self.db.prepare(VIEW)?;
            statement.query_map(params!["9999-12-31", "0000-01-01"], line_of)?.collect()
        })();
        self.or_broken(read)
    }

    /// How a line stood after each of its events, oldest first, with the night of each.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn history(&self, name: &LineName) -> Result<Vec<(Day, Standing)>> {
        let read = (|| {
            let mut statement = self.db.prepare(
                "SELECT e.status, e.since, e.revision, e.quantity_e4, e.suggested_e4,
                        e.unit_cost_e4, e.base_total_e4, e.requested_on, e.sent_on, e.matched,
                        e.reason, e.until, e.decided_by, e.night
                 FROM events e JOIN lines l ON l.id = e.line_id
                 WHERE l.po_number = ?1 AND l.line = ?2 ORDER BY e.id",
            )?;
            let events = statement.query_map(params![&*name.0, name.1], |row| {
                Ok((rows::day(&row.get::<_, String>(13)?)?, standing_of(row, 0)?))
            })?;
            events.collect()
        })();
        self.or_broken(read)
    }

    /// Writes what people decided after the newest night, all of it or nothing.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn decide(&mut self, night: Day, lines: &[LedgerLine]) -> Result<()> {
        let written = (|| {
            let tx = self.db.transaction()?;
            for line in lines {
                let (id, event) = add_event(&tx, night, line)?;
                tx.execute(
                    "UPDATE lines SET decided_night = ?2, decided_event = ?3 WHERE id = ?1",
                    params![id, iso(night), event],
                )?;
            }
            tx.commit()
        })();
        self.or_broken(written)
    }

    /// Replaces what the ledger has of a night, and notes the run that it belongs to; all of it or
    /// nothing.
    pub(super) fn write(
        &mut self,
        night: Day,
        changes: &LedgerChanges,
        pending: Option<&Pending>,
    ) -> Result<()> {
        let written = (|| {
            let tx = self.db.transaction()?;
            let on = iso(night);
            for statement in TAKE_BACK {
                tx.execute(statement, params![on])?;
            }
            for line in &changes.lines {
                add_event(&tx, night, line)?;
            }

            tx.execute(END_REJECTED, params![on])?;

            let known = "INSERT OR IGNORE INTO known_orders VALUES (?1, ?2, ?3, ?4)";
            let mut known = tx.prepare(known)?;
            for (po_number, key) in &changes.known {
                known.execute(params![&**po_number, &*key.sku, &*key.location, on])?;
            }
            drop(known);

            tx.execute(
                "INSERT OR REPLACE INTO nights VALUES (?1, ?2)",
                params![on, changes.order_value.steps()],
            )?;
            tx.execute("DELETE FROM pending", [])?;
            if let Some(pending) = pending {
                tx.execute(
                    "INSERT INTO pending VALUES (?1, ?2)",
                    params![pending.run, pending.manifest_sha256],
                )?;
            }
            tx.commit()
        })();
        self.or_broken(written)
    }

    /// The run whose events are written and that may not have its name yet.
    pub(super) fn pending(&self) -> Result<Option<Pending>> {
        let read = (|| {
            let mut statement = self.db.prepare("SELECT run, manifest_sha256 FROM pending")?;
            let mut rows = statement.query_map([], |row| {
                Ok(Pending { run: row.get(0)?, manifest_sha256: row.get(1)? })
            })?;
            rows.next().transpose()
        })();
        self.or_broken(read)
    }

    /// Notes that the run has its name.
    pub(super) fn settle(&mut self) -> Result<()> {
        let done = self.db.execute("DELETE FROM pending", []).map(drop);
        self.or_broken(done)
    }
}

/// Adds an event to a line, making the line if it is new; gives the ids of both.
fn add_event(tx: &Transaction<'_>, night: Day, line: &LedgerLine) -> rusqlite::Result<(i64, i64)> {
    let (terms, standing) = (&line.terms, &line.standing);
    let ended = standing.is_over(night).then(|| iso(night));
    let mut make = tx.prepare_cached(
        "INSERT INTO lines (po_number, line, supplier, supplier_name, sku, location,
             supplier_sku, description, uom, pack_size_e4, currency, first_night, ended_night)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (po_number, line) DO UPDATE SET ended_night = excluded.ended_night
         RETURNING id",
    )?;
    let of_line = params![
        &*line.po_number,
        line.line,
        &*terms.supplier,
        terms.supplier_name.as_deref(),
        &*terms.key.sku,
        &*terms.key.location,
        terms.supplier_sku.as_deref(),
        terms.description.as_deref(),
        terms.uom.as_deref(),
        terms.pack_size.map(|pack| pack.steps()),
        &*terms.currency,
        iso(line.first_night),
        ended,
    ];
    let id: i64 = make.query_row(of_line, |row| row.get(0))?;

    let mut add = tx.prepare_cached(
        "INSERT INTO events (line_id, night, status, since, revision, quantity_e4, suggested_e4,
             unit_cost_e4, base_total_e4, requested_on, sent_on, matched, reason, until, decided_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    add.execute(params![
        id,
        iso(night),
        standing.status.as_str(),
        iso(standing.since),
        standing.revision,
        standing.quantity.steps(),
        standing.suggested_quantity.steps(),
        standing.unit_cost.map(|cost| cost.steps()),
        standing.base_total.map(|total| total.steps()),
        iso(standing.requested_on),
        standing.sent_on.map(iso),
        &*standing.matched,
        &*standing.reason,
        standing.until.map(iso),
        &*standing.by,
    ])?;
    Ok((id, tx.last_insert_rowid()))
}

/// A day some nights before another.
fn before(night: Day, nights: i64) -> Day {
    night.saturating_sub(nights as Day)
}

/// A ledger that must not be used, nor replaced by an empty one: what was handed over would be
/// bought again.
fn refused(path: &Path, what: &str) -> Error {
    Error::data(format!("the ledger {} {what}", path.display())).hint(WAY_BACK)
}

/// What to do about a ledger that cannot be used.
pub(super) const WAY_BACK: &str = "`restock orders rebuild` makes it again from the runs' \
    ledger.csv; without a ledger what was ordered on earlier nights could be ordered again";

/// A fault of the file, or of the file system under it.
fn broken(path: &Path, cause: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly,
        SystemIoFailure,
    };

    match cause.sqlite_error_code() {
        _ if path.is_dir() => refused(path, "is a folder"),
        Some(NotADatabase) => refused(path, "is no ledger of restock"),
        Some(DiskFull | SystemIoFailure | CannotOpen | ReadOnly | DatabaseBusy) => {
            Error::internal(format!("cannot use the ledger {}", path.display()))
                .because(cause)
                .hint("check the permissions and the free space of `outputs.dir`")
        }
        Some(DatabaseCorrupt) => refused(path, &format!("is damaged ({cause})")),
        _ => refused(path, &format!("cannot be read ({cause})")),
    }
}
