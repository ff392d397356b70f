//! Demand models: from histories to distributions.
