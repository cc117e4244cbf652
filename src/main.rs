//! The program `thaw`: a window without arguments, a terminal program with them.

use std::process::ExitCode;

fn main() -> ExitCode {
    thaw::cli::main(|| Ok(thaw::gui::run()?))
}
