//! Limits that keep hostile archives from taking time or memory without end.

use std::cell::Cell;
use std::io::{self, Read};

use super::container::Fault;
use super::limits::ArchiveLimits;

/// The most bytes that a byte of an archive may unpack to, at all depths together. Of real files, logs
/// come to about 100.
const MOST_RATIO: u64 = 250;

/// Bytes that the smallest archive may unpack to.
const LEAST_TOTAL: u64 = 64 * 1024 * 1024;

/// Bytes that the largest archive may unpack to.
const MOST_TOTAL: u64 = 64 * 1024 * 1024 * 1024;

/// The most members of an archive, at all depths together.
const MOST_MEMBERS: u64 = 500_000;

/// The rest of the limits while one file is opened.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) limits: ArchiveLimits,
    total: u64,
    left: Cell<u64>,
    members: Cell<u64>,
    memory: Cell<usize>,
    is_over: Cell<bool>,
}

impl Budget {
    /// The budget of a file of `size` bytes.
    pub(super) fn new(limits: ArchiveLimits, size: u64) -> Self {
        let total = size.saturating_mul(MOST_RATIO).clamp(LEAST_TOTAL, MOST_TOTAL);
        Self {
            limits,
            total,
            left: Cell::new(total),
            members: Cell::new(MOST_MEMBERS),
            memory: Cell::new(limits.memory),
            is_over: Cell::new(false),
        }
    }

    /// True if a limit was reached, so that nothing more is read.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// Counts a member.
    pub(super) fn count_member(&self) -> Result<(), Fault> {
        if self.is_over() {
            return Err(Fault::Stopped);
        }
        match self.members.get().checked_sub(1) {
            Some(left) => {
                self.members.set(left);
                Ok(())
            }
            None => {
                self.is_over.set(true);
                Err(Fault::Limit(format!(
                    "has more than {MOST_MEMBERS} members; those that follow were not searched"
                )))
            }
        }
    }

    /// Takes memory for an archive inside another.
    pub(super) fn hold(&self, input: &mut dyn Read) -> Result<HeldBytes<'_>, Fault> {
        match self.hold_some(input) {
            (_, Some(error)) => Err(error.into()),
            (held, None) if held.is_whole => Ok(held),
            _ => Err(Fault::Limit(format!(
                "is larger than what may be held in memory ({} MiB; --max-archive-memory sets it)",
                self.limits.memory >> 20
            ))),
        }
    }

    /// Takes memory for the beginning of an input, as much as there is.
    pub(super) fn hold_some(&self, input: &mut dyn Read) -> (HeldBytes<'_>, Option<io::Error>) {
        let free = self.memory.get();
        let mut bytes = Vec::new();
        let error = input.take(free as u64).read_to_end(&mut bytes).err();
        self.memory.set(free - bytes.len());
        let is_whole = bytes.len() < free;
        (HeldBytes { bytes, is_whole, budget: self }, error)
    }

    fn spend(&self, bytes: usize) -> io::Result<()> {
        match self.left.get().checked_sub(bytes as u64) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                self.left.set(0);
                let fault = match self.is_over.replace(true) {
                    true => Fault::Stopped,
                    false => Fault::Limit(format!(
                        "unpacks to more than {} MiB, far more than its size; what follows was not \
                         searched",
                        self.total >> 20
                    )),
                };
                Err(fault.into())
            }
        }
    }
}

/// Bytes in memory, given back when they are dropped.
#[derive(Debug)]
pub(super) struct HeldBytes<'b> {
    pub(super) bytes: Vec<u8>,
    /// True if they are all of the input.
    pub(super) is_whole: bool,
    budget: &'b Budget,
}

impl Drop for HeldBytes<'_> {
    fn drop(&mut self) {
        self.budget.memory.set(self.budget.memory.get() + self.bytes.len());
    }
}

/// Counts what is read of a member.
pub(super) struct MeteredReader<'m> {
    pub(super) input: &'m mut dyn Read,
    pub(super) budget: &'m Budget,
}

impl Read for MeteredReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.budget.spend(read)?;
        Ok(read)
    }
}
