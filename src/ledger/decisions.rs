//! What people decide between two nights.
