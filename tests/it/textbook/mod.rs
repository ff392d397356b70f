//! The textbook beside the program: exact models of single locations, worked examples of the
//! books, and simulations of what the program's levels achieve.
//!
//! Nothing here is part of the program. The models say what is best, or what comes of a policy,
//! independently of `src/inventory`; the simulations print the tables of `docs/SERVICE.md`.
//!
//! Notation of Snyder & Shen, *Fundamentals of Supply Chain Theory*, 2nd edition (2019): K cost of
//! an order, h holding cost of a unit for a unit of time, p cost of a unit backordered for that
//! time, λ demand rate, L lead time.

mod daily;
mod fill_rate;
mod joint;
mod lost_sales;
mod newsvendor;
mod order_weekdays;
mod price_breaks;
mod retention;
mod risk;
mod rq;
mod service;
mod short_history;
mod ss;
mod wagner_whitin;
mod worked_examples;

/// A normal demand, in units.
#[derive(Clone, Copy)]
struct NormalDemand {
    mean: f64,
    sd: f64,
}

/// What a unit too many and a unit too few cost, in money.
#[derive(Clone, Copy)]
struct UnitCosts {
    holding: f64,
    shortage: f64,
}

/// Holds a figure to eight digits of the book's.
#[track_caller]
fn assert_close(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-8, "{found} is not {expected}");
}

/// Prints a row of the documentation.
#[allow(clippy::print_stdout, reason = "a person asks for the tables, and reads them")]
fn print_row(row: &str) {
    println!("{row}");
}
