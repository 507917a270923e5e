//! The command `registry-tool`.

use std::process::ExitCode;

fn main() -> ExitCode {
    registry_tool::cli::main()
}
