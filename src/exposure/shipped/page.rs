//! Pages that are served as they are, with their comments, attributes and inline scripts.

use super::comments::Language;
use super::ground::Ground;
use super::paths;
use super::position::Form;
use super::position::Position;
use crate::model::Kind;

/// Why a page ships.
pub(super) fn position(ground: &Ground<'_>, path: &str) -> Option<Position> {
    if !paths::ends_in(path, &["html", "htm", "xhtml"]) || paths::is_test(path) {
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
    Some(Position::new(Kind::ClientSecretLiteral, "html", why).of(form))
}
