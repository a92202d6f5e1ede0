//! Short notations of modules.

use crate::frameworks;
use crate::js::guard::{Absence, Guard};
use crate::js::ir::{
    BindingTarget, Body, Element, Erased, ExportSource, Expr, ExprId, Imported, MODULE_INIT,
    Module, ParseDepth, Property, PropertyKey, SymbolValue, WITHIN,
};
use crate::js::markup::cut::module_sources;
use crate::js::parse::module_parser::ModuleParser;

pub(super) fn module(path: &str, text: &str, depth: ParseDepth) -> Module {
    let sources = module_sources(path, text);
    ModuleParser::new(0, &frameworks::tables().code).parse(&sources[0], depth)
}

/// A module in a line, a part for each fact.
pub(super) fn shape(path: &str, text: &str) -> String {
    let module = module(path, text, ParseDepth::Shape);
    let mut lines = Vec::new();
    for directive in &module.directives {
        lines.push(format!("'{}'", directive.text));
    }
    for import in &module.imports {
        let erased = match import.erased {
            Erased::No => "",
            Erased::Type => " type",
            Erased::Unused => " unused",
        };
        lines.push(format!("{:?} {}{erased}", import.kind, import.specifier));
    }
    let name = |binding: usize| match binding {
        MODULE_INIT => "*",
        other => &*module.bindings[other].name,
    };
    for binding in &module.bindings {
        let mut line = if binding.name.is_empty() { "*" } else { &*binding.name }.to_owned();
        if let BindingTarget::Imported { import, name } = &binding.target {
            line += &match name {
                Imported::Name(name) => format!(" = {name} of {import}"),
                Imported::All => format!(" = {import}"),
            };
        }
        for import in &binding.imports {
            line += &format!(" <{import}>");
        }
        for used in &binding.uses {
            let member = used
                .member
                .as_ref()
                .map_or(String::new(), |name| format!(".{}", name.replace(WITHIN, ".")));
            let guard = match used.guard {
                Guard::None => "",
                // Nothing tells yet if such calls are dropped.
                Guard::LeftOut(Absence::Call(_)) => "",
                Guard::LeftOut(_) => "~",
                Guard::Client => "+",
                Guard::Server => "?",
                Guard::Function => "!",
            };
            line += &format!(" {}{member}{guard}", name(used.binding));
        }
        if line != "*" {
            lines.push(line);
        }
    }
    for export in &module.exports {
        lines.push(match &export.source {
            ExportSource::Binding(binding) => {
                format!("export {} {}", export.name, name(*binding))
            }
            ExportSource::Import { import, name: Imported::Name(name) } => {
                format!("export {} {name} of {import}", export.name)
            }
            ExportSource::Import { import, name: Imported::All } => {
                format!("export {} {import}", export.name)
            }
        });
    }
    if module.page_call.is_some() {
        lines.push("page".to_owned());
    }
    if let Some(fault) = &module.fault {
        lines.push(format!("fault {}", fault.message));
    }
    lines.join("; ")
}

#[track_caller]
pub(super) fn assert_shapes(path: &str, cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, expected)| {
            let found = shape(path, text);
            (found != *expected)
                .then(|| format!("{text}\n  found    {found}\n  expected {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An expression in a few letters.
pub(super) fn written(body: &Body, id: ExprId) -> String {
    let list =
        |ids: &[ExprId]| ids.iter().map(|id| written(body, *id)).collect::<Vec<_>>().join(" ");
    let properties = |all: &[Property]| {
        let one = |property: &Property| {
            let value = written(body, property.value);
            match &property.key {
                PropertyKey::Name(name) => format!("{name}:{value}"),
                PropertyKey::Computed(key) => format!("[{}]:{value}", written(body, *key)),
                PropertyKey::Spread => format!("...{value}"),
            }
        };
        all.iter().map(one).collect::<Vec<_>>().join(" ")
    };
    match &body.nodes[id as usize].expr {
        Expr::Text(text) => format!("'{text}'"),
        Expr::Literal(text) => text.to_string(),
        Expr::Concat(ids) => format!("+({})", list(ids)),
        Expr::Symbol(symbol) => body.symbols[*symbol as usize].name.to_string(),
        Expr::Global(name) => format!("@{name}"),
        Expr::Member(object, name) => format!("{}.{name}", written(body, *object)),
        Expr::Index(object, index) => {
            format!("{}[{}]", written(body, *object), written(body, *index))
        }
        Expr::Call { callee, arguments, is_new } => {
            let new = if *is_new { "new " } else { "" };
            format!("{new}{}({})", written(body, *callee), list(arguments))
        }
        Expr::Object(all) => format!("{{{}}}", properties(all)),
        Expr::Array(ids) => format!("[{}]", list(ids)),
        Expr::Spread(id) => format!("...{}", written(body, *id)),
        Expr::Function(function) => {
            let function = &body.functions[*function as usize];
            format!("{}=>{}", function.name, list(&function.returns))
        }
        Expr::Union(ids) => format!("?({})", list(ids)),
        Expr::Element(element) => {
            let Element { name, tag, attributes, children } = &**element;
            let tag = tag.map_or(String::new(), |tag| format!("={}", written(body, tag)));
            format!("<{name}{tag} {}>{}", properties(attributes), list(children))
        }
        Expr::ImportMeta => "meta".to_owned(),
        Expr::Import(import) => format!("import {import}"),
        Expr::Caught { thrown, .. } => format!("caught {}", list(thrown)),
        Expr::RegExp(text) => format!("/{text}/"),
        Expr::Other => "_".to_owned(),
    }
}

/// The value of the name `x`: its initialiser, the path in it, its default, its assignments.
pub(super) fn value(text: &str) -> String {
    let module = module("a.tsx", text, ParseDepth::Body);
    let body = module.body.as_ref().expect("asked for");
    let symbol = body.symbols.iter().find(|symbol| &*symbol.name == "x").expect("has an x");
    let way = |path: &[Box<str>], default: Option<ExprId>| {
        let mut way: String = path.iter().map(|step| format!(" .{step}")).collect();
        if let Some(default) = default {
            way += &format!(" = {}", written(body, default));
        }
        way
    };
    let mut line = match &symbol.value {
        SymbolValue::Init { expr, path, default } => written(body, *expr) + &way(path, *default),
        SymbolValue::Parameter { function, index, path, default } => {
            let function = &body.functions[*function as usize].name;
            format!("{function}#{index}{}", way(path, *default))
        }
        SymbolValue::Function(function) => {
            let function = &body.functions[*function as usize];
            let returns: Vec<_> = function.returns.iter().map(|id| written(body, *id)).collect();
            let more = if function.has_statements { " more" } else { "" };
            format!("{}=>{}{more}", function.name, returns.join(" "))
        }
        SymbolValue::Import => "import".to_owned(),
        SymbolValue::Unknown => "?".to_owned(),
    };
    for id in &symbol.assigned {
        line += &format!(", {}", written(body, *id));
    }
    line
}
