//! The classes of bytes that the model distinguishes.

pub(super) const DIGIT: u8 = 1;
pub(super) const LOWER_AF: u8 = 2;
pub(super) const LOWER_GZ: u8 = 4;
pub(super) const UPPER_AF: u8 = 8;
pub(super) const UPPER_GZ: u8 = 16;
pub(super) const SEPARATOR: u8 = 32;

pub(super) const CLASS_LOWER: u8 = 1;
pub(super) const CLASS_UPPER: u8 = 2;
pub(super) const CLASS_DIGIT: u8 = 3;
pub(super) const CLASS_SEPARATOR: u8 = 4;

/// The properties of a byte that the model needs.
#[derive(Clone, Copy)]
pub(super) struct Byte {
    /// One of the six groups, a bit each, that tell the alphabets apart.
    pub(super) group: u8,
    /// One of the four classes; class 0 is the start of the body.
    pub(super) class: u8,
    /// Column of the table of symbol costs.
    pub(super) column: u8,
    /// Row of the table of symbol costs for the next byte: 0 for a boundary, else the letter.
    pub(super) row: u8,
}

/// A table because the bytes of a random body defeat branch prediction.
pub(super) static BYTES: [Byte; 256] = {
    let separator = Byte { group: SEPARATOR, class: CLASS_SEPARATOR, column: 27, row: 0 };
    let mut bytes = [separator; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        bytes[digit as usize] = Byte { group: DIGIT, class: CLASS_DIGIT, column: 26, row: 0 };
        digit += 1;
    }
    let mut column = 0;
    while column < 26 {
        let hexadecimal = column < 6;
        bytes[(b'a' + column) as usize] = Byte {
            group: if hexadecimal { LOWER_AF } else { LOWER_GZ },
            class: CLASS_LOWER,
            column,
            row: column + 1,
        };
        bytes[(b'A' + column) as usize] = Byte {
            group: if hexadecimal { UPPER_AF } else { UPPER_GZ },
            class: CLASS_UPPER,
            column,
            row: column + 1,
        };
        column += 1;
    }
    bytes
};
