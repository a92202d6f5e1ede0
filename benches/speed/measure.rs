//! Runs programs in turn and prints their cost.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A program to measure.
pub(crate) struct Program {
    name: String,
    words: Vec<OsString>,
    /// The exit codes of success.
    good: &'static [i32],
    /// Unmeasured preparation before each run.
    before: Option<Box<dyn Fn() -> io::Result<()>>>,
}

/// The cost of a run besides time.
struct Cost {
    megabytes: f64,
    /// CPU seconds on all processors, user and system.
    busy: f64,
}

impl Program {
    pub(crate) fn new(name: impl Into<String>, words: Vec<OsString>, good: &'static [i32]) -> Self {
        Self { name: name.into(), words, good, before: None }
    }

    pub(crate) fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the preparation before each run.
    pub(crate) fn before(mut self, before: impl Fn() -> io::Result<()> + 'static) -> Self {
        self.before = Some(Box::new(before));
        self
    }

    /// Adds an argument.
    pub(crate) fn add(&mut self, word: impl Into<OsString>) {
        self.words.push(word.into());
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn run(&self) -> io::Result<Duration> {
        self.before.as_ref().map_or(Ok(()), |before| before())?;
        run(&self.words, &self.name, self.good)
    }

    /// The peak memory of a run in megabytes; `None` without GNU time.
    pub(crate) fn peak_megabytes(&self) -> io::Result<Option<f64>> {
        Ok(self.cost()?.map(|cost| cost.megabytes))
    }

    /// The cost of a run; `None` without GNU time.
    fn cost(&self) -> io::Result<Option<Cost>> {
        const TIME: &str = "/usr/bin/time";
        if !cfg!(target_os = "linux") || !Path::new(TIME).exists() {
            return Ok(None);
        }
        self.before.as_ref().map_or(Ok(()), |before| before())?;
        let answer = tempfile::NamedTempFile::new_in(crate::SCRATCH)?;
        let mut words: Vec<OsString> =
            [TIME, "-q", "-f", "%M %U %S", "-o"].map(OsString::from).into();
        words.push(answer.path().into());
        words.extend(self.words.iter().cloned());
        run(&words, &self.name, self.good)?;
        let said = std::fs::read_to_string(answer.path())?;
        let numbers: Result<Vec<f64>, _> = said.split_whitespace().map(str::parse).collect();
        match numbers.map_err(io::Error::other)?[..] {
            [kilobytes, user, system] => {
                Ok(Some(Cost { megabytes: kilobytes / 1024.0, busy: user + system }))
            }
            _ => Err(io::Error::other(format!("GNU time says `{said}`"))),
        }
    }
}

fn run(words: &[OsString], name: &str, good: &[i32]) -> io::Result<Duration> {
    let begun = Instant::now();
    let status = Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| io::Error::other(format!("{name} cannot be run: {error}")))?;
    let took = begun.elapsed();
    match status.code() {
        Some(code) if good.contains(&code) => Ok(took),
        _ => Err(io::Error::other(format!("{name} failed: {status}"))),
    }
}

/// True if a program of this name can be run.
pub(crate) fn is_installed(name: &str) -> io::Result<bool> {
    let run =
        Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    match run {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The times of one program.
pub(crate) struct Times {
    name: String,
    sorted: Vec<Duration>,
}

impl Times {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The median in seconds.
    pub(crate) fn median(&self) -> f64 {
        self.sorted[self.sorted.len() / 2].as_secs_f64()
    }
}

/// Runs the programs once each to warm up, then in turn, `rounds` times.
pub(crate) fn in_turn(programs: &[Program], rounds: usize) -> io::Result<Vec<Times>> {
    for program in programs {
        program.run()?;
    }
    let mut times: Vec<Times> = programs
        .iter()
        .map(|program| Times { name: program.name.clone(), sorted: Vec::new() })
        .collect();
    for _ in 0..rounds {
        for (program, times) in programs.iter().zip(&mut times) {
            times.sorted.push(program.run()?);
        }
    }
    for times in &mut times {
        times.sorted.sort();
    }
    Ok(times)
}

/// Prints the times of the first program against those of the others, each with a goal for the
/// ratio or `None`.
pub(crate) fn print(title: &str, times: &[Times], goals: &[Option<f64>]) {
    println!("\n{title}");
    println!(
        "  {:<24} {:>9} {:>9} {:>9}  {:>14}  goal",
        "program", "median s", "least s", "most s", "keyside / it"
    );
    let own = times[0].median();
    for (index, of) in times.iter().enumerate() {
        let (ratio, goal) = match index.checked_sub(1) {
            None => (String::new(), String::new()),
            Some(other) => (
                format!("{:.2}", own / of.median()),
                match goals.get(other).copied().flatten() {
                    Some(goal) => format!("≤ {goal}: {}", verdict(own / of.median(), goal)),
                    None => String::new(),
                },
            ),
        };
        let line = format!(
            "  {:<24} {:>9.4} {:>9.4} {:>9.4}  {ratio:>14}  {goal}",
            of.name,
            of.median(),
            of.sorted[0].as_secs_f64(),
            of.sorted[of.sorted.len() - 1].as_secs_f64(),
        );
        println!("{}", line.trim_end());
    }
}

/// The word for a value that must not be above its goal.
fn verdict(value: f64, goal: f64) -> &'static str {
    if value <= goal { "met" } else { "missed" }
}

/// Prints whether the first program meets its goal, in seconds.
pub(crate) fn print_goal(times: &[Times], goal: f64) {
    println!("  goal: a median of ≤ {goal:.3} s: {}", verdict(times[0].median(), goal));
}

/// Prints a program's peak memory and CPU time; the goal is in megabytes.
pub(crate) fn print_memory(what: &str, program: &Program, goal: Option<f64>) -> io::Result<()> {
    match program.cost()? {
        Some(Cost { megabytes, busy }) => {
            let goal = goal.map(|goal| format!("; goal ≤ {goal} MB: {}", verdict(megabytes, goal)));
            let goal = goal.unwrap_or_default();
            println!("  peak memory, {what}: {megabytes:.1} MB{goal}; processors busy {busy:.2} s");
        }
        None => println!("  peak memory, {what}: not known (it takes GNU time on Linux)"),
    }
    Ok(())
}
