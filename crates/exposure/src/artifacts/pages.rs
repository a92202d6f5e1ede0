//! Pages that are served without change, with their comments, attributes and inline scripts.

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::paths;
use crate::artifacts::placement::{Form, Placement};
use crate::leak::LeakKind;
use crate::project::conventions::is_test_artifact;

/// The placement of a page.
pub(crate) fn placement(context: &ArtifactContext<'_>, path: &str) -> Option<Placement> {
    if !paths::ends_in(path, &["html", "htm", "xhtml"]) || is_test_artifact(path) {
        return None;
    }
    let template = context.frameworks.templates.iter().find(|it| path.ends_with(it.ending));
    let why = if template.is_some() {
        "the template of a component is part of the app"
    } else {
        "a page is served with everything in it"
    };
    let is_compiled = template.is_some_and(|template| {
        let package = context.package(path);
        package.is_some_and(|(_, it)| template.packages.iter().any(|name| it.depends_on(name)))
    });
    let form = if is_compiled { Form::Code(Language::Markup) } else { Form::Page };
    Some(Placement::new(LeakKind::ClientSecretLiteral, "html", why).of(form))
}
