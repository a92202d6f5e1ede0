//! The evaluator: its state, the questions that it answers, and its limits.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::RandomState;

use crate::catalog::Catalog;
use crate::eval::circles::{Circles, KnownValue, Question, Subject, UsedParameters};
use crate::eval::known_calls::KnownCalls;
use crate::eval::left_value::LeftValue;
use crate::eval::limits::{MANY_STEPS, MAX_DEPTH, MAX_SIZE, MAX_STEPS, MAX_WORK};
use crate::eval::names::{name_of, root_symbol};
use crate::eval::runtime_config::RuntimeProperties;
use crate::eval::searched_texts::SearchedTexts;
use crate::eval::statements::Statements;
use crate::eval::suspects::Suspects;
use crate::eval::value::{Field, Value};
use crate::graph::modules::{BindingId, Graph, ModuleId};
use crate::input::{Files, KeyFinder};
use crate::js::ir::{Body, Expr, ExprId, Property, Span};
use crate::leak::FileSpan;
use crate::paths;
use crate::variables::read::ReadForm;
use crate::variables::tainted::TaintedVariables;

/// Evaluates the expressions of a graph. Each thread has its own.
pub(crate) struct Evaluator<'a> {
    pub(super) graph: &'a Graph,
    pub(super) catalog: &'a Catalog,
    pub(super) keys: &'a dyn KeyFinder,
    pub(super) env: &'a TaintedVariables<'a>,
    memo: RefCell<HashMap<Question, KnownValue, RandomState>>,
    /// Which names are secret.
    pub(super) secret_names: RefCell<HashMap<&'a str, bool, RandomState>>,
    circles: Circles,
    known_calls: KnownCalls,
    pub(super) depth: Cell<u32>,
    pub(super) steps: Cell<u32>,
    pub(super) work: Cell<usize>,
    /// How often a limit was reached.
    cuts: Cell<usize>,
    /// The parameters whose values were used since this was cleared.
    pub(super) used: Cell<UsedParameters>,
    /// The configuration that code gets when it runs.
    pub(super) runtime: Option<&'a RuntimeProperties>,
    /// The values that the build puts into the code of servers, by name.
    pub(super) definitions: &'a [Field],
    /// The values that middleware leaves for other code.
    pub(super) left: &'a [LeftValue],
    /// The statements that change objects, of the modules that were asked for.
    pub(super) statements: RefCell<HashMap<ModuleId, Rc<Statements>, RandomState>>,
    /// The objects whose statements are being evaluated: these see them as they were before.
    pub(super) changing: RefCell<Vec<(ModuleId, u32)>>,
    /// For objects that were asked for, true if all code only reads them.
    pub(super) only_read: RefCell<HashMap<BindingId, bool, RandomState>>,
    /// True while a function goes through the variables of an environment.
    pub(super) among_variables: Cell<bool>,
    /// For configurations, the folder that paths are relative to.
    pub(super) root: Option<&'a str>,
    /// The bindings that a secret may get to, if that is known.
    suspects: Option<&'a Suspects>,
    /// The literals that were searched for keys.
    pub(super) texts: Option<&'a SearchedTexts<'a>>,
    /// The files that code may read, and the folder where it runs.
    pub(super) files: Option<(&'a dyn Files, &'a str)>,
}

/// The number of the function that an Astro component is: its properties are the argument.
pub(super) const PROPERTIES: u32 = u32::MAX - 1;

/// The arguments of a call that is evaluated.
#[derive(Clone, Copy)]
pub(super) struct CallFrame<'f> {
    pub(super) module: ModuleId,
    pub(super) function: u32,
    pub(super) arguments: &'f [Value],
    /// The parameters, also of calls around it, of whose arguments anything that matters is known.
    given: UsedParameters,
    /// The object that the function is called on, if its result can depend on it.
    this: Option<&'f Value>,
    pub(super) depth: u32,
    /// For one round of a loop, the expression whose value is the element; it is the only argument.
    pub(super) element: Option<ExprId>,
    /// The call around it: that of the function in which this one is written.
    pub(super) parent: Option<&'f Self>,
}

impl<'f> CallFrame<'f> {
    /// The arguments of the innermost call of a function, among this one and those around it.
    pub(super) fn arguments_of(&self, module: ModuleId, function: u32) -> Option<&'f [Value]> {
        let is_it = self.element.is_none() && self.module == module && self.function == function;
        if is_it {
            return Some(self.arguments);
        }
        self.parent?.arguments_of(module, function)
    }

    /// The object that this call, or the one around it, is made on.
    pub(super) fn this(&self) -> Option<&'f Value> {
        self.this.or_else(|| self.parent?.this())
    }

    /// The call made on an object, if there is one.
    pub(super) fn on(self, this: Option<&'f Value>) -> Self {
        let given = if this.is_some() { self.given.and(UsedParameters::THIS) } else { self.given };
        Self { given, this, ..self }
    }

    /// True if nothing that matters is known of any argument, nor of the object of the call.
    pub(super) fn is_blank(&self) -> bool {
        self.given == UsedParameters::default()
    }

    /// The element in this round of a loop, by the expression that stands for it.
    pub(super) fn element_of(&self, module: ModuleId, element: ExprId) -> Option<&'f Value> {
        if self.element == Some(element) && self.module == module {
            return self.arguments.first();
        }
        self.parent?.element_of(module, element)
    }

    /// One round of a loop.
    pub(super) fn round(
        (module, element): (ModuleId, ExprId),
        arguments: &'f [Value],
        parent: Option<&'f Self>,
    ) -> Self {
        let depth = parent.map_or(1, |parent| parent.depth);
        let given = UsedParameters::ELEMENT.and(given_around(parent));
        let (element, this) = (Some(element), None);
        CallFrame { module, function: u32::MAX, arguments, given, this, depth, element, parent }
    }
}

/// The parameters with known arguments in a call.
fn given_around(parent: Option<&CallFrame<'_>>) -> UsedParameters {
    parent.map_or(UsedParameters::default(), |parent| parent.given)
}

impl<'a> Evaluator<'a> {
    /// An evaluator that knows nothing yet.
    pub(crate) fn new(
        graph: &'a Graph,
        catalog: &'a Catalog,
        keys: &'a dyn KeyFinder,
        env: &'a TaintedVariables<'a>,
    ) -> Self {
        Self {
            graph,
            catalog,
            keys,
            env,
            memo: RefCell::default(),
            secret_names: RefCell::default(),
            circles: Circles::default(),
            known_calls: KnownCalls::default(),
            depth: Cell::new(0),
            steps: Cell::new(0),
            work: Cell::new(0),
            cuts: Cell::new(0),
            used: Cell::default(),
            runtime: None,
            definitions: &[],
            left: &[],
            statements: RefCell::default(),
            changing: RefCell::default(),
            only_read: RefCell::default(),
            among_variables: Cell::new(false),
            root: None,
            suspects: None,
            texts: None,
            files: None,
        }
    }

    /// Forgets all values, so that those of the next module do not depend on the questions before.
    pub(crate) fn forget(&mut self) {
        self.memo.get_mut().clear();
        self.circles.clear();
        self.known_calls.clear();
        self.statements.get_mut().clear();
        self.work.set(0);
        self.cuts.set(0);
    }

    /// The same evaluator for code that gets this configuration when it runs.
    pub(crate) fn with_runtime(self, runtime: &'a RuntimeProperties) -> Self {
        Self { runtime: Some(runtime), ..self }
    }

    /// The same evaluator for code into which the build puts these values.
    pub(crate) fn with_definitions(self, definitions: &'a [Field]) -> Self {
        Self { definitions, ..self }
    }

    /// The same evaluator for code that gets values which other code leaves for it.
    pub(crate) fn with_left(self, left: &'a [LeftValue]) -> Self {
        Self { left, ..self }
    }

    /// The same evaluator for configurations of the app in `root`: they know the folders of its
    /// modules.
    pub(crate) fn of_app(self, root: &'a str) -> Self {
        Self { root: Some(root), ..self }
    }

    /// The same evaluator, which knows where secrets may get to.
    pub(crate) fn among(self, suspects: &'a Suspects) -> Self {
        Self { suspects: Some(suspects), ..self }
    }

    /// The same evaluator, which shares what it finds out about literals with others.
    pub(crate) fn searching(self, texts: &'a SearchedTexts<'a>) -> Self {
        Self { texts: Some(texts), ..self }
    }

    /// The same evaluator for code that runs in a folder and may read files.
    pub(crate) fn with_files(self, files: &'a dyn Files, root: &'a str) -> Self {
        Self { files: Some((files, root)), ..self }
    }

    /// The value of an expression of a module.
    pub(crate) fn value(&self, module: ModuleId, expr: ExprId) -> Value {
        self.steps.set(0);
        let value = self.eval(module, expr, None);
        self.charged(value)
    }

    /// The value of an expression that is sent: objects are followed through the statements that
    /// change them. Elsewhere they are not, as that takes long.
    pub(crate) fn value_sent(&self, module: ModuleId, expr: ExprId) -> Value {
        let value = self.value(module, expr);
        let Some(body) = self.body(module).filter(|body| !body.changed.is_empty()) else {
            return value;
        };
        match body.node(expr).map(|node| &node.expr) {
            Some(Expr::Symbol(symbol)) if body.changed.binary_search(symbol).is_ok() => {
                self.steps.set(0);
                let value = self.after_statements(body, (module, *symbol), value, None);
                self.charged(value)
            }
            Some(Expr::Call { callee, arguments, .. })
                if name_of(body, *callee) == "JSON.stringify" =>
            {
                arguments.first().map_or(value, |&given| self.value_sent(module, given))
            }
            // `url.href`, `url.toString()`
            Some(Expr::Member(object, name)) if &**name == "href" => {
                self.text_sent(module, *object, value)
            }
            // `errors.name`, which a statement may have set.
            Some(Expr::Member(object, name)) if !value.has_secret() => {
                let is_changed = root_symbol(body, *object)
                    .is_some_and(|symbol| body.changed.binary_search(&symbol).is_ok());
                if !is_changed {
                    return value;
                }
                let whole = self.value_sent(module, *object);
                let span = body.node(expr).map_or_else(Span::default, |node| node.span);
                let own = self.read_property(&whole, name, ReadForm::Member, module, span);
                if own.has_secret() { own } else { value }
            }
            Some(Expr::Call { callee, .. })
                if let Some(Expr::Member(object, name)) = body.node(*callee).map(|it| &it.expr)
                    && &**name == "toString" =>
            {
                self.text_sent(module, *object, value)
            }
            Some(Expr::Concat(parts)) if !value.has_secret() => {
                let sent = parts.iter().map(|&part| self.text_sent(module, part, Value::Unknown));
                Value::any_of(std::iter::once(value).chain(sent).collect())
            }
            Some(Expr::Object(properties)) => {
                let Value::Object(fields) = &value else { return value };
                let changed = |field: &Field| {
                    let own = properties.iter().find(|own| own.span == field.at.span)?;
                    let is_open = matches!(
                        body.node(own.value)?.expr,
                        Expr::Symbol(_) | Expr::Object(_) | Expr::Member(..)
                    );
                    is_open.then(|| self.value_sent(module, own.value))
                };
                let fields = fields.iter().map(|field| match changed(field) {
                    Some(value) => Field { value, ..field.clone() },
                    None => field.clone(),
                });
                Value::Object(fields.collect::<Vec<_>>().into())
            }
            _ => value,
        }
    }

    /// True if a secret is found in the value of an expression, or in the result of it if it is a function.
    #[cfg(test)]
    pub(crate) fn finds_secret(&self, module: ModuleId, expr: ExprId) -> bool {
        let counters = (self.steps.get(), self.work.get(), self.cuts.get());
        let mut values = vec![self.value_sent(module, expr)];
        if let Value::Function(home, function) = values[0] {
            values.extend(self.returns(home, function).into_iter().map(|(_, value)| value));
        }
        let has_secret = |value: Value| {
            let value = self.expanded(value, 0);
            !crate::eval::value::leaked_taints(&value).is_empty()
                || crate::eval::value::whole_environment(&value).is_some()
        };
        let found = values.into_iter().any(has_secret);
        self.steps.set(counters.0);
        self.work.set(counters.1);
        self.cuts.set(counters.2);
        found
    }

    /// The value of a text that is made of an address, which statements may change; or else `value`.
    fn text_sent(&self, module: ModuleId, of: ExprId, value: Value) -> Value {
        let is_symbol =
            |body: &Body| matches!(body.node(of).map(|it| &it.expr), Some(Expr::Symbol(_)));
        if value.has_secret() || !self.body(module).is_some_and(is_symbol) {
            return value;
        }
        let changed = self.value_sent(module, of);
        if changed.has_secret() && matches!(changed, Value::Object(_)) { changed } else { value }
    }

    /// The value of an expression in a function that is called with these arguments.
    pub(crate) fn value_given(
        &self,
        module: ModuleId,
        expr: ExprId,
        (function, arguments): (u32, &[Value]),
    ) -> Value {
        self.steps.set(0);
        let frame = Self::given_frame(module, function, arguments);
        let value = self.eval(module, expr, Some(frame));
        self.charged(value)
    }

    /// The same for a method that is called on this object.
    pub(crate) fn value_given_on(
        &self,
        module: ModuleId,
        expr: ExprId,
        (function, arguments): (u32, &[Value]),
        this: Option<&Value>,
    ) -> Value {
        self.steps.set(0);
        let frame = Self::given_frame(module, function, arguments).on(this);
        let value = self.eval(module, expr, Some(frame));
        self.charged(value)
    }

    /// The value of an expression of an Astro component that gets these properties.
    pub(crate) fn value_with_properties(
        &self,
        module: ModuleId,
        expr: ExprId,
        properties: &[Value],
    ) -> Value {
        self.value_given(module, expr, (PROPERTIES, properties))
    }

    /// A property of the objects of a class, or of the class itself.
    pub(crate) fn property_of_object(&self, module: ModuleId, class: u32, property: &str) -> Value {
        self.steps.set(0);
        let value = self.property_of_class(module, class, property);
        self.charged(value)
    }

    /// The value of a name of a module.
    pub(crate) fn named(&self, module: ModuleId, symbol: u32) -> Value {
        self.steps.set(0);
        let value = self.symbol(module, symbol, None);
        self.charged(value)
    }

    /// The attributes of an element as an object, possibly in a function that is called with these
    /// arguments.
    pub(crate) fn attributes(
        &self,
        module: ModuleId,
        attributes: &[Property],
        given: Option<(u32, &[Value])>,
    ) -> Value {
        self.steps.set(0);
        let frame =
            given.map(|(function, arguments)| Self::given_frame(module, function, arguments));
        self.object(module, attributes, frame)
    }

    /// The frame of a call with arguments that matter.
    fn given_frame(module: ModuleId, function: u32, arguments: &[Value]) -> CallFrame<'_> {
        let (this, element, parent) = (None, None, None);
        let given = UsedParameters::of(module, function);
        CallFrame { module, function, arguments, given, this, depth: 1, element, parent }
    }

    /// The results of a function whose arguments are not known, one for each `return`.
    pub(crate) fn returns(&self, module: ModuleId, function: u32) -> Vec<(ExprId, Value)> {
        self.steps.set(0);
        let Some(body) = self.body(module) else { return Vec::new() };
        let Some(function) = body.functions.get(function as usize) else { return Vec::new() };
        function.returns.iter().map(|&expr| (expr, self.eval(module, expr, None))).collect()
    }

    /// True if a limit was reached, so that some values are not known that could be.
    pub(crate) fn is_cut(&self) -> bool {
        self.cuts.get() > 0
    }

    /// Counts work against [`MAX_WORK`].
    pub(crate) fn charge(&self, amount: usize) {
        self.work.set(self.work.get().saturating_add(amount));
    }

    /// Counts a value that is searched for secrets, which takes as long as it is large.
    pub(super) fn charged(&self, value: Value) -> Value {
        if value.has_secret() {
            self.charge(value.size());
        }
        value
    }

    /// An unknown value, because a limit is reached.
    pub(super) fn give_up(&self) -> Value {
        self.cuts.set(self.cuts.get() + 1);
        Value::Unknown
    }

    /// An unknown value in place of one that is too large, which is a loss only if a secret may come of
    /// it.
    pub(super) fn too_large(&self, value: &Value) -> Value {
        if value.may_yield_secret() { self.give_up() } else { Value::Unknown }
    }

    /// The folder of a module, relative to that of the app.
    pub(super) fn folder(&self, module: ModuleId) -> Value {
        let path = &self.graph.modules[module].path;
        let root = self.root.or(self.files.map(|(_, root)| root));
        match root.and_then(|root| paths::below(path, root)) {
            Some(relative) => Value::Text(format!("./{}", paths::folder(relative)).into()),
            None => Value::Unknown,
        }
    }

    /// The expressions of a module, if they were read.
    pub(crate) fn body(&self, module: ModuleId) -> Option<&'a Body> {
        self.graph.modules[module].module.body.as_ref()
    }

    /// The place of an expression of a module.
    pub(crate) fn at(&self, module: ModuleId, span: Span) -> FileSpan {
        FileSpan { path: self.graph.modules[module].path.clone(), span }
    }

    pub(super) fn eval(
        &self,
        module: ModuleId,
        expr: ExprId,
        frame: Option<CallFrame<'_>>,
    ) -> Value {
        // A name is a question of its own, wherever it is written.
        let node = self.body(module).and_then(|body| body.node(expr));
        let subject = match node.map(|node| &node.expr) {
            Some(Expr::Symbol(symbol)) => Subject::Symbol(*symbol),
            _ => Subject::Expr(expr),
        };
        self.answer(module, subject, frame, || self.evaluate(module, expr, frame))
    }

    /// The answer to a question: a known one, or that of `work`. In a circle, it is what is known so
    /// far.
    pub(super) fn answer(
        &self,
        module: ModuleId,
        subject: Subject,
        frame: Option<CallFrame<'_>>,
        work: impl FnOnce() -> Value,
    ) -> Value {
        let question = (module, subject, frame.map_or(0, |frame| frame.depth));
        let given = frame.map_or(UsedParameters::default(), |frame| frame.given);
        let is_usable = |known: &&KnownValue| !known.uses.meets(given);
        let known = self.memo.borrow().get(&question).filter(is_usable).cloned();
        if let Some(known) = known.or_else(|| self.circles.known(&question, given)) {
            self.use_parameters(known.uses);
            return known.value;
        }
        let (depth, steps, cuts) = (self.depth.get(), self.steps.get(), self.cuts.get());
        self.charge(1);
        if depth >= MAX_DEPTH || steps >= MAX_STEPS || self.work.get() > MAX_WORK {
            // Without arguments, no secret gets to code that does not use one.
            let is_loss = frame.is_some_and(|frame| frame.given != UsedParameters::default())
                || self.is_suspect(module, subject);
            return if is_loss { self.give_up() } else { Value::Unknown };
        }
        self.depth.set(depth + 1);
        self.steps.set(steps + 1);
        let outer = self.circles.begin(question);
        let used_before = self.used.take();
        let value = work();
        let value = if value.size() > MAX_SIZE { self.too_large(&value) } else { value };
        self.depth.set(depth);
        let uses = self.used.get();
        self.used.set(used_before.and(uses));
        // A value that a limit cut short is not kept for other questions.
        let is_whole =
            self.cuts.get() == cuts || depth < MAX_DEPTH / 2 && self.steps.get() < MAX_STEPS;
        let is_kept = is_whole && !uses.meets(given);
        let answer = KnownValue { value, uses };
        if self.circles.end(outer, &answer, is_kept) && is_kept {
            self.memo.borrow_mut().insert(question, answer.clone());
        }
        answer.value
    }

    /// True if a secret may get to the code of a question.
    fn is_suspect(&self, module: ModuleId, subject: Subject) -> bool {
        let Some(suspects) = self.suspects else { return true };
        let Some(body) = self.body(module) else { return false };
        let of_expr = |expr: ExprId| {
            let context = body.node(expr)?.context;
            body.contexts.get(context as usize).map(|context| context.binding)
        };
        let binding = match subject {
            Subject::Expr(expr) | Subject::Property(expr) => of_expr(expr),
            Subject::Symbol(symbol) => body.symbols.get(symbol as usize).and_then(|it| it.binding),
            Subject::Thrown(function) => {
                let span = body.functions.get(function as usize).map(|it| it.span);
                span.map(|span| self.graph.binding_at(module, span))
            }
        };
        binding.is_none_or(|binding| suspects.has_binding(BindingId { module, binding }))
    }

    /// Gives code that asks for the innermost question this value while the rest of it is worked out.
    pub(super) fn so_far(&self, value: &Value) {
        self.circles.so_far(value, self.used.get());
    }

    /// Notes that the value which is being worked out depends on parameters.
    pub(super) fn use_parameters(&self, used: UsedParameters) {
        self.used.set(self.used.get().and(used));
    }

    /// The result of a known function for these arguments.
    pub(super) fn call_function(
        &self,
        module: ModuleId,
        function: u32,
        arguments: &[Value],
        depth: u32,
    ) -> Value {
        self.call_method((module, function), None, arguments, depth)
    }

    /// The result of a known function for these arguments, called on this object.
    pub(super) fn call_method(
        &self,
        (module, function): (ModuleId, u32),
        this: Option<&Value>,
        arguments: &[Value],
        depth: u32,
    ) -> Value {
        let Some(body) = self.body(module) else { return Value::Unknown };
        let Some(known) = body.functions.get(function as usize) else { return Value::Unknown };
        let this = this.filter(|this| self.depends_on_this((module, function), this));
        let frame = self.frame_of((module, function), arguments, depth).on(this);
        // In long computations, only what a secret may get to is followed.
        let is_suspect = |&expr: &ExprId| self.is_suspect(module, Subject::Expr(expr));
        if frame.is_blank()
            && self.steps.get() > MANY_STEPS
            && !known.returns.iter().any(is_suspect)
        {
            return Value::Unknown;
        }
        // The answers to questions of other calls are known by themselves. Statements and loops around
        // a call can change what it gives.
        let is_alone = self.root.is_none()
            && !frame.is_blank()
            && !self.among_variables.get()
            && self.changing.borrow().is_empty();
        let called = (module, function, frame.depth);
        if is_alone && let Some(result) = self.known_calls.result(called, frame.arguments, this) {
            return result;
        }
        // The parameters are those of this call.
        let (used_before, cuts) = (self.used.get(), self.cuts.get());
        let outer = self.circles.watch();
        let returned = known.returns.iter().map(|&expr| self.eval(module, expr, Some(frame)));
        let value = Value::any_of(returned.collect());
        self.used.set(used_before);
        if self.circles.met_none(outer) && is_alone && self.cuts.get() == cuts {
            self.known_calls.keep(called, frame.arguments, this, &value);
        }
        value
    }

    /// The frame of a call of a known function.
    pub(super) fn frame_of<'f>(
        &self,
        (module, function): (ModuleId, u32),
        arguments: &'f [Value],
        depth: u32,
    ) -> CallFrame<'f> {
        // Numbers and the like change nothing that is looked for, but for configurations.
        let is_blank = arguments.iter().all(|value| match self.root {
            Some(_) => matches!(value, Value::Unknown),
            None => !value.is_telling(),
        });
        let arguments = if is_blank { &[] } else { arguments };
        let (depth, this, element, parent) = (depth.max(1), None, None, None);
        let given = UsedParameters::of(module, function);
        let given = if is_blank { UsedParameters::default() } else { given };
        CallFrame { module, function, arguments, given, this, depth, element, parent }
    }

    /// The frame of a function that is called where it is written, in another call.
    pub(super) fn closure<'f>(
        (module, function): (ModuleId, u32),
        arguments: &'f [Value],
        parent: Option<&'f CallFrame<'f>>,
    ) -> CallFrame<'f> {
        let is_known = |value: &Value| !matches!(value, Value::Unknown);
        let around = given_around(parent);
        let given = if arguments.iter().any(is_known) {
            around.and(UsedParameters::of(module, function))
        } else {
            around
        };
        let depth = parent.map_or(1, |parent| parent.depth);
        CallFrame { module, function, arguments, given, this: None, depth, element: None, parent }
    }

    /// The result of a function that is called where it is written. It sees the arguments of the call
    /// around it.
    pub(super) fn call_closure(&self, frame: CallFrame<'_>) -> Value {
        let Some(body) = self.body(frame.module) else { return Value::Unknown };
        let Some(known) = body.functions.get(frame.function as usize) else {
            return Value::Unknown;
        };
        let returned = known.returns.iter().filter_map(|&expr| {
            let span = body.node(expr)?.span;
            let runs =
                frame.is_blank() || self.runs(frame.module, span, Some(frame)) != Some(false);
            runs.then(|| self.eval(frame.module, expr, Some(frame)))
        });
        Value::any_of(returned.collect())
    }
}
