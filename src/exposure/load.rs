//! Reads and parses the modules of an app.

use std::collections::{BTreeMap, HashSet};

use memchr::memmem::Finder;
use rayon::prelude::*;

use super::apps::is_source;
use super::facts::{Depth, Module, Part};
use super::json;
use super::parse::Parser;
use super::sfc;
use super::{Input, Keys};
use crate::model::{FilePath, Notice, NoticeKind};
use crate::rules::Ruleset;
use crate::source::Files;

/// Longer files are no source that somebody wrote: bundles are searched for whole keys only.
const MAX_SOURCE: usize = 2 << 20;

/// A file of source with its modules.
pub(super) struct File {
    /// The modules in it.
    pub(super) modules: Vec<(Part, Module)>,
    /// Whether something in it may be, or make, a secret.
    pub(super) is_warm: bool,
}

/// Files by path.
pub(super) type Loaded = BTreeMap<String, File>;

/// Reads files of source.
pub(super) struct Loader<'i> {
    files: &'i dyn Files,
    keys: &'i dyn Keys,
    seeds: HashSet<&'i str>,
    /// What keys may be put together from.
    pieces: Vec<Finder<'static>>,
}

impl<'i> Loader<'i> {
    /// `variables` are names whose values are known to be secret, whatever they are called.
    pub(super) fn new<'v>(input: &Input<'i>, variables: impl Iterator<Item = &'v str>) -> Self {
        Self {
            files: input.files,
            keys: input.keys,
            seeds: input.seeds.iter().map(String::as_str).collect(),
            pieces: pieces(input.rules, variables),
        }
    }

    /// Reads `paths` in parallel. Those that matter get their expressions, too; what cannot be
    /// read or parsed becomes a notice.
    pub(super) fn load(&self, paths: &[String], depth: Option<Depth>) -> (Loaded, Vec<Notice>) {
        let read: Vec<_> = paths
            .par_iter()
            .filter(|path| is_source(path) || path.ends_with(".json"))
            .map_init(Parser::default, |parser, path| self.file(parser, path, depth))
            .collect();
        let mut loaded = Loaded::new();
        let mut notices = Vec::new();
        for (path, file, notice) in read {
            loaded.extend(file.map(|file| (path, file)));
            notices.extend(notice);
        }
        (loaded, notices)
    }

    fn file(
        &self,
        parser: &mut Parser,
        path: &str,
        depth: Option<Depth>,
    ) -> (String, Option<File>, Option<Notice>) {
        let trouble = |message: String| Some(notice(path, message));
        let is_seed = self.seeds.contains(path);
        let bytes = match self.files.read(path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return (path.to_owned(), None, None),
            Err(error) => {
                return (path.to_owned(), None, trouble(format!("cannot be read: {error}")));
            }
        };
        if bytes.len() > MAX_SOURCE {
            let said = is_seed.then(|| {
                notice(
                    path,
                    "is too large to follow its imports; whole keys in it are found".to_owned(),
                )
            });
            return (path.to_owned(), None, said);
        }
        let text = self.keys.text(&bytes);
        let is_warm = is_seed || self.pieces.iter().any(|piece| piece.find(&bytes).is_some());
        let depth = depth.unwrap_or(if is_warm { Depth::Body } else { Depth::Shape });
        if path.ends_with(".json") {
            let file = File { modules: vec![(Part::Whole, json::module(&text))], is_warm };
            return (path.to_owned(), Some(file), None);
        }
        let mut fault = None;
        let modules = sfc::units(path, &text)
            .iter()
            .map(|unit| {
                let module = parser.parse(unit, depth);
                if let Some(found) = &module.fault {
                    fault = Some(found.clone());
                }
                (unit.part, module)
            })
            .collect();
        // What does not matter for any secret need not be told of.
        let said = fault.filter(|_| is_warm).map(|fault| {
            let line = text.as_bytes()[..text.len().min(fault.at as usize)]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count();
            notice(
                path,
                format!(
                    "cannot be understood from line {} on ({}), so what it sends to clients is \
                     not known; keys in it are reported all the same",
                    line + 1,
                    fault.message
                ),
            )
        });
        (path.to_owned(), Some(File { modules, is_warm }), said)
    }
}

/// A notice of the analysis.
pub(super) fn notice(path: &str, message: String) -> Notice {
    Notice {
        path: Some(FilePath::from_bytes(path.as_bytes())),
        kind: NoticeKind::Exposure,
        message,
    }
}

/// The beginnings of keys as they stand in code that puts keys together, and what decodes them.
fn pieces<'v>(rules: &Ruleset, variables: impl Iterator<Item = &'v str>) -> Vec<Finder<'static>> {
    let mut words: Vec<String> = vec!["atob(".to_owned(), "base64".to_owned()];
    for rule in &rules.rules {
        for keyword in &rule.keywords {
            let Some(cut) = keyword.find(|c: char| !c.is_alphanumeric()) else { continue };
            if cut >= 2 && cut + 1 < keyword.len() {
                for quote in ['\'', '"', '`'] {
                    words.push(format!("{quote}{}", &keyword[..=cut]));
                }
            }
        }
    }
    words.extend(variables.map(str::to_owned));
    words.sort();
    words.dedup();
    words.iter().map(|word| Finder::new(word.as_bytes()).into_owned()).collect()
}
