//! The `keyside` binary: hands the process's streams and arguments to [`keyside::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    keyside::cli::main(std::env::args_os())
}
