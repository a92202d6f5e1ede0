//! Tests that are known to be true or false, for one round of a loop or one call of a callback.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use std::sync::Arc;

use crate::eval::collections::items;
use crate::eval::evaluator::{CallFrame, Evaluator};
use crate::eval::limits::{MAX_CALLS, MAX_DEPTH};
use crate::eval::names::name_of;
use crate::eval::value::Value;
use crate::graph::modules::ModuleId;
use crate::js::ir::{Expr, ExprId, Logic, Span, Symbol, SymbolValue};

/// Configurations that builds read after they set `NODE_ENV` to `production`. webpack and Rollup leave it
/// alone.
const IN_PRODUCTION: [&str; 10] = [
    "astro.config.",
    "docusaurus.config.",
    "gatsby-config.",
    "next.config.",
    "nuxt.config.",
    "react-router.config.",
    "rsbuild.config.",
    "svelte.config.",
    "vite.config.",
    "vue.config.",
];

impl Evaluator<'_> {
    /// Tells if a place runs in this round of a loop or call, by the tests around it; `None` if it is
    /// not known.
    pub(super) fn runs(
        &self,
        module: ModuleId,
        place: Span,
        frame: Option<CallFrame<'_>>,
    ) -> Option<bool> {
        let Some(body) = self.body(module) else { return Some(true) };
        self.charge(body.conditions.len());
        let mut is_known = true;
        for condition in body.conditions.iter().filter(|it| it.span.contains(place)) {
            match self.truth(module, condition.test, frame) {
                Some(holds) if holds != condition.holds => return Some(false),
                Some(_) => {}
                None => is_known = false,
            }
        }
        is_known.then_some(true)
    }

    /// True if a place never runs: a test around it is a constant.
    pub(crate) fn never_runs(&self, module: ModuleId, place: Span) -> bool {
        let Some(body) = self.body(module) else { return false };
        self.charge(body.conditions.len() + body.logic.len());
        let never = |test: ExprId, holds: bool| {
            self.is_constant(module, test, 0) && self.truth(module, test, None) == Some(!holds)
        };
        let mut around = body.conditions.iter().filter(|it| it.span.contains(place));
        if around.any(|condition| never(condition.test, condition.holds)) {
            return true;
        }
        body.logic.iter().any(|&(expr, logic)| {
            let (Logic::If(test), Some(Expr::Union(parts))) =
                (logic, body.node(expr).map(|it| &it.expr))
            else {
                return false;
            };
            let is_in = |part: &ExprId| body.node(*part).is_some_and(|it| it.span.contains(place));
            match parts.as_slice() {
                [yes, _] if is_in(yes) => never(test, true),
                [_, no] if is_in(no) => never(test, false),
                _ => false,
            }
        })
    }

    /// True if a test has the same truth whenever it is asked. The value of a call is not enough: what is
    /// known of it may be only one of several.
    fn is_constant(&self, module: ModuleId, test: ExprId, depth: u32) -> bool {
        let Some(body) = self.body(module).filter(|_| depth < MAX_CALLS) else { return false };
        let is_constant = |part: ExprId| self.is_constant(module, part, depth + 1);
        let expr = body.node(test).map(|node| &node.expr);
        match (body.logic(test), expr) {
            (Some(Logic::Not(operand)), _) => is_constant(operand),
            (Some(Logic::Equal(left, right) | Logic::Unequal(left, right)), _) => {
                is_constant(left) && is_constant(right)
            }
            (Some(Logic::And | Logic::Or), Some(Expr::Union(parts))) => {
                parts.iter().all(|&part| is_constant(part))
            }
            (None, Some(Expr::Text(_) | Expr::Literal(_))) => true,
            (None, Some(Expr::Symbol(symbol))) => match body.symbols.get(*symbol as usize) {
                Some(Symbol {
                    value: SymbolValue::Init { expr, path, default: None },
                    assigned,
                    ..
                }) => path.is_empty() && assigned.is_empty() && is_constant(*expr),
                _ => false,
            },
            _ => false,
        }
    }

    /// The only operand of `a ? b : c` or `a && b` that can be its value in this call; none of them if
    /// that is `Some(None)`. Variables that a test asks something unknown about are left out.
    pub(super) fn only_branch(
        &self,
        module: ModuleId,
        expr: ExprId,
        operands: &[ExprId],
        frame: Option<CallFrame<'_>>,
    ) -> Option<Option<ExprId>> {
        let logic = self.body(module)?.logic(expr)?;
        if frame.is_none() && !self.is_read_in_production(module) {
            return None;
        }
        match (logic, operands) {
            (Logic::If(test), &[yes, no]) => match self.truth(module, test, frame) {
                Some(true) => Some(Some(yes)),
                Some(false) => Some(Some(no)),
                None => self.among_variables.get().then_some(Some(no)),
            },
            (Logic::And, &[test, .., last]) => match self.truth(module, test, frame) {
                Some(false) => Some(None),
                Some(true) => (operands.len() == 2).then_some(Some(last)),
                None => self.among_variables.get().then_some(None),
            },
            _ => None,
        }
    }

    /// Tells if a test is true; `None` if it is not known.
    pub(super) fn truth(
        &self,
        module: ModuleId,
        test: ExprId,
        frame: Option<CallFrame<'_>>,
    ) -> Option<bool> {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return None;
        }
        self.depth.set(depth + 1);
        let truth = self.truth_by_kind(module, test, frame);
        self.depth.set(depth);
        truth
    }

    /// True for `process.env.NODE_ENV`.
    fn is_node_env(&self, module: ModuleId, expr: ExprId) -> bool {
        let Some(body) = self.body(module) else { return false };
        match body.node(expr).map(|node| &node.expr) {
            Some(Expr::Member(_, name)) if &**name == "NODE_ENV" => {
                name_of(body, expr) == "process.env.NODE_ENV"
            }
            _ => false,
        }
    }

    /// True for a configuration of a tool whose builds read it with `NODE_ENV=production`.
    fn is_read_in_production(&self, module: ModuleId) -> bool {
        if self.root.is_none() {
            return false;
        }
        let path = &*self.graph.modules[module].path;
        let name = path.rsplit('/').next().unwrap_or(path);
        IN_PRODUCTION.iter().any(|known| name.starts_with(known))
    }

    fn truth_by_kind(
        &self,
        module: ModuleId,
        test: ExprId,
        frame: Option<CallFrame<'_>>,
    ) -> Option<bool> {
        let body = self.body(module)?;
        let node = body.node(test)?;
        let same = |left, right| {
            let text = |id| {
                let is_mode = || self.is_node_env(module, id) && self.is_read_in_production(module);
                match known_text(&self.eval(module, id, frame)) {
                    None if is_mode() => Some("production".into()),
                    known => known,
                }
            };
            Some(text(left)? == text(right)?)
        };
        match (body.logic(test), &node.expr) {
            (Some(Logic::Not(operand)), _) => {
                return self.truth(module, operand, frame).map(|is_true| !is_true);
            }
            (Some(Logic::Equal(left, right)), _) => return same(left, right),
            (Some(Logic::Unequal(left, right)), _) => return same(left, right).map(|it| !it),
            (Some(Logic::If(test)), Expr::Union(parts)) => {
                if let (Some(is_true), [yes, no]) =
                    (self.truth(module, test, frame), parts.as_slice())
                {
                    return self.truth(module, if is_true { *yes } else { *no }, frame);
                }
                return None;
            }
            (Some(logic @ (Logic::And | Logic::Or)), Expr::Union(parts)) => {
                let decisive = matches!(logic, Logic::Or);
                let truths = parts.iter().map(|&part| self.truth(module, part, frame));
                return decided(truths, decisive);
            }
            (None, Expr::Call { callee, arguments, .. }) => {
                if let Some(truth) = self.truth_of_call(module, *callee, arguments, frame) {
                    return Some(truth);
                }
            }
            // `const isDev = command === 'serve'`
            (None, Expr::Symbol(symbol)) => {
                if let Some(Symbol {
                    value: SymbolValue::Init { expr, path, default: None },
                    assigned,
                    ..
                }) = body.symbols.get(*symbol as usize)
                    && path.is_empty()
                    && assigned.is_empty()
                    && body.logic(*expr).is_some()
                {
                    return self.truth(module, *expr, frame);
                }
            }
            _ => {}
        }
        match self.eval(module, test, frame) {
            Value::Text(text) => Some(!text.is_empty()),
            Value::Literal(text) => {
                Some(!matches!(&*text, "false" | "0" | "null" | "undefined" | "NaN"))
            }
            Value::Secret(_)
            | Value::Environment(..)
            | Value::Object(_)
            | Value::List(_)
            | Value::Function(..) => Some(true),
            _ => None,
        }
    }

    /// Tells if a call returns true: `k.startsWith('A')`, `/^A/.test(k)`, `names.includes(k)`, and
    /// functions of the project that ask such things.
    fn truth_of_call(
        &self,
        module: ModuleId,
        callee: ExprId,
        arguments: &[ExprId],
        frame: Option<CallFrame<'_>>,
    ) -> Option<bool> {
        let body = self.body(module)?;
        let given = |index: usize| {
            let id = arguments.get(index)?;
            Some(self.eval(module, *id, frame))
        };
        let Expr::Member(object, method) = &body.node(callee)?.expr else {
            let Value::Function(home, function) = self.eval(module, callee, frame) else {
                return None;
            };
            let values: Vec<Value> =
                arguments.iter().map(|&id| self.eval(module, id, frame)).collect();
            return self.truth_of_function((home, function), &values, frame.as_ref());
        };
        match &**method {
            "test" => matches(self.pattern_of(module, *object)?, given(0)?.text()?),
            "match" | "search" => {
                let text = self.eval(module, *object, frame);
                matches(self.pattern_of(module, *arguments.first()?)?, text.text()?)
            }
            "startsWith" | "endsWith" | "includes" | "has" | "some" | "every" => {
                let on = self.eval(module, *object, frame);
                if let Value::Text(text) = &on {
                    let part = given(0)?;
                    let part = part.text()?;
                    return Some(match &**method {
                        "startsWith" => text.starts_with(part),
                        "endsWith" => text.ends_with(part),
                        _ => text.contains(part),
                    });
                }
                let all = items(&on)?;
                let given = given(0)?;
                if let Value::Function(home, function) = given {
                    let each = |item: Value| {
                        self.truth_of_function((home, function), &[item], frame.as_ref())
                    };
                    return decided(all.into_iter().map(each), &**method == "some");
                }
                let wanted = known_text(&given)?;
                let is_it = |item: &Value| known_text(item).map(|text| text == wanted);
                decided(all.iter().map(is_it), true)
            }
            _ => None,
        }
    }

    /// Tells if a function returns true for these arguments.
    pub(super) fn truth_of_function(
        &self,
        (home, function): (ModuleId, u32),
        arguments: &[Value],
        parent: Option<&CallFrame<'_>>,
    ) -> Option<bool> {
        let known = self.body(home)?.functions.get(function as usize)?;
        let [only] = known.returns.as_slice() else { return None };
        let frame = Self::closure((home, function), arguments, parent);
        self.truth(home, *only, Some(frame))
    }

    /// The text of a regular expression that is written, or in a constant.
    fn pattern_of(&self, module: ModuleId, expr: ExprId) -> Option<&str> {
        let body = self.body(module)?;
        match &body.node(expr)?.expr {
            Expr::RegExp(pattern) => Some(pattern),
            Expr::Symbol(symbol) => match &body.symbols.get(*symbol as usize)?.value {
                SymbolValue::Init { expr, path, .. } if path.is_empty() => {
                    match &body.node(*expr)?.expr {
                        Expr::RegExp(pattern) => Some(pattern),
                        _ => None,
                    }
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// The truth of several operands of which one that is `decisive` decides.
fn decided(truths: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<bool> {
    let mut is_known = true;
    for truth in truths {
        match truth {
            Some(truth) if truth == decisive => return Some(decisive),
            Some(_) => {}
            None => is_known = false,
        }
    }
    is_known.then_some(!decisive)
}

fn known_text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Text(text) | Value::Literal(text) => Some(Arc::clone(text)),
        _ => None,
    }
}

/// Tells if a simple pattern matches: words, `^`, `$` and alternatives. Names of variables are in
/// upper case, so that case does not matter.
fn matches(pattern: &str, text: &str) -> Option<bool> {
    let (is_anchored, rest) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let group = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let (all, tail) = group.map_or((rest, ""), |(all, tail)| (all, tail));
    let all = all.strip_prefix("?:").unwrap_or(all);
    let text = text.to_ascii_uppercase();
    let alternatives = all.split('|').enumerate().map(|(index, written)| {
        let own = written.strip_prefix('^');
        let is_anchored = own.is_some() || (is_anchored && (index == 0 || group.is_some()));
        let written = format!("{}{tail}", own.unwrap_or(written)).to_ascii_uppercase();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let word = &written[..written.find(|c| !is_word(c)).unwrap_or(written.len())];
        let found = if is_anchored { text.starts_with(word) } else { text.contains(word) };
        match &written[word.len()..] {
            _ if !found => Some(false),
            "" | ".*" => Some(true),
            "$" if is_anchored => Some(text == word),
            "$" => Some(text.ends_with(word)),
            // The last character of the word may be optional.
            _ => None,
        }
    });
    decided(alternatives, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_patterns_match_names() {
        for (pattern, text, expected) in [
            ("^APP_", "APP_KEY", Some(true)),
            ("^APP_", "MY_APP_KEY", Some(false)),
            ("^react_app_", "REACT_APP_A", Some(true)),
            ("^(APP|MY)_", "MY_KEY", Some(true)),
            ("^(?:APP|MY)_", "OUR_KEY", Some(false)),
            ("^APP_|^MY_", "MY_KEY", Some(true)),
            ("KEY$", "MY_KEY", Some(true)),
            ("^KEY$", "MY_KEY", Some(false)),
            ("^VITE_.*", "VITE_A", Some(true)),
            ("^VITE_\\w+$", "VITE_A", None),
            ("^VITE_\\w+$", "APP_A", Some(false)),
            ("", "A", Some(true)),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
