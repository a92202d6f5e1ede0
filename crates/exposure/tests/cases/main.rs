//! The cases of this folder by the analysis alone. Each is a test with the name of its heading.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod analysis;
mod catalog;
mod loader;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use analysis::Providers;
use loader::{Case, Reported};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = match loader::load(&folder) {
        Ok(cases) => cases,
        Err(fault) => {
            writeln!(std::io::stderr(), "error: {fault}").unwrap();
            return ExitCode::FAILURE;
        }
    };
    let mut providers: BTreeMap<_, Arc<Providers>> = BTreeMap::new();
    let trials = cases.into_iter().map(|case| {
        let rules = case.rules.clone().unwrap_or_else(|| folder.join("providers"));
        let own =
            providers.entry(rules).or_insert_with_key(|rules| Arc::new(Providers::read(rules)));
        let own = Arc::clone(own);
        Trial::test(case.name.clone(), move || judged(&case, &own))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// Fails with all that is missing and all that is too much.
fn judged(case: &Case, providers: &Providers) -> Result<(), Failed> {
    let files: Vec<(String, String)> =
        case.files.iter().map(|file| (file.path.clone(), analysis::filled(&file.text))).collect();
    let found = providers.found(&files).map_err(Failed::from)?;
    let (leaks, possible) = (case.leaks(), case.possible_leaks());
    let mut text = String::new();
    for missing in leaks.difference(&found) {
        fault(&mut text, case, missing, "is not found");
    }
    for extra in found.difference(&leaks).filter(|extra| !possible.contains(*extra)) {
        fault(&mut text, case, extra, "is found, but not expected");
    }
    if text.is_empty() { Ok(()) } else { Err(text.into()) }
}

/// Adds a fault to the text, as a compiler shows one.
fn fault(text: &mut String, case: &Case, reported: &Reported, what: &str) {
    let Reported { kind, path, line } = reported;
    writeln!(text, "error: {kind} at {path}:{line} {what}").unwrap();
    if let Some((at, source)) = case.source(path, *line) {
        writeln!(text, "  --> {at}\n   |\n   | {source}\n   |").unwrap();
    }
}
