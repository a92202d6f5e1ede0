//! Imports of which a text names one of several modules, and those that take all of a folder.

use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::value::{Field, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::ExprId;

/// More modules are not looked at.
const MAX_MODULES: usize = 100;

impl Evaluator<'_> {
    /// The value of an expression that imports one of several modules, or all of them as an object;
    /// `None` if it does not.
    pub(super) fn many_modules(
        &self,
        module: ModuleId,
        expr: ExprId,
        frame: Option<CallFrame<'_>>,
    ) -> Option<Value> {
        let body = self.body(module)?;
        let many = body.many_modules(expr)?;
        let imports = many.imports.0..many.imports.1;
        let targets = imports.flat_map(|import| self.graph.targets(module, import).iter().copied());
        let targets = targets.take(MAX_MODULES);
        let path = |target: ModuleId| &self.graph.modules[target].path;
        let Some(named_by) = many.named_by else {
            let at = self.at(module, body.node(expr)?.span);
            let field = |target: ModuleId| {
                let value = match &many.export {
                    Some(export) => self.export(target, export),
                    None => Value::Module(target),
                };
                Field { key: path(target).clone(), value, at: at.clone() }
            };
            return Some(Value::Object(targets.map(field).collect::<Vec<_>>().into()));
        };
        let name = self.eval(module, named_by, frame);
        let name = name.text().map(|text| text.trim_start_matches(['.', '/', '@', '~']));
        let is_it = |target: &ModuleId| name.is_none_or(|name| is_named(path(*target), name));
        Some(Value::any_of(targets.filter(is_it).map(Value::Module).collect()))
    }
}

/// True if a path ends with a name, which may lack the ending.
fn is_named(path: &str, name: &str) -> bool {
    let ends = |path: &str| {
        path.strip_suffix(name).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
    };
    ends(path) || path.rsplit_once('.').is_some_and(|(stem, _)| ends(stem))
}
