//! Writes the sample in `data/` and the schema in `config/` again: `cargo run --release --example make_sample`.

use std::path::Path;

use restock::config::schema;
use restock::sample;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, content) in sample::files(sample::SEED) {
        std::fs::write(root.join("data").join(name), content)?;
    }
    std::fs::write(root.join("config/restock.schema.json"), schema::json())
}
