//! Measures, and writes the figures into the documentation: the passages between
//! `<!-- figures:begin PART -->` and `<!-- figures:end PART -->`, with the day, the machine, the command and the
//! goals that were missed. No other hand writes there.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use keyside::model::Time;

/// The benchmarks that together take some minutes; they are run unless parts are named.
const QUICK: [&str; 5] = ["start", "staged", "tree", "rules", "large"];

/// Those that are run if they are named.
const SLOW: [&str; 2] = ["history", "exposure"];

/// The document with a passage for each part.
const DOCUMENT: &str = "docs/performance.md";

/// The document with a summary, and the parts that it is made of: for each, the beginning of its title.
const README: &str = "README.md";
const SUMMARY: &str = "summary";
const SUMMED: [(&str, &str); 3] = [
    ("start", "one small file"),
    ("staged", "a commit of ten files, in the hook"),
    ("tree", "a tree of source files"),
];

/// Above this load for each processor, other programs decide what the clock says.
const BUSY: f64 = 0.5;

/// The output of a part.
struct Measured {
    part: &'static str,
    printed: String,
}

/// Measures parts, or the quick ones if none is named, and writes their figures.
pub(crate) fn run(named: &[&str]) -> Result<(), Box<dyn Error>> {
    let all = || QUICK.into_iter().chain(SLOW);
    if let Some(unknown) = named.iter().find(|name| !all().any(|part| part == **name)) {
        let parts = all().collect::<Vec<_>>().join(", ");
        return Err(format!("there are no figures of `{unknown}`, only of {parts}").into());
    }
    let is_wanted =
        |part: &str| if named.is_empty() { QUICK.contains(&part) } else { named.contains(&part) };
    let load = load();
    let mut done = Vec::new();
    for part in all().filter(|part| is_wanted(part)) {
        let measured = Measured { part, printed: measure(part)? };
        // At once: a later part may fail, or be interrupted.
        write(DOCUMENT, part, &passage(&measured, load))?;
        done.push(measured);
    }
    if let Some(text) = summary(&done, load) {
        write(README, SUMMARY, &text)?;
    }
    Ok(())
}

/// Runs a part in a process of its own, and returns what it prints.
fn measure(part: &str) -> Result<String, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args(["--bench", part])
        .stderr(Stdio::inherit())
        .output()?;
    let printed = String::from_utf8(output.stdout)?;
    println!("{}\n", printed.trim());
    if !output.status.success() {
        return Err(format!("the measurement of `{part}` failed: {}", output.status).into());
    }
    Ok(printed)
}

/// Replaces a passage of a document.
fn write(document: &str, part: &str, passage: &str) -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = fs::read_to_string(&path)?;
    let text = rewritten(&text, part, passage)
        .ok_or_else(|| format!("{document} has no passage `figures:begin {part}`"))?;
    fs::write(&path, text)?;
    println!("written: {document}, {part}");
    Ok(())
}

/// The text with its passage of this name replaced; `None` without one.
fn rewritten(text: &str, part: &str, passage: &str) -> Option<String> {
    let (begin, end) =
        (format!("<!-- figures:begin {part} -->"), format!("<!-- figures:end {part} -->"));
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{passage}\n{end}{after}"))
}

fn passage(Measured { part, printed }: &Measured, load: Option<f64>) -> String {
    // The first line is about the program and the machine.
    let table = printed.trim().split_once('\n').map_or("", |(_, rest)| rest.trim());
    let said = match missed(printed) {
        0 => "Every goal is met.".to_owned(),
        1 => "One goal is **missed**; its line says so.".to_owned(),
        count => format!("{count} goals are **missed**; their lines say so."),
    };
    format!("{}\n{said}\n\n```text\n{table}\n```\n", circumstances(&format!(" {part}"), load))
}

/// The figures that matter most, if they were all measured.
fn summary(done: &[Measured], load: Option<f64>) -> Option<String> {
    let command = if done.iter().all(|own| QUICK.contains(&own.part)) { "" } else { " PART…" };
    let mut text = circumstances(command, load);
    text += "\n\n| work | time | memory | goals |\n|---|---|---|---|\n";
    for (part, name) in SUMMED {
        let Measured { printed, .. } = done.iter().find(|own| own.part == part)?;
        let seconds = median(printed)?;
        let time = match seconds < 0.1 {
            true => format!("{:.1} ms", 1000.0 * seconds),
            false => format!("{seconds:.2} s"),
        };
        let memory = memory(printed).unwrap_or("not known");
        let goals = match missed(printed) {
            0 => "met".to_owned(),
            count => format!("**{count} missed**"),
        };
        writeln!(text, "| {name} | {time} | {memory} | {goals} |").ok()?;
    }
    Some(text)
}

/// The day, the machine and the command.
fn circumstances(command: &str, load: Option<f64>) -> String {
    let day = Time::now().to_string();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!(
        "Measured {} on {}, {processors} processors, {}, with keyside {}{};\nrepeat with `just figures{command}`.",
        day.get(..10).unwrap_or(&day),
        processor().unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        std::env::consts::OS,
        env!("CARGO_PKG_VERSION"),
        revision().map_or(String::new(), |id| format!(" ({id})")),
    );
    if let Some(load) = load.filter(|load| *load > BUSY * processors as f64) {
        write!(text, " Other programs ran (load {load:.1}): read the ratios, not the seconds.")
            .expect("a String takes everything");
    }
    text
}

/// The number of goals that were missed.
fn missed(printed: &str) -> usize {
    printed.lines().filter(|line| line.contains("missed")).count()
}

/// The median of keyside in the first table, in seconds.
fn median(printed: &str) -> Option<f64> {
    let line = printed.lines().find_map(|line| line.strip_prefix("  keyside "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The peak memory of keyside.
fn memory(printed: &str) -> Option<&str> {
    let line = printed.lines().find_map(|line| line.strip_prefix("  peak memory, keyside: "))?;
    Some(line.split(';').next()?.trim())
}

/// The commit that is measured, and whether the program has been changed since.
fn revision() -> Option<String> {
    let git = |args: &[&str]| {
        Command::new("git").args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()
    };
    let id = String::from_utf8(git(&["rev-parse", "--short", "HEAD"])?.stdout).ok()?;
    let own =
        ["diff", "--quiet", "HEAD", "--", "src", "crates", "rules", "Cargo.toml", "Cargo.lock"];
    let id = Some(id.trim()).filter(|id| !id.is_empty())?;
    let changed = if git(&own)?.status.success() { "" } else { ", changed" };
    Some(format!("{id}{changed}"))
}

/// The name of the processor, where the system tells it.
fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The number of programs that wanted to run in the last minute.
fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}
