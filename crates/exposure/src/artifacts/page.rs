//! Pages that are served as they are, with their comments, attributes and inline scripts.

use crate::artifacts::comments::Language;
use crate::artifacts::ground::ArtifactContext;
use crate::artifacts::paths;
use crate::artifacts::position::{Form, Placement};
use crate::leak::LeakKind;
use crate::project::conventions::is_test_artifact;

/// Why a page ships.
pub(crate) fn position(ground: &ArtifactContext<'_>, path: &str) -> Option<Placement> {
    if !paths::ends_in(path, &["html", "htm", "xhtml"]) || is_test_artifact(path) {
        return None;
    }
    let why = if paths::name(path).ends_with(".component.html") {
        "the template of a component is part of the app"
    } else {
        "a page is served with all that stands in it"
    };
    // A template of Angular is compiled, and its comments are not.
    let is_compiled = paths::name(path).ends_with(".component.html")
        && ground.package(path).is_some_and(|(_, package)| package.depends_on("@angular/core"));
    let form = if is_compiled { Form::Code(Language::Markup) } else { Form::Page };
    Some(Placement::new(LeakKind::ClientSecretLiteral, "html", why).of(form))
}
