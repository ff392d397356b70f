//! Forecasts each item's demand, plans safety stock and reorder points, flags what will go on
//! backorder and writes the purchase orders that suppliers receive the next morning.

pub mod backorder;
pub mod backtest;
pub mod cli;
pub mod config;
pub mod demand;
pub mod domain;
pub mod error;
pub mod forecast;
pub mod inventory;
pub mod io;
pub mod pipeline;
pub mod plan;
pub mod report;
pub mod sample;
pub mod stats;
pub mod store;
