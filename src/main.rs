//! The program `thaw`: a window without arguments, a terminal program with them.

use std::process::ExitCode;

use anyhow::anyhow;

fn main() -> ExitCode {
    thaw::cli::main(|| thaw::gui::run().map_err(|e| anyhow!("{e}")))
}
