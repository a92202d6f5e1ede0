//! The code of an app in which edits of modules can have changed a leak.
//!
//! A leak is in the code of a module, because of the values that it gets and because of who reaches it.
//! Values come along imports, so those of code that uses an edited module can differ. What an edited
//! module reaches can differ, too, if its outline does. The rest is as it was. Where more than that
//! decides, all of the app is taken to have changed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::analysis::edits::Edits;
use crate::analysis::graph_view::GraphView;
use crate::app::App;
use crate::eval::left_value::LeftValue;
use crate::eval::left_values::{has_left_values, left_values};
use crate::eval::suspects::ChangedCode;
use crate::frameworks;
use crate::frameworks::{Framework, Modules};
use crate::graph::auto_imports::AutoImport;
use crate::graph::load::{Loader, SourceFile};
use crate::graph::modules::{ImportTarget, ModuleId};
use crate::js::ir::{Module, ModulePart, ParseDepth, Span};
use crate::js::outline::{gives_same_names, outline, property_names};
use crate::variables::conventions::VariableConventions;

/// The code of an app that edits touch.
pub(super) struct EditScope {
    /// The modules whose values can differ without any import of others: edited ones, and those that take
    /// what code leaves whose values can differ.
    pub(super) changed: Vec<ModuleId>,
    /// For each module, true if it imports one of these, directly or not, or is one.
    pub(super) importers: Vec<bool>,
    /// For each module, true if all of its code is to be checked: it is edited, or edits may change who
    /// reaches it, or where the names come from that it imports.
    pub(super) reached: Vec<bool>,
}

impl EditScope {
    /// The code to check.
    pub(super) fn changed(&self) -> ChangedCode<'_> {
        let Self { changed, importers, reached } = self;
        ChangedCode { modules: changed, importers, whole: reached }
    }
}

/// The modules in a text.
type ParsedParts = Vec<(ModulePart, Arc<Module>)>;

/// Works out the scope of edits in an app.
pub(super) struct EditScopes<'a, 'p> {
    pub(super) edits: &'a Edits<'p>,
    pub(super) app: &'a App<'a>,
    pub(super) frameworks: &'a [&'static dyn Framework],
    pub(super) view: &'a GraphView<'a>,
    pub(super) loader: &'a Loader<'p>,
    pub(super) conventions: &'a VariableConventions,
    /// The names that code may use without importing them.
    pub(super) names: &'a [AutoImport],
}

impl EditScopes<'_, '_> {
    /// The scope of the edits; `None` if it is all of the app.
    pub(super) fn scope(&self) -> Option<EditScope> {
        let graph = self.view.graph;
        let is_edited = |id: &ModuleId| self.edits.before(&graph.modules[*id].path).is_some();
        let edited: Vec<ModuleId> = (0..graph.modules.len()).filter(is_edited).collect();
        let paths: BTreeSet<&str> = edited.iter().map(|&id| &*graph.modules[id].path).collect();
        let paths: Vec<&str> = paths.into_iter().collect();
        let (after, _) = self.loader.load(&paths, Some(ParseDepth::Body));
        let (mut begin, mut are_names_moved) = (Vec::new(), false);
        for state in 0..self.edits.states() {
            for file in &after {
                begin.extend(self.reached_by(file, state, &mut are_names_moved)?);
            }
            begin.extend(self.other_entries(state, &paths)?);
        }
        let importers = graph.importers_of(edited.iter().copied());
        // What comes from another place than before does not come through the edited module.
        if are_names_moved {
            begin.extend((0..importers.len()).filter(|&id| importers[id]));
        }
        let mut reached = vec![false; graph.modules.len()];
        while let Some(id) = begin.pop() {
            if !std::mem::replace(&mut reached[id], true) {
                let node = &graph.modules[id];
                begin.extend(node.named.iter().map(|link| link.target));
                begin.extend(node.links.iter().flat_map(|link| match link {
                    ImportTarget::To(targets) => targets.as_slice(),
                    ImportTarget::Missing | ImportTarget::External => &[],
                }));
            }
        }
        for &id in &edited {
            reached[id] = true;
        }
        let (changed, importers) = self.with_takers(edited, importers, &reached);
        Some(EditScope { changed, importers, reached })
    }

    /// The modules whose values can differ, and for each module, true if it imports one of them: edited
    /// ones, and those that take what is left in requests and the like by code whose values can differ,
    /// which import nothing for that.
    fn with_takers(
        &self,
        edited: Vec<ModuleId>,
        mut importers: Vec<bool>,
        reached: &[bool],
    ) -> (Vec<ModuleId>, Vec<bool>) {
        let graph = self.view.graph;
        let left = left_values(graph);
        let mut changed: BTreeSet<ModuleId> = edited.into_iter().collect();
        loop {
            let moved = left.iter().filter(|it| importers[it.module()] || reached[it.module()]);
            let holders: BTreeSet<usize> = moved.map(LeftValue::holder_number).collect();
            let takes = |id: &ModuleId| {
                let named = &graph.modules[*id].named_holders;
                holders.iter().any(|&holder| named[holder])
            };
            let count = changed.len();
            changed.extend((0..graph.modules.len()).filter(takes));
            if changed.len() == count {
                return (changed.into_iter().collect(), importers);
            }
            importers = graph.importers_of(changed.iter().copied());
        }
    }

    /// The modules in the text of an edited file in a state before.
    fn before(&self, path: &str, state: usize) -> Option<ParsedParts> {
        Some(self.loader.parsed_text(path, self.edits.before(path)?.get(state)?))
    }

    /// The modules that an edited file may reach otherwise than in a state before; `None` if others may be
    /// reached otherwise, too. Sets `are_names_moved` if names that are imported from it come from elsewhere.
    fn reached_by(
        &self,
        file: &SourceFile<'_>,
        state: usize,
        are_names_moved: &mut bool,
    ) -> Option<Vec<ModuleId>> {
        let graph = self.view.graph;
        let before = self.before(&file.path, state)?;
        if !before.iter().map(|(part, _)| part).eq(file.modules.iter().map(|(part, _)| part)) {
            return None;
        }
        let mut begin = Vec::new();
        for ((part, old), (_, new)) in before.iter().zip(&file.modules) {
            if !self.may_be_compared(old, new, &file.path) {
                return None;
            }
            *are_names_moved |= !gives_same_names(old, new);
            let is_same =
                outline(old) == outline(new) && property_names(new).is_subset(&property_names(old));
            if is_same {
                continue;
            }
            begin.extend(graph.find(&file.path, *part));
            for import in &old.imports {
                let found = self.view.resolver.resolve(&file.path, &import.specifier, import.kind);
                let is_it = |id: &ModuleId| found.paths().contains(&&*graph.modules[*id].path);
                begin.extend((0..graph.modules.len()).filter(is_it));
            }
        }
        Some(begin)
    }

    /// False if a difference between two versions of a module can matter to modules that neither import
    /// it nor are imported by it.
    fn may_be_compared(&self, old: &Module, new: &Module, path: &str) -> bool {
        let graph = self.view.graph;
        let others = || graph.modules.iter().filter(|node| *node.path != *path);
        let imports_variables = |module: &Module| {
            let mut imports = module.imports.iter();
            imports.any(|import| self.conventions.module(&import.specifier).is_some())
        };
        let is_free = |module: &Module, name: &str| module.free.iter().any(|it| &*it.name == name);
        let is_newly_free =
            |name: &str| !is_free(old, name) && !others().any(|other| is_free(&other.module, name));
        let was_automatic = |name: &str| {
            let is_it = |import: &AutoImport| import.is_component || import.name == name;
            !is_free(new, name) && self.names.iter().any(is_it)
        };
        old.fault.is_none()
            && new.fault.is_none()
            && !old.body.as_ref().is_some_and(has_left_values)
            && imports_variables(old) == imports_variables(new)
            && !new.free.iter().any(|free| is_newly_free(&free.name))
            && !old.free.iter().any(|free| was_automatic(&free.name))
    }

    /// The modules where code begins for other reasons than in a state before; `None` if names that need
    /// no import come from elsewhere, too.
    fn other_entries(&self, state: usize, edited: &[&str]) -> Option<Vec<ModuleId>> {
        let mut before = HashMap::new();
        for path in edited {
            let parts = self.before(path, state)?;
            let whole = parts.into_iter().find(|(part, _)| *part == ModulePart::Whole);
            before.insert(*path, whole.map(|(_, module)| module));
        }
        let old_view = ViewBefore { view: self.view, before };
        if frameworks::auto_imports(self.app, self.frameworks, &old_view) != self.names {
            return None;
        }
        let entries = |view: &dyn Modules| -> Vec<_> {
            let entries = frameworks::entries(self.app, self.frameworks, view).into_iter();
            entries.map(|(id, entry)| (id, entry.at(Span::default()))).collect()
        };
        let (old, new) = (entries(&old_view), entries(self.view));
        let gone = old.iter().filter(|entry| !new.contains(entry));
        let come = new.iter().filter(|entry| !old.contains(entry));
        let found = gone.chain(come);
        let found = found.filter_map(|(_, at)| self.view.graph.find(&at.path, at.part));
        Some(found.collect())
    }
}

/// The modules of an app as frameworks saw them before.
struct ViewBefore<'a> {
    view: &'a GraphView<'a>,
    /// The edited ones.
    before: HashMap<&'a str, Option<Arc<Module>>>,
}

impl Modules for ViewBefore<'_> {
    fn paths(&self) -> Vec<&str> {
        self.view.paths()
    }

    fn module(&self, path: &str) -> Option<&Module> {
        match self.before.get(path) {
            Some(module) => module.as_deref(),
            None => self.view.module(path),
        }
    }

    fn resolve(&self, from: &str, specifier: &str) -> Option<String> {
        self.view.resolve(from, specifier)
    }
}
