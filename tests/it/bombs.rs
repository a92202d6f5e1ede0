//! Archives that are made to harm: they end soon, take bounded memory, and are never called clean. The time
//! and memory that they take are measured by `just bench-decode`.

use serde_json::Value;

use crate::decoding_samples::*;
use crate::support::{Dir, SECRET, notices};

/// A gzip file that unpacks to itself, made as in Russ Cox's "Zip Files All The Way Down".
///
/// Its program copies literally (`L`) and repeats (`R`), each operation in a unit of five bytes. The checksum
/// of the file is in the file: all that depends on it is linear, so that equations give it.
fn quine() -> Vec<u8> {
    fn literal(length: usize) -> Vec<u8> {
        let length = length as u16;
        [&[0][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat()
    }
    /// Repeats 18 or 20 bytes: a block with two matches of half the length, in 40 bits.
    fn repeat(length: u32) -> Vec<u8> {
        let reversed = |code: u64, count: u32| code.reverse_bits() >> (64 - count);
        let mut bits = 0b010;
        let mut at = 3;
        for _ in 0..2 {
            bits |= reversed(u64::from(length / 2 - 2), 7) << at;
            bits |= reversed(8, 5) << (at + 7);
            bits |= u64::from(length - 17) << (at + 12);
            at += 15;
        }
        bits.to_le_bytes()[..5].to_vec()
    }
    let start = [&b"\x1f\x8b\x08\x08\0\0\0\0\0\x03"[..], b"r.gz\0"].concat();
    let unit = start.len() + 5;
    let file = |sum: u32, size: u32| {
        let end = [&[1, 0, 0, 0xff, 0xff][..], &sum.to_le_bytes(), &size.to_le_bytes()].concat();
        let (zero, four, all) = (literal(0), literal(20), literal(18));
        let (first, again, last) = (literal(unit), repeat(20), repeat(18));
        let parts: Vec<&[u8]> = vec![
            &start, &first, &start, &first, &again, &zero, &zero, &four, &again, &zero, &zero,
            &four, &again, &four, &again, &four, &again, &four, &again, &four, &again, &zero,
            &zero, &all, &again, &zero, &zero, &all, &last, &end, &last, &end,
        ];
        parts.concat()
    };
    let size = file(0, 0).len() as u32;
    let sum = |guess: u32| crc32fast::hash(&file(guess, size));
    // Each row: which bits of the guess, changed, leave this bit of the difference as it is.
    let base = sum(0);
    let columns: Vec<u32> = (0..32).map(|bit| sum(1 << bit) ^ base ^ 1 << bit).collect();
    let mut rows: Vec<u64> = (0..32)
        .map(|row| {
            let bits = (0..32).map(|bit| u64::from(columns[bit] >> row & 1) << bit);
            bits.sum::<u64>() | u64::from(base >> row & 1) << 32
        })
        .collect();
    let mut solution = 0;
    let mut used = 0;
    for bit in 0..32 {
        let Some(pivot) = (used..32).find(|&row| rows[row] >> bit & 1 == 1) else { continue };
        rows.swap(used, pivot);
        for row in 0..32 {
            if row != used && rows[row] >> bit & 1 == 1 {
                rows[row] ^= rows[used];
            }
        }
        used += 1;
    }
    for row in &rows[..used] {
        solution |= ((row >> 32 & 1) as u32) << row.trailing_zeros();
    }
    file(solution, size)
}

/// The files that a report's notices name, each with its kind, in order.
fn named(report: &Value) -> Vec<String> {
    let own = report["scan"]["notices"].as_array().unwrap().iter();
    let own = own.map(|notice| {
        let path = notice["path"].as_str().unwrap_or_default();
        let file = path.split('!').next().unwrap();
        format!("{file} {}", notice["kind"].as_str().unwrap())
    });
    let mut own: Vec<_> = own.collect();
    own.sort();
    own.dedup();
    own
}

#[test]
fn a_file_that_unpacks_to_itself_ends() {
    use std::io::Read;
    let quine = quine();
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&quine[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, quine);
    let dir = Dir::new();
    dir.write("r.gz", &quine);
    dir.write("r.tar", tar(&[("r.gz", &quine), ("key", dir.key(SECRET).as_bytes())]));
    let report = dir.run(&["scan", "-f", "json"]).expect(1).json();
    assert_eq!(named(&report), ["r.gz limit", "r.tar limit"]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn more_members_than_the_limit_end_soon() {
    let dir = Dir::new();
    let member = ar(&[("a", b"")]);
    let many = [&member[..8], &member[8..].repeat(500_001)].concat();
    dir.write("many.a.gz", gzip(&many));
    let report = dir.run(&["scan", "-f", "json"]).expect(3).json();
    assert_eq!(named(&report), ["many.a.gz limit"]);
}

/// A tar header with this field for the size.
fn tar_of_size(size: &[u8]) -> Vec<u8> {
    let mut bytes = tar(&[("a", b"content")]);
    bytes[124..124 + size.len()].copy_from_slice(size);
    bytes[148..156].fill(b' ');
    let sum: u32 = bytes[..512].iter().map(|byte| u32::from(*byte)).sum();
    bytes[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    bytes
}

/// A zip whose directory gives sizes and places of 64 bits.
fn large_zip(numbers: [u64; 3]) -> Vec<u8> {
    let mut bytes = zip(&[("a", b"content")]);
    let entry = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    let end = bytes.len() - 22;
    for at in [20, 24, 42] {
        bytes[entry + at..entry + at + 4].fill(0xff);
    }
    bytes[entry + 30] = 28;
    let extra = numbers.iter().flat_map(|number| number.to_le_bytes());
    let extra: Vec<u8> = [1, 0, 24, 0].into_iter().chain(extra).collect();
    bytes.splice(end..end, extra);
    let end = bytes.len() - 22;
    bytes[end + 12] += 28;
    bytes
}

/// A database whose row goes on in a circle of pages, as often as a page has room for such rows.
fn circular_database() -> Vec<u8> {
    let mut bytes = sqlite(&b"text ".repeat(400), 1);
    let pages = bytes.len() / 512;
    let last = bytes.chunks(512).rposition(|page| page.starts_with(&[0; 4])).unwrap();
    bytes[512 * last..512 * last + 4].copy_from_slice(&[0, 0, 0, 3]);
    // The row claims to go on for 30 pages.
    let cell = 512 + usize::from(bytes[512 + 8]) * 256 + usize::from(bytes[512 + 9]);
    bytes[cell..cell + 2].copy_from_slice(&[0xfa, 0x71]);
    for nth in 0..100 {
        let at = 512 + 8 + 2 * nth;
        let pointer = [bytes[512 + 8], bytes[512 + 9]];
        bytes[at..at + 2].copy_from_slice(&pointer);
    }
    bytes[512 + 4] = 100;
    assert!(pages > 3);
    bytes
}

#[test]
fn sizes_and_windows_that_are_claimed_take_nothing() {
    let (most, x) = (u64::MAX.to_le_bytes(), b"x".repeat(64));
    let seven = |offset: u64, size: u64| {
        let start = [&offset.to_le_bytes()[..], &size.to_le_bytes(), &[0; 4]].concat();
        let sum = crc32fast::hash(&start).to_le_bytes();
        [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &sum, &start, &x].concat()
    };
    let xz_header = [&b"\x02\0\x21\x01\x28\0\0\0"[..]].concat();
    let xz_sum = crc32fast::hash(&xz_header).to_le_bytes();
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("huge.tar", tar_of_size(b"77777777777")),
        ("huger.tar", tar_of_size(&[0xff; 12])),
        (
            "large.tar",
            tar_of_size(&[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ),
        ("name.tar", {
            let mut long = tar_of_size(b"77777777777");
            long[156] = b'L';
            long[148..156].fill(b' ');
            let sum: u32 = long[..512].iter().map(|byte| u32::from(*byte)).sum();
            long[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
            long
        }),
        ("name.cpio", [&b"070701"[..], &b"f".repeat(104), b"name"].concat()),
        ("size.a", {
            let mut bytes = ar(&[("a", b"content")]);
            bytes[8 + 48..8 + 58].fill(b'9');
            bytes
        }),
        ("sizes.zip", large_zip([u64::MAX, u64::MAX, 0])),
        ("place.zip", large_zip([7, 9, u64::MAX])),
        ("window.zst", [&b"\x28\xb5\x2f\xfd\0\xff"[..], &x].concat()),
        ("window.xz", [&b"\xfd7zXZ\0\0\x01\x69\x22\xde\x36"[..], &xz_header, &xz_sum, &x].concat()),
        ("window.lzma", [&b"\x5d\0\0\0\x80"[..], &[0xff; 8], &[0], &x].concat()),
        ("header.7z", seven(0, u64::MAX)),
        ("offset.7z", seven(u64::MAX, 16)),
        ("header.asar", {
            let mut bytes = asar("a", b"content");
            for (at, number) in [(4, 0xffff_fff8_u32), (8, 0xffff_fff4), (12, 0xffff_fff0)] {
                bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
            }
            bytes
        }),
        (
            "header.rpm",
            [&rpm(b"")[..96], b"\x8e\xad\xe8\x01\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"].concat(),
        ),
        (
            "size.pack",
            [&b"PACK\0\0\0\x02\0\0\0\x01\xbf\xff\xff\xff\xff\x7f"[..], &zlib(&x)].concat(),
        ),
        ("count.pack", [&b"PACK\0\0\0\x02\xff\xff\xff\xff\x31"[..], &zlib(b"x")].concat()),
        ("circle.db", circular_database()),
        ("member.gz", [&gzip(&x)[..], &most].concat()),
    ];
    let dir = Dir::new();
    let mut expected = Vec::new();
    for (name, bytes) in &rows {
        dir.write(name, bytes);
        expected.push((*name).to_owned());
    }
    let report = dir.run(&["scan", "-f", "json"]).expect(3).json();
    let mut found: Vec<_> =
        named(&report).iter().map(|own| own.split(' ').next().unwrap().to_owned()).collect();
    found.dedup();
    expected.sort();
    assert_eq!(found, expected, "{:#}", report["scan"]["notices"]);
    assert!(notices(&report).iter().all(|kind| kind == "limit" || kind == "unreadable"));
}

#[test]
fn extras_that_do_not_decode_are_no_gap() {
    let dir = Dir::new();
    let page = &pdf(b"BT (text) Tj ET")[..];
    let odd = b"2 0 obj\n<< /Filter /FlateDecode >>\nstream\nno deflate\nendstream\n";
    dir.write("a.pdf", [page, odd].concat());
    let mut packed = zlib(&text_of_lines());
    packed.truncate(packed.len() / 2);
    dir.write("b.png", png(b"zTXt", &[&b"Raw\0\0"[..], &packed].concat()));
    dir.write("c.z", [&[0x78, 0x9c][..], &[0xff; 64]].concat());
    dir.write("d.br", [0xff; 64]);
    let (code, report) = dir.json(&[]);
    assert_eq!(named(&report), ["a.pdf undecoded", "b.png undecoded", "d.br unreadable"]);
    assert_eq!((code, report["scan"]["state"].as_str()), (3, Some("incomplete")));
    std::fs::remove_file(dir.path().join("d.br")).unwrap();
    let (code, report) = dir.json(&[]);
    assert_eq!((code, report["scan"]["state"].as_str()), (0, Some("complete")));
    // Of what cannot be read at all, more is needed.
    dir.write("locked.pdf", [page, b"trailer << /Encrypt 5 0 R >>"].concat());
    assert_eq!(
        named(&dir.run(&["scan", "-f", "json"]).expect(3).json())[2],
        "locked.pdf unreadable"
    );
}

fn text_of_lines() -> Vec<u8> {
    (0..200).flat_map(|nth| format!("line {nth} of {}\n", nth * nth).into_bytes()).collect()
}
