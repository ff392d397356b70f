//! Promises measured from outside: the history of a process that is known goes through the
//! library's night, and the same process is then simulated under the levels of the plan.
//!
//! `process.rs` says what is demanded, `terms.rs` when it can be ordered and what is promised,
//! `night.rs` runs the night, `shelf.rs` simulates stock, `measure.rs` puts what was promised
//! beside what was achieved and beside an oracle that knows the process; `rows.rs` makes rows of
//! it. Shared by the tests and by `examples/service_grid`.

pub(crate) mod measure;
pub(crate) mod night;
pub(crate) mod process;
pub(crate) mod rows;
pub(crate) mod shelf;
pub(crate) mod terms;
