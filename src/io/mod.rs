//! The only place that knows Polars and files.
