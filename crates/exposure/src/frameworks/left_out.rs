//! Which conditions the builds of an app decide, so that they leave out code.

use crate::app::App;
use crate::eval::value::Value;
use crate::framework_id::FrameworkId;
use crate::frameworks::dropped::dropped;
use crate::frameworks::facts::BuiltBy;
use crate::frameworks::framework::Framework;
use crate::frameworks::modes::{constant_variables, production_mode};
use crate::graph::reach_root::ReachRoot;
use crate::js::guard::{Absence, BuildValue, CodeWord, Guard};

/// The conditions that the builds of an app decide, by the framework that says where code begins.
pub(crate) struct LeftOut {
    by_framework: Vec<(FrameworkId, Vec<Absence>)>,
}

impl LeftOut {
    /// The conditions of an app.
    pub(crate) fn new(app: &App<'_>, frameworks: &[&'static dyn Framework]) -> Self {
        let of = |framework: &&'static dyn Framework| framework.left_out(app);
        // Pages and extensions say where code begins; the bundler that they are built with, if any,
        // decides.
        let pages = frameworks.iter().filter(|it| it.facts().builds_pages).flat_map(of);
        let (pages, all): (Vec<_>, Vec<_>) =
            (pages.collect(), frameworks.iter().flat_map(of).collect());
        let (dropped, mode) = (dropped(app), production_mode(app));
        let prefixes: Vec<String> =
            frameworks.iter().flat_map(|framework| framework.public_prefixes(app)).collect();
        let variables = constant_variables(app, &prefixes);
        let keeps_objects = keeps_objects(app);
        let by_framework = frameworks.iter().map(|framework| {
            let mut own = match framework.facts().built_by {
                BuiltBy::Itself => framework.left_out(app),
                BuiltBy::BuildersOfPages => pages.clone(),
                BuiltBy::AnyBundler => all.clone(),
            };
            if keeps_objects && own.contains(&Absence::MetaHot) {
                own.retain(|absence| *absence != Absence::UnusedProperty);
            }
            if mode.as_deref() != Some("production") && own.contains(&Absence::IN_PRODUCTION) {
                own.retain(|absence| *absence != Absence::IN_PRODUCTION);
                let other = mode.as_deref().map(CodeWord::new);
                own.extend(other.map(|word| Absence::IsNot(BuildValue::Mode, word)));
            }
            if !own.is_empty() {
                own.extend(&dropped);
            }
            if own.contains(&Absence::Never) {
                own.extend(&variables);
            }
            (framework.id(), own)
        });
        Self { by_framework: by_framework.collect() }
    }

    /// The reason why a build lacks code under a guard that is reached from a root, if it does.
    pub(crate) fn absence(&self, guard: Guard, root: &ReachRoot) -> Option<Absence> {
        let Guard::LeftOut(absence) = guard else { return None };
        let own = self.by_framework.iter().find(|(framework, _)| *framework == root.framework);
        own.is_some_and(|(_, decided)| absence.is_among(decided)).then_some(absence)
    }
}

/// True if Vite builds with Rolldown, since version 8, which keeps properties that no code reads.
pub(super) fn keeps_objects(app: &App<'_>) -> bool {
    app.package.as_ref().and_then(|package| package.major("vite")) >= Some(8)
}

/// True if builds with a configuration of webpack are for production.
pub(super) fn is_for_production(app: &App<'_>, config: &Value) -> bool {
    let mode = config.field("mode");
    mode.is_none_or(|mode| mode.value.text() == Some("production")) && !builds_in_other_mode(app)
}

/// True if a command of package.json builds in another mode than that for production: `--mode
/// staging`.
pub(super) fn builds_in_other_mode(app: &App<'_>) -> bool {
    let scripts = app.package.iter().flat_map(|package| &package.scripts);
    let mut builds = scripts.flat_map(|(name, script)| {
        let is_build = name.contains("build");
        script.split(['&', ';', '|']).map(move |part| (is_build, part))
    });
    builds.any(|(is_build, part)| {
        let words: Vec<&str> = part.split([' ', '=']).filter(|word| !word.is_empty()).collect();
        let at = words.iter().position(|word| matches!(*word, "--mode" | "-m"));
        let mode = at.and_then(|at| words.get(at + 1));
        (is_build || words.contains(&"build")) && mode.is_some_and(|mode| *mode != "production")
    })
}
