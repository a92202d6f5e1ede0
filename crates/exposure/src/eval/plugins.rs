//! Plugins that functions of a configuration add step by step:
//! `config.plugins.push(new DefinePlugin({ … }))`, and the chains of Vue CLI.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::eval::evaluator::Evaluator;
use crate::eval::names::name_of;
use crate::eval::value::{Field, TaintOrigin, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Body, Expr, ExprId, Span, SymbolValue};

/// Functions of plugins that can write into the code that is built.
const HOOKS: [&str; 7] =
    ["apply", "generateBundle", "load", "renderChunk", "setup", "transform", "transformIndexHtml"];

impl Evaluator<'_> {
    /// The plugins that functions of a configuration add for client code, each as the call that
    /// makes it.
    pub(super) fn added_plugins(&self, module: ModuleId) -> Vec<Field> {
        let Some(body) = self.body(module) else { return Vec::new() };
        let mut plugins = Vec::new();
        for (id, node) in body.nodes.iter().enumerate() {
            let Expr::Call { callee, arguments, is_new } = &node.expr else { continue };
            let context = body.contexts.get(node.context as usize);
            // Plugins in the configuration's own object are found there.
            if context.is_none_or(|it| it.function.is_none() || it.guard.is_for_servers()) {
                continue;
            }
            let name = name_of(body, *callee);
            let value = match name.rsplit('.').next().unwrap_or_default() {
                last if *is_new && (last.ends_with("Plugin") || last.starts_with("Dotenv")) => {
                    self.value(module, id as ExprId)
                }
                "use" => self.used_plugin(module, body, arguments),
                "tap" if is_definition(body, *callee) => {
                    self.tapped_definitions(module, body, arguments)
                }
                _ => continue,
            };
            let at = self.at(module, node.span);
            plugins.push(Field { key: "(plugins)".into(), value, at });
        }
        plugins
    }

    /// The secret that a plugin in a module reads and does not visibly write into the code: what it does
    /// with it is not known. `all variables` for the whole environment.
    pub(crate) fn kept_by_plugin(&self, module: ModuleId) -> Option<String> {
        let body = self.body(module)?;
        let is_hook = |name: &str| HOOKS.contains(&name);
        let hooks = body.functions.iter().enumerate().filter(|(_, it)| is_hook(&it.name));
        for (index, hook) in hooks {
            self.charge(body.nodes.len());
            let written = self.hook(&hook.name, module, index as u32, &[]).unwrap_or_default();
            if written.has_secret() {
                continue;
            }
            let own = self.secret_in(module, body, hook.span);
            if let Some(name) = own.or_else(|| self.secret_given(module, body, index as u32)) {
                return Some(name);
            }
        }
        None
    }

    /// The name of a secret that is given to the function around a hook, which names its parameters.
    fn secret_given(&self, module: ModuleId, body: &Body, hook: u32) -> Option<String> {
        let span = body.functions.get(hook as usize)?.span;
        let calls = self.calls_around(module, hook);
        let (_, arguments) = calls.iter().find(|(around, arguments)| {
            let is_named = body.nodes.iter().filter(|node| span.contains(node.span)).any(|node| {
                let Expr::Symbol(symbol) = node.expr else { return false };
                let symbol = body.symbols.get(symbol as usize).map(|symbol| &symbol.value);
                matches!(symbol, Some(SymbolValue::Parameter { function, .. }) if function == around)
            });
            is_named && arguments.iter().any(Value::has_secret)
        })?;
        let taints = arguments.iter().flat_map(Value::taints);
        taints.map(|taint| name_of_secret(&taint.origin)).next()
    }

    /// The name of the first secret that code in a range reads.
    fn secret_in(&self, module: ModuleId, body: &Body, whole: Span) -> Option<String> {
        let within = || body.nodes.iter().enumerate().filter(|(_, node)| whole.contains(node.span));
        let objects: Vec<ExprId> = within()
            .filter_map(|(_, node)| match node.expr {
                Expr::Member(object, _) | Expr::Index(object, _) => Some(object),
                _ => None,
            })
            .collect();
        within().find_map(|(id, node)| {
            let id = id as ExprId;
            if !matches!(
                node.expr,
                Expr::Member(..) | Expr::Index(..) | Expr::Symbol(_) | Expr::Text(_)
            ) {
                return None;
            }
            match self.value(module, id) {
                Value::Secret(taint) => Some(name_of_secret(&taint.origin)),
                Value::Environment(..) if !objects.contains(&id) => {
                    Some("all variables".to_owned())
                }
                _ => None,
            }
        })
    }

    /// `.use(DefinePlugin, [{ … }])`
    fn used_plugin(&self, module: ModuleId, body: &Body, arguments: &[ExprId]) -> Value {
        let &[plugin, given] = arguments else { return Value::Unknown };
        let name = name_of(body, plugin);
        let name = name.rsplit('.').next().unwrap_or_default();
        let given = self.value(module, given).elements().to_vec();
        Value::CallResult(name.into(), given.into())
    }

    /// `.tap((args) => { … })` of the plugin that defines values.
    fn tapped_definitions(&self, module: ModuleId, body: &Body, arguments: &[ExprId]) -> Value {
        let Some(&given) = arguments.first() else { return Value::Unknown };
        let Value::Function(home, function) = self.value(module, given) else {
            return Value::Unknown;
        };
        let mut fields = Vec::new();
        for (_, value) in self.returns(home, function) {
            fields.extend(value.elements().iter().flat_map(|it| it.fields().to_vec()));
        }
        let whole = body.functions.get(function as usize).map_or(Span::default(), |it| it.span);
        let is_within =
            |id: ExprId| body.nodes.get(id as usize).is_some_and(|n| whole.contains(n.span));
        for &(target, value) in body.assignments.iter().filter(|(target, _)| is_within(*target)) {
            let span = body.nodes[target as usize].span;
            let value = self.value(module, value);
            match self.defined_name(module, body, target) {
                Some(key) => {
                    fields.push(Field { key: key.into(), value, at: self.at(module, span) });
                }
                // `args[0] = { …, K: V }`
                None => fields.extend(value.fields().to_vec()),
            }
        }
        for node in body.nodes.iter().filter(|node| whole.contains(node.span)) {
            let Expr::Call { callee, arguments, .. } = &node.expr else { continue };
            let Some((target, more)) = arguments.split_first() else { continue };
            if name_of(body, *callee) != "Object.assign" {
                continue;
            }
            let is_env = self.defined_name(module, body, *target).as_deref() == Some("process.env");
            for &one in more {
                for field in self.value(module, one).fields() {
                    let key = if is_env {
                        format!("process.env.{}", field.key).into()
                    } else {
                        field.key.clone()
                    };
                    fields.push(Field { key, ..field.clone() });
                }
            }
        }
        Value::CallResult("DefinePlugin".into(), vec![Value::Object(fields.into())].into())
    }

    /// The name that an assignment to `args[0].K`, `args[0]['process.env'].K` and the like defines.
    fn defined_name(&self, module: ModuleId, body: &Body, target: ExprId) -> Option<String> {
        let (object, name) = match &body.nodes.get(target as usize)?.expr {
            Expr::Member(object, name) => (*object, name.to_string()),
            Expr::Index(object, index) => (*object, self.value(module, *index).text()?.to_owned()),
            _ => return None,
        };
        match self.defined_name(module, body, object) {
            Some(outer) => Some(format!("{outer}.{name}")),
            None => Some(name),
        }
    }
}

/// A secret in words.
fn name_of_secret(origin: &TaintOrigin) -> String {
    match origin {
        TaintOrigin::Variable { name, .. } => name.to_string(),
        TaintOrigin::Written { .. } => "a key".to_owned(),
    }
}

/// True if a chain taps the plugin that defines values: `config.plugin('define').tap`.
fn is_definition(body: &Body, callee: ExprId) -> bool {
    let Some(Expr::Member(object, _)) = body.nodes.get(callee as usize).map(|node| &node.expr)
    else {
        return false;
    };
    let Some(Expr::Call { arguments, .. }) = body.nodes.get(*object as usize).map(|n| &n.expr)
    else {
        return false;
    };
    let first = arguments.first().and_then(|&id| body.nodes.get(id as usize));
    first.is_some_and(|node| {
        matches!(&node.expr, Expr::Text(name) if matches!(&**name, "define" | "process-env" | "environment"))
    })
}
