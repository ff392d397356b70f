//! The tables of a run as people and programs ask for them: some of the rows, in an order, as text
//! for a terminal, CSV or JSON.

pub mod layout;
pub mod tables;
pub mod view;
