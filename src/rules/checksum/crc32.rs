//! CRC-32 (IEEE 802.3) of a part of the key, in the digits that a provider writes it with.

use super::algorithm::{Algorithm, ChecksumParts};

/// The digits of base 62.
pub(super) const DIGITS_62: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS_36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Six digits in base 62 as GitHub (github.blog, 2021-04-05), npm, Vercel, Deno and Polar write
/// them.
pub(super) const BASE62: Algorithm = Algorithm {
    name: "crc32-base62",
    filler: "000000",
    is_seeded: false,
    completed: |key, _| vec![key.with(&digits(u64::from(sum(key)), DIGITS_62, 6))],
};

/// Seven digits in base 36, as in GitLab's routable tokens.
pub(super) const BASE36: Algorithm = Algorithm {
    name: "crc32-base36",
    filler: "0000000",
    is_seeded: false,
    completed: |key, _| vec![key.with(&digits(u64::from(sum(key)), DIGITS_36, 7))],
};

/// Eight hexadecimal digits, most significant first, as Cloudflare and Zuplo write them.
pub(super) const HEX: Algorithm = Algorithm {
    name: "crc32-hex",
    filler: "00000000",
    is_seeded: false,
    completed: |key, _| vec![key.with(format!("{:08x}", sum(key)).as_bytes())],
};

/// Eight hexadecimal digits in upper case, as Atlassian writes them.
pub(super) const HEX_UPPER: Algorithm = Algorithm {
    name: "crc32-hex-upper",
    filler: "00000000",
    is_seeded: false,
    completed: |key, _| vec![key.with(format!("{:08X}", sum(key)).as_bytes())],
};

/// Eight hexadecimal digits of the bytes in little-endian order, as Grafana writes them.
pub(super) const HEX_LITTLE_ENDIAN: Algorithm = Algorithm {
    name: "crc32-hex-le",
    filler: "00000000",
    is_seeded: false,
    completed: |key, _| vec![key.with(format!("{:08x}", sum(key).swap_bytes()).as_bytes())],
};

/// Six characters of base64 of the bytes in little-endian order, as Confluent writes them.
pub(super) const BASE64_LITTLE_ENDIAN: Algorithm = Algorithm {
    name: "crc32-base64-le",
    filler: "AAAAAA",
    is_seeded: false,
    completed: |key, _| {
        let text = data_encoding::BASE64_NOPAD.encode(&sum(key).to_le_bytes());
        vec![key.with(text.as_bytes())]
    },
};

fn sum(key: &ChecksumParts<'_>) -> u32 {
    crc32fast::hash(key.checked())
}

/// A number in the digits of a base, the most significant first, with `0` up to `length`.
pub(super) fn digits(mut number: u64, alphabet: &[u8], length: usize) -> Vec<u8> {
    let base = alphabet.len() as u64;
    let mut digits = vec![alphabet[0]; length];
    for digit in digits.iter_mut().rev() {
        *digit = alphabet[(number % base) as usize];
        number /= base;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-32 in catalogues of CRCs is that of the nine digits.
    #[test]
    fn the_check_value_is_written_in_every_base() {
        let key = b"123456789:";
        let parts = ChecksumParts { key, checked: 0..9, checksum: 10..10 };
        assert_eq!(sum(&parts), 0xcbf4_3926);
        for (algorithm, expected) in [
            (HEX, "cbf43926"),
            (HEX_UPPER, "CBF43926"),
            (HEX_LITTLE_ENDIAN, "2639f4cb"),
            (BASE64_LITTLE_ENDIAN, "Jjn0yw"),
            (BASE62, "3jaG7u"),
            (BASE36, "1kld0g6"),
        ] {
            let keys = (algorithm.completed)(&parts, &[]);
            let text = String::from_utf8(keys[0].clone()).unwrap();
            let value = |alphabet: &[u8]| {
                let digit = |at: u8| alphabet.iter().position(|&own| own == at).unwrap() as u64;
                text.bytes().skip(10).fold(0, |sum, at| sum * alphabet.len() as u64 + digit(at))
            };
            match algorithm.name {
                "crc32-base62" => assert_eq!(value(DIGITS_62), 0xcbf4_3926),
                "crc32-base36" => assert_eq!(value(DIGITS_36), 0xcbf4_3926),
                name => assert_eq!(&text[10..], expected, "{name}"),
            }
        }
    }
}
