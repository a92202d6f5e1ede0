//! Functions and methods of the language and of well-known packages.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use crate::base64;
use crate::eval::calls::CallSite;
use crate::eval::collections::items;
use crate::eval::evaluator::Evaluator;
use crate::eval::limits::MAX_SIZE;
use crate::eval::names::names_of;
use crate::eval::value::{Field, Value, last_of_each};
use crate::js::ir::ExprId;
use crate::variables::conventions::{RuntimeConfigFunction, VariableFunction};
use crate::variables::read::{EnvRoot, ReadForm};

/// Packages that make texts or streams of objects.
const SERIALISERS: [&str; 10] = [
    "devalue",
    "fast-safe-stringify",
    "flatted",
    "jsesc",
    "json-stringify-safe",
    "rxjs",
    "safe-stable-stringify",
    "serialize-javascript",
    "superjson",
    "yaml",
];

/// So few characters of a key are useless.
const HARMLESS: i64 = 8;

impl Evaluator<'_> {
    /// The result of a function of this name; `None` if it is not a known one.
    pub(super) fn builtin_function(&self, site: CallSite<'_>, name: &str) -> Option<Value> {
        let argument = |index: usize| self.argument(site, index);
        let environment = |root: EnvRoot| Value::Environment(root, self.at(site.module, site.span));
        Some(match name {
            "JSON.parse" => {
                let text = argument(0);
                self.parsed_json(&text).unwrap_or(text)
            }
            "String" | "encodeURIComponent" | "encodeURI" | "btoa" | "JSON.stringify"
            | "Promise.resolve" | "Object.freeze" | "structuredClone" | "decodeURIComponent"
            | "Object.seal" | "unref" | "ref" | "toValue" | "reactive" | "readonly"
            | "shallowRef" | "$state" | "$derived" | "computed" | "useMemo" | "signal" => {
                match argument(0) {
                    Value::Function(home, function) => self.call_function(home, function, &[], 0),
                    other => other,
                }
            }
            // React's; that of Nuxt has a key first.
            "useState" if site.arguments.len() == 1 => {
                let state = match argument(0) {
                    Value::Function(home, function) => self.call_function(home, function, &[], 0),
                    other => other,
                };
                Value::List(vec![state, Value::Unknown].into())
            }
            "useReducer" | "React.useReducer" => {
                let state = match self.argument(site, 2) {
                    Value::Function(home, function) => {
                        self.call_function(home, function, &[argument(1)], 0)
                    }
                    _ => argument(1),
                };
                Value::List(vec![state, Value::Unknown].into())
            }
            "useAppConfig" => self.left_in_holder("appConfig"),
            // Markup as a text.
            "html" | "raw" if self.arguments(site).iter().any(Value::has_secret) => {
                self.joined(site.module, site.span, &self.arguments(site))
            }
            // What servers and browsers have before anything changes.
            "useSyncExternalStore" | "React.useSyncExternalStore" => {
                let snapshots = [argument(1), argument(2)].map(|snapshot| match snapshot {
                    Value::Function(home, function) => self.call_function(home, function, &[], 0),
                    _ => Value::Unknown,
                });
                Value::any_of(snapshots.into())
            }
            "useDeferredValue" | "toRef" | "toRaw" | "markRaw" | "$state.raw" => argument(0),
            // Streams of what they are made of.
            "Readable.from"
            | "Readable.toWeb"
            | "ReadableStream.from"
            | "createReadableStreamFromReadable" => argument(0),
            // An object as a text or stream, by a package.
            _ if matches!(
                name.rsplit('.').next(),
                Some("serialize" | "stringify" | "uneval" | "jsesc" | "of")
            ) && self.is_serialiser(site) =>
            {
                argument(0)
            }
            "use" | "React.use" if argument(0).has_secret() => argument(0),
            "inject" | "useContext" | "React.useContext" | "use" | "React.use" | "getContext"
                if let Some(value) =
                    site.arguments.first().and_then(|&key| self.provided(site.module, key)) =>
            {
                value
            }
            // A fact about a secret is not the secret.
            "Boolean" | "Number" | "parseInt" | "parseFloat" | "isNaN" | "Array.isArray" => {
                Value::Unknown
            }
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
            "Object.entries" | "Object.keys" | "Object.values" => {
                self.parts_of_object(site, name).unwrap_or_default()
            }
            "Object.assign" | "Object.fromEntries" => self.object_function(site, name),
            "Array.from" => self.array_from(site)?,
            // webpack calls it during the build.
            _ if name.ends_with("DefinePlugin.runtimeValue") => match argument(0) {
                Value::Function(home, function) => self.call_function(home, function, &[], 0),
                other => other,
            },
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
                // That of Rsbuild: `loadEnv({ prefixes: ['PUBLIC_'] })`.
                Value::Unknown if site.arguments.len() < 2 => {
                    let at = self.at(site.module, site.span);
                    self.variables_of_rsbuild(&argument(0), at)
                }
                Value::Text(prefix) if prefix.is_empty() => environment(EnvRoot::Runtime),
                Value::List(prefixes) if prefixes.iter().any(|it| it.text() == Some("")) => {
                    environment(EnvRoot::Runtime)
                }
                Value::Unknown => {
                    let own = ["VITE_".into()].map(Value::Text);
                    self.prefixed(&own, self.at(site.module, site.span))
                }
                prefixes => {
                    let at = self.at(site.module, site.span);
                    self.prefixed(prefixes.elements(), at)
                }
            },
            // Addresses with a query.
            "withQuery" | "joinURL" | "qs.stringify" | "querystring.stringify"
                if self.root.is_none() =>
            {
                self.joined(site.module, site.span, &self.arguments(site))
            }
            _ if let Some(value) = self.promise_function(site, name) => value,
            _ if let Some(value) = self.read_file(site, name) => value,
            _ => {
                let root = self.variable_function(site, name)?;
                let Value::Text(variable) = argument(0) else { return Some(Value::Unknown) };
                self.variable(&variable, root, ReadForm::Member, self.at(site.module, site.span))
            }
        })
    }

    /// True for a function of a package that makes a text or a stream of an object.
    fn is_serialiser(&self, site: CallSite<'_>) -> bool {
        let package = self.external(site.module, site.callee).map(|(package, _)| package);
        package.is_some_and(|package| SERIALISERS.contains(&package))
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

    /// `Object.entries`, `Object.keys` and `Object.values`.
    fn parts_of_object(&self, site: CallSite<'_>, name: &str) -> Option<Value> {
        let given = self.argument(site, 0);
        let Some(entries) = self.entries(&given) else {
            // All of an environment in client code.
            return (name != "Object.keys").then_some(given);
        };
        let part = |(key, field): (Value, Field)| match name {
            "Object.keys" => key,
            "Object.values" => field.value,
            _ => Value::List(vec![key, field.value].into()),
        };
        Some(Value::List(entries.into_iter().map(part).take(MAX_SIZE).collect::<Vec<_>>().into()))
    }

    /// `Array.from(list)` and `Array.from(list, function)`.
    fn array_from(&self, site: CallSite<'_>) -> Option<Value> {
        let list = self.argument(site, 0);
        let all = items(&list)?;
        match self.argument(site, 1) {
            Value::Function(home, function) => {
                let mapped = self.mapped(all, &list, (home, function), site.frame.as_ref())?;
                Some(Value::List(mapped.into()))
            }
            _ => Some(Value::List(all.into())),
        }
    }

    /// `Object.assign` and `Object.fromEntries`.
    fn object_function(&self, site: CallSite<'_>, name: &str) -> Value {
        let given = self.arguments(site);
        if let ("Object.fromEntries", [list]) = (name, given.as_slice()) {
            let at = self.at(site.module, site.span);
            return match self.object_of_entries(list, &at) {
                Some(object) => object,
                None => list.clone(),
            };
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
                // A list that statements add to.
                Value::Any(lists) if lists.iter().any(|it| matches!(it, Value::List(_))) => {
                    let joined =
                        lists.iter().map(|list| self.joined_list(site, list.elements(), first()));
                    Some(Value::any_of(joined.collect()))
                }
                // `path.join` is not a method of a list.
                _ => None,
            },
            "map" | "flatMap" | "filter" | "find" | "findLast" | "reduce" | "flat" | "sort"
            | "toSorted" | "toReversed" | "pop" | "shift" => {
                let on = on();
                self.list_method(site, &on, method, first().as_ref())
            }
            "pipeThrough" => Some(on()),
            "reverse" => match on() {
                Value::List(values) => {
                    Some(Value::List(values.iter().rev().cloned().collect::<Vec<_>>().into()))
                }
                _ => Some(Value::Unknown),
            },
            // `createIsomorphicFn().server(() => …).client(() => …)` is either function.
            "client" | "server" if self.is_isomorphic(site) => {
                let functions = [on(), first().unwrap_or_default()];
                let is_function = |it: &Value| matches!(it, Value::Function(..) | Value::Any(_));
                Some(Value::any_of(functions.into_iter().filter(is_function).collect()))
            }
            // Of a generator: `const { value, done } = await parts.next()`.
            "next" => match on() {
                list if list.has_secret() && items(&list).is_some() => {
                    let (value, at) = (self.any_element(&list), self.at(site.module, site.span));
                    Some(Value::Object(vec![Field { key: "value".into(), value, at }].into()))
                }
                _ => None,
            },
            "slice" | "at" if let Some(list) = self.list_method(site, &on(), method, None) => {
                Some(list)
            }
            "slice" | "substring" | "substr" => {
                let value = on();
                let is_kept = value.is_secret() && !self.is_harmless_slice(site);
                Some(if is_kept { value } else { Value::Unknown })
            }
            "encode" => match on() {
                Value::CallResult(name, _) if &*name == "TextEncoder" => first(),
                _ => None,
            },
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
            // A secret takes the place of a mark in a text.
            "replace" | "replaceAll" if site.arguments.len() == 2 => {
                let put = match self.argument(site, 1) {
                    Value::Function(home, function) => self.call_function(home, function, &[], 0),
                    other => other,
                };
                if put.is_secret() { Some(put) } else { is_text(&on()).then_some(Value::Unknown) }
            }
            "split" if self.root.is_some() => match (on(), first()) {
                (Value::Text(text), Some(Value::Text(mark))) if !mark.is_empty() => {
                    let parts = text.split(&*mark).map(|part| Value::Text(part.into()));
                    Some(Value::List(parts.take(MAX_SIZE).collect::<Vec<_>>().into()))
                }
                (other, _) => is_text(&other).then_some(Value::Unknown),
            },
            "startsWith" | "endsWith" | "includes" | "test" | "match" | "matchAll" | "indexOf"
            | "search" | "charAt" | "charCodeAt" | "codePointAt" | "at" | "localeCompare"
            | "digest" | "update" | "split" | "replace" | "replaceAll" => {
                is_text(&on()).then_some(Value::Unknown)
            }
            _ => self.container_method(site, object, method),
        }
    }

    fn is_isomorphic(&self, site: CallSite<'_>) -> bool {
        let body = self.body(site.module);
        body.is_some_and(|body| names_of(body, site.callee).first() == "createIsomorphicFn")
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
