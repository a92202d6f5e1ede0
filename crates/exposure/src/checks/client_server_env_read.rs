//! `client-server-env-read`: client code reads a secret variable that the bundler leaves out, so
//! that it is undefined there.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::checks::check::Check;
use crate::checks::checker::context;
use crate::checks::env_reads::{EnvRead, is_read_at};
use crate::checks::kind_texts::KindTexts;
use crate::checks::module::CheckedModule;
use crate::eval::names::name_of;
use crate::eval::value::Value;
use crate::frameworks::Inlining;
use crate::graph::modules::BindingId;
use crate::js::ir::{Expr, ExprNode, PropertyKey, Span, Symbol, SymbolValue};
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::severity::Severity;
use crate::variables::read::EnvRoot;

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::ClientServerEnvRead,
    texts: KindTexts {
        title: "{} is read in client code, where it is undefined",
        message: "Client code reads {}, which only a server has",
        meaning: "Client code reads a secret variable that the bundler leaves out.",
        why: "The variable is undefined there, so the code does not work. The usual way to make \
              it work, a public prefix for its name, would give the secret to everybody.",
        fix: "Read the variable in server code, and let client code call the server; do not give \
              the variable a public prefix.",
        cwe: 200,
        is_published: false,
        example: &[
            ("package.json", r#"{ "dependencies": { "next": "15.1.0" } }"#),
            ("app/widget.tsx", "'use client'\nsend(process.env.ACME_SECRET_KEY)"),
        ],
    },
    fix: |context| format!("Read {} {}.", context.read(), context.in_server_code()),
};

/// The leaks of reads that the bundler leaves as they are.
pub(crate) fn leaks(module: &CheckedModule<'_, '_>, reads: &[EnvRead]) -> Vec<Leak> {
    let mut left: Vec<&EnvRead> =
        reads.iter().filter(|read| read.inlining == Inlining::No).collect();
    // The build fails where client code imports these.
    left.retain(|read| !matches!(read.root, EnvRoot::PrivateModule | EnvRoot::ServerModule));
    left.retain(|read| !is_packaged(module, read.place));
    if left.is_empty() {
        return Vec::new();
    }
    let checked = checked_lists(module);
    left.retain(|read| {
        !checked.iter().any(|list| list.contains(read.at.span))
            && !is_unused_setting(module, read.place, &read.at)
    });
    left.into_iter().map(|read| leak(module, read)).collect()
}

fn leak(module: &CheckedModule<'_, '_>, read: &EnvRead) -> Leak {
    let EnvRead { taint, name, at, place, .. } = read;
    let mut leak = module.checker.leak(&CHECK, taint.key_kind, at.clone(), *place, read.guard);
    leak.subject = LeakSubject::Name(name.to_string());
    leak.severity = leak.severity.min(Severity::Warning);
    let note = format!("reads {name}, which is undefined in the client");
    leak.trace.push(TraceStep { at: at.clone(), kind: StepKind::Source, note });
    leak.related.extend(module.checker.declared(name));
    leak
}

/// True if a place ships because the whole package does, although a server-like process runs it: it
/// reads its variables when it runs.
fn is_packaged(module: &CheckedModule<'_, '_>, place: BindingId) -> bool {
    module.checker.client.root(place).is_some_and(|root| root.is_packaged)
}

/// The lists of variables that t3-env and similar packages check: clients cannot read their server
/// part.
fn checked_lists(module: &CheckedModule<'_, '_>) -> Vec<Span> {
    let is_list = |node: &&ExprNode| match &node.expr {
        Expr::Call { callee, .. } => {
            let external = module.evaluator.external(module.id, *callee);
            external.is_some_and(|(package, name)| {
                name == "createEnv" || package.starts_with("@t3-oss/env")
            })
        }
        _ => false,
    };
    module.body.nodes.iter().filter(is_list).map(|node| node.span).collect()
}

/// True if a read is the value of a setting that no client code names: `secret` of
/// `export const env = { secret: process.env.X, … }`, which servers share with clients. It is
/// undefined there, and nothing asks for it.
fn is_unused_setting(module: &CheckedModule<'_, '_>, place: BindingId, at: &FileSpan) -> bool {
    let (body, read) = (module.body, at.span);
    if !module.checker.server.has(place) {
        return false;
    }
    let mut name = None;
    let mut is_returned = false;
    // From the read outwards: children come before their parents.
    for (id, node) in body.nodes.iter().enumerate() {
        if !node.span.contains(read) {
            continue;
        }
        match &node.expr {
            Expr::Object(properties) if name.is_none() => {
                let mut own = properties.iter().filter(|property| property.span.contains(read));
                let Some(PropertyKey::Name(key)) = own.next().map(|property| &property.key) else {
                    return false;
                };
                name = Some(key);
            }
            // Settings may be the result of a function.
            Expr::Function(_) if !is_returned => return false,
            Expr::Element(_) => return false,
            // A function that is called with settings may use them all, unless it returns them.
            Expr::Call { callee, is_new, .. } if name.is_some() => {
                let called = name_of(body, *callee);
                let last = called.rsplit('.').next().unwrap_or_default();
                let gives_back =
                    matches!(last, "freeze" | "parse" | "safeParse") || last.starts_with("define");
                if *is_new || !gives_back {
                    return false;
                }
            }
            _ => {}
        }
        let function = module.context(node.context).function;
        let function = function.and_then(|it| body.functions.get(it as usize));
        is_returned =
            function.is_some_and(|it| it.returns.iter().any(|given| *given as usize == id));
    }
    name.is_some_and(|name| !is_asked_for(module, name, at))
}

/// True if client code gets at the value that is read at `read` by a property of this name.
fn is_asked_for(module: &CheckedModule<'_, '_>, name: &str, read: &FileSpan) -> bool {
    let CheckedModule { checker, evaluator, .. } = *module;
    let holds = |value: &Value| {
        value.taints().into_iter().any(|taint| is_read_at(taint, &read.path, read.span))
    };
    let all = checker.graph.modules.iter().enumerate();
    let all = all.filter(|(id, _)| checker.suspects.has_module(checker.graph, *id));
    all.filter_map(|(id, node)| Some((id, node.module.body.as_ref()?))).any(|(id, body)| {
        if !checker.client.has_module(id) {
            return false;
        }
        let ships = |binding: usize| checker.client.has(BindingId { module: id, binding });
        let is_member = |node: &ExprNode| match &node.expr {
            Expr::Member(_, property) => &**property == name,
            Expr::Index(_, index) => {
                let index = body.node(*index).map(|it| &it.expr);
                matches!(index, Some(Expr::Text(text)) if &**text == name)
            }
            _ => false,
        };
        let is_assigned = |id: usize| body.assignments.iter().any(|it| it.0 as usize == id);
        let is_read = |(expr, node): (usize, &ExprNode)| {
            let context = context(body, node.context);
            is_member(node)
                && !context.guard.is_for_servers()
                && ships(context.binding)
                && !is_assigned(expr)
                && holds(&evaluator.value(id, expr as u32))
        };
        let is_destructured = |(number, symbol): (usize, &Symbol)| match &symbol.value {
            SymbolValue::Init { path, .. } | SymbolValue::Parameter { path, .. } => {
                let binding = || checker.graph.binding_at(id, symbol.span);
                path.iter().any(|part| &**part == name)
                    && ships(symbol.binding.unwrap_or_else(binding))
                    && holds(&evaluator.named(id, number as u32))
            }
            SymbolValue::Function(_) | SymbolValue::Import | SymbolValue::Unknown => false,
        };
        body.nodes.iter().enumerate().any(is_read)
            || body.symbols.iter().enumerate().any(is_destructured)
    })
}
