//! Finds the client package behind a callee, a tag or the target of an assignment.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::checks::client_packages::ClientPackage;
use crate::checks::module::CheckedModule;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, ModuleId};
use crate::js::ir::{Body, Expr, ExprId, Imported, SymbolValue};

/// How many steps are followed, through properties, variables, calls and modules.
const MAX_STEPS: usize = 12;

/// Something that comes from a client package.
pub(super) struct OfPackage<'c, 'a> {
    /// The package.
    pub(super) package: &'c ClientPackage<'a>,
    /// The names from the package to it; none for the package itself and its default export.
    pub(super) names: Vec<&'a str>,
}

/// Where an expression comes from.
pub(super) enum Source<'c, 'a> {
    /// A client package.
    Package(OfPackage<'c, 'a>),
    /// Another package.
    Other,
    /// It is not known.
    Unknown,
}

impl<'a> OfPackage<'_, 'a> {
    /// The last of the names.
    pub(super) fn name(&self) -> Option<&'a str> {
        self.names.last().copied()
    }
}

/// Where an expression of a module comes from: an export of a package, a property of one, or something
/// that a call of the package returned.
pub(super) fn source_of<'c, 'a>(module: &CheckedModule<'c, 'a>, expr: ExprId) -> Source<'c, 'a> {
    let (mut home, mut at) = (module.id, expr);
    let mut found: Option<(&'c ClientPackage<'a>, &'a str)> = None;
    // The names in between, the last one first.
    let mut names = [""; MAX_STEPS];
    let mut count = 0;
    for _ in 0..MAX_STEPS {
        if let Some((specifier, name)) = module.evaluator.external(home, at) {
            let Some(package) = module.checker.client_package(specifier) else {
                return Source::Other;
            };
            found = Some((package, name));
            break;
        }
        let Some(body) = module.evaluator.body(home) else { break };
        let Some((name, next)) = step(module, body, (home, at)) else { break };
        if let Some(name) = name {
            // The result of a call has no name of its own.
            if !name.is_empty() || count == 0 {
                names[count] = name;
                count += 1;
            }
        }
        (home, at) = next;
    }
    let Some((package, export)) = found else { return Source::Unknown };
    let export = Some(export).filter(|export| !matches!(*export, "*" | "default"));
    let names = export.into_iter().chain(names[..count].iter().rev().copied());
    Source::Package(OfPackage { package, names: names.collect() })
}

/// One step from an expression towards the package: the name that is left behind, empty for the
/// result of a call, and the expression that comes next.
type PackageStep<'a> = (Option<&'a str>, (ModuleId, ExprId));

fn step<'a>(
    module: &CheckedModule<'_, 'a>,
    body: &'a Body,
    (home, at): (ModuleId, ExprId),
) -> Option<PackageStep<'a>> {
    match &body.node(at)?.expr {
        Expr::Member(object, property) => Some((Some(property), (home, *object))),
        Expr::Call { callee, .. } => Some((Some(""), (home, *callee))),
        Expr::Symbol(symbol) => {
            let symbol = body.symbols.get(*symbol as usize)?;
            match &symbol.value {
                SymbolValue::Init { expr, path, .. } => {
                    let is_there = (*expr as usize) < body.nodes.len();
                    let name = path.last().map(|name| &**name);
                    is_there.then_some((name, (home, *expr)))
                }
                SymbolValue::Import => {
                    let place = BindingId { module: home, binding: symbol.binding? };
                    let graph = module.checker.graph;
                    let Definition::Binding(place) = graph.definition(place) else { return None };
                    let own = graph.modules[place.module].module.bindings.get(place.binding)?;
                    let body = module.evaluator.body(place.module)?;
                    let own = body.symbols.get(own.symbol? as usize)?;
                    let SymbolValue::Init { expr, path, .. } = &own.value else { return None };
                    let is_there = (*expr as usize) < body.nodes.len();
                    let name = path.last().map(|name| &**name);
                    is_there.then_some((name, (place.module, *expr)))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The package and the export that a tag in the template of a component names.
pub(super) fn source_of_tag<'c, 'a>(
    module: &CheckedModule<'c, 'a>,
    tag: &str,
) -> Option<OfPackage<'c, 'a>> {
    let mut symbols = module.body.symbols.iter();
    let symbol = symbols.find(|it| it.binding.is_some() && is_same_name(&it.name, tag))?;
    let place = module.place(symbol.binding?);
    let Definition::External { specifier, name } = module.checker.graph.definition(place) else {
        return None;
    };
    let package = module.checker.client_package(specifier)?;
    let names = match name {
        Imported::Name(name) if name != "default" => vec![name.as_str()],
        Imported::Name(_) | Imported::All => Vec::new(),
    };
    Some(OfPackage { package, names })
}

/// True for one name in two spellings: `AcmeBox` and `acme-box`.
pub(super) fn is_same_name(one: &str, other: &str) -> bool {
    one == other || letters(one).eq(letters(other))
}

fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| *byte != b'-').map(|letter| letter.to_ascii_lowercase())
}
