//! The cases of `tests/cases`, by the analysis alone: every file with a key, a secret's name, a
//! package or a host in it is a seed. A folder in there with `rules.toml` is a provider of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::analysis::analyse;
use crate::catalog::Catalog;
use crate::input::{FoundKey, Input, KeyFinder};
use crate::secret::Secret;
use crate::severity::Severity;
use crate::testing::catalog::catalog;
use crate::testing::memory::Memory;
use crate::testing::rng::Rng;
use crate::testing::{analysed, notice_lines};
use crate::variables::names::SecretNames;

const BODY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Finds what begins like a key of the rules and is long enough.
pub(crate) struct Prefixes<'r>(pub(crate) &'r Catalog);

impl KeyFinder for Prefixes<'_> {
    fn find(&self, text: &str) -> Vec<FoundKey> {
        let mut keys = Vec::new();
        for (key_kind, known) in self.0.kinds() {
            for keyword in &known.keywords {
                for (start, _) in text.match_indices(keyword.as_str()) {
                    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                    let rest = &text[start + keyword.len()..];
                    let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
                    if length >= 20 {
                        let range = start..start + keyword.len() + length;
                        let secret = Secret::new(text[range.clone()].as_bytes(), keyword.len());
                        keys.push(FoundKey { key_kind, range, secret });
                    }
                }
            }
        }
        keys.sort_by_key(|key| key.range.start);
        keys
    }

    fn masked(&self, text: &str) -> String {
        text.to_owned()
    }

    fn text(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }
}

/// Fills in the keys of a template.
pub(crate) fn filled(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find("{key:") {
        text.push_str(&rest[..at]);
        let end = at + rest[at..].find('}').unwrap();
        let mut parts = rest[at + 5..end].split(':');
        let (prefix, number) = (parts.next().unwrap(), parts.next().unwrap());
        text.push_str(prefix);
        text.push_str(&Rng::new(1000 + number.parse::<u64>().unwrap()).text(BODY, 43));
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    text
}

/// Kind, path and line of every client finding.
fn found(catalog: &Catalog, files: &[(String, String)]) -> BTreeSet<(String, String, u64)> {
    let pairs: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let memory = Memory::new(&pairs);
    let mut words = SecretNames::new(catalog).seeds();
    words.extend(catalog.kinds.iter().flat_map(|key_kind| key_kind.keywords.iter().cloned()));
    let mut seeds: Vec<String> = files
        .iter()
        .filter(|(_, text)| words.iter().any(|word| text.contains(word.as_str())))
        .map(|(path, _)| path.clone())
        .collect();
    seeds.sort();
    let keys = Prefixes(catalog);
    let analysis = analyse(&Input { files: &memory, catalog, keys: &keys, seeds: &seeds });
    let is_cut = analysis.notices.iter().any(|notice| notice.message.contains("too "));
    assert!(!is_cut, "no bound is so low that such code reaches it: {:?}", analysis.notices);
    let place = |leak: &crate::leak::Leak| {
        assert!(leak.severity >= Severity::Note);
        let text = &files.iter().find(|(path, _)| **path == *leak.at.path).unwrap().1;
        let line = 1 + text[..leak.at.span.start as usize].matches('\n').count() as u64;
        (leak.kind.name().to_owned(), leak.at.path.to_string(), line)
    };
    analysis.leaks.iter().map(place).collect()
}

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let lists = [(catalog(), folder)];
    let mut failures = Vec::new();
    let mut count = 0;
    for (catalog, folder) in &lists {
        let is_list = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
        for path in listed(folder).into_iter().filter(is_list) {
            let text = std::fs::read_to_string(path).unwrap();
            let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
            count += cases.len();
            failures.extend(cases.iter().filter_map(|case| fault(catalog, case)));
        }
    }
    assert!(failures.is_empty(), "{} of {count} fail:\n{}", failures.len(), failures.join("\n"));
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// What is wrong with what the analysis says of a case.
fn fault(catalog: &Catalog, case: &Value) -> Option<String> {
    let files: Vec<(String, String)> = case["files"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, content)| {
            let content = content.as_str().or(content["utf16"].as_str()).unwrap();
            (path.clone(), filled(content))
        })
        .collect();
    let places = |field: &str| -> BTreeSet<(String, String, u64)> {
        let all = case[field].as_array().into_iter().flatten();
        all.map(|expected| {
            let text = |key: &str| expected[key].as_str().unwrap().to_owned();
            (text("rule_kind"), text("path"), expected["line"].as_u64().unwrap())
        })
        .collect()
    };
    let (expected, also) = (places("expect"), places("also"));
    let found = found(catalog, &files);
    let extra: Vec<_> = found.difference(&expected).filter(|f| !also.contains(f)).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    (!extra.is_empty() || !missing.is_empty())
        .then(|| format!("{}: missing {missing:?}, extra {extra:?}", case["name"]))
}

fn file(path: &str, text: &str) -> (String, String) {
    (path.to_owned(), filled(text))
}

#[test]
fn packages_that_apps_share_are_judged_for_each() {
    let shared = [
        file("package.json", r#"{"name": "top", "workspaces": ["apps/*", "packages/*"]}"#),
        file("packages/ui/package.json", r#"{"name": "@x/ui", "main": "src/index.ts"}"#),
        file("packages/ui/src/index.ts", "export const key = '{key:sk_v1_:2}'"),
    ];
    let app = |number: usize, router: &str| {
        let package = r#"{"dependencies": {"next": "15.1.0", "@x/ui": "workspace:*"}}"#;
        let page = "import { key } from '@x/ui'\nexport default () => key.length";
        [
            file(&format!("apps/a{number}/package.json"), package),
            file(&format!("apps/a{number}/{router}"), page),
        ]
    };
    let catalog = catalog();
    let servers = (0..9).flat_map(|number| app(number, "pages/api/x.ts"));
    let mut files: Vec<_> = shared.into_iter().chain(servers).collect();
    assert!(found(&catalog, &files).is_empty());
    files.extend(app(9, "pages/x.tsx"));
    let expected = ("client-secret-literal".to_owned(), "packages/ui/src/index.ts".to_owned(), 1);
    assert_eq!(found(&catalog, &files).into_iter().collect::<Vec<_>>(), [expected]);
}

#[test]
fn too_many_modules_of_an_app_are_told() {
    let paths: Vec<String> = (0..20_010).map(|n| format!("lib/m{n}.ts")).collect();
    let mut files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
    files.push(("package.json", r#"{"dependencies": {"next": "15.1.0"}}"#));
    files.push(("app/page.tsx", "process.env.MAGICX_SECRET_KEY"));
    let told = notice_lines(&analysed(&files));
    assert!(told.iter().any(|one| one.contains("only 20000 of 20011 sources")), "{told:?}");
}
