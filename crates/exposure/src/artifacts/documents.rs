//! Documents that a site generator renders into pages.

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::paths;
use crate::artifacts::placement::{Form, Placement};
use crate::leak::LeakKind;

/// The placement of a document.
pub(crate) fn placement(
    context: &ArtifactContext<'_>,
    path: &str,
    text: &str,
) -> Option<Placement> {
    if !paths::ends_in(path, &["md", "mdx", "markdown", "mdoc"]) || is_draft(text) {
        return None;
    }
    let (file, package) = context.package(path)?;
    let root = crate::paths::folder(&file);
    let relative = crate::paths::below(path, root)?;
    // Parts with an underscore in front are left out of sites, or taken in by other documents.
    if relative.split('/').any(|part| part.starts_with('_')) {
        return None;
    }
    let folder = context.frameworks.documents.iter().find(|folder| {
        let holds = |inner: &str| {
            let place = crate::paths::join_name(folder.path, inner);
            let place = crate::paths::join_name(root, &place);
            context.below(&place).next().is_some()
        };
        folder.packages.iter().any(|name| package.depends_on(name))
            && (folder.path.is_empty() || crate::paths::is_below(relative, folder.path))
            && folder.holds.is_none_or(holds)
    })?;
    let why = "a document is rendered into a page with all of its text";
    let placement = Placement::new(LeakKind::ClientSecretLiteral, folder.framework.name(), why);
    // Comments of MDX are code; those of Markdown stay in the page.
    let is_code = paths::ends_in(path, &["mdx"]);
    Some(if is_code { placement.of(Form::Code(Language::Document)) } else { placement })
}

/// True if the lines in front of a document say that it is a draft, which sites leave out.
fn is_draft(text: &str) -> bool {
    let front = text.strip_prefix("---").and_then(|rest| rest.split_once("\n---"));
    front.is_some_and(|(front, _)| {
        front.lines().any(|line| {
            let line: String = line.split_whitespace().collect();
            line == "draft:true"
        })
    })
}
