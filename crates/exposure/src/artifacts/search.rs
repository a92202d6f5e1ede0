//! The search for secrets in files that ship as they are.

use rayon::prelude::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::artifacts::build_output::OutputSide;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::placement::Placement;
use crate::artifacts::{
    android, app_packages, apple, browser_extensions, build_output, documents, flutter, gradle,
    pages, paths, placement,
};
use crate::input::FoundKey;
use crate::leak::{FileSpan, Leak, Side, SidedSecret};
use crate::notice::AnalysisNotice;

/// How many files a thread searches with one context, at least.
const CHUNK: usize = 32;

/// The secrets in the files of an app that ship as they are, and those that stay in its server's
/// output.
#[derive(Debug, Default)]
pub(crate) struct ArtifactSecrets {
    /// The secrets that ship.
    pub(crate) leaks: Vec<Leak>,
    /// The secrets in output for servers.
    pub(crate) sided: Vec<SidedSecret>,
    /// Files that are not what their placement says.
    pub(crate) notices: Vec<AnalysisNotice>,
}

/// Searches the files in `seeds` that belong to the app. Each thread has a context of its own.
pub(crate) fn secrets<'c>(
    context: &(impl Fn() -> ArtifactContext<'c> + Sync),
    seeds: &[String],
) -> ArtifactSecrets {
    let app = context();
    let own = seeds.iter().filter(|path| app.owns(path) && !paths::is_foreign(path));
    let own: Vec<&String> = own.collect();
    let each: Vec<ArtifactSecrets> = own
        .into_par_iter()
        .with_min_len(CHUNK)
        .map_init(context, |context, path| {
            let mut found = ArtifactSecrets::default();
            search_file(context, path, &mut found);
            found
        })
        .collect();
    let mut found = ArtifactSecrets::default();
    for one in each {
        found.leaks.extend(one.leaks);
        found.sided.extend(one.sided);
        found.notices.extend(one.notices);
    }
    found.leaks.sort_by(|a, b| (&a.at, a.kind).cmp(&(&b.at, b.kind)));
    found.leaks.dedup_by(|a, b| a.at == b.at && a.subject == b.subject && a.kind == b.kind);
    found
}

fn search_file(context: &ArtifactContext<'_>, path: &str, found: &mut ArtifactSecrets) {
    let Some(text) = context.text(path) else { return };
    match placement(context, path, &text) {
        Some(placement) => {
            if let Some(message) = placement.fault(&text) {
                found.notices.push(context.unreadable(path, message));
            } else {
                found.leaks.extend(placement.leaks(context, path, &text));
            }
        }
        None if build_output::side(context, path, &text) == OutputSide::Server => {
            found.sided.extend(server_secrets(context, path, &text));
        }
        None => {}
    }
    found.leaks.extend(indirect_leaks(context, path, &text));
}

/// The placement of a file, by the most specific reason.
fn placement(context: &ArtifactContext<'_>, path: &str, text: &str) -> Option<Placement> {
    android::placement(context, path, text)
        .or_else(|| apple::placement(context, path, text))
        .or_else(|| flutter::placement(context, path))
        .or_else(|| app_packages::placement(context, path, text))
        .or_else(|| build_output::placement(context, path, text))
        .or_else(|| browser_extensions::placement(context, path, text))
        .or_else(|| pages::placement(context, path))
        .or_else(|| documents::placement(context, path, text))
}

/// Secrets that ship though the file itself does not, or though they are not written in it.
fn indirect_leaks(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    let mut leaks = android::named(context, path, text);
    leaks.extend(gradle::leaks(context, path, text));
    leaks.extend(apple::leaks(context, path, text));
    leaks.extend(flutter::leaks(context, path, text));
    leaks
}

fn server_secrets(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<SidedSecret> {
    let sided = |key: FoundKey| SidedSecret {
        at: FileSpan { path: path.into(), span: placement::span(&key.range) },
        side: Side::Server,
        framework: Some("bundle"),
    };
    context.secrets(text).into_iter().map(sided).collect()
}
