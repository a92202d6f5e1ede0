//! Lowers a whole program, and completes it at its end: the uses of a template, and the bindings
//! that run although nothing uses them.

#![expect(clippy::wildcard_enum_match_arm, reason = "most kinds of syntax mean the same here")]

use oxc_ast::ast;
use oxc_span::GetSpan;
use oxc_syntax::operator::LogicalOperator;

use crate::js::guard::{Absence, Guard};
use crate::js::ir::{
    Body, Directive, ExportSource, Expr, ExprId, Interpolation, Island, MODULE_INIT, Module,
    SourceLanguage, Span,
};
use crate::js::markup::module_source::CLIENT_ONLY;
use crate::js::markup::template_branch::TemplateBranch;
use crate::js::parse::lowering::{Lowering, markup_imports};
use crate::js::parse::origins::origins;
use crate::js::parse::syntax::{inner, span};

/// The most stretches of markup in a component whose tests count.
const MAX_GUARDED: usize = 500;

impl Lowering<'_> {
    pub(super) fn program(&mut self, program: &ast::Program<'_>) {
        for directive in &program.directives {
            let text = directive.expression.value.to_string();
            self.module.directives.push(Directive { text, span: span(directive.span) });
        }
        self.module.imports = markup_imports(self.source);
        for statement in &program.body {
            self.register_statement(statement);
        }
        self.guard_markup(program);
        self.statements(&program.body, |lowering, statement| {
            let guard = lowering.module.markup_guard(span(statement.span()));
            lowering.with_guard(guard, |lowering| lowering.top_statement(statement));
        });
        self.use_template_tags();
    }

    /// Records the markup that the tests of a template keep from clients.
    fn guard_markup(&mut self, program: &ast::Program<'_>) {
        let source = self.source;
        if !source.has_template {
            return;
        }
        for &content in &source.for_development {
            self.add_guarded(content, Guard::LeftOut(Absence::NuxtDev));
        }
        for statement in &program.body {
            let ast::Statement::ExpressionStatement(it) = statement else { continue };
            let at = span(it.expression.span());
            let first = source.branches.partition_point(|branch| branch.test.start < at.start);
            let before = source.branches[..first].iter().rev();
            let is_near = |branch: &&TemplateBranch| branch.test.end >= at.end;
            let own = source.branches[first..].iter().take_while(|it| it.test.start <= at.start);
            let mut guards = None;
            for branch in own.chain(before.take_while(is_near)) {
                let known = *guards.get_or_insert_with(|| self.guards(&it.expression));
                let guard = if branch.holds { known.if_true } else { known.if_false };
                self.add_guarded(branch.content, guard);
            }
            if source.language == SourceLanguage::Tsx && source.branches.is_empty() {
                self.guard_operands(&it.expression);
            }
        }
    }

    /// Records the markup of Astro under the tests of an expression: `{test && <p/>}`.
    fn guard_operands(&mut self, it: &ast::Expression<'_>) {
        match inner(it) {
            ast::Expression::LogicalExpression(it) => {
                let guards = self.guards(&it.left);
                let guard = match it.operator {
                    LogicalOperator::And => guards.if_true,
                    LogicalOperator::Or => guards.if_false,
                    LogicalOperator::Coalesce => Guard::None,
                };
                self.add_guarded(span(it.right.span()), guard);
                self.guard_operands(&it.right);
            }
            ast::Expression::ConditionalExpression(it) => {
                let guards = self.guards(&it.test);
                self.add_guarded(span(it.consequent.span()), guards.if_true);
                self.add_guarded(span(it.alternate.span()), guards.if_false);
                self.guard_operands(&it.consequent);
                self.guard_operands(&it.alternate);
            }
            _ => {}
        }
    }

    fn add_guarded(&mut self, content: Span, guard: Guard) {
        if guard != Guard::None && self.module.guarded_markup.len() < MAX_GUARDED {
            self.module.guarded_markup.push((content, guard));
        }
    }

    pub(super) fn finish(mut self) -> Module {
        self.keep_running();
        self.guard_local_constants();
        if self.source.has_template {
            self.export_component();
        }
        if let Some(body) = &mut self.body {
            for (slot, value) in self.source.slots.iter().zip(&self.slots) {
                let Some(value) = *value else { continue };
                body.holes.push(Interpolation {
                    tag: slot.tag.clone(),
                    attribute: slot.attribute.clone(),
                    client: slot.client.clone(),
                    value,
                    span: slot.span,
                });
            }
            hide_properties(body);
        }
        if let Some(body) = &mut self.body {
            body.changed.sort_unstable();
            body.changed.dedup();
            body.origins = origins(body);
            // Modules are kept until the end, so that what was reserved in vain is given back.
            if body.nodes.capacity() > body.nodes.len() + body.nodes.len() / 8 {
                let mut nodes = Vec::with_capacity(body.nodes.len());
                nodes.append(&mut body.nodes);
                body.nodes = nodes;
            }
        }
        self.module.parts.sort();
        self.module.regions.sort_unstable();
        self.module.body = self.body.into();
        self.module
    }

    /// Uses bindings whose initialisers run although nothing uses them: loading the module runs
    /// them. Of a component, all that run.
    fn keep_running(&mut self) {
        let mut is_used = vec![false; self.module.bindings.len()];
        for used in self.module.bindings.iter().flat_map(|binding| &binding.uses) {
            is_used[used.binding] = true;
        }
        for export in &self.module.exports {
            if let ExportSource::Binding(binding) = export.source {
                is_used[binding] = true;
            }
        }
        for binding in self.module.running.clone() {
            if self.source.has_template || !is_used[binding] {
                let at = self.module.bindings[binding].span;
                self.run_from(MODULE_INIT, binding, None, at, Guard::None);
            }
        }
    }

    /// Exports a component as the default of its file. If it is written as an object, the template
    /// uses that.
    fn export_component(&mut self) {
        let own = self.module.exports.iter().find(|export| export.name == "default");
        match own.map(|export| (export.source.clone(), export.span)) {
            Some((ExportSource::Binding(binding), at)) => {
                self.use_from(MODULE_INIT, binding, None, at, Guard::None);
            }
            Some((ExportSource::Import { .. }, _)) => {}
            None => {
                self.add_export("default", ExportSource::Binding(MODULE_INIT), Span::default());
            }
        }
    }

    /// Uses the bindings that tags of the template name.
    fn use_template_tags(&mut self) {
        if self.source.tags.is_empty() {
            return;
        }
        let source = self.source;
        for tag in &source.tags {
            let (name, member) = match tag.name.split_once('.') {
                Some((name, member)) => (name, Some(member)),
                None => (&*tag.name, None),
            };
            let found = [name.to_owned(), camel_case(name, false), camel_case(name, true)]
                .iter()
                .find_map(|name| self.bindings[*self.names.get(name.as_str())?]);
            let is_unrendered = tag.client.as_deref() == Some(CLIENT_ONLY);
            let own = if is_unrendered { Guard::Client } else { Guard::None };
            let guard = own.max(self.module.markup_guard(tag.span));
            let Some(binding) = found else {
                self.with_guard(guard, |lowering| lowering.use_free(name, tag.span));
                continue;
            };
            self.run_from(MODULE_INIT, binding, member, tag.span, guard);
            if let Some(directive) = &tag.client {
                self.module.islands.push(Island {
                    directive: directive.clone(),
                    binding,
                    member: member.map(str::to_owned),
                    guard,
                });
            }
        }
    }
}

/// `my-comp` as `myComp` or `MyComp`.
fn camel_case(name: &str, is_upper: bool) -> String {
    let mut is_upper = is_upper;
    let mut made = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter == '-' {
            is_upper = true;
        } else if is_upper {
            made.extend(letter.to_uppercase());
            is_upper = false;
        } else {
            made.push(letter);
        }
    }
    made
}

/// Takes the properties of components out of the markup in expressions, `{list.map((it) => <Card item={it}
/// />)}`: what becomes of them is up to the component.
fn hide_properties(body: &mut Body) {
    let is_property = |hole: &&Interpolation| {
        let is_component = hole.tag.chars().next().is_some_and(char::is_uppercase);
        is_component && hole.attribute.is_some() && hole.client.is_none()
    };
    let hidden: Vec<ExprId> = body.holes.iter().filter(is_property).map(|it| it.value).collect();
    if hidden.is_empty() {
        return;
    }
    for index in 0..body.nodes.len() {
        let Expr::Array(elements) = &body.nodes[index].expr else { continue };
        let is_hidden = |&element: &ExprId| {
            let inner = match body.node(element).map(|node| &node.expr) {
                Some(Expr::Spread(inner)) => *inner,
                _ => element,
            };
            hidden.contains(&inner) || hidden.contains(&element)
        };
        if !elements.iter().any(is_hidden) {
            continue;
        }
        let kept: Vec<ExprId> = elements.iter().copied().filter(|it| !is_hidden(it)).collect();
        body.nodes[index].expr = Expr::Array(kept);
    }
}

#[cfg(test)]
#[expect(clippy::wildcard_enum_match_arm, reason = "all other expressions are shown alike")]
mod tests {
    use crate::js::ir::{Expr, ParseDepth};
    use crate::js::parse::testing::{assert_shapes, module, shape};

    #[test]
    fn only_a_prologue_has_directives() {
        assert_shapes(
            "a.js",
            &[
                ("'use client'; \"x\"", "'use client'; 'x'"),
                ("// hello\n'use client'", "'use client'"),
                ("f(); 'use client'", ""),
                ("('use client')", ""),
                ("const a = 'use client'", "a"),
            ],
        );
    }

    #[test]
    fn components_use_what_their_templates_name() {
        let cases = [
            (
                "a.vue",
                "<script setup>import MyBox from './b'; const a = 1, b = 2</script><template><my-box :x=\"a\"/>{{ b }}</template>",
                "Static ./b; * a b MyBox; MyBox = default of 0; a; b; export default *",
            ),
            (
                "b.vue",
                "<template><p @click=\"f(); g()\" v-for=\"x in xs\">{{ a | b }}</p></template><script>const f = 1, g = 1, xs = 1; export default { x: f }</script>",
                "* f g xs default; f; g; xs; default f; export default default",
            ),
            (
                "c.svelte",
                "<script context=\"module\">export const m = 1</script><script>import B from './B.svelte'; let a, b, c, d</script>{#each a as x (x.id)}<B {b} {...c} on:click={() => m}>{x}</B>{:else}{@html d}{/each}",
                "Static ./B.svelte; * a b c m d B; m; B = default of 0; a; b; c; d; export m m; export default *",
            ),
            (
                "d.astro",
                "---\nimport B from './B'\nconst a = d, b = 2, c = 3\nif (a) return b\n---\n<B client:load x={b}/><br>{a && <p title={c}>it's {b} <b/></p>}",
                "Static ./B; * a b c B; B = default of 0; a; b; c; export default *",
            ),
            (
                "h.svelte",
                "<script>import { store } from './s'; $: a = $store; $: ({ b } = a)</script>{$store}{a}",
                "Static ./s; * a store; store = store of 0; a store; export default *",
            ),
            ("e.svelte", "<script>const a = 1</script>{a b}{a}<p x={a", "* a; a; export default *"),
            (
                "f.html",
                "<script src=a.js></script><script>x</script>",
                "Script a.js; InlineScript(0) ",
            ),
            (
                "g.vue",
                "<template>{{ ( }}{{ a }}</template><script setup>const a = 1</script>",
                "* a; a; export default *",
            ),
        ];
        for (path, text, expected) in cases {
            assert_eq!(shape(path, text), expected, "{text}");
        }
    }

    #[test]
    fn islands_and_interpolations_have_the_values_shown() {
        let text = "---\nimport * as ui from './ui'\nconst a = 1\n---\n<ui.B client:visible x={a} {...a} y=`b${a}`/><p set:html={a}>{a}{[1].map(() => <i title={a}/>)}</p>";
        let module = module("a.astro", text, ParseDepth::Body);
        let island = &module.islands[0];
        assert_eq!((&*island.directive, island.member.as_deref()), ("client:visible", Some("B")));
        let body = module.body.as_ref().expect("asked for");
        let holes: Vec<String> = body
            .holes
            .iter()
            .map(|hole| {
                let attribute = hole.attribute.as_deref().unwrap_or_default();
                let client = hole.client.as_deref().unwrap_or_default();
                let value = match &body.nodes[hole.value as usize].expr {
                    Expr::Symbol(symbol) => body.symbols[*symbol as usize].name.to_string(),
                    Expr::Concat(_) => "+".to_owned(),
                    Expr::Call { .. } => "()".to_owned(),
                    other => format!("{other:?}"),
                };
                format!("{} {attribute} {client} {value}", hole.tag)
            })
            .collect();
        assert_eq!(
            holes,
            [
                "ui.B x client:visible a",
                "ui.B ... client:visible a",
                "ui.B y client:visible +",
                "p set:html  a",
                "   a",
                "   ()",
                "i title  a",
            ]
        );
    }
}
