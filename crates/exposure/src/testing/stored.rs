//! Modules that are kept between runs, and shared by the states of a project: the projects of all cases
//! are analysed as without.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use memchr::memmem;
use sha2::{Digest, Sha256};

use crate::analysis::{Analysis, analyse, analyse_sharing};
use crate::change_scope::is_module_source;
use crate::graph::parsed_modules::ParsedModules;
use crate::graph::stored_modules::restored;
use crate::input::{ContentId, Files, Input, KeyFinder, ModuleStore};
use crate::testing::catalog::catalog;
use crate::testing::keys::{Prefixes, filled};
use crate::testing::memory::Memory;
use crate::testing::{loader, state};

/// Files whose contents have ids.
struct Addressed(Memory);

impl Files for Addressed {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.0.read(path)
    }

    fn content_id(&self, path: &str) -> Option<ContentId> {
        Some(Sha256::digest(self.0.read(path).ok()??).into())
    }

    fn below(&self, folder: &str) -> Vec<String> {
        self.0.below(folder)
    }
}

/// Entries by their ids; new ones are apart.
#[derive(Default)]
struct Kept {
    old: HashMap<ContentId, Vec<u8>>,
    new: Mutex<HashMap<ContentId, Vec<u8>>>,
}

impl Kept {
    /// The same in the next run.
    fn next(self) -> Self {
        Self { old: self.new.into_inner().unwrap(), new: Mutex::default() }
    }
}

impl ModuleStore for Kept {
    fn get(&self, id: &ContentId) -> Option<&[u8]> {
        self.old.get(id).map(Vec::as_slice)
    }

    fn keep(&self, id: ContentId, bytes: Vec<u8>) {
        self.new.lock().unwrap().insert(id, bytes);
    }
}

/// All that an analysis says.
fn said(analysis: &Analysis) -> String {
    format!("{:#?} {:#?} {:#?}", analysis.leaks, analysis.sided, analysis.notices)
}

#[test]
fn what_is_kept_and_shared_changes_no_analysis_and_holds_no_key() {
    let catalog = catalog();
    let keys = Prefixes(&catalog);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = loader::load(&folder).unwrap_or_else(|fault| panic!("{fault}"));
    let (mut entries, mut taken) = (0, 0);
    for case in &cases {
        let texts = case.files.iter().filter(|file| !file.is_utf16);
        let whole: Vec<(String, Vec<u8>)> =
            texts.map(|file| (file.path.clone(), filled(&file.text).into_bytes())).collect();
        let analysed = |files: &[(String, Vec<u8>)], parsed: Option<&ParsedModules<'_>>| {
            let (files, seeds) = state(&catalog, files);
            let files = Addressed(files);
            let input = Input { files: &files, catalog: &catalog, keys: &keys, seeds: &seeds };
            said(&match parsed {
                Some(parsed) => analyse_sharing(&input, parsed, None),
                None => analyse(&input),
            })
        };
        let expected = analysed(&whole, None);
        let first = Kept::default();
        assert_eq!(
            analysed(&whole, Some(&ParsedModules::stored_in(&first))),
            expected,
            "{}",
            case.name
        );
        let second = first.next();
        entries += second.old.len();
        for bytes in second.old.values() {
            for (_, text) in &whole {
                let text = keys.text(text);
                let found = keys.find(&text);
                let is_in =
                    found.iter().any(|key| memmem::find(bytes, key.secret.reveal()).is_some());
                assert!(!is_in, "{}: a key is kept", case.name);
            }
            // Whatever stands in a cache, reading it ends.
            for at in (0..bytes.len()).step_by(97) {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << (at % 8);
                let _ = restored(&bad);
                assert!(restored(&bytes[..at]).is_none());
            }
        }
        let shared = ParsedModules::stored_in(&second);
        assert_eq!(analysed(&whole, Some(&shared)), expected, "{}", case.name);
        taken += second.old.len() - second.new.lock().unwrap().len();
        // Another state shares them.
        let mut other = whole.clone();
        if let Some((_, text)) = other.iter_mut().find(|(path, _)| is_module_source(path)) {
            let kept = text.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            text.drain(..kept);
        }
        assert_eq!(analysed(&other, Some(&shared)), analysed(&other, None), "{}", case.name);
    }
    // Or the comparison would say little.
    assert!(entries > 1000 && taken == entries, "{taken} of {entries}");
}
