# Recipes for https://just.systems. Each is a line that can be typed as well.

# List the recipes.
default:
    @just --list

# Run the sample.
run *flags:
    cargo run --release -- run --config config/restock.toml {{flags}}

# The tests.
test *flags:
    cargo test --release {{flags}}

# Everything a change must pass.
ci:
    .ci/run

# Licences, advisories and sources of all dependencies; needs `cargo install cargo-deny`.
deny:
    cargo deny check

# Write data/ and the schema again.
generate:
    cargo run --release --example make_sample

# Benchmarks.
bench *flags:
    cargo bench {{flags}}
