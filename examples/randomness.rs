//! Makes and measures the model of `keyside::scan::randomness`.
//!
//! ```text
//! randomness train PATH…
//! randomness measure [--count N] [--every-length] [--samples N] [--identifiers PATH]…
//! ```
//!
//! `train` reads identifiers from source trees and prints `src/scan/randomness/table.rs`.
//! `measure` prints how many random bodies are accepted, by alphabet and length, and how many
//! distinct identifiers of the given trees. Results on training trees do not generalise: measure on
//! different ones.
//!
//! # Identifiers
//!
//! A run of `[A-Za-z0-9_-]`. Source trees also hold hashes and encoded data, which a person did
//! not write; these rules drop most of it without looking at how random it is:
//!
//! * directories `.git`, `node_modules`, `target`; lock files, checksums, patches, snapshots, maps,
//!   minified files, drawings, PEM files; files over 1 MiB or with a NUL among the first 8 KiB;
//! * lines over 400 bytes, and lines of nothing but 60 or more base64 symbols;
//! * runs where some part between separators, less a leading `0x`, is hexadecimal with both digits
//!   and letters and has 8 symbols (for training) or 16 (for measuring) or more;
//! * runs without a letter, shorter than 4 or longer than 64;
//! * for training, runs that occur only once in all trees: names are used again, test data is not.
//!
//! When measuring, all remaining runs count as written by a person, so the measured rate is an
//! upper bound; the listed samples show what it consists of.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use keyside::scan::randomness::{
    BodyAlphabet, BodyShape, CLASS_CELLS, FLOOR_LENGTHS, MAX_FLOOR_BITS, MIN_LEN, SYMBOL_CELLS,
    SYMBOL_COLUMNS, UNITS_PER_BIT, cells, shape,
};

type Outcome = Result<(), Box<dyn Error>>;

const USAGE: &str = "usage: randomness train PATH…
       randomness measure [--count N] [--every-length] [--samples N] [--identifiers PATH]…";

fn main() -> Outcome {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("train") => {
            let trees: Vec<PathBuf> = args.map(PathBuf::from).collect();
            if trees.is_empty() {
                return Err(USAGE.into());
            }
            train(&trees, &mut out)?;
        }
        Some("measure") => measure(&MeasureArgs::parse(args)?, &mut out)?,
        _ => return Err(USAGE.into()),
    }
    out.flush()?;
    Ok(())
}

/// Runs with their numbers of occurrences, sorted so that results do not depend on the order of
/// directory listings.
type Runs = BTreeMap<Vec<u8>, u32>;

fn collect(path: &Path, runs: &mut Runs) -> io::Result<()> {
    const SKIPPED_NAMES: [&str; 5] =
        [".git", "node_modules", "target", "package-lock.json", "pnpm-lock.yaml"];
    const SKIPPED_ENDINGS: [&str; 9] =
        [".lock", ".sum", ".patch", ".snap", ".map", ".min.js", ".min.css", ".svg", ".pem"];
    const LARGEST_FILE: u64 = 1 << 20;

    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    let name = name.unwrap_or_default();
    if SKIPPED_NAMES.contains(&name.as_str())
        || SKIPPED_ENDINGS.iter().any(|ending| name.ends_with(ending))
    {
        return Ok(());
    }
    let kind = fs::symlink_metadata(path)?;
    if kind.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), runs)?;
        }
    } else if kind.is_file() && kind.len() <= LARGEST_FILE {
        let text = fs::read(path)?;
        if !text.iter().take(8192).any(|&byte| byte == 0) {
            collect_text(&text, runs);
        }
    }
    Ok(())
}

fn collect_text(text: &[u8], runs: &mut Runs) {
    let encoded = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    for line in text.split(|&byte| byte == b'\n') {
        let bare = line.trim_ascii();
        if line.len() > 400 || bare.len() >= 60 && bare.iter().all(encoded) {
            continue;
        }
        for run in line.split(|byte| !(byte.is_ascii_alphanumeric() || b"_-".contains(byte))) {
            if (4..=64).contains(&run.len()) && run.iter().any(u8::is_ascii_alphabetic) {
                match runs.get_mut(run) {
                    Some(count) => *count += 1,
                    None => {
                        runs.insert(run.to_vec(), 1);
                    }
                }
            }
        }
    }
}

/// True if some part between separators is hexadecimal, with both digits and letters, and at least
/// `shortest` long.
fn has_hex(run: &[u8], shortest: usize) -> bool {
    run.split(|byte| b"_-".contains(byte)).any(|part| {
        let part = part.strip_prefix(b"0x").unwrap_or(part);
        part.len() >= shortest
            && matches!(BodyAlphabet::of(part), BodyAlphabet::HexLower | BodyAlphabet::HexUpper)
            && part.iter().any(u8::is_ascii_digit)
            && part.iter().any(u8::is_ascii_alphabetic)
    })
}

/// SplitMix64 by Sebastiano Vigna (public domain): small, seeded, good enough to draw samples.
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; the bias is at most `bound` in 2^32.
    fn below(&mut self, bound: usize) -> usize {
        (((self.next() >> 32) * bound as u64) >> 32) as usize
    }

    fn fill(&mut self, symbols: &[u8], body: &mut [u8]) {
        for byte in body {
            *byte = symbols[self.below(symbols.len())];
        }
    }
}

/// The share of random bodies that may fall below the floor: 2 in 10,000.
const FLOOR_QUANTILE: f64 = 0.0002;
/// The number of random bodies drawn for each entry of the table of floors.
const FLOOR_DRAWS: usize = 1_000_000;

fn train(trees: &[PathBuf], out: &mut impl Write) -> Outcome {
    let mut runs = Runs::new();
    for tree in trees {
        collect(tree, &mut runs)?;
    }
    runs.retain(|run, count| *count >= 2 && !has_hex(run, 8));

    // Cells without occurrences count as half of one, so that nothing is impossible.
    let mut class = vec![0.5f64; CLASS_CELLS];
    let mut symbol = vec![0.5f64; SYMBOL_CELLS];
    for run in runs.keys() {
        for cell in cells(run) {
            class[cell.class] += 1.0;
            symbol[cell.symbol] += 1.0;
        }
    }
    let class = costs(&class, 4);
    // Given a letter, the letters of a row are a distribution. Given a digit, all are equally
    // likely. The choice of separator costs nothing, in the writer's favour.
    let digit = (10f64.log2() * f64::from(UNITS_PER_BIT)).round() as u8;
    let row = |row: &[f64]| [costs(&row[..26], 26), vec![digit, 0]].concat();
    let symbol: Vec<u8> = symbol.chunks(SYMBOL_COLUMNS).flat_map(row).collect();
    let floors = floors(&class, &symbol);

    writeln!(out, "//! Costs and floors of the model of written text, see the parent module.")?;
    writeln!(out, "//!")?;
    writeln!(out, "//! Written by `examples/randomness.rs train` from {} distinct", runs.len())?;
    writeln!(out, "//! identifiers of public source code; not to be edited by hand.")?;
    writeln!(out)?;
    writeln!(out, "use super::sizes::{{ALPHABETS, CLASS_CELLS, FLOOR_LENGTHS, SYMBOL_CELLS}};")?;
    writeln!(out)?;
    writeln!(out, "/// Cost of a class after the three before it, in 1/16 bit.")?;
    array(out, "CLASS_COST: [u8; CLASS_CELLS]", &class)?;
    writeln!(out)?;
    writeln!(
        out,
        "/// Cost of a symbol after a word boundary (row 0) or a letter (rows 1 to 26), in 1/16 bit."
    )?;
    array(out, "SYMBOL_COST: [u8; SYMBOL_CELLS]", &symbol)?;
    writeln!(out)?;
    writeln!(out, "/// Least evidence of a random body in bits, by alphabet and length.")?;
    array(out, "FLOOR_BITS: [i8; ALPHABETS * FLOOR_LENGTHS]", &floors)?;
    Ok(())
}

/// Turns counts into costs in 1/16 bit; each row of `width` cells is its own distribution.
fn costs(counts: &[f64], width: usize) -> Vec<u8> {
    let row_costs = |row: &[f64]| {
        let total: f64 = row.iter().sum();
        let cost = |count: f64| (total / count).log2() * f64::from(UNITS_PER_BIT);
        // The cast saturates, at just under 16 bits.
        row.iter().map(|&count| cost(count).round() as u8).collect::<Vec<_>>()
    };
    counts.chunks(width).flat_map(row_costs).collect()
}

/// The evidence that all but a [`FLOOR_QUANTILE`] of random bodies reach, by alphabet and length,
/// in whole bits.
fn floors(class: &[u8], symbol: &[u8]) -> Vec<i8> {
    let mut generator = Generator(1);
    let mut floors = Vec::new();
    for alphabet in BodyAlphabet::ALL {
        for len in MIN_LEN..MIN_LEN + FLOOR_LENGTHS {
            let mut body = vec![0; len];
            let mut draws: Vec<i32> = Vec::with_capacity(FLOOR_DRAWS);
            while draws.len() < FLOOR_DRAWS {
                generator.fill(alphabet.symbols(), &mut body);
                if BodyAlphabet::of(&body) != alphabet {
                    continue;
                }
                let written: i32 = cells(&body)
                    .map(|cell| i32::from(class[cell.class]) + i32::from(symbol[cell.symbol]))
                    .sum();
                draws.push(written - alphabet.symbol_cost() * len as i32);
            }
            let rank = (FLOOR_DRAWS as f64 * FLOOR_QUANTILE) as usize;
            let (_, floor, _) = draws.select_nth_unstable(rank);
            let bits = floor.div_euclid(UNITS_PER_BIT).clamp(0, i32::from(MAX_FLOOR_BITS));
            floors.push(bits as i8);
        }
    }
    floors
}

/// Prints a constant in rustfmt's layout, with lines broken before the column of `max_width`.
fn array<T: std::fmt::Display>(out: &mut impl Write, head: &str, values: &[T]) -> io::Result<()> {
    const WIDTH: usize = 99;
    writeln!(out, "pub(super) const {head} = [")?;
    let mut line = String::from("   ");
    for value in values {
        let next = format!(" {value},");
        if line.len() + next.len() > WIDTH {
            writeln!(out, "{line}")?;
            line.truncate(3);
        }
        line.push_str(&next);
    }
    writeln!(out, "{line}")?;
    writeln!(out, "];")
}

struct MeasureArgs {
    count: u32,
    every_length: bool,
    samples: usize,
    trees: Vec<PathBuf>,
}

impl MeasureArgs {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut parsed =
            Self { count: 1_000_000, every_length: false, samples: 20, trees: Vec::new() };
        while let Some(flag) = args.next() {
            let mut value = || args.next().ok_or(USAGE);
            match flag.as_str() {
                "--count" => parsed.count = value()?.parse()?,
                "--every-length" => parsed.every_length = true,
                "--samples" => parsed.samples = value()?.parse()?,
                "--identifiers" => parsed.trees.push(value()?.into()),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(parsed)
    }
}

/// Alphabets to draw from. Those unknown to [`BodyAlphabet`] show the results for bodies that the
/// model was not calibrated for.
const DRAWN: [(&str, &[u8]); 8] = [
    ("base62", b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ("base64url", b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"),
    ("hex lower", b"0123456789abcdef"),
    ("hex upper", b"0123456789ABCDEF"),
    ("base36 lower", b"0123456789abcdefghijklmnopqrstuvwxyz"),
    ("base36 upper", b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("base58", b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
    ("base32", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
];

fn measure(args: &MeasureArgs, out: &mut impl Write) -> Outcome {
    const LENGTHS: [usize; 7] = [16, 20, 24, 32, 43, 48, 64];
    let lengths: Vec<usize> =
        if args.every_length { (16..=64).collect() } else { LENGTHS.to_vec() };

    writeln!(out, "Random bodies accepted, in percent of {}:", args.count)?;
    write!(out, "{:>6}", "length")?;
    for (name, _) in DRAWN {
        write!(out, "{name:>14}")?;
    }
    writeln!(out)?;
    let mut generator = Generator(2);
    for &len in &lengths {
        write!(out, "{len:>6}")?;
        let mut body = vec![0; len];
        for (_, symbols) in DRAWN {
            let mut accepted = 0;
            for _ in 0..args.count {
                generator.fill(symbols, &mut body);
                accepted += u32::from(shape(&body).is_random());
            }
            write!(out, "{:>14.4}", percent(accepted, args.count))?;
        }
        writeln!(out)?;
        out.flush()?;
    }
    if !args.trees.is_empty() {
        measure_identifiers(args, out)?;
    }
    Ok(())
}

fn measure_identifiers(args: &MeasureArgs, out: &mut impl Write) -> Outcome {
    const BANDS: [(usize, usize); 5] = [(16, 19), (20, 23), (24, 31), (32, 42), (43, 64)];
    let mut runs = Runs::new();
    for tree in &args.trees {
        collect(tree, &mut runs)?;
    }
    runs.retain(|run, _| run.len() >= 16 && !has_hex(run, 16));
    let judged = runs.keys().map(|run| (run.as_slice(), shape(run)));
    let accepted: Vec<(&[u8], f32)> = judged
        .filter_map(|(run, shape)| match shape {
            BodyShape::Random { bits } => Some((run, bits)),
            BodyShape::TooShort
            | BodyShape::NoLetters
            | BodyShape::FewSymbols
            | BodyShape::HexWords
            | BodyShape::Masked
            | BodyShape::Sequence
            | BodyShape::Repeats
            | BodyShape::Words { .. } => None,
        })
        .collect();

    writeln!(out, "\nDistinct identifiers accepted:")?;
    writeln!(out, "{:>8}{:>12}{:>10}{:>10}", "length", "identifiers", "accepted", "percent")?;
    for (low, high) in BANDS.into_iter().chain([(16, 64)]) {
        let within = |run: &[u8]| (low..=high).contains(&run.len());
        let all = runs.keys().filter(|run| within(run)).count() as u32;
        let hits = accepted.iter().filter(|(run, _)| within(run)).count() as u32;
        let band = format!("{low}-{high}");
        writeln!(out, "{band:>8}{all:>12}{hits:>10}{:>10.4}", percent(hits, all))?;
    }
    if args.samples > 0 && !accepted.is_empty() {
        writeln!(out, "\nSamples of those accepted:")?;
        for (run, bits) in accepted.iter().step_by(accepted.len().div_ceil(args.samples)) {
            writeln!(out, "{:>8}{bits:>8.1}  {}", run.len(), String::from_utf8_lossy(run))?;
        }
    }
    Ok(())
}

fn percent(part: u32, whole: u32) -> f64 {
    100.0 * f64::from(part) / f64::from(whole.max(1))
}
