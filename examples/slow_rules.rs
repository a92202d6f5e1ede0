//! Looks for texts that take a rule long: `slow_rules [MIB] [LONGEST] [WORD]`.
//!
//! For each keyword of all rules, and each word that tells the keys of a rule by name, it makes texts: the word over and
//! over with something between, and the rule's sample over and over, cut by a character. All of them are tried with
//! 64 KiB, on every processor; the hundred slowest with so many MiB (2 by default), and the ten slowest of these with
//! five times as much. It prints these ten, and fails if one of them takes longer than so many seconds (10 by default).
//! With a word, only that one is tried.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use keyside::rules::{Rng, Rule, Ruleset};
use keyside::scan::KeyScanner;
use keyside::source::ChunkReader;

/// The signs between the words of a text.
const FILLERS: &[&str] = &[
    "",
    " ",
    "\n",
    "=\"",
    "A",
    "=",
    "0123456789",
    ": '",
    "=5a0Bc9Zq1Rk7Xw3Td8Ym2Vn6Lp4Jh\n",
    "\\n",
    "\0",
];

/// The length of a text that is tried first: farther than the bytes around a keyword are ever read.
const FIRST: usize = 64 << 10;

/// How many of the slowest texts are tried with more.
const SLOW: usize = 100;

/// How many of the slowest of these are tried at full length.
const SLOWEST: usize = 10;

/// How much longer these are.
const TIMES: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let size = args.next().map_or(Ok(2), |size| size.parse::<usize>())? << 20;
    let longest = args.next().map_or(Ok(10.0), |longest| longest.parse::<f64>())?;
    let only = args.next();
    let mut rules = Ruleset::built_in();
    for rule in &mut rules.rules {
        rule.is_wanted = true;
    }
    let scanner = KeyScanner::new(&rules);
    let mut units = BTreeSet::new();
    for rule in &rules.rules {
        let nearby = rule.nearby.iter().flat_map(|nearby| &nearby.words);
        let words: Vec<&String> = rule.keywords.iter().chain(nearby).collect();
        let is_tried = |word: &&&String| only.as_ref().is_none_or(|only| only == word.as_str());
        for word in words.iter().filter(is_tried) {
            units.extend(FILLERS.iter().map(|filler| format!("{word}{filler}")));
        }
        if words.iter().any(|word| is_tried(&word)) {
            units.extend(cut_samples(rule));
        }
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{} texts of {} rules", units.len(), rules.rules.len())?;
    let first = times(&scanner, units.iter().map(String::as_str).collect(), FIRST)?;
    let sum: Duration = first.iter().map(|(took, _)| *took).sum();
    writeln!(out, "{sum:.1?} for {} KiB each", FIRST >> 10)?;
    let slow = first.into_iter().take(SLOW).map(|(_, unit)| unit).collect();
    let taken = times(&scanner, slow, size)?;
    let sum: Duration = taken.iter().map(|(took, _)| *took).sum();
    writeln!(
        out,
        "{sum:.1?} for {} MiB each of the {SLOW} slowest; the slowest of these, and {TIMES} times as much:",
        size >> 20
    )?;
    let mut worst = Duration::ZERO;
    for (took, unit) in taken.into_iter().take(SLOWEST) {
        let long = time(&scanner, unit, TIMES * size)?;
        worst = worst.max(long);
        let shown: String = unit.chars().take(60).collect();
        writeln!(out, "{took:>9.1?} {long:>9.1?}  {shown:?}")?;
    }
    if worst.as_secs_f64() > longest {
        return Err(format!("a text took {worst:.1?}, more than {longest} s").into());
    }
    Ok(())
}

/// The samples of a rule with a made key each, without the last character, so that much of the pattern matches.
fn cut_samples(rule: &Rule) -> impl Iterator<Item = String> {
    rule.samples.matching.iter().take(2).map(|sample| {
        let mut text = rule.fill(&sample.template, &mut Rng::new(7));
        let end = text.trim_end_matches(|own: char| !own.is_ascii_alphanumeric()).len();
        text.truncate(end.saturating_sub(1));
        text
    })
}

/// The times that texts of these units take, the longest first; each thread takes the next one.
fn times<'u>(
    scanner: &KeyScanner<'_>,
    units: Vec<&'u str>,
    size: usize,
) -> io::Result<Vec<(Duration, &'u str)>> {
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let run = || -> io::Result<()> {
        let mut own = Vec::new();
        while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
            own.push((time(scanner, unit, size)?, *unit));
        }
        all.lock().expect("no thread panics while it holds the lock").append(&mut own);
        Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running.into_iter().try_for_each(|own| own.join().expect("a scan does not panic"))
    })?;
    let mut all = all.into_inner().expect("no thread panics while it holds the lock");
    all.sort_unstable_by(|one, other| other.cmp(one));
    Ok(all)
}

/// The time that a text of one unit over and over takes, read as a file is.
fn time(scanner: &KeyScanner<'_>, unit: &str, size: usize) -> io::Result<Duration> {
    let text = unit.repeat(size / unit.len() + 1);
    let mut input = text.as_bytes();
    let begun = Instant::now();
    ChunkReader::default().read(
        &mut input,
        |_| true,
        |chunk| {
            scanner.find(&chunk);
        },
    )?;
    Ok(begun.elapsed())
}
