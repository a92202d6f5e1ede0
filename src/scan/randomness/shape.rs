//! Judges the shape of a key body.

use std::fmt;

use super::alphabet::BodyAlphabet;
use super::bytes::{BYTES, CLASS_LOWER, CLASS_UPPER};
use super::sizes::{MAX_LEN, MIN_LEN, SYMBOL_COLUMNS, UNITS_PER_BIT};
use super::table::{CLASS_COST, SYMBOL_COST};

/// The shape of a body. If several descriptions fit, the structural ones come first, in this order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BodyShape {
    /// Shorter than [`MIN_LEN`].
    TooShort,
    /// Digits and separators only: a timestamp, a version, a telephone number.
    NoLetters,
    /// Fewer distinct symbols than random bodies of this length have.
    FewSymbols,
    /// Hexadecimal with hardly any digits: words spelt with `a` to `f`, as in `deadbeefcafebabe`.
    HexWords,
    /// A stretch of one symbol too long for chance, as in `abcdXXXXXXXXwxyz`.
    Masked,
    /// Mostly symbols in the order of the alphabet, of the digits or of the keys on a keyboard.
    Sequence,
    /// One block over and over, unchanged (`abc123abc123`) or counted up or down (`abc1bcd2cde3`).
    Repeats,
    /// The evidence falls short of the floor: better explained as written by a person.
    Words {
        /// Binary logarithm of the likelihood ratio random : written, in bits; may be negative.
        bits: f32,
    },
    /// Better explained as drawn at random.
    Random {
        /// Binary logarithm of the likelihood ratio random : written, in bits; at least
        /// [`BodyAlphabet::floor_bits`].
        bits: f32,
    },
}

impl BodyShape {
    /// True if the body passes for generated.
    #[must_use]
    pub fn is_random(self) -> bool {
        matches!(self, Self::Random { .. })
    }
}

impl fmt::Display for BodyShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => f.write_str("it is too short to judge"),
            Self::NoLetters => f.write_str("it has no letters"),
            Self::FewSymbols => f.write_str("it has too few different characters"),
            Self::HexWords => f.write_str("it consists of words spelt with a to f"),
            Self::Masked => f.write_str("one character is repeated in it"),
            Self::Sequence => f.write_str("its characters are in order"),
            Self::Repeats => f.write_str("it repeats itself"),
            Self::Words { bits } => write!(f, "it reads like words ({bits:+.0} bits for chance)"),
            Self::Random { bits } => write!(f, "random ({bits:+.0} bits for chance)"),
        }
    }
}

/// Judges a body. Never panics, does not allocate; the time is bounded by [`MAX_LEN`].
///
/// Bytes outside `[A-Za-z0-9]` count as separators, whatever they are.
#[must_use]
pub fn shape(body: &[u8]) -> BodyShape {
    let body = &body[..body.len().min(MAX_LEN)];
    if body.len() < MIN_LEN {
        return BodyShape::TooShort;
    }
    if !body.iter().any(u8::is_ascii_alphabetic) {
        return BodyShape::NoLetters;
    }
    let alphabet = BodyAlphabet::of(body);
    if few_symbols(body, alphabet) {
        return BodyShape::FewSymbols;
    }
    if hex_words(body, alphabet) {
        return BodyShape::HexWords;
    }
    if masked(body) {
        return BodyShape::Masked;
    }
    if sequence(body) {
        return BodyShape::Sequence;
    }
    if repeats(body) {
        return BodyShape::Repeats;
    }
    let bits = evidence(body, alphabet);
    if bits >= f32::from(alphabet.floor_bits(body.len())) {
        BodyShape::Random { bits }
    } else {
        BodyShape::Words { bits }
    }
}

/// Binary logarithm of the likelihood ratio random : written, in bits. Exact in `f32`: the sum
/// stays below 2^18 units.
fn evidence(body: &[u8], alphabet: BodyAlphabet) -> f32 {
    let units: i32 = cells(body)
        .map(|cell| {
            let written = i32::from(CLASS_COST[cell.class]) + i32::from(SYMBOL_COST[cell.symbol]);
            written - alphabet.symbol_cost()
        })
        .sum();
    units as f32 / UNITS_PER_BIT as f32
}

/// The table cells for the two costs of one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Index into the table of class costs, below [`CLASS_CELLS`](super::CLASS_CELLS).
    pub class: usize,
    /// Index into the table of symbol costs, below [`SYMBOL_CELLS`](super::SYMBOL_CELLS).
    pub symbol: usize,
}

/// The table cells that explain `body` as written by a person, one pair for each byte.
///
/// The class of a byte is predicted from the three classes before it, a letter (case folded) from
/// the letter before it. A word starts after a separator or a digit, and where upper case follows
/// lower case; its first letter is predicted from the boundary instead. The value of a digit is
/// not modelled, it made no clear difference. Public because the trainer counts exactly these
/// cells.
pub fn cells(body: &[u8]) -> impl Iterator<Item = Cell> + '_ {
    // The last three classes, and the row the last byte leaves behind.
    let (mut third, mut second, mut first) = (0, 0, 0);
    let mut row = 0;
    body.iter().map(move |&byte| {
        let byte = BYTES[usize::from(byte)];
        let class = usize::from(byte.class);
        let hump = byte.class == CLASS_UPPER && first == usize::from(CLASS_LOWER);
        let from = if hump { 0 } else { row };
        let cell = Cell {
            class: ((third * 5 + second) * 5 + first) * 4 + class - 1,
            symbol: from * SYMBOL_COLUMNS + usize::from(byte.column),
        };
        (third, second, first) = (second, first, class);
        row = usize::from(byte.row);
        cell
    })
}

/// True if `body` has so few distinct symbols that chance hardly explains it: 4 random bodies in
/// 100,000 at length 16, far fewer beyond. Two straight lines, one for hexadecimal digits and one
/// for everything larger, stay below the exact limits, which follow from the number of ways to
/// choose the symbols.
fn few_symbols(body: &[u8], alphabet: BodyAlphabet) -> bool {
    let mut seen = [0u64; 4];
    for &byte in body {
        seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    let distinct: u32 = seen.iter().map(|word| word.count_ones()).sum();
    let limit = match (body.len(), alphabet) {
        (..16, _) => body.len() / 4,
        (len, BodyAlphabet::HexLower | BodyAlphabet::HexUpper) => 3 + len.min(64) / 8,
        (len, _) => 3 + len.min(64) / 4,
    };
    distinct as usize <= limit
}

/// True if at most an eighth of the symbols of a hexadecimal body are digits. Of random ones, with
/// ten digits among sixteen symbols, 5 in 100,000 qualify at length 16, and fewer the longer they
/// are.
fn hex_words(body: &[u8], alphabet: BodyAlphabet) -> bool {
    matches!(alphabet, BodyAlphabet::HexLower | BodyAlphabet::HexUpper)
        && body.iter().filter(|byte| byte.is_ascii_digit()).count() <= body.len() / 8
}

/// True if one symbol is repeated so often in a row that it looks like a mask: six of anything,
/// four of the symbols usual for blotting out (hexadecimal digits are not among them, so that keys
/// keep their chance).
fn masked(body: &[u8]) -> bool {
    body.chunk_by(|a, b| a == b).any(|run| {
        let usual = matches!(run[0], b'x' | b'X') || !run[0].is_ascii_alphanumeric();
        run.len() >= if usual { 4 } else { 6 }
    })
}

/// True if some lag of at most half the length explains 70 % of the symbols after it: each equal to
/// the symbol one lag earlier, or each one up, or each one down.
fn repeats(body: &[u8]) -> bool {
    (1..=body.len() / 2).any(|lag| {
        let rest = body.len() - lag;
        // Lengths up to MAX_LEN - 1 fit a byte, and byte counters let the loop run in parallel.
        let (mut same, mut up, mut down) = (0u8, 0u8, 0u8);
        for (&before, &after) in body[..rest].iter().zip(&body[lag..]) {
            same += u8::from(before == after);
            up += u8::from(after == before.wrapping_add(1));
            down += u8::from(before == after.wrapping_add(1));
        }
        usize::from(same.max(up).max(down)) * 10 >= rest * 7
    })
}

/// Orders of letters and digits in which people type samples: alphabet, keyboard rows, keyboard
/// columns. Each gives the rank of a byte (case folded) among its 36 symbols.
static ORDERS: [[u8; 256]; 3] = [
    ranks(b"0123456789abcdefghijklmnopqrstuvwxyz"),
    ranks(b"qwertyuiopasdfghjklzxcvbnm1234567890"),
    ranks(b"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"),
];

const fn ranks(order: &[u8; 36]) -> [u8; 256] {
    let mut ranks = [0; 256];
    let mut i = 0;
    while i < order.len() {
        ranks[order[i] as usize] = i as u8;
        ranks[order[i].to_ascii_uppercase() as usize] = i as u8;
        i += 1;
    }
    ranks
}

/// True if 60 % of the letters and digits belong to a run of three or more in order: up, down or
/// constant; also if two such runs alternate, as in `a1b2c3d4`. Separators are skipped.
///
/// An order that starts over (`...890123...`) breaks a run in two, which still covers everything.
/// The loops are branch-free over bytes so that they run in parallel.
fn sequence(body: &[u8]) -> bool {
    const JUMP: u8 = 0;
    const SAME: u8 = 1;
    const UP: u8 = 2;
    const DOWN: u8 = 4;

    let mut symbols = [0u8; MAX_LEN];
    let mut len = 0;
    for &byte in body {
        symbols[len] = byte;
        len += usize::from(byte.is_ascii_alphanumeric());
    }
    let symbols = &symbols[..len];

    let mut covered = [0u8; MAX_LEN];
    let mut ranks = [0u8; MAX_LEN];
    let mut steps = [JUMP; MAX_LEN];
    let mut runs = [0u8; MAX_LEN];
    for order in &ORDERS {
        for (rank, &symbol) in ranks.iter_mut().zip(symbols) {
            *rank = order[usize::from(symbol)];
        }
        for stride in 1..=2 {
            if len <= 2 * stride {
                break;
            }
            // `steps[i]` leads from symbol `i` to symbol `i + stride`.
            let pairs = ranks[..len - stride].iter().zip(&ranks[stride..len]);
            for (step, (&from, &to)) in steps.iter_mut().zip(pairs) {
                let ahead = to.wrapping_sub(from);
                *step = (SAME * u8::from(ahead == 0))
                    | (UP * u8::from(ahead == 1))
                    | (DOWN * u8::from(ahead == u8::MAX));
            }
            // `runs[i]` is set if the steps from and to symbol `i + stride` go the same way.
            let pairs = steps[..len - 2 * stride].iter().zip(&steps[stride..len - stride]);
            for (run, (&first, &second)) in runs.iter_mut().zip(pairs) {
                *run = u8::from(first & second != JUMP);
            }
            let runs = &runs[..len - 2 * stride];
            for offset in [0, stride, 2 * stride] {
                for (covered, run) in covered[offset..].iter_mut().zip(runs) {
                    *covered |= run;
                }
            }
        }
    }
    let count = covered[..len].iter().filter(|&&covered| covered != 0).count();
    count * 5 >= len * 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::randomness::sizes::{CLASS_CELLS, MAX_FLOOR_BITS, SYMBOL_CELLS};

    /// SplitMix64, see `examples/randomness.rs`.
    fn draw(state: &mut u64, alphabet: BodyAlphabet, len: usize) -> Vec<u8> {
        let mut next = || {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let symbols = alphabet.symbols();
        (0..len).map(|_| symbols[(next() % symbols.len() as u64) as usize]).collect()
    }

    #[test]
    fn written_bodies_are_not_random() {
        let written = [
            // Names, in the usual styles.
            "index_migration",
            "export_settings_final",
            "company_fiscal_profiles",
            "user_authentication_service_v2",
            "MyLongClassNameForTheWidgetFactory",
            "getServerSidePropsWithAuthentication",
            "kubernetes-ingress-controller-config",
            "lorem_ipsum_dolor_sit_amet_consectetur",
            "some-very-long-descriptive-slug-for-a-page",
            "unit_test_fixture_number_0001",
            "i18n_l10n_a11y_k8s_helper_function",
            "__init__subclass__wrapper__",
            "int32_to_float64_conversion_table",
            "migration_20240115_add_user_table",
            "cfg_mgr_ctx_buf_ptr_len_idx",
            "AbstractSingletonProxyFactoryBean",
            "XMLHttpRequestEventTargetImpl",
            "parseHTTPSURLFromJSONResponse",
            "MAX_CONCURRENT_STREAMS_PER_CONNECTION",
            "NSURLSessionConfigurationDelegate",
            "x86_64-unknown-linux-gnu-gcc-12",
            "btn-primary-lg-hover-2xl-mt-4",
            "vk_khr_get_physical_device_properties2",
            "CVE-2021-44228-log4j-remediation",
            "antidisestablishmentarianism",
            "thequickbrownfoxjumpsoverthelazydog",
            // Other languages.
            "benutzer_verwaltung_einstellungen",
            "Donaudampfschifffahrtsgesellschaft",
            "Rechtsschutzversicherungsgesellschaften",
            "parametres_utilisateur_avances",
            "anticonstitutionnellement",
            "configuracion_del_servidor_principal",
            "desarrolladoresdeaplicaciones",
            // Placeholders.
            "your_public_key",
            "your-api-key",
            "your_secret_key_here",
            "THIS_IS_NOT_A_REAL_KEY_AT_ALL",
            "PASTE_PUBLIC_KEY_HERE",
            "insert_your_secret_key_here_please",
            "REPLACE-ME-WITH-YOUR-OWN-TOKEN",
            "thisisnotarealapikeyitisasample",
            "",
            "a",
            "q7",
        ];
        for body in written {
            assert!(!shape(body.as_bytes()).is_random(), "{body}: {:?}", shape(body.as_bytes()));
        }
    }

    #[test]
    fn samples_are_recognised_by_their_structure() {
        let samples = [
            ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", BodyShape::FewSymbols),
            ("XXXXXXXXXXXXXXXX", BodyShape::FewSymbols),
            ("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb", BodyShape::FewSymbols),
            ("test_test_test_test_test_test", BodyShape::FewSymbols),
            ("deadbeefdeadbeefdeadbeefdeadbeef", BodyShape::FewSymbols),
            ("00000000000000000000000000000000", BodyShape::NoLetters),
            ("1234567890123456", BodyShape::NoLetters),
            ("12345678901234567890123456789012", BodyShape::NoLetters),
            ("20240115123456789012", BodyShape::NoLetters),
            ("2024-01-15_12-34-56", BodyShape::NoLetters),
            ("deadbeefcafebabe", BodyShape::HexWords),
            ("CAFEBABEDEADBEEFC0FFEE", BodyShape::HexWords),
            ("kT9vXXXXXXXXb2QwhY5s", BodyShape::Masked),
            ("f3a97bd2------c41e08", BodyShape::Masked),
            ("abc123abc123abc123abc123", BodyShape::FewSymbols),
            ("0123456789abcdef0123456789abcdef", BodyShape::Sequence),
            ("Kp3vQz8Kp3vQz8Kp3vQz8Kp3", BodyShape::FewSymbols),
            ("key001key002key003key004key005", BodyShape::FewSymbols),
            ("Zk7Tq2Xw9LbM4Zk7Tq2Xw9LbM4", BodyShape::Repeats),
            ("mQ2k7nR3l8oS4m9pT5n", BodyShape::Repeats),
            ("abcdefghijklmnopqrstuvwxyz012345", BodyShape::Sequence),
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", BodyShape::Sequence),
            ("AbCdEfGhIjKlMnOpQrStUvWxYz", BodyShape::Sequence),
            ("a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6", BodyShape::Sequence),
            ("zyxwvutsrqponmlkjihg", BodyShape::Sequence),
            ("qwertyuiopasdfghjklzxcvbnm123456", BodyShape::Sequence),
            ("1qaz2wsx3edc4rfv5tgb", BodyShape::Sequence),
            ("abcd-efgh-ijkl-mnop-qrst", BodyShape::Sequence),
            ("1234567890abcdefghij", BodyShape::Sequence),
        ];
        for (body, expected) in samples {
            assert_eq!(shape(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn drawn_bodies_are_random() {
        let mut state = 42;
        for alphabet in BodyAlphabet::ALL {
            for len in 16..=80 {
                let missed =
                    (0..500).filter(|_| !shape(&draw(&mut state, alphabet, len)).is_random());
                // 1 in 1,000 is allowed; 6 of 500 is beyond chance.
                assert!(missed.count() < 6, "{alphabet:?} {len}");
            }
        }
    }

    #[test]
    fn the_smallest_alphabet_is_found() {
        let table = [
            ("09af", BodyAlphabet::HexLower),
            ("09AF", BodyAlphabet::HexUpper),
            ("09ag", BodyAlphabet::Base36Lower),
            ("09AG", BodyAlphabet::Base36Upper),
            ("aF", BodyAlphabet::Base62),
            ("a-F", BodyAlphabet::Base64Url),
            ("a.f", BodyAlphabet::Base64Url),
            ("", BodyAlphabet::HexLower),
        ];
        for (body, expected) in table {
            assert_eq!(BodyAlphabet::of(body.as_bytes()), expected, "{body}");
        }
        for alphabet in BodyAlphabet::ALL {
            assert_eq!(BodyAlphabet::of(alphabet.symbols()), alphabet);
        }
    }

    #[test]
    fn cells_are_within_their_tables() {
        let bytes: Vec<u8> = (0..=255).collect();
        for first in 0..=255u8 {
            for second in 0..=255u8 {
                for cell in cells(&[first, second]).chain(cells(&[second, first, second])) {
                    assert!(cell.class < CLASS_CELLS && cell.symbol < SYMBOL_CELLS);
                }
            }
        }
        assert_eq!(cells(&bytes).count(), 256);
    }

    #[test]
    fn a_hump_starts_a_word() {
        let symbols =
            |body: &str| cells(body.as_bytes()).map(|cell| cell.symbol).collect::<Vec<_>>();
        assert_eq!(symbols("aB")[1], 1);
        assert_eq!(symbols("AB")[1], SYMBOL_COLUMNS + 1);
        assert_eq!(symbols("Ab")[1], SYMBOL_COLUMNS + 1);
        assert_eq!(symbols("a_b")[2], 1);
        assert_eq!(symbols("a1b")[2], 1);
    }

    #[test]
    fn floors_are_within_their_limits() {
        for alphabet in BodyAlphabet::ALL {
            for len in [0, 1, 16, 48, 49, 64, 1000, usize::MAX] {
                assert!((0..=MAX_FLOOR_BITS).contains(&alphabet.floor_bits(len)));
            }
            assert_eq!(alphabet.floor_bits(usize::MAX), MAX_FLOOR_BITS);
        }
    }

    #[test]
    fn any_bytes_are_safe() {
        let mut state = 7;
        for len in 0..600 {
            for fill in [0u8, b'-', b'0', b'a', b'Z', 0x7f, 0x80, 0xff] {
                assert!(!shape(&vec![fill; len]).is_random());
            }
            let rising: Vec<u8> = (0..len).map(|i| i as u8).collect();
            assert!(!shape(&rising).is_random());
            let _ = shape(&draw(&mut state, BodyAlphabet::Base64Url, len));
        }
        assert!(!shape("schlüssel für den zugang zum größten ärger".as_bytes()).is_random());
        assert_eq!(shape(&vec![b'k'; 10_000_000]), BodyShape::FewSymbols);
    }

    #[test]
    fn only_the_first_stretch_counts() {
        let mut body = draw(&mut 1, BodyAlphabet::Base62, MAX_LEN);
        assert!(shape(&body).is_random());
        let alone = shape(&body);
        body.extend_from_slice(&[b'x'; 1000]);
        assert_eq!(shape(&body), alone);
    }
}
