//! Standard input.

use std::io::{self, Read};

/// Standard input, locked for each read only, so that it can move to another thread.
pub(super) struct StdinReader(pub(super) io::Stdin);

impl Read for StdinReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.lock().read(buffer)
    }
}
