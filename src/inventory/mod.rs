//! Inventory maths: lead times, protection-interval demand, safety stock, reorder points.

pub mod day_distribution;
pub mod demand_totals;
pub mod eoq;
pub mod fourier;
pub mod known_demand;
pub mod lattice;
pub mod lead_time;
pub mod levels;
pub mod lost_sales;
pub mod open_order_arrival;
pub mod overtaking;
pub mod protection;
pub mod retention;
pub mod risk;
mod shared_factor;
mod stock_chain;
pub mod supply;
pub mod undershoot;
