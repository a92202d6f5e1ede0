//! Tells a generated key body from something a person wrote: an identifier, a word, a placeholder
//! or a made-up sample.
//!
//! Two kinds of test, both over the part of a key after its fixed prefix:
//!
//! * structure: no letters, too few distinct symbols, a blotted-out middle, symbols in order,
//!   repetition;
//! * a likelihood ratio: how much better "drawn uniformly from an alphabet" explains the body than
//!   "written by a person", in bits. The second model is trained on identifiers of public source
//!   code; its costs are in `table.rs`, written by `examples/randomness.rs`.
//!
//! This is neither a test of cryptographic quality nor a decoder. Base64 of ordinary text, a commit
//! hash or a checksum look as random as a key does; the key's prefix and its surroundings have to
//! tell those apart.

mod alphabet;
mod bytes;
mod shape;
mod sizes;
mod table;

pub use alphabet::BodyAlphabet;
pub use shape::{BodyShape, Cell, cells, shape};
pub use sizes::{
    CLASS_CELLS, FLOOR_LENGTHS, MAX_FLOOR_BITS, MAX_LEN, MIN_LEN, SYMBOL_CELLS, SYMBOL_COLUMNS,
    UNITS_PER_BIT,
};
