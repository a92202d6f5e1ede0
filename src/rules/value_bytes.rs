//! The characters of values: those of hexadecimal digits, UUIDs, base64 and its relatives.

/// The fewest characters of a run of values that is looked at for keys.
pub const SHORTEST_VALUE: usize = 16;

/// The characters, as a table.
const VALUE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(
            byte as u8,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' | b'+' | b'/' | b'.' | b'~'
        );
        byte += 1;
    }
    table
};

/// True for a character of values.
#[inline]
pub const fn is_value(byte: u8) -> bool {
    VALUE[byte as usize]
}
