//! Lists and objects that functions go through: `list.map(…)`, `Object.entries(env)`, loops.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use std::sync::Arc;

use crate::eval::calls::CallSite;
use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::limits::MAX_SIZE;
use crate::eval::value::{Field, TaintOrigin, Value, last_of_each};
use crate::graph::modules::ModuleId;
use crate::js::ir::{Expr, ExprId};
use crate::leak::FileSpan;
use crate::variables::read::{EnvRoot, ReadForm};

/// The name of the entry that stands for all variables of an environment.
pub(super) const EVERY: &str = "*";

/// The name of a value that stands for the variables with some prefixes.
pub(super) const PREFIXED: &str = "(variables)";

/// How many elements of a list callbacks are evaluated for.
pub(super) const MAX_ITEMS: usize = 200;

/// How many functions are called of which a name chooses one.
const MAX_FUNCTIONS: usize = 40;

impl Evaluator<'_> {
    /// The result of a method of a list that gets a function, or that makes another list; `None` if
    /// it is something else.
    pub(super) fn list_method(
        &self,
        site: CallSite<'_>,
        on: &Value,
        method: &str,
        first: Option<&Value>,
    ) -> Option<Value> {
        let parent = site.frame.as_ref();
        let Some(all) = items(on) else {
            // Whatever the list is, its elements may get a secret: `rows.map((row) => ({ ...row, key }))`.
            return match (method, on, first) {
                (
                    "map" | "flatMap",
                    Value::Unknown | Value::CallResult(..),
                    Some(Value::Function(home, function)),
                ) if self.root.is_none() => {
                    let made = self.mapped(Vec::new(), on, (*home, *function), parent)?;
                    Some(Value::List(made.into()))
                }
                _ => None,
            };
        };
        match (method, first) {
            ("slice" | "sort" | "toSorted" | "toReversed", _) => Some(Value::List(all.into())),
            ("flat", _) => Some(flattened(all)),
            ("at" | "pop" | "shift", _) => Some(self.any_element(on)),
            ("filter", Some(Value::Function(home, function))) => {
                Some(Value::List(self.kept(all, (*home, *function), parent).into()))
            }
            // `filter(Boolean)`
            ("filter", _) => Some(Value::List(all.into())),
            ("find" | "findLast", Some(Value::Function(home, function))) => {
                Some(Value::any_of(self.kept(all, (*home, *function), parent)))
            }
            ("map" | "flatMap", Some(Value::Function(home, function))) => {
                let mapped = self.mapped(all, on, (*home, *function), parent)?;
                Some(if method == "map" { Value::List(mapped.into()) } else { flattened(mapped) })
            }
            ("reduce", Some(Value::Function(home, function))) => {
                let initial = site.arguments.get(1).map(|_| self.argument(site, 1));
                Some(self.reduced(all, initial, (*home, *function), parent))
            }
            _ => None,
        }
    }

    /// The elements for which a function returns true, or may. Names of variables that a program asks
    /// something unknown about are left out: mostly it asks for public ones.
    fn kept(
        &self,
        all: Vec<Value>,
        function: (ModuleId, u32),
        parent: Option<&CallFrame<'_>>,
    ) -> Vec<Value> {
        let are_variables = all.iter().any(is_every);
        let is_kept = |item: &Value| {
            let truth = self.truth_of_function(function, std::slice::from_ref(item), parent);
            truth.unwrap_or(!are_variables)
        };
        all.into_iter().filter(is_kept).collect()
    }

    /// The results of a function for each element; `None` if they cannot matter.
    pub(super) fn mapped(
        &self,
        all: Vec<Value>,
        list: &Value,
        function: (ModuleId, u32),
        parent: Option<&CallFrame<'_>>,
    ) -> Option<Vec<Value>> {
        let mut same = None;
        if self.root.is_none() && !list.has_secret() && !all.iter().any(is_closed) {
            // The same for all elements, unless these are names that choose properties.
            let one = self.call_closure(Self::closure(function, &[], parent));
            let is_told = one.has_secret();
            if !is_told && !all.iter().any(may_name_variable) {
                return None;
            }
            let may_choose = |item: &Value| matches!(item, Value::Text(_) | Value::Object(_));
            if !all.iter().any(may_choose) {
                return Some(vec![one]);
            }
            same = is_told.then_some(one);
        }
        let are_variables = all.iter().any(is_every);
        let outer = self.among_variables.replace(are_variables);
        let result = |(index, item): (usize, Value)| {
            let given = [item, Value::Literal(index.to_string().into())];
            self.call_closure(Self::closure(function, &given, parent))
        };
        let results: Vec<Value> = all.into_iter().take(MAX_ITEMS).enumerate().map(result).collect();
        self.among_variables.set(outer);
        match same {
            Some(one) if results.iter().all(Value::has_secret) => Some(vec![one]),
            _ => Some(results),
        }
    }

    /// The result of `list.reduce(function, initial)`.
    fn reduced(
        &self,
        all: Vec<Value>,
        initial: Option<Value>,
        (home, function): (ModuleId, u32),
        parent: Option<&CallFrame<'_>>,
    ) -> Value {
        let are_variables = all.iter().any(is_every);
        let mut all = all.into_iter().take(MAX_ITEMS);
        let Some(mut folded) = initial.or_else(|| all.next()) else { return Value::Unknown };
        let Some(body) = self.body(home) else { return Value::Unknown };
        let known = body.functions.get(function as usize);
        let returns = known.map_or(&[][..], |known| known.returns.as_slice());
        let outer = self.among_variables.replace(are_variables);
        for item in all {
            let given = [folded.clone(), item];
            let frame = Some(Self::closure((home, function), &given, parent));
            let results = returns.iter().filter_map(|&expr| {
                let node = body.node(expr)?;
                if self.runs(home, node.span, frame) == Some(false) {
                    return None;
                }
                let value = self.eval(home, expr, frame);
                Some(match &node.expr {
                    // `acc[key] = value; return acc`
                    Expr::Symbol(symbol) if self.root.is_none() => {
                        self.after_statements(body, (home, *symbol), value, frame)
                    }
                    _ => value,
                })
            });
            folded = match Value::any_of(results.collect()) {
                Value::Any(values) => {
                    let secret = values.iter().find(|it| it.has_secret() && !are_variables);
                    secret.or(values.last()).cloned().unwrap_or_default()
                }
                value => value,
            };
            if folded.size() > MAX_SIZE {
                folded = self.give_up();
                break;
            }
        }
        self.among_variables.set(outer);
        without_covered(folded)
    }

    /// Any element of a list, or any property of an object, if one of them matters.
    pub(super) fn any_element(&self, list: &Value) -> Value {
        match items(list) {
            Some(all)
                if list.has_secret() || all.iter().any(|it| is_every(it) || is_closed(it)) =>
            {
                Value::any_of(all)
            }
            // One of several functions: `messages[locale]()`.
            None if list.has_secret() || self.has_only_functions(list) => {
                Value::any_of(list.fields().iter().map(|field| field.value.clone()).collect())
            }
            _ => Value::Unknown,
        }
    }

    /// True for an object of a few functions.
    fn has_only_functions(&self, value: &Value) -> bool {
        let fields = value.fields();
        self.root.is_none()
            && (1..=MAX_FUNCTIONS).contains(&fields.len())
            && fields.iter().all(|field| matches!(field.value, Value::Function(..)))
    }

    /// The element of a loop: that of a map is a pair.
    pub(super) fn element_of_loop(&self, list: &Value) -> Value {
        let Value::Object(fields) = list else { return self.any_element(list) };
        let secret = fields.iter().filter(|field| field.value.has_secret());
        let pairs = secret.map(|field| {
            Value::List(vec![Value::Text(Arc::clone(&field.key)), field.value.clone()].into())
        });
        Value::any_of(pairs.collect())
    }

    /// The argument of a function that is given to a method of a list: any element of it.
    pub(super) fn callback_argument(
        &self,
        (module, function): (ModuleId, u32),
        index: u32,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        let Some((list, element)) = self.list_of_callback(module, function) else {
            return Value::Unknown;
        };
        if index != element {
            return Value::Unknown;
        }
        self.any_element(&self.eval(module, list, frame))
    }

    /// The list whose elements a function gets, and the position of the element among its
    /// arguments.
    pub(super) fn list_of_callback(
        &self,
        module: ModuleId,
        function: u32,
    ) -> Option<(ExprId, u32)> {
        let body = self.body(module)?;
        let call = body.functions.get(function as usize)?.given_to?;
        let Expr::Call { callee, arguments, .. } = &body.node(call)?.expr else { return None };
        let Expr::Member(object, method) = &body.node(*callee)?.expr else { return None };
        match &**method {
            "map" | "forEach" | "filter" | "find" | "some" | "every" | "flatMap" | "findLast" => {
                Some((*object, 0))
            }
            "reduce" => Some((*object, 1)),
            "from" => Some((*arguments.first()?, 0)),
            _ => None,
        }
    }

    /// The entries of an object, as pairs of a key and a value; `None` if it is not known.
    pub(super) fn entries(&self, value: &Value) -> Option<Vec<(Value, Field)>> {
        let entry = |field: &Field| {
            let key = match &*field.key {
                "[]" => Value::Unknown,
                key => Value::Text(key.into()),
            };
            (key, field.clone())
        };
        match value {
            Value::Object(fields) => {
                let mut all = Vec::new();
                for field in fields.iter() {
                    match &field.value {
                        Value::Environment(..) if &*field.key == "..." => {
                            all.extend(self.entries(&field.value).into_iter().flatten());
                        }
                        _ if &*field.key == "..." => {}
                        _ => all.push(entry(field)),
                    }
                }
                Some(all)
            }
            Value::Environment(root, at)
                if self.root.is_some() || matches!(root, EnvRoot::Process | EnvRoot::Runtime) =>
            {
                let mut all: Vec<_> = self.variables_of(*root, at, &[]).iter().map(entry).collect();
                let every = Field { key: EVERY.into(), value: value.clone(), at: at.clone() };
                all.push(entry(&every));
                Some(all)
            }
            Value::Module(module) => self.entries(&self.exported_value(*module)),
            Value::Any(values) => {
                let known = values.iter().filter_map(|value| self.entries(value)).flatten();
                Some(known.collect())
            }
            _ => None,
        }
    }

    /// The variables that are known to be secret or may be, with these prefixes; none means any.
    fn variables_of(&self, root: EnvRoot, at: &FileSpan, prefixes: &[Value]) -> Vec<Field> {
        let is_meant = |name: &str| {
            let mut prefixes = prefixes.iter().filter_map(Value::text).peekable();
            prefixes.peek().is_none() || prefixes.any(|prefix| name.starts_with(prefix))
        };
        let declared = self.env.declared();
        let declared = declared.filter(|(it, _)| !it.is_example && !it.is_for_development);
        let declared = declared.map(|(declared, _)| declared.name.as_str());
        // Of all the names that providers use, those that the code asks for by the provider's word.
        let asked = self.asked_words(at);
        let kinds = self.catalog.kinds.iter().filter(|kind| kind.is_wanted);
        let known = kinds.flat_map(|kind| kind.env.iter().map(String::as_str));
        let known = known.filter(|name| asked.iter().any(|word| name.contains(&**word)));
        let mut names: Vec<&str> = declared.chain(known).filter(|name| is_meant(name)).collect();
        names.sort_unstable();
        names.dedup();
        let variable = |name: &str| {
            let value = self.variable(name, root, ReadForm::Member, at.clone());
            let is_secret = matches!(value, Value::Secret(_));
            is_secret.then(|| Field { key: name.into(), value, at: at.clone() })
        };
        names.into_iter().filter_map(variable).take(MAX_ITEMS).collect()
    }

    /// The texts with a provider's word, such as `ACME_`, in the module of a place.
    fn asked_words(&self, at: &FileSpan) -> Vec<Arc<str>> {
        let module = self.graph.by_path(&at.path);
        let nodes = module.and_then(|module| self.body(module)).map_or(&[][..], |body| &body.nodes);
        let texts = nodes.iter().filter_map(|node| match &node.expr {
            Expr::Text(text) => Some(text),
            _ => None,
        });
        texts.filter(|text| self.env.has_provider_word(text)).cloned().collect()
    }

    /// The variables with some prefixes, as an object.
    pub(super) fn prefixed(&self, prefixes: &[Value], at: FileSpan) -> Value {
        let mut fields = self.variables_of(EnvRoot::Runtime, &at, prefixes);
        let value = Value::CallResult(PREFIXED.into(), prefixes.to_vec().into());
        fields.push(Field { key: "...".into(), value, at });
        Value::Object(fields.into())
    }

    /// The result of `loadEnv(…)` of Rsbuild: `publicVars` has the variables with some prefixes by the
    /// names that code has for them, `rawPublicVars` by their own.
    pub(super) fn variables_of_rsbuild(&self, options: &Value, at: FileSpan) -> Value {
        let own = ["PUBLIC_".into()].map(Value::Text);
        let given = options.get("prefixes").elements();
        let raw = self
            .prefixed(if options.field("prefixes").is_some() { given } else { &own }, at.clone());
        let named = raw.fields().iter().filter(|field| &*field.key != "...").flat_map(|field| {
            let roots = ["process.env", "import.meta.env"].into_iter();
            roots.map(|root| Field { key: format!("{root}.{}", field.key).into(), ..field.clone() })
        });
        let public = Value::Object(named.collect::<Vec<_>>().into());
        let fields = [("publicVars", public), ("rawPublicVars", raw)];
        let fields = fields.map(|(key, value)| Field { key: key.into(), value, at: at.clone() });
        Value::Object(fields.to_vec().into())
    }

    /// `Object.fromEntries(…)` of a list of pairs; `at` is the place of properties.
    pub(super) fn object_of_entries(&self, list: &Value, at: &FileSpan) -> Option<Value> {
        let field = |pair: Value| {
            let (key, value) = match &pair {
                Value::List(pair) => (pair.first(), pair.get(1)),
                _ => (None, Some(&pair)),
            };
            let value = value.cloned().unwrap_or_default();
            let key = match key {
                Some(Value::Text(key)) if &**key == EVERY => "...".into(),
                Some(Value::Text(key)) => Arc::clone(key),
                _ => "[]".into(),
            };
            // The place where all variables are named says more.
            let at = match &value {
                Value::Environment(_, named) => named.clone(),
                _ => at.clone(),
            };
            Field { key, value, at }
        };
        let fields = items(list)?.into_iter().map(field);
        Some(without_covered(Value::Object(last_of_each(fields.collect()).into())))
    }
}

/// The elements of a list or set, or of several lists; `None` if it is none.
pub(super) fn items(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::List(values) => Some(values.to_vec()),
        Value::CallResult(name, values) if &**name == "Set" => items(values.first()?),
        Value::Any(values) => {
            let lists: Vec<_> = values.iter().filter_map(items).collect();
            (!lists.is_empty()).then(|| lists.concat())
        }
        _ => None,
    }
}

fn flattened(all: Vec<Value>) -> Value {
    let inner = all.into_iter().flat_map(|item| items(&item).unwrap_or_else(|| vec![item]));
    Value::List(inner.collect::<Vec<_>>().into())
}

/// True for a text that may be the name of a variable: `API_KEY`.
fn may_name_variable(item: &Value) -> bool {
    let is_of_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    item.text().is_some_and(|text| text.len() > 2 && text.chars().all(is_of_name))
}

/// True for the element that stands for all variables: their name, or name and value.
pub(super) fn is_every(item: &Value) -> bool {
    match item {
        Value::Text(text) => &**text == EVERY,
        Value::Environment(..) => true,
        Value::List(pair) => pair.first().is_some_and(|key| key.text() == Some(EVERY)),
        _ => false,
    }
}

/// True for a value that may hold a secret which it does not show.
fn is_closed(item: &Value) -> bool {
    matches!(item, Value::Module(_) | Value::Instance(..))
}

/// An object without the variables that the entry for all of them includes.
pub(super) fn without_covered(value: Value) -> Value {
    let Value::Object(fields) = &value else { return value };
    let prefixes: Vec<Arc<str>> = fields
        .iter()
        .filter(|field| matches!(field.value, Value::Environment(..)))
        .filter_map(|field| match &*field.key {
            "..." => Some("".into()),
            key => key.strip_suffix(EVERY).map(Into::into),
        })
        .collect();
    if prefixes.is_empty() {
        return value;
    }
    let is_covered = |field: &Field| {
        let is_variable = matches!(&field.value, Value::Secret(taint)
            if matches!(taint.origin, TaintOrigin::Variable { .. }));
        is_variable && prefixes.iter().any(|prefix| field.key.starts_with(&**prefix))
    };
    let kept = fields.iter().filter(|field| !is_covered(field)).cloned();
    Value::Object(kept.collect::<Vec<_>>().into())
}
