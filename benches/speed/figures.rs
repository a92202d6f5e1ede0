//! Measures what is quick, and writes it into the documentation: the passages between
//! `<!-- figures:begin -->` and `<!-- figures:end -->`, with the day, the machine, the commands and the
//! goals that were missed. No other hand writes there.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use keyside::model::Time;

/// The benchmarks that take a minute or two each.
const QUICK: [&str; 5] = ["start", "staged", "tree", "rules", "large"];

/// The documents with such passages.
const DOCUMENTS: [&str; 2] = ["README.md", "docs/performance.md"];

const BEGIN: &str = "<!-- figures:begin -->";
const END: &str = "<!-- figures:end -->";

/// Above this load for each processor, other programs decide what the clock says.
const BUSY: f64 = 0.5;

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let load = load();
    let output = Command::new(std::env::current_exe()?)
        .arg("--bench")
        .args(QUICK)
        .stderr(Stdio::inherit())
        .output()?;
    let printed = String::from_utf8(output.stdout)?;
    print!("{printed}");
    if !output.status.success() {
        return Err(format!("the measurement failed: {}", output.status).into());
    }
    let passage = passage(&printed, load);
    for name in DOCUMENTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = fs::read_to_string(&path)?;
        if let Some(text) = rewritten(&text, &passage) {
            fs::write(&path, text)?;
            println!("written: {name}");
        }
    }
    Ok(())
}

/// The text with its passage replaced; `None` without one.
fn rewritten(text: &str, passage: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{passage}{END}{after}"))
}

fn passage(printed: &str, load: Option<f64>) -> String {
    let day = Time::now().to_string();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!(
        "Measured {} on {}, {processors} processors, {}; repeat with `just figures`.",
        day.get(..10).unwrap_or(&day),
        processor().unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        std::env::consts::OS,
    );
    if let Some(load) = load.filter(|load| *load > BUSY * processors as f64) {
        write!(text, " Other programs ran (load {load:.1}): read the ratios, not the seconds.")
            .expect("a String takes everything");
    }
    let missed: Vec<&str> = printed.lines().filter(|line| line.contains("missed")).collect();
    let said = match missed.len() {
        0 => "Every goal is met.".to_owned(),
        1 => "One goal is **missed**; its line says so.".to_owned(),
        count => format!("{count} goals are **missed**; their lines say so."),
    };
    format!("\n{text}\n{said}\n\n```text\n{}\n```\n\n", printed.trim())
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
