//! Promises, maps, and other containers of the language and of browsers, which hand on what is put into them.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use crate::eval::calls::CallSite;
use crate::eval::collections::items;
use crate::eval::evaluator::Evaluator;
use crate::eval::value::{Field, Value};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Body, Expr, ExprId, SymbolValue};
use crate::variables::read::{EnvRoot, ReadForm};

/// Containers that are made empty or of what they begin with, and filled by calls.
pub(super) const CONTAINERS: [&str; 5] = ["FormData", "Headers", "Map", "URL", "URLSearchParams"];

/// Functions around another one that keep its results.
const KEEPERS: [&str; 8] = [
    "cache",
    "cachedFunction",
    "memo",
    "memoize",
    "memoizee",
    "once",
    "pMemoize",
    "unstable_cache",
];

impl Evaluator<'_> {
    /// The value of `new X(…)` for a container that holds a secret; `None` for anything else.
    pub(super) fn new_container(&self, site: CallSite<'_>, name: &str) -> Option<Value> {
        match name {
            "Promise" => Some(self.settled(site)),
            "Map" | "WeakMap" | "URLSearchParams" | "FormData" | "Headers" => {
                let given = self.argument(site, 0);
                let at = self.at(site.module, site.span);
                let entries = || self.object_of_entries(&given, &at);
                given.has_secret().then(|| entries().unwrap_or_else(|| given.clone()))
            }
            "Blob" | "File" | "Set" | "WeakSet" => {
                let given = self.argument(site, 0);
                given.has_secret().then_some(given)
            }
            "URL" if self.root.is_none() => {
                let parts = self.arguments(site);
                let joined = self.joined(site.module, site.span, &parts);
                Some(if joined.is_secret() {
                    joined
                } else {
                    Value::CallResult("URL".into(), parts.into())
                })
            }
            _ => None,
        }
    }

    /// `new Promise((resolve) => …)`: what its function resolves it with.
    fn settled(&self, site: CallSite<'_>) -> Value {
        let Value::Function(home, function) = self.argument(site, 0) else { return Value::Unknown };
        let Some(body) = self.body(home) else { return Value::Unknown };
        let Some(whole) = body.functions.get(function as usize).map(|it| it.span) else {
            return Value::Unknown;
        };
        self.charge(body.nodes.len());
        let is_resolve = |callee: ExprId| is_parameter(body, callee, function, 0);
        let given = body.nodes.iter().filter(|node| whole.contains(node.span));
        let given = given.filter_map(|node| match &node.expr {
            Expr::Call { callee, arguments, .. } if is_resolve(*callee) => {
                Some(self.eval(home, *arguments.first()?, site.frame))
            }
            _ => None,
        });
        Value::any_of(given.collect())
    }

    /// A static method of promises; `None` for anything else.
    pub(super) fn promise_function(&self, site: CallSite<'_>, name: &str) -> Option<Value> {
        Some(match name {
            "Promise.all" => self.argument(site, 0),
            "Promise.race" | "Promise.any" => self.any_element(&self.argument(site, 0)),
            "Promise.allSettled" => {
                let at = self.at(site.module, site.span);
                let settled = |value| {
                    Value::Object(vec![Field { key: "value".into(), value, at: at.clone() }].into())
                };
                let all = items(&self.argument(site, 0)).unwrap_or_default();
                Value::List(all.into_iter().map(settled).collect::<Vec<_>>().into())
            }
            _ => return None,
        })
    }

    /// The result of a method of a promise or map; `None` if it is something else.
    pub(super) fn container_method(
        &self,
        site: CallSite<'_>,
        object: ExprId,
        method: &str,
    ) -> Option<Value> {
        let on = || self.eval(site.module, object, site.frame);
        match (method, site.arguments.len()) {
            ("then", 1 | 2) => {
                let on = on();
                let call = |index: usize| match self.argument(site, index) {
                    Value::Function(home, function) => {
                        let given = [if index == 0 { on.clone() } else { Value::Unknown }];
                        let frame = Self::closure((home, function), &given, site.frame.as_ref());
                        Some(self.call_closure(frame))
                    }
                    _ => None,
                };
                let fulfilled = call(0)?;
                Some(Value::any_of(vec![fulfilled, call(1).unwrap_or_default()]))
            }
            ("catch", 1) => {
                let on = on();
                let Value::Function(home, function) = self.argument(site, 0) else {
                    return on.has_secret().then_some(on);
                };
                let given = [self.caught(site.module, &[], (object, object + 1), site.frame)];
                let frame = Self::closure((home, function), &given, site.frame.as_ref());
                Some(Value::any_of(vec![on, self.call_closure(frame)]))
            }
            ("finally", 1) => Some(on()),
            ("get", 1) => match on() {
                Value::Unknown | Value::CallResult(..) => {
                    let left = || self.left_to_get(site.module, object, site.arguments.first());
                    self.variable_of_event(site, object).or_else(left)
                }
                on if on.has_secret() && on.field("get").is_none() => self.entry_of(site, &on),
                _ => None,
            },
            ("values", 0) => match on() {
                Value::Object(fields) if Value::Object(fields.clone()).has_secret() => {
                    let values = fields.iter().map(|field| field.value.clone());
                    Some(Value::List(values.collect::<Vec<_>>().into()))
                }
                list @ Value::List(_) => Some(list),
                _ => None,
            },
            ("entries", 0) => match on() {
                on @ Value::Object(_) if on.has_secret() => {
                    let pair =
                        |(key, field): (Value, Field)| Value::List(vec![key, field.value].into());
                    let pairs = self.entries(&on)?.into_iter().map(pair);
                    Some(Value::List(pairs.collect::<Vec<_>>().into()))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The entry of a map that `get` asks for: that of its name, or any if the name is not known.
    fn entry_of(&self, site: CallSite<'_>, map: &Value) -> Option<Value> {
        if !matches!(map, Value::Object(_)) {
            return None;
        }
        match self.argument(site, 0) {
            Value::Text(name) | Value::Literal(name) => {
                let named = map.fields().iter().filter(|it| it.key == name || &*it.key == "[]");
                Some(Value::any_of(named.map(|field| field.value.clone()).collect()))
            }
            _ => Some(self.any_element(map)),
        }
    }

    /// `env.get('X')` of a request event.
    fn variable_of_event(&self, site: CallSite<'_>, object: ExprId) -> Option<Value> {
        let body = self.body(site.module)?;
        let is_env = match &body.node(object)?.expr {
            Expr::Member(_, name) => &**name == "env",
            Expr::Symbol(symbol) => {
                let symbol = body.symbols.get(*symbol as usize)?;
                let is_given = matches!(symbol.value, SymbolValue::Parameter { .. });
                is_given && &*symbol.name == "env"
            }
            _ => false,
        };
        let Value::Text(name) = self.argument(site, 0) else { return None };
        let at = self.at(site.module, site.span);
        is_env.then(|| self.variable(&name, EnvRoot::Runtime, ReadForm::Member, at))
    }

    /// The function that the result of a known function calls: `cache(async () => …)`.
    pub(super) fn kept_function(&self, called: &Value) -> Option<(ModuleId, u32)> {
        match called {
            Value::CallResult(name, given) if KEEPERS.contains(&&**name) => match given.first() {
                Some(Value::Function(home, function)) => Some((*home, *function)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// True for the parameter of a function at a position.
fn is_parameter(body: &Body, expr: ExprId, function: u32, index: u32) -> bool {
    let Some(Expr::Symbol(symbol)) = body.node(expr).map(|node| &node.expr) else { return false };
    let value = body.symbols.get(*symbol as usize).map(|symbol| &symbol.value);
    matches!(
        value,
        Some(SymbolValue::Parameter { function: own, index: at, path, .. })
            if *own == function && *at == index && path.is_empty()
    )
}
