//! Feeds damaged files to every parser: `just fuzz MINUTES [TARGET]…`, each target for so many minutes.
//!
//! A plain driver, which runs on stable Rust with nothing else installed and shares the builds of the tests.
//! libFuzzer and bolero would guide mutations by the code that they reach, but need a build of everything with
//! coverage, and a C++ runtime or a tool of their own. Here an input is kept for further mutations if its
//! outcome (what was read, and the faults) is new, which guides nearly as well where faults are precise.
//!
//! Panics and what takes too long are saved below `target/fuzz`. The input before an abort, as of the memory
//! limit that `just fuzz` sets, is in the file `TARGET-current` there.

#![expect(clippy::print_stdout, reason = "a program for developers")]

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/decoding_samples.rs"]
#[allow(clippy::unwrap_used, reason = "samples are made in memory")]
mod decoding_samples;
mod mutate;
mod seeds;
mod targets;

use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mutate::{Random, mutated};
use targets::{Target, targets};

/// What a case may take. Debug builds are slow, and other programs run beside.
const LONGEST: Duration = Duration::from_secs(20);

/// The most inputs that are kept.
const MOST_KEPT: usize = 4000;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let minutes = arguments.next().and_then(|minutes| minutes.parse::<f64>().ok());
    let Some(minutes) = minutes else {
        println!("usage: keyside-fuzz MINUTES [TARGET]...");
        return ExitCode::from(2);
    };
    let chosen: Vec<String> = arguments.collect();
    let folder = PathBuf::from("target/fuzz");
    fs::create_dir_all(&folder).expect("target/fuzz can be made");
    let mut bad = 0;
    for mut target in targets() {
        let name = target.name;
        if !chosen.is_empty() && !chosen.iter().any(|own| own == name) {
            continue;
        }
        let until = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
        let seed = u64::from(std::process::id());
        let outcome = run(&mut target, seed, &mut |_| Instant::now() < until, Some(&folder));
        println!(
            "{name}: {} cases, {} outcomes, {} bad",
            outcome.cases, outcome.kinds, outcome.bad
        );
        bad += outcome.bad;
    }
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The numbers of a run.
struct RunOutcome {
    cases: usize,
    kinds: usize,
    bad: usize,
}

/// Runs cases while `goes_on` of their number is true, and saves bad ones in `folder`.
fn run(
    target: &mut Target,
    seed: u64,
    goes_on: &mut dyn FnMut(usize) -> bool,
    folder: Option<&Path>,
) -> RunOutcome {
    let mut random = Random::new(seed);
    let mut kept = target.seeds.clone();
    let mut seen = HashSet::new();
    let (mut cases, mut bad) = (0, 0);
    while goes_on(cases) {
        let input = match target.seeds.get(cases) {
            // The seeds as they are come first.
            Some(seed) => seed.clone(),
            None => {
                let (one, other) = (random.below(kept.len()), random.below(kept.len()));
                mutated(&kept[one], &kept[other], target.words, &mut random)
            }
        };
        cases += 1;
        if let Some(folder) = folder {
            fs::write(folder.join(format!("{}-current", target.name)), &input)
                .expect("target/fuzz can be written");
        }
        let begun = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        let took = begun.elapsed();
        if outcome.is_err() || took > LONGEST {
            bad += 1;
            let what = if outcome.is_err() { "panic" } else { "slow" };
            println!("{}: {what} after {took:.1?}", target.name);
            if let Some(folder) = folder {
                fs::write(folder.join(format!("{}-{what}-{bad}", target.name)), &input)
                    .expect("target/fuzz can be written");
            }
        }
        if outcome.is_ok_and(|outcome| seen.insert(outcome)) && kept.len() < MOST_KEPT {
            kept.push(input);
        }
    }
    RunOutcome { cases, kinds: seen.len(), bad }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_takes_its_seeds_and_some_damage() {
        for mut target in targets() {
            let name = target.name;
            assert!(!target.seeds.is_empty(), "{name}");
            let begun = Instant::now();
            let least = target.seeds.len() + 20;
            let short = Duration::from_millis(150);
            let mut goes_on = |cases| cases < least || cases < 300 && begun.elapsed() < short;
            let outcome = run(&mut target, 1, &mut goes_on, None);
            assert_eq!(outcome.bad, 0, "{name}");
        }
    }
}
