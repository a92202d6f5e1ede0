//! Reads of environment variables: the objects and packages that have them.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::sync::Arc;

use crate::eval::evaluator::Evaluator;
use crate::eval::names::names_of;
use crate::eval::value::{Taint, TaintOrigin, Value};
use crate::eval::variable_modules::PROCESS;
use crate::graph::modules::ModuleId;
use crate::js::ir::{Body, Expr, ExprId, Imported, Span, SymbolValue};
use crate::leak::FileSpan;
use crate::variables::conventions::VariableModule;
use crate::variables::read::{EnvRoot, ReadForm};

impl<'a> Evaluator<'a> {
    /// True if a variable, or a property of the runtime configuration, of this name is secret.
    pub(crate) fn is_secret_name(&self, name: &'a str) -> bool {
        let is_secret = || {
            self.env.secret_property(name).is_some()
                || self.runtime.is_some_and(|runtime| runtime.has_secret(name))
        };
        *self.secret_names.borrow_mut().entry(name).or_insert_with(is_secret)
    }

    /// The value of a read variable.
    pub(super) fn variable(
        &self,
        name: &str,
        root: EnvRoot,
        form: ReadForm,
        at: FileSpan,
    ) -> Value {
        let key_kind = match root {
            EnvRoot::RuntimeConfig(_) | EnvRoot::PublicRuntimeConfig(_) => {
                self.env.secret_property(name)
            }
            EnvRoot::Process
            | EnvRoot::ImportMeta
            | EnvRoot::Runtime
            | EnvRoot::NativeConfig
            | EnvRoot::PrivateModule
            | EnvRoot::PublicModule
            | EnvRoot::ServerModule => self.env.secret(name),
        };
        match key_kind {
            None => Value::Variable,
            Some(key_kind) => Value::Secret(Arc::new(Taint {
                key_kind,
                origin: TaintOrigin::Variable { name: name.into(), root, form, at },
                hops: Vec::new(),
            })),
        }
    }

    /// A variable that a package of a framework exports.
    pub(super) fn package_variable(
        &self,
        module: ModuleId,
        specifier: &str,
        name: &Imported,
        span: Span,
    ) -> Value {
        let Some(VariableModule { root, objects, .. }) = self.env.conventions().module(specifier)
        else {
            let is_env = PROCESS.contains(&specifier)
                && matches!(name, Imported::Name(name) if name == "env");
            return if is_env {
                Value::Environment(EnvRoot::Process, self.at(module, span))
            } else {
                Value::Unknown
            };
        };
        let root = *root;
        let is_all = match name {
            Imported::All => true,
            Imported::Name(name) => objects.contains(&name.as_str()),
        };
        match name {
            Imported::Name(name) if !is_all => {
                self.variable(name, root, ReadForm::Member, self.at(module, span))
            }
            Imported::Name(_) | Imported::All => Value::Environment(root, self.at(module, span)),
        }
    }
}

/// `process.env`, `import.meta.env`, `Bun.env`, by object and property.
pub(super) fn env_root(body: &Body, object: ExprId, property: &str) -> Option<EnvRoot> {
    if property != "env" {
        return None;
    }
    match &body.node(object)?.expr {
        Expr::ImportMeta => Some(EnvRoot::ImportMeta),
        Expr::Global(name) => match &**name {
            "process" => Some(EnvRoot::Process),
            "Bun" => Some(EnvRoot::Runtime),
            _ => None,
        },
        Expr::Member(object, property) if &**property == "process" => {
            let is_global = matches!(
                &body.node(*object)?.expr,
                Expr::Global(name) if matches!(&**name, "globalThis" | "window" | "global" | "self")
            );
            is_global.then_some(EnvRoot::Process)
        }
        // `import process from 'node:process'`
        Expr::Symbol(symbol) => {
            let symbol = body.symbols.get(*symbol as usize)?;
            let is_process =
                &*symbol.name == "process" && matches!(symbol.value, SymbolValue::Import);
            is_process.then_some(EnvRoot::Process)
        }
        _ => None,
    }
}

/// True if a call may read a variable.
pub(crate) fn may_read_variable(body: &Body, callee: ExprId) -> bool {
    names_of(body, callee).as_slice() == ["Deno", "env", "get"]
}
