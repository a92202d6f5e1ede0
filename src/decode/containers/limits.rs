//! The user's limits of opening archives.

/// The limits of opening archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// How many archives, one inside the other, are opened; 0 opens none.
    pub depth: usize,
    /// Bytes that a thread may hold of archives inside others, and that a decoder may take.
    pub memory: usize,
}

impl ArchiveLimits {
    /// The default depth.
    pub const DEPTH: usize = 4;
    /// The default of memory, in bytes.
    pub const MEMORY: usize = 256 * 1024 * 1024;
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self { depth: Self::DEPTH, memory: Self::MEMORY }
    }
}
