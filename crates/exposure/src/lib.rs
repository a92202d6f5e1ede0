//! Proves, import by import, which secrets of a JavaScript or TypeScript project, or of a mobile
//! app, reach its clients.
//!
//! [`analyse`] takes the [files](Files) of a project, a [catalog](Catalog) of the keys to look for
//! and a [search](KeyFinder) for them, and gives [leaks](Leak): each has the place of the secret and
//! the [trace](Leak::trace) of imports by which a client gets it.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::io;
//!
//! use keyside_exposure::{
//!     Catalog, Files, FoundKey, Input, KeyClass, KeyFinder, KeyKind, KeyKindId, KeyProvider, Secret,
//!     analyse,
//! };
//!
//! /// Files in memory, as an editor has them.
//! struct Buffers(BTreeMap<String, String>);
//!
//! impl Files for Buffers {
//!     fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
//!         Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
//!     }
//!
//!     fn below(&self, folder: &str) -> Vec<String> {
//!         let is_below = |path: &&String| folder.is_empty() || path.starts_with(&format!("{folder}/"));
//!         self.0.keys().filter(is_below).cloned().collect()
//!     }
//! }
//!
//! /// Keys are `acme_sk_` and sixteen characters.
//! struct AcmeKeys;
//!
//! impl KeyFinder for AcmeKeys {
//!     fn find(&self, text: &str) -> Vec<FoundKey> {
//!         let found = text.match_indices("acme_sk_").filter_map(|(start, prefix)| {
//!             let range = start..start + prefix.len() + 16;
//!             let secret = Secret::new(text.get(range.clone())?.as_bytes(), prefix.len());
//!             Some(FoundKey { key_kind: KeyKindId(0), range, secret })
//!         });
//!         found.collect()
//!     }
//!
//!     fn masked(&self, text: &str) -> String {
//!         let mut masked = text.to_owned();
//!         for key in self.find(text).into_iter().rev() {
//!             masked.replace_range(key.range, &key.secret.masked());
//!         }
//!         masked
//!     }
//!
//!     fn text(&self, bytes: &[u8]) -> String {
//!         String::from_utf8_lossy(bytes).into_owned()
//!     }
//! }
//!
//! let catalog = Catalog {
//!     kinds: vec![KeyKind {
//!         provider: 0,
//!         file: 1,
//!         class: KeyClass::Secret,
//!         keywords: ["acme_sk_".to_owned()].into(),
//!         env: ["ACME_SECRET_KEY".to_owned()].into(),
//!         is_wanted: true,
//!     }],
//!     providers: vec![
//!         KeyProvider { words: vec!["ACME".to_owned()], ..KeyProvider::default() }.into(),
//!     ],
//! };
//! let key = format!("acme_sk_{}", "k3".repeat(8));
//! let files = Buffers(BTreeMap::from([
//!     ("package.json".to_owned(), r#"{ "dependencies": { "next": "15.1.0" } }"#.to_owned()),
//!     (
//!         "app/widget.tsx".to_owned(),
//!         "'use client'\nimport { key } from '../lib/config'\nsend(key)\n".to_owned(),
//!     ),
//!     ("lib/config.ts".to_owned(), format!("export const key = '{key}'\n")),
//! ]));
//! let seeds = ["lib/config.ts".to_owned()];
//! let analysis = analyse(&Input { files: &files, catalog: &catalog, keys: &AcmeKeys, seeds: &seeds });
//!
//! let [leak] = &analysis.leaks[..] else { panic!("one leak") };
//! assert_eq!(leak.kind.name(), "client-secret-literal");
//! let steps: Vec<String> =
//!     leak.trace.iter().map(|step| format!("{}: {}", step.at.path, step.note)).collect();
//! assert_eq!(
//!     steps,
//!     [
//!         "app/widget.tsx: 'use client' directive",
//!         "app/widget.tsx: imports ../lib/config",
//!         "lib/config.ts: the key",
//!     ]
//! );
//! println!("{}\n{}", steps.join("\n"), leak.fix);
//! ```
//!
//! A real caller lists as seeds all files with a key or one of the
//! [seed words](Catalog::seed_words), which it finds with one fast search.
//!
//! [`can_change_exposure`] and [`files_in_scope`] are for callers that compare two states of a
//! project: they tell which files a change can affect.

// Tests of the crate name it as other crates do.
#[cfg(test)]
extern crate self as keyside_exposure;

mod analysis;
mod app;
mod artifacts;
mod base64;
mod catalog;
mod change_scope;
mod checks;
mod eval;
mod fix_hints;
mod framework_id;
mod frameworks;
mod graph;
mod input;
mod js;
mod key_slot;
mod leak;
mod notice;
mod paths;
mod project;
mod secret;
mod severity;
mod span;
#[cfg(test)]
mod testing;
mod variables;

pub use analysis::{
    Analysis, EditVerdict, EditedModule, StateRecord, StateRecorder, adds_no_leak, analyse,
    analyse_edits, analyse_sharing, parse_modules,
};
pub use catalog::{BUILT_IN, Catalog, KeyKind, KeyKindId, KeyProvider, Sdk};
pub use change_scope::{
    can_change_exposure, files_in_scope, is_module_source, is_same_code, may_ship_secret,
};
pub use checks::KindTexts;
pub use frameworks::{FrameworkDoc, frameworks};
pub use graph::parsed_modules::ParsedModules;
pub use input::{ContentId, Files, FoundKey, Input, KeyFinder, ModuleStore};
pub use key_slot::{KeySlot, KeySlotError};
pub use leak::{FileSpan, Leak, LeakKind, LeakSubject, Side, SidedSecret, StepKind, TraceStep};
pub use notice::AnalysisNotice;
pub use secret::Secret;
pub use severity::{Confidence, KeyClass, Severity};
pub use span::Span;
