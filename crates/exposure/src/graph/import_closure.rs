//! Collects the modules of an app: its own, and the modules of the project that they import.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::graph::load::{Links, Loader, SourceFile};
use crate::js::ir::ParseDepth;
use crate::notice::AnalysisNotice;
use crate::project::resolve::{Resolved, Resolver};

/// The files of an app with modules, by path.
pub(crate) type AppModules<'p> = BTreeMap<Arc<str>, Member<'p>>;

/// A file of an app.
pub(crate) struct Member<'p> {
    /// Its modules.
    pub(crate) file: Arc<SourceFile<'p>>,
    /// Its resolved imports, if the app has aliases of its own.
    own_links: Option<Links<'p>>,
}

impl<'p> Member<'p> {
    /// A file whose imports a resolver resolves.
    pub(crate) fn new(file: Arc<SourceFile<'p>>, resolver: &Resolver<'p>) -> Self {
        let own_links = if resolver.has_aliases(&file.path) {
            Some(links(&file, resolver))
        } else {
            file.links.get_or_init(|| links(&file, resolver));
            None
        };
        Self { file, own_links }
    }

    /// The resolved imports of each module of the file.
    pub(crate) fn links(&self) -> &[Vec<Resolved<'p>>] {
        self.own_links.as_ref().or(self.file.links.get()).map_or(&[], Vec::as_slice)
    }
}

fn links<'p>(file: &SourceFile<'p>, resolver: &Resolver<'p>) -> Links<'p> {
    let links = file.modules.iter().map(|(_, module)| {
        let imports = module.imports.iter();
        let resolved = imports.map(|it| resolver.resolve(&file.path, &it.specifier, it.kind));
        resolved.collect()
    });
    links.collect()
}

/// Loads `paths`, then the files that they import, and so on for up to `rounds` rounds.
pub(crate) fn import_closure<'p>(
    loader: &Loader<'p>,
    resolver: &Resolver<'p>,
    paths: &[&str],
    depth: Option<ParseDepth>,
    rounds: usize,
) -> (AppModules<'p>, Vec<AnalysisNotice>) {
    let mut members = AppModules::new();
    let mut notices = Vec::new();
    let mut asked: HashSet<&str> = paths.iter().copied().collect();
    let mut next = paths.to_vec();
    for _ in 0..=rounds {
        let (files, said) = loader.load(&next, depth);
        notices.extend(said);
        let new: Vec<Member<'p>> =
            files.into_par_iter().map(|file| Member::new(file, resolver)).collect();
        let imported = new.iter().flat_map(|member| member.links().iter().flatten());
        let imported: BTreeSet<&str> =
            imported.flat_map(|resolved| resolved.paths()).copied().collect();
        next = imported.into_iter().filter(|path| asked.insert(path)).collect();
        members.extend(new.into_iter().map(|member| (Arc::clone(&member.file.path), member)));
        if next.is_empty() {
            break;
        }
    }
    (members, notices)
}
