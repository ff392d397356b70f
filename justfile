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

# The page in a real browser; installs what it needs where it may.
page *binary:
    tests/page/run.sh {{binary}}

# Orders out of a real PostgreSQL; --install installs it where that may be done.
postgres *flags:
    tests/sources/postgres.sh {{flags}}

# Pictures of the sample's page in a folder, and that of the README in docs/page.png.
screenshots dir="target/screenshots":
    tests/page/screenshots.sh {{dir}}

# What is handed over, read by programs that are not ours; installs two Python packages.
handover:
    tests/handover/check.sh

# A night over a Spark cluster of this machine, some of it killed; installs pyspark, needs Java.
spark *binary:
    deploy/spark/test.sh {{binary}}

# The Jobs for Kubernetes by its schema, and their commands; installs a Python package.
kubernetes *binary:
    deploy/kubernetes/check.sh {{binary}}

# The DAG, run by an Airflow without a scheduler; installs Airflow.
airflow *binary:
    deploy/airflow/check.sh {{binary}}

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

# How many instructions each hot loop takes; needs valgrind.
instructions:
    benches/instructions.sh

# The container image.
image tag="restock":
    docker build -t {{tag}} .

# A release for this machine's kind: dist/restock-<version>-<target>.tar.gz and its SHA-256.
dist:
    #!/bin/sh
    set -eu
    target="$(rustc -vV | sed -n 's/^host: //p')"
    version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)"
    name="restock-$version-$target"
    # Static, so that it runs on any Linux; elsewhere the flag has no effect.
    RUSTFLAGS="-C target-feature=+crt-static" \
        cargo build --release --locked --bin restock --target "$target"
    rm -rf "dist/$name"
    mkdir -p "dist/$name/completions"
    cp "${CARGO_TARGET_DIR:-target}/$target/release/restock" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "dist/$name"
    cp -R config docs "dist/$name"
    "dist/$name/restock" man --output-dir "dist/$name/man"
    for shell in bash zsh fish; do
        "dist/$name/restock" completions "$shell" > "dist/$name/completions/restock.$shell"
    done
    # The same bytes whoever packs it, and whenever.
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C dist -cf - "$name" \
        | gzip -n -9 > "dist/$name.tar.gz"
    cd dist && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256"
