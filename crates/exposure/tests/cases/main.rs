//! Runs the analysis alone on the cases of this folder. Each is a test named after its heading.

#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "this is a test")]

mod analysis;
#[path = "../../src/testing/catalog.rs"]
#[allow(dead_code, reason = "unit tests use the rest")]
mod catalog;
#[path = "../../src/testing/keys.rs"]
mod keys;
mod loader;
#[path = "../../src/testing/memory.rs"]
#[allow(dead_code, reason = "unit tests use the rest")]
mod memory;
#[path = "../../src/testing/rng.rs"]
#[allow(dead_code, reason = "unit tests use the rest")]
mod rng;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use keyside_exposure::LeakKind;
use libtest2_mimic::{Harness, RunError, RunResult, Trial};

use analysis::Providers;
use loader::{Case, Expected, Reported};

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = match loader::load(&folder) {
        Ok(cases) => cases,
        Err(fault) => {
            eprintln!("error: {fault}");
            return ExitCode::FAILURE;
        }
    };
    let mut known: BTreeMap<_, Arc<Providers>> = BTreeMap::new();
    let trials = cases.into_iter().map(|case| {
        let rules = case.rules.clone().unwrap_or_else(|| folder.join("providers"));
        let providers =
            known.entry(rules).or_insert_with_key(|rules| Arc::new(Providers::read(rules)));
        let providers = Arc::clone(providers);
        Trial::test(case.name.clone(), move |_| judge(&case, &providers))
    });
    Harness::with_env().discover(trials).main()
}

/// Fails with every missing and every unexpected finding.
fn judge(case: &Case, providers: &Providers) -> RunResult {
    let mut text = String::new();
    for mark in &case.marks {
        if let Expected::Leak(kind) | Expected::MayLeak(kind) = &mark.expected
            && LeakKind::by_name(kind).is_none()
        {
            show(&mut text, case, &mark.path, mark.line, &format!("`{kind}` is no kind of leak"));
        }
    }
    let found = providers.leaks(case).map_err(RunError::fail)?;
    for (path, line, wanted) in case.severities() {
        let here = found.iter().filter(|(own, _)| own.path == path && own.line == line);
        for (_, severity) in here.filter(|(_, severity)| severity.name() != wanted) {
            let fault = format!("the severity is {}, not {wanted}", severity.name());
            show(&mut text, case, path, line, &fault);
        }
    }
    let found: BTreeSet<Reported> = found.into_iter().map(|(own, _)| own).collect();
    let (leaks, possible) = (case.leaks(), case.possible_leaks());
    for Reported { kind, path, line } in leaks.difference(&found) {
        show(&mut text, case, path, *line, &format!("{kind} is missing"));
    }
    for own in found.difference(&leaks).filter(|own| !possible.contains(*own)) {
        let Reported { kind, path, line } = own;
        show(&mut text, case, path, *line, &format!("{kind} is found, but not expected"));
    }
    if text.is_empty() { Ok(()) } else { Err(RunError::fail(text)) }
}

/// Adds a fault to the text in the style of a compiler.
fn show(text: &mut String, case: &Case, path: &str, line: u64, fault: &str) {
    write!(text, "\nerror: {fault}\n  --> {path}:{line}").unwrap();
    if let Some((at, source)) = case.source(path, line) {
        write!(text, " at {at}\n   |\n   | {source}\n   |").unwrap();
    }
}
