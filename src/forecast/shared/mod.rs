//! What is learnt from all items together and read of each: season, year, effects, groups, priors.

mod certainty;
pub mod effects;
pub mod groups;
pub mod last_year;
mod newcomers;
pub mod own_years;
pub mod priors;
pub mod season_profiles;
pub mod start_levels;
pub mod year_of_days;
