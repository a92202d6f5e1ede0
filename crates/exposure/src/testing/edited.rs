//! Edits of the projects of all cases: what their analysis alone says agrees with that of both states.

use std::collections::BTreeMap;
use std::path::Path;

use crate::analysis::{
    EditVerdict, EditedModule, StateRecord, StateRecorder, adds_no_leak, analyse_edits,
    analyse_sharing,
};
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

/// True if the analysis of an edit alone says that it adds no leak, false if it may add one; `None` if it cannot
/// tell.
fn says_nothing_is_added(
    catalog: &Catalog,
    (path, before): (&str, &[(String, Vec<u8>)]),
    after: &[(String, Vec<u8>)],
) -> Option<bool> {
    let analysed = |own: &[(String, Vec<u8>)], other: &[(String, Vec<u8>)]| {
        let (files, seeds) = state(catalog, own);
        let input = Input { files: &files, catalog, keys: &Prefixes(catalog), seeds: &seeds };
        let text = other.iter().find(|(own, _)| own == path).map(|(_, text)| text.clone());
        let edited = [EditedModule { path: path.to_owned(), before: vec![text.unwrap()] }];
        let analysis = analyse_edits(&input, &edited, &ParsedModules::default(), None)?;
        Some((analysis.leaks, edited))
    };
    let (leaks_after, edited) = analysed(after, before)?;
    if leaks_after.is_empty() {
        return Some(true);
    }
    let (leaks_before, _) = analysed(before, after)?;
    Some(adds_no_leak(&leaks_after, &leaks_before, &edited))
}

/// The same; if it says so falsely, that is a fault.
fn adds_nothing(
    catalog: &Catalog,
    (path, before): (&str, &[(String, Vec<u8>)]),
    after: &[(String, Vec<u8>)],
    faults: &mut Vec<String>,
) -> bool {
    if says_nothing_is_added(catalog, (path, before), after) != Some(true) {
        return false;
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

/// The answer of the analysis of one edit alone, in a Next.js app.
fn said_of(files: &[(&str, &str)], (path, text): (&str, &str)) -> Option<bool> {
    let package = ("package.json", r#"{"dependencies": {"next": "15.1.0"}}"#);
    let all = std::iter::once(package).chain(files.iter().copied());
    let before: Vec<(String, Vec<u8>)> =
        all.map(|(path, text)| (path.to_owned(), text.into())).collect();
    let mut after = before.clone();
    after.iter_mut().find(|(own, _)| own == path).unwrap().1 = text.into();
    says_nothing_is_added(&catalog(), (path, &before), &after)
}

#[test]
fn an_edit_of_code_with_a_known_leak_is_told_from_one_that_adds_a_leak() {
    let page = |value: &str| {
        let imports = "'use client'\nimport { show } from '../lib/show'\n";
        format!("{imports}export default () => show({value})\n")
    };
    let leaking = page("process.env.NEXT_PUBLIC_MAGICX_SECRET_KEY");
    let show = ("lib/show.ts", "export const show = (x) => x\n");
    let edit = ("lib/show.ts", "export const show = (x) => [x]\n");
    assert_eq!(said_of(&[("app/page.tsx", &leaking), show], edit), Some(true));
    // The variable is known to the app.
    let env = ("lib/env.ts", "export const key = process.env.NEXT_PUBLIC_MAGICX_SECRET_KEY\n");
    let files = [("app/page.tsx", &*page("1")), show, env];
    assert_eq!(said_of(&files, ("app/page.tsx", &leaking)), Some(false));
}

#[test]
fn an_edit_reaches_whoever_takes_what_is_left() {
    let handler = "import { prepare } from '../../lib/prepare'\n\
        export default function handler(req, res) {\n  \
        req.user = prepare(process.env.MAGICX_SECRET_KEY)\n  res.end('x')\n}\n";
    let files =
        [("pages/api/a.ts", handler), ("lib/prepare.ts", "export const prepare = (x) => x\n")];
    let edit = ("lib/prepare.ts", "export const prepare = (x) => x && 1\n");
    assert_eq!(said_of(&files, edit), Some(true));
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

/// The record of a state, and its seeds.
fn recorded(catalog: &Catalog, files: &[(String, Vec<u8>)]) -> (StateRecord, Vec<String>) {
    let (files, seeds) = state(catalog, files);
    let input = Input { files: &files, catalog, keys: &Prefixes(catalog), seeds: &seeds };
    let recorder = StateRecorder::default();
    analyse_sharing(&input, &ParsedModules::default(), Some(&recorder));
    let record = recorder.record();
    // It is kept between runs.
    (StateRecord::from_bytes(&record.to_bytes()).unwrap(), seeds)
}

/// The verdict of a record about an edit of a module in a state.
fn verdict(
    (record, seeds): &(StateRecord, Vec<String>),
    (path, before, after): (&str, &[u8], &[u8]),
    seeds_after: &[String],
) -> EditVerdict {
    let is_seed = seeds.iter().chain(seeds_after).any(|seed| seed == path);
    if is_seed { EditVerdict::Unknown } else { record.verdict(path, before, after) }
}

#[test]
fn a_record_tells_edits_that_change_nothing() {
    let catalog = catalog();
    let package = ("package.json", r#"{"dependencies": {"next": "15.1.0"}}"#);
    let page = "'use client'\nimport { show } from '../lib/show'\nimport { Own } from '../lib/own'\n\
        export const title = 'x'\n\
        export default () => <Own at={show(process.env.NEXT_PUBLIC_MAGICX_SECRET_KEY)}/>\n";
    let show = "export const show = (x) => x\nexport const other = () => 1\n";
    let own = "export const Own = ({ at }) => <p>{at}</p>\nexport const Free = () => <p/>\n";
    let free = "import { Free } from './own'\nexport default () => <Free/>\n";
    let files = [
        package,
        ("app/page.tsx", page),
        ("lib/show.ts", show),
        ("lib/own.tsx", own),
        ("lib/free.tsx", free),
        ("lib/free.test.tsx", free),
    ];
    let files: Vec<(String, Vec<u8>)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).into())).collect();
    let record = recorded(&catalog, &files);
    let of = |path: &str, from: &str, to: &str| {
        let (_, text) = files.iter().find(|(own, _)| own == path).unwrap();
        let after = String::from_utf8_lossy(text).replace(from, to);
        assert_ne!(after.as_bytes(), text, "{path}");
        verdict(&record, (path, text, after.as_bytes()), &record.1)
    };
    for (path, from, to, expected) in [
        ("lib/show.ts", "1", "2", EditVerdict::Clear),
        ("lib/show.ts", "export const other", "export const more = 1, other", EditVerdict::Clear),
        ("lib/show.ts", "=> x", "=> [x]", EditVerdict::Kept),
        (
            "lib/show.ts",
            "export const show",
            "import './free'\nexport const show",
            EditVerdict::Unknown,
        ),
        ("lib/show.ts", "1", "atob(x)", EditVerdict::Unknown),
        ("lib/show.ts", "1", "process.env", EditVerdict::Unknown),
        ("lib/show.ts", "1", "'sk_' + x", EditVerdict::Unknown),
        ("lib/own.tsx", "const Free = () => <p/>", "const Free = () => <b/>", EditVerdict::Clear),
        ("lib/own.tsx", "{at}<", "{at}!<", EditVerdict::Kept),
        ("lib/free.tsx", "<Free/>", "<Free a=''/>", EditVerdict::Clear),
        ("lib/free.tsx", "import", "'use client'\nimport", EditVerdict::Unknown),
        ("lib/free.test.tsx", "import", "import '../app/page'\nimport", EditVerdict::Clear),
        // It reads a secret.
        ("app/page.tsx", "'x'", "'y'", EditVerdict::Unknown),
    ] {
        assert_eq!(of(path, from, to), expected, "{path}: {from} -> {to}");
    }
}

#[test]
fn what_a_record_calls_clear_adds_no_leak() {
    let step = if std::env::var_os("KEYSIDE_ALL_EDITS").is_some() { 1 } else { STEP };
    let catalog = catalog();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = loader::load(&folder).unwrap_or_else(|fault| panic!("{fault}"));
    let (mut all, mut clear, mut nth) = (0, 0, 0);
    let mut wrong = Vec::new();
    for case in &cases {
        let texts = case.files.iter().filter(|file| !file.is_utf16);
        let whole: Vec<(String, Vec<u8>)> =
            texts.map(|file| (file.path.clone(), filled(&file.text).into_bytes())).collect();
        let mut known = None;
        for at in (0..whole.len()).filter(|&at| is_module_source(&whole[at].0)) {
            let (path, text) = &whole[at];
            let text = String::from_utf8_lossy(text).into_owned();
            let lines: Vec<&str> = text.lines().collect();
            for line in 0..lines.len() {
                nth += 1;
                if nth % step != 0 {
                    continue;
                }
                let mut less = lines.clone();
                less.remove(line);
                let mut moved = lines.clone();
                moved.swap(line, (line + 1) % lines.len());
                let words = lines[line].replace("=> ", "=> 1 || ").replace("true", "false");
                let mut other = lines.clone();
                other[line] = &words;
                let before = known
                    .get_or_insert_with(|| (recorded(&catalog, &whole), leaks(&catalog, &whole)));
                for edited in [less, moved, other] {
                    let mut after = whole.clone();
                    after[at].1 = (edited.join("\n") + "\n").into_bytes();
                    let (_, seeds) = state(&catalog, &after);
                    let (old, new) = (&whole[at].1, &after[at].1);
                    let there = verdict(&before.0, (path, old, new), &seeds);
                    all += 1;
                    if there == EditVerdict::Unknown {
                        continue;
                    }
                    // The record holds for the state after the edit.
                    let back = verdict(&before.0, (path, new, old), &seeds);
                    let now = leaks(&catalog, &after);
                    let is_more =
                        |one: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>| {
                            one.iter().any(|(leak, count)| other.get(leak).unwrap_or(&0) < count)
                        };
                    clear += usize::from(there == EditVerdict::Clear);
                    if there == EditVerdict::Clear && is_more(&now, &before.1)
                        || back == EditVerdict::Clear && is_more(&before.1, &now)
                    {
                        wrong.push(format!("{}: {path}:{}", case.name, line + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Or the comparison would say little.
    assert!(all > 100 && clear * 20 > all, "{clear} of {all}");
}
