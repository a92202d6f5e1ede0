//! Limits and table sizes of the model.

/// Shortest body that is judged at all, in bytes. Below it even a perfect model has too little to
/// go by.
pub const MIN_LEN: usize = 8;

/// Longest stretch that is examined, in bytes. Of a longer body only the first `MAX_LEN` bytes
/// count; real bodies are far shorter, and the limit bounds the time spent on hostile input.
pub const MAX_LEN: usize = 256;

/// The most evidence ever asked of a body, in bits. Short bodies are asked for less, see
/// [`BodyAlphabet::floor_bits`](super::BodyAlphabet::floor_bits); asking for more rejected hardly
/// any further identifier when measured, and would cost keys that are not drawn uniformly (base32,
/// base58, a word inside the body).
pub const MAX_FLOOR_BITS: i8 = 16;

/// Number of body lengths in one row of the table of floors; longer bodies use the last entry.
pub const FLOOR_LENGTHS: usize = 41;

/// Number of alphabets that a body may be drawn from.
pub(super) const ALPHABETS: usize = 6;

/// Cells of the table of class costs: three preceding classes (start of body, lower case, upper
/// case, digit, separator) times the four classes that may follow.
pub const CLASS_CELLS: usize = 5 * 5 * 5 * 4;

/// Cells in one row of the table of symbol costs: 26 letters, then any digit, then any separator.
pub const SYMBOL_COLUMNS: usize = 28;

/// Cells of the table of symbol costs: preceding letter or word boundary, times the symbol.
pub const SYMBOL_CELLS: usize = 27 * SYMBOL_COLUMNS;

/// Units of cost and evidence in one bit.
pub const UNITS_PER_BIT: i32 = 16;
