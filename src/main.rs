//! The program `thaw`: a window without arguments, a terminal program with them.

use std::process::ExitCode;

fn main() -> ExitCode {
    thaw::cli::main(|| Err(thaw::domain::problem::Problem::new("window-failed").into()))
}
