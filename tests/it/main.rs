//! The one integration-test binary: each one would link the dependencies again.

#![allow(clippy::unwrap_used)]

mod architecture;
mod backtest;
mod cli;
mod counts;
mod desk;
mod desk_review;
mod diff;
mod dirts;
mod docs;
mod exports;
mod handover;
mod hooks;
mod hostile;
mod kills;
mod last_buy;
mod lead_times;
mod ledger;
mod limits;
mod messages;
mod metrics;
mod misread;
mod nights;
mod notices;
mod one_path;
mod order_rows;
mod page;
mod page_since;
mod presets;
mod promises;
mod run;
mod sample;
mod shop;
mod show;
mod signed;
mod source;
mod stable;
mod state;
mod stated;
mod store;
mod surroundings;
mod tables_read;
mod textbook;
mod unusual;
