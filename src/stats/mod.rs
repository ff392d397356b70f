//! Special functions, distributions, optimisation and random streams.
