//! The `keyside` binary: hands the process's streams and arguments to [`keyside::cli`].

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// What reaches a client is told with many small values; with this allocator that takes a seventh
/// less processor time than with glibc's, and musl's is slower still.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    keyside::cli::main(std::env::args_os())
}
