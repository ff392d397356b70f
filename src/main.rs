//! The `restock` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    restock::cli::main()
}
