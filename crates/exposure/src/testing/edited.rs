//! Edits of the projects of all cases: what their analysis alone says agrees with that of both states.

use std::collections::BTreeMap;
use std::path::Path;

use crate::analysis::{EditedModule, adds_no_leak, analyse_edits};
use crate::catalog::Catalog;
use crate::change_scope::is_module_source;
use crate::graph::parsed_modules::ParsedModules;
use crate::input::Input;
use crate::testing::catalog::catalog;
use crate::testing::keys::{Prefixes, filled};
use crate::testing::{analysed_bytes, loader, state};

/// One in so many lines is taken out; `KEYSIDE_ALL_EDITS` takes out each.
const STEP: usize = 61;

/// The number of leaks of each kind, secret and file.
fn leaks(catalog: &Catalog, files: &[(String, Vec<u8>)]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for leak in &analysed_bytes(catalog, files).leaks {
        let what = format!("{:?} {:?} {}", leak.kind, leak.subject, leak.at.path);
        *counts.entry(what).or_default() += 1;
    }
    counts
}

/// True if the analysis of an edit alone says that it adds no leak. If it does, that is a fault.
fn adds_nothing(
    catalog: &Catalog,
    (path, before): (&str, &[(String, Vec<u8>)]),
    after: &[(String, Vec<u8>)],
    faults: &mut Vec<String>,
) -> bool {
    let analysed = |state_of: &[(String, Vec<u8>)], other: &[(String, Vec<u8>)]| {
        let (files, seeds) = state(catalog, state_of);
        let input = Input { files: &files, catalog, keys: &Prefixes(catalog), seeds: &seeds };
        let text = other.iter().find(|(own, _)| own == path).map(|(_, text)| text.clone());
        let edited = [EditedModule { path: path.to_owned(), before: vec![text.unwrap()] }];
        let analysis = analyse_edits(&input, &edited, &ParsedModules::default())?;
        Some((analysis.leaks, edited))
    };
    let Some((leaks_after, edited)) = analysed(after, before) else { return false };
    if !leaks_after.is_empty() {
        let Some((leaks_before, _)) = analysed(before, after) else { return false };
        if !adds_no_leak(&leaks_after, &leaks_before, &edited) {
            return false;
        }
    }
    let old = leaks(catalog, before);
    for (leak, count) in leaks(catalog, after) {
        let known = old.get(&leak).copied().unwrap_or_default();
        if count > known {
            faults.push(format!("{path}: {leak} is new"));
        }
    }
    true
}

#[test]
fn edits_that_add_nothing_are_told_and_no_others() {
    let step = if std::env::var_os("KEYSIDE_ALL_EDITS").is_some() { 1 } else { STEP };
    let catalog = catalog();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = loader::load(&folder).unwrap_or_else(|fault| panic!("{fault}"));
    let (mut all, mut told, mut nth) = (0, 0, 0);
    let mut wrong = Vec::new();
    for case in &cases {
        let texts = case.files.iter().filter(|file| !file.is_utf16);
        let whole: Vec<(String, Vec<u8>)> =
            texts.map(|file| (file.path.clone(), filled(&file.text).into_bytes())).collect();
        for at in (0..whole.len()).filter(|&at| is_module_source(&whole[at].0)) {
            let (path, text) = &whole[at];
            let text = String::from_utf8_lossy(text).into_owned();
            for line in 0..text.lines().count() {
                nth += 1;
                if nth % step != 0 {
                    continue;
                }
                let kept = text.lines().enumerate().filter(|(number, _)| *number != line);
                let shorter: String = kept.flat_map(|(_, line)| [line, "\n"]).collect();
                let mut less = whole.clone();
                less[at].1 = shorter.into_bytes();
                let mut faults = Vec::new();
                all += 2;
                told += usize::from(adds_nothing(&catalog, (path, &less), &whole, &mut faults));
                told += usize::from(adds_nothing(&catalog, (path, &whole), &less, &mut faults));
                let of_case = faults.iter().map(|it| format!("{}:{}: {it}", case.name, line + 1));
                wrong.extend(of_case);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Or the comparison would say little.
    assert!(all > 100 && told * 10 > all, "{told} of {all}");
}
