//! Secrets in files that ship as they are: build output, static files, pages, browser extensions
//! and what app packages take along. Their position alone tells it, no import is followed.

mod android;
mod apple;
mod comments;
mod extension;
mod flutter;
pub(crate) mod framework_folders;
mod gradle;
mod ground;
mod maps;
mod output;
mod packaged;
mod page;
mod paths;
mod position;
mod xml;

pub(crate) use ground::ArtifactContext;
pub(crate) use ground::Copied;
pub(crate) use output::Output;
pub(crate) use output::is_output;

use position::Placement;

use crate::analysis::Analysis;
use crate::js::ir::Span;
use crate::leak::{FileSpan, Leak, Side, SidedSecret};

/// The secrets of `seeds`, as far as they are files of `ground`, that ship by their position.
pub(crate) fn leaks(ground: &ArtifactContext<'_>, seeds: &[String]) -> Analysis {
    let mut found = Analysis::default();
    for path in seeds {
        if ground.owns(path) && !paths::is_foreign(path) {
            look_at(ground, path, &mut found);
        }
    }
    found.leaks.sort_by(|a, b| (&a.at, a.kind).cmp(&(&b.at, b.kind)));
    found.leaks.dedup_by(|a, b| a.at == b.at && a.subject == b.subject && a.kind == b.kind);
    found
}

fn look_at(ground: &ArtifactContext<'_>, path: &str, found: &mut Analysis) {
    let Some(text) = ground.text(path) else { return };
    match position(ground, path, &text) {
        Some(position) => {
            if let Some(message) = position.fault(&text) {
                found.notices.push(ground.unreadable(path, message));
            } else {
                found.leaks.extend(position.leaks(ground, path, &text));
            }
        }
        None if is_output(ground, path, &text) == Output::Server => {
            found.sided.extend(server_secrets(ground, path, &text));
        }
        None => {}
    }
    found.leaks.extend(indirect(ground, path, &text));
}

/// Why a file ships, the most specific reason first.
fn position(ground: &ArtifactContext<'_>, path: &str, text: &str) -> Option<Placement> {
    android::position(ground, path, text)
        .or_else(|| apple::position(ground, path, text))
        .or_else(|| flutter::position(ground, path))
        .or_else(|| packaged::position(ground, path, text))
        .or_else(|| output::position(ground, path, text))
        .or_else(|| extension::position(ground, path, text))
        .or_else(|| page::position(ground, path))
}

/// What ships though the file itself does not, or though the secret is not written down in it.
fn indirect(ground: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    let mut leaks = android::named(ground, path, text);
    leaks.extend(gradle::leaks(ground, path, text));
    leaks.extend(apple::leaks(ground, path, text));
    leaks.extend(flutter::leaks(ground, path, text));
    leaks
}

fn server_secrets(ground: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<SidedSecret> {
    let sided = |key: crate::input::FoundKey| SidedSecret {
        at: FileSpan { path: path.into(), span: position::span(&key.range) },
        side: Side::Server,
        framework: Some("bundle"),
    };
    ground.secrets(text).into_iter().map(sided).collect()
}

/// The first byte of a file: the place of a step that is about all of it.
fn top_of(path: &str) -> FileSpan {
    FileSpan { path: path.into(), span: Span::default() }
}

#[cfg(test)]
mod tests;
