//! Forecasts each item's demand, plans safety stock and reorder points, flags what will go on
//! backorder and writes the purchase orders that suppliers receive the next morning.
//!
//! Data flows one way through these folders, each a stage; settings go to all of them:
//!
//! ```text
//!  CSV, xlsx,      ┌────┐ demand ┌────────┐ histories ┌──────────┐ distributions ┌──────┐
//!  SQLite, … ────▶ │ io │ ─────▶ │ demand │ ────────▶ │ forecast │ ────────────▶ │ plan │
//!                  └────┘        └────────┘           └──────────┘               └──────┘
//!                   │  └── tables: stock, open orders, suppliers … ───────────────▶ │  ▲
//!                   ▼ rows set aside                                inventory: maths ─┘
//!               quarantine.csv                backorder ◀── items with their plan ───┤
//!                                                 │ risks                            │ orders
//!                                                 ▼                                  ▼
//!                                               report ──▶ plan.csv, purchase_orders.csv, …
//! ```
//!
//! [`pipeline`] is that picture as code: start there. `docs/ARCHITECTURE.md` says what each folder
//! is for and what must stay true of it.

pub mod backorder;
pub mod backtest;
pub mod cli;
pub mod config;
pub mod demand;
pub mod domain;
pub mod drawing;
pub mod error;
pub mod forecast;
pub mod handover;
pub mod inventory;
pub mod io;
pub mod ledger;
pub mod night;
pub mod parts;
pub mod pipeline;
pub mod plan;
pub mod report;
pub mod sample;
pub mod state;
pub mod stats;
pub mod store;
