//! The cost of archives and encodings: of a tree without keys, with and without them, and of bombs.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use tempfile::TempDir;

use crate::decoding_samples::{Member, ZipWriter, ar, gzip, pdf, png, tar, zip};
use crate::measure::{self, Program};

const ROUNDS: usize = 7;

/// The time and memory that a bomb may take.
const MOST_SECONDS: f64 = 30.0;
const MOST_MEGABYTES: f64 = 700.0;

/// Measures a tree.
pub(crate) fn run_tree(path: &Path, title: &str) -> io::Result<()> {
    let scan = |name: &str, options: &[&str]| {
        let words = ["--exit-zero"].iter().chain(options).map(OsString::from);
        Program::new(
            name,
            [env!("CARGO_BIN_EXE_keyside").into(), "scan".into()]
                .into_iter()
                .chain(words)
                .chain([path.into()])
                .collect(),
            // Archives of a real tree may be damaged, or meet a limit.
            &[0, 3],
        )
    };
    let programs = [
        scan("everything", &[]),
        scan("without encodings", &["--max-decode-depth", "0"]),
        scan("without archives", &["--max-archive-depth", "0"]),
        scan("without both", &["--max-decode-depth", "0", "--max-archive-depth", "0"]),
    ];
    let times = measure::in_turn(&programs, ROUNDS)?;
    // Encodings may cost 15 % on a tree without keys; archives cost what is in them.
    let title = format!("decode: {title}, {ROUNDS} rounds");
    measure::print(&title, &times, &[None, None, None]);
    let ratio = times[2].median() / times[3].median();
    let verdict = if ratio <= 1.15 { "met" } else { "missed" };
    println!("  goal: encodings cost ≤ 1.15: {ratio:.2}, {verdict}");
    for program in &programs {
        measure::print_memory(program.name(), program, None)?;
    }
    Ok(())
}

/// A file, and how it is written.
type Bomb = (&'static str, fn(&mut dyn Write) -> io::Result<()>);

/// Files that unpack to far more than they are.
const BOMBS: &[Bomb] = &[
    ("10 GB of zeros in gzip", |file| {
        let part = gzip(&vec![0; 64 << 20]);
        (0..160).try_for_each(|_| file.write_all(&part))
    }),
    ("10 GB of zeros in zstd", |file| {
        // Windows of 128 KiB, and blocks that repeat a byte as often.
        file.write_all(b"\x28\xb5\x2f\xfd\0\x38")?;
        let block = |is_last: u32| (is_last | 1 << 1 | (128 * 1024) << 3).to_le_bytes();
        for _ in 0..80_000 {
            file.write_all(&block(0)[..3])?;
            file.write_all(&[0])?;
        }
        file.write_all(&block(1)[..3])?;
        file.write_all(&[0])
    }),
    ("16 zips in 16 zips, five times, of zeros", |file| {
        let wide = |inner: &[u8]| {
            let names: Vec<_> = (0..16).map(|nth| format!("{nth}.zip")).collect();
            zip(&names.iter().map(|name| (name.as_str(), inner)).collect::<Vec<Member<'_>>>())
        };
        let zeros = zip(&[("zeros", &vec![0; 64 << 20])]);
        file.write_all(&wide(&wide(&wide(&wide(&wide(&zeros))))))
    }),
    ("65,000 entries of a zip that are the same 16 MiB", |file| {
        let mut one = ZipWriter::new(b"");
        one.member("a", Some("a"), (8, 0), &vec![0; 16 << 20]);
        file.write_all(&repeated(one, 65_000))
    }),
    ("1,000,000 entries of a zip", |file| {
        let mut one = ZipWriter::new(b"");
        one.member("a", Some("a"), (0, 0), b"text");
        file.write_all(&repeated(one, 1_000_000))
    }),
    ("1,000,000 members of an ar archive", |file| {
        let one = ar(&[("a", b"")]);
        file.write_all(&one[..8])?;
        (0..1_000_000).try_for_each(|_| file.write_all(&one[8..]))
    }),
    ("1,000,000 members of a tar in gzip", |file| {
        let one = gzip(&tar(&[("a", b"")])[..512].repeat(1000));
        (0..1000).try_for_each(|_| file.write_all(&one))
    }),
    ("60 zips, one in the other", |file| {
        let mut deep = b"text".to_vec();
        for _ in 0..60 {
            deep = zip(&[("a.zip", &deep)]);
        }
        file.write_all(&deep)
    }),
    ("1,000,000 texts of a PNG image", |file| {
        let one = png(b"tEXt", b"Comment\0a text");
        let chunk = &one[8 + 25..one.len() - 12];
        file.write_all(&one[..8 + 25])?;
        (0..1_000_000).try_for_each(|_| file.write_all(chunk))
    }),
    ("100,000 streams of a PDF file", |file| {
        let one = pdf(b"BT (text) Tj ET");
        (0..100_000).try_for_each(|_| file.write_all(&one[9..]))
    }),
];

/// A zip whose directory has its only entry so many times.
fn repeated(one: ZipWriter, count: usize) -> Vec<u8> {
    let mut bytes = one.finish(b"");
    let end = bytes.len() - 22;
    let start = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap_or(end);
    let entry = bytes[start..end].to_vec();
    let mut tail = bytes.split_off(end);
    for _ in 1..count {
        bytes.extend(&entry);
    }
    tail[8..10].copy_from_slice(&(count as u16).to_le_bytes());
    tail[10..12].copy_from_slice(&(count as u16).to_le_bytes());
    tail[12..16].copy_from_slice(&((count * entry.len()) as u32).to_le_bytes());
    [bytes, tail].concat()
}

/// Measures bombs.
pub(crate) fn run_bombs() -> io::Result<()> {
    println!("\nbombs; goals: ≤ {MOST_SECONDS} s and ≤ {MOST_MEGABYTES} MB each");
    println!("  {:<52} {:>9} {:>9} {:>9}", "file", "MB", "s", "peak MB");
    for (name, write) in BOMBS {
        let folder = TempDir::new_in(crate::SCRATCH)?;
        let path: PathBuf = folder.path().join("bomb");
        let mut file = BufWriter::new(File::create(&path)?);
        write(&mut file)?;
        file.flush()?;
        let size = file.get_ref().metadata()?.len() as f64 / 1e6;
        let words = vec![env!("CARGO_BIN_EXE_keyside").into(), "scan".into(), path.into()];
        let program = Program::new(*name, words, &[0, 3]);
        let begun = Instant::now();
        let memory = program.peak_megabytes()?;
        let took = begun.elapsed().as_secs_f64();
        let memory_text = memory.map_or("?".to_owned(), |own| format!("{own:.0}"));
        let is_met = took <= MOST_SECONDS && memory.is_none_or(|own| own <= MOST_MEGABYTES);
        let verdict = if is_met { "met" } else { "missed" };
        println!("  {name:<52} {size:>9.1} {took:>9.2} {memory_text:>9}  {verdict}");
    }
    Ok(())
}
