//! Records what an analysis finds out about a state.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::analysis::state_record::{AppRecord, FileRecord, StateRecord, name_hash};
use crate::eval::left_value::LeftValue;
use crate::eval::left_values::left_values;
use crate::eval::suspects::UsedPlaces;
use crate::graph::key_pieces::KeyPiece;
use crate::graph::modules::{BindingId, Graph, ImportTarget, ModuleId, ModuleNode};
use crate::input::{ContentId, Files};
use crate::js::ir::ModulePart;
use crate::js::outline::binding_names;
use crate::variables::conventions::VariableConventions;

/// Records one analysis; see [`StateRecord`].
#[derive(Debug, Default)]
pub struct StateRecorder(Mutex<Recorded>);

#[derive(Debug, Default)]
struct Recorded {
    apps: Vec<RecordedApp>,
    noted: BTreeSet<String>,
    pieces: Vec<KeyPiece>,
}

/// An app, with the paths of its files.
#[derive(Debug, Default)]
struct RecordedApp {
    files: BTreeMap<String, FileRecord>,
    own: AppRecord,
}

impl StateRecorder {
    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The record, once the analysis has ended.
    pub fn record(self) -> StateRecord {
        let Recorded { apps, noted, pieces } =
            self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let paths: BTreeSet<String> =
            apps.iter().flat_map(|app| app.files.keys()).cloned().collect();
        let paths: Vec<String> = paths.into_iter().collect();
        let number = |path: &String| paths.partition_point(|own| own < path) as u32;
        let apps = apps.into_iter().map(|app| {
            let files = app.files.into_iter().map(|(path, file)| (number(&path), file));
            AppRecord { files: files.collect(), ..app.own }
        });
        let apps = apps.collect();
        StateRecord { paths, apps, noted, pieces }
    }

    /// Notes the pieces that make a module one through which a secret may come.
    pub(super) fn note_pieces(&self, pieces: &[KeyPiece]) {
        pieces.clone_into(&mut self.recorded().pieces);
    }

    /// Notes a file of which more than the code counts.
    pub(super) fn note(&self, path: &str) {
        self.recorded().noted.insert(path.to_owned());
    }

    /// Adds an app of which only the files are known: each edit of these is analysed.
    pub(super) fn add_unknown<'f>(&self, files: impl Iterator<Item = &'f str>) {
        let files = files.map(|path| (path.to_owned(), FileRecord::default())).collect();
        self.recorded().apps.push(RecordedApp { files, own: AppRecord::default() });
    }

    /// Adds an app. `has_names` is set if names stand for modules or for values of the build, `looks_into`
    /// if a framework looks into the expressions of its entry points.
    pub(super) fn add(
        &self,
        graph: &Graph,
        conventions: &VariableConventions,
        has_names: bool,
        looks_into: bool,
    ) {
        let left = left_values(graph);
        let holders: BTreeSet<u8> = left.iter().map(|it| it.holder_number() as u8).collect();
        let leaving: BTreeSet<ModuleId> = left.iter().map(LeftValue::module).collect();
        let leaving: Vec<ModuleId> = leaving.into_iter().collect();
        let used = UsedPlaces::new(graph, conventions, &leaving);
        let mut files: BTreeMap<String, FileRecord> = BTreeMap::new();
        let mut free = BTreeSet::new();
        for (module, node) in graph.modules.iter().enumerate() {
            free.extend(node.module.free.iter().map(|it| name_hash(&it.name)));
            let file = files.entry(node.path.to_string()).or_insert_with(|| FileRecord {
                is_open: true,
                is_cold: true,
                ..FileRecord::default()
            });
            file.is_open &= is_open(node) && !(looks_into && node.needs_eval);
            file.is_cold &= !node.needs_eval;
            let names = binding_names(&node.module);
            let of = |binding| used.has_binding(BindingId { module, binding });
            file.is_whole_used |= of(names.len());
            let own = names.iter().enumerate().filter(|(binding, _)| of(*binding));
            file.used.extend(own.map(|(_, name)| name_hash(name)));
        }
        for file in files.values_mut().filter(|file| !file.is_open) {
            file.used = BTreeSet::new();
        }
        let own = AppRecord {
            free,
            has_names,
            holders: holders.into_iter().collect(),
            ..AppRecord::default()
        };
        self.recorded().apps.push(RecordedApp { files, own });
    }
}

/// True for a module of which all that an edit can change is known.
fn is_open(node: &ModuleNode) -> bool {
    let says_missing = node.needs_eval && node.links.contains(&ImportTarget::Missing);
    node.part != ModulePart::Text
        && !node.has_seed()
        && !node.path.ends_with(".json")
        && node.module.fault.is_none()
        && !node.module.body.facts().leaves
        && !says_missing
}

/// Files that note who is read.
pub(super) struct NotedFiles<'f> {
    pub(super) files: &'f dyn Files,
    pub(super) recorder: &'f StateRecorder,
}

impl Files for NotedFiles<'_> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let read = self.files.read(path);
        if !matches!(read, Ok(None)) {
            self.recorder.note(path);
        }
        read
    }

    fn content_id(&self, path: &str) -> Option<ContentId> {
        self.files.content_id(path)
    }

    fn below(&self, folder: &str) -> Vec<String> {
        self.files.below(folder)
    }
}
