//! Functions and methods of the language and of well-known packages.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use crate::base64;
use crate::eval::calls::CallSite;
use crate::eval::evaluator::Evaluator;
use crate::eval::limits::MAX_SIZE;
use crate::eval::value::{Field, Value, last_of_each};
use crate::js::ir::ExprId;
use crate::variables::conventions::{RuntimeConfigFunction, VariableFunction};
use crate::variables::read::{EnvRoot, ReadForm};

/// So few characters of a key are useless.
const HARMLESS: i64 = 8;

impl Evaluator<'_> {
    /// The result of a function of this name; `None` if it is not a known one.
    pub(super) fn builtin_function(&self, site: CallSite<'_>, name: &str) -> Option<Value> {
        let argument = |index: usize| self.argument(site, index);
        let environment = |root: EnvRoot| Value::Environment(root, self.at(site.module, site.span));
        Some(match name {
            "String" | "encodeURIComponent" | "encodeURI" | "btoa" | "JSON.stringify"
            | "JSON.parse" | "Promise.resolve" | "Object.freeze" | "structuredClone"
            | "decodeURIComponent" | "Object.seal" | "unref" | "ref" | "toValue" | "reactive"
            | "readonly" | "shallowRef" | "$state" | "$derived" | "computed" | "useMemo"
            | "signal" => match argument(0) {
                Value::Function(home, function) => self.call_function(home, function, &[], 0),
                other => other,
            },
            // React's; that of Nuxt has a key first.
            "useState" if site.arguments.len() == 1 => {
                let state = match argument(0) {
                    Value::Function(home, function) => self.call_function(home, function, &[], 0),
                    other => other,
                };
                Value::List(vec![state, Value::Unknown].into())
            }
            // A fact about a secret is not the secret.
            "Boolean" | "Number" | "parseInt" | "parseFloat" | "isNaN" | "Array.isArray"
            | "Object.keys" => Value::Unknown,
            "atob" => self.decoded(site, &argument(0)),
            "Buffer.from" => {
                let value = argument(0);
                match argument(1) {
                    Value::Text(encoding) if encoding.starts_with("base64") => {
                        self.decoded(site, &value)
                    }
                    _ => value,
                }
            }
            "Object.assign" | "Object.fromEntries" | "Object.entries" | "Object.values" => {
                self.object_function(site, name)
            }
            "Deno.env.get" => match argument(0) {
                Value::Text(name) => {
                    let at = self.at(site.module, site.span);
                    self.variable(&name, EnvRoot::Runtime, ReadForm::Member, at)
                }
                _ => Value::Unknown,
            },
            _ if self.returns_runtime_config(site, name) => environment(EnvRoot::RuntimeConfig(0)),
            // `loadEnv(mode, folder, prefixes)` of Vite
            "loadEnv" => match argument(2) {
                Value::Text(prefix) if prefix.is_empty() => environment(EnvRoot::Runtime),
                Value::List(prefixes) if prefixes.iter().any(|it| it.text() == Some("")) => {
                    environment(EnvRoot::Runtime)
                }
                _ => Value::Unknown,
            },
            _ => {
                let root = self.variable_function(site, name)?;
                let Value::Text(variable) = argument(0) else { return Some(Value::Unknown) };
                self.variable(&variable, root, ReadForm::Member, self.at(site.module, site.span))
            }
        })
    }

    /// The variables of which a function returns the one that its first argument names.
    fn variable_function(&self, site: CallSite<'_>, name: &str) -> Option<EnvRoot> {
        let known = &self.env.conventions().functions;
        if !known.iter().any(|function| function.name == name) {
            return None;
        }
        let (package, name) = self.external(site.module, site.callee)?;
        let is_it = |it: &&VariableFunction| it.package == package && it.name == name;
        known.iter().find(is_it).map(|function| function.root)
    }

    /// `Object.assign` and the functions that take objects apart and put them together.
    fn object_function(&self, site: CallSite<'_>, name: &str) -> Value {
        let given = self.arguments(site);
        match (name, given.as_slice()) {
            // All variables, and `.map(([k, v]) => [k, v])` of them.
            ("Object.entries", [all @ Value::Environment(..)]) => {
                return Value::CallResult("entries".into(), vec![all.clone()].into());
            }
            ("Object.fromEntries", [Value::CallResult(made, all)]) if &**made == "entries" => {
                return all.first().cloned().unwrap_or_default();
            }
            _ => {}
        }
        let fields = given.into_iter().flat_map(|value| match value {
            Value::Object(fields) => fields.to_vec(),
            value if value.is_secret() => {
                vec![Field { key: "...".into(), value, at: self.at(site.module, site.span) }]
            }
            _ => Vec::new(),
        });
        let fields: Vec<Field> = fields.take(MAX_SIZE + 1).collect();
        Value::Object(last_of_each(fields).into())
    }

    /// True for a function that returns the runtime configuration. One of a package is known by its
    /// name first: `getConfig`.
    fn returns_runtime_config(&self, site: CallSite<'_>, name: &str) -> bool {
        let mut functions = self.env.conventions().runtime_config.iter();
        functions.any(|function| match function {
            RuntimeConfigFunction::Named(known) => name == *known,
            RuntimeConfigFunction::Package(known) => {
                name.ends_with("onfig")
                    && self
                        .external(site.module, site.callee)
                        .is_some_and(|(package, _)| package == *known)
            }
        })
    }

    /// The result of a method of a value; `None` if it is not a known one.
    pub(super) fn builtin_method(
        &self,
        site: CallSite<'_>,
        object: ExprId,
        method: &str,
    ) -> Option<Value> {
        let on = || self.eval(site.module, object, site.frame);
        let first = || site.arguments.first().map(|_| self.argument(site, 0));
        match method {
            "trim" | "toString" | "valueOf" | "trimEnd" | "trimStart" | "normalize"
            | "toLowerCase" | "toUpperCase" | "padEnd" | "padStart" => match on() {
                Value::Text(text) if method.starts_with("trim") => {
                    self.charge(text.len());
                    Some(Value::Text(text.trim().into()))
                }
                other => Some(other),
            },
            "concat" => {
                let mut values = vec![on()];
                values.extend(self.arguments(site));
                if let Some(Value::List(_)) = values.first() {
                    let all = values.iter().flat_map(Value::elements).cloned();
                    return Some(Value::List(all.collect::<Vec<_>>().into()));
                }
                Some(self.joined(site.module, site.span, &values))
            }
            "join" => match on() {
                Value::List(values) => Some(self.joined_list(site, &values, first())),
                // `path.join` is not a method of a list.
                _ => None,
            },
            "map" if self.root.is_some() => match (on(), first()) {
                // All variables under other names, unless some are left out.
                (Value::CallResult(name, all), Some(Value::Function(home, function)))
                    if &*name == "entries" =>
                {
                    let function = self.body(home)?.functions.get(function as usize)?;
                    (!function.has_statements).then_some(Value::CallResult(name, all))
                }
                _ => None,
            },
            "reverse" => match on() {
                Value::List(values) => {
                    Some(Value::List(values.iter().rev().cloned().collect::<Vec<_>>().into()))
                }
                _ => Some(Value::Unknown),
            },
            "slice" | "substring" | "substr" => {
                let value = on();
                let is_kept = value.is_secret() && !self.is_harmless_slice(site);
                Some(if is_kept { value } else { Value::Unknown })
            }
            // zod and similar packages return their argument.
            "parse" | "safeParse" | "parseAsync" | "cast" | "validateSync" => match first() {
                Some(given @ (Value::Environment(..) | Value::Object(_))) => Some(given),
                _ => None,
            },
            // The text with a secret put in: `html.replace('%key%', secret)`.
            "replace" | "replaceAll" if self.argument(site, 1).is_secret() => {
                Some(self.argument(site, 1))
            }
            // Another form of a path.
            "replace" | "replaceAll" if self.root.is_some() => match on() {
                path @ Value::CallResult(..) if !path.has_secret() => Some(path),
                other => is_text(&other).then_some(Value::Unknown),
            },
            "startsWith" | "endsWith" | "includes" | "test" | "match" | "matchAll" | "indexOf"
            | "search" | "charAt" | "charCodeAt" | "codePointAt" | "at" | "localeCompare"
            | "digest" | "update" | "split" | "replace" | "replaceAll" => {
                is_text(&on()).then_some(Value::Unknown)
            }
            _ => None,
        }
    }

    /// `list.join(separator)`
    fn joined_list(&self, site: CallSite<'_>, values: &[Value], separator: Option<Value>) -> Value {
        let separator = match separator {
            Some(Value::Text(separator)) => separator,
            _ => ",".into(),
        };
        let mut parts = Vec::new();
        for (index, value) in values.iter().enumerate() {
            if index > 0 && !separator.is_empty() {
                parts.push(Value::Text(separator.clone()));
            }
            parts.push(value.clone());
        }
        self.joined(site.module, site.span, &parts)
    }

    /// True if a slice of a key is too short to be of use.
    fn is_harmless_slice(&self, site: CallSite<'_>) -> bool {
        let bound = |index: usize| match self.argument(site, index) {
            Value::Literal(number) => number.parse::<i64>().ok(),
            _ => None,
        };
        match (bound(0), bound(1)) {
            (Some(from), Some(to)) if from >= 0 && to >= 0 => to - from <= HARMLESS,
            (Some(from), None) if site.arguments.len() == 1 => (-HARMLESS..0).contains(&from),
            _ => false,
        }
    }

    /// The text that is encoded in base64.
    fn decoded(&self, site: CallSite<'_>, value: &Value) -> Value {
        let Value::Text(text) = value else { return value.clone() };
        self.charge(text.len());
        let decoded = base64::decode(text).and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(decoded) = decoded else { return Value::Unknown };
        self.joined(site.module, site.span, &[Value::Text(decoded.into())])
    }
}

/// True if a value is a text, secret or not.
fn is_text(value: &Value) -> bool {
    value.is_secret() || matches!(value, Value::Text(_))
}
