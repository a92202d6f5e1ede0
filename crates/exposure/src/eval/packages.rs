//! The packages that expressions come from.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::eval::evaluator::Evaluator;
use crate::eval::limits::MAX_DEPTH;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, ModuleId};
use crate::js::ir::{Expr, ExprId, Imported, SymbolValue};

/// The name by which the only function of a package is commonly known. Configurations call it as they
/// like.
pub(super) fn common_name(package: &str) -> Option<&'static str> {
    Some(match package {
        "html-webpack-plugin" => "HtmlWebpackPlugin",
        "webpack-virtual-modules" => "VirtualModulesPlugin",
        "dotenv-webpack" => "Dotenv",
        "@rollup/plugin-alias" => "alias",
        "@rollup/plugin-replace" | "rollup-plugin-replace" => "replace",
        "@rollup/plugin-virtual" => "virtual",
        "copy-webpack-plugin" => "CopyPlugin",
        "rollup-plugin-inject-process-env" => "injectProcessEnv",
        "esbuild-plugin-copy" | "rollup-plugin-copy" => "copy",
        _ => return None,
    })
}

impl<'a> Evaluator<'a> {
    /// The package that an expression comes from and its name there: `p` and `A` for the `A` of
    /// `import { A } from 'p'`, also for `ns.A`.
    pub(crate) fn external(&self, module: ModuleId, expr: ExprId) -> Option<(&'a str, &'a str)> {
        let depth = self.depth.get();
        if depth > MAX_DEPTH {
            return None;
        }
        self.depth.set(depth + 1);
        let found = self.external_uncached(module, expr);
        self.depth.set(depth);
        found
    }

    pub(super) fn external_uncached(
        &self,
        module: ModuleId,
        expr: ExprId,
    ) -> Option<(&'a str, &'a str)> {
        let body = self.body(module)?;
        match &body.nodes[expr as usize].expr {
            Expr::Symbol(symbol) => {
                let symbol = &body.symbols[*symbol as usize];
                if let Some(binding) = symbol.binding {
                    let place = BindingId { module, binding };
                    if let Definition::External { specifier, name } = self.graph.definition(place) {
                        return Some((
                            specifier,
                            match name {
                                Imported::Name(name) => name,
                                Imported::All => "*",
                            },
                        ));
                    }
                }
                // `const Box = dynamic(() => import('p'))`, `const A = lib.A`
                match &symbol.value {
                    SymbolValue::Init { expr, path, .. } if path.is_empty() => (*expr
                        < body.nodes.len() as u32)
                        .then(|| self.external_of_init(module, *expr))?,
                    SymbolValue::Init { .. }
                    | SymbolValue::Parameter { .. }
                    | SymbolValue::Function(_)
                    | SymbolValue::Import
                    | SymbolValue::Unknown => None,
                }
            }
            Expr::Member(object, property) => {
                let (specifier, name) = self.external(module, *object)?;
                (name == "*" || name == "default").then_some((specifier, &**property))
            }
            Expr::Import(import) => {
                let node = &self.graph.modules[module];
                let import = node.module.imports.get(*import as usize)?;
                Some((&import.specifier, "*"))
            }
            Expr::Text(_)
            | Expr::Literal(_)
            | Expr::RegExp(_)
            | Expr::Concat(_)
            | Expr::Global(_)
            | Expr::Index(..)
            | Expr::Call { .. }
            | Expr::Object(_)
            | Expr::Array(_)
            | Expr::Spread(_)
            | Expr::Function(_)
            | Expr::Union(_)
            | Expr::Element(_)
            | Expr::ImportMeta
            | Expr::Caught { .. }
            | Expr::Other => None,
        }
    }

    /// The package that the initial value of a variable comes from.
    pub(super) fn external_of_init(
        &self,
        module: ModuleId,
        expr: ExprId,
    ) -> Option<(&'a str, &'a str)> {
        let body = self.body(module)?;
        match &body.nodes[expr as usize].expr {
            Expr::Member(..) | Expr::Import(_) | Expr::Symbol(_) => self.external(module, expr),
            _ => None,
        }
    }
}
