//! All ranges of text that a module keeps.

use crate::js::ir::{Body, Expr, Module, Span};

impl Module {
    /// Visits each range that the module keeps.
    pub(super) fn each_span(&mut self, visit: &mut impl FnMut(&mut Span)) {
        let Self { directives, imports, bindings, exports, regions, free, .. } = self;
        directives.iter_mut().for_each(|it| visit(&mut it.span));
        imports.iter_mut().for_each(|it| visit(&mut it.span));
        for binding in bindings {
            visit(&mut binding.span);
            visit(&mut binding.extent);
            binding.uses.iter_mut().for_each(|it| visit(&mut it.span));
        }
        exports.iter_mut().for_each(|it| visit(&mut it.span));
        regions.iter_mut().for_each(|(span, _)| visit(span));
        free.iter_mut().for_each(|it| visit(&mut it.span));
        self.guarded_markup.iter_mut().for_each(|(span, _)| visit(span));
        self.page_call.iter_mut().for_each(&mut *visit);
        if let Some(body) = self.body.as_mut() {
            body.each_span(visit);
        }
    }
}

impl Body {
    fn each_span(&mut self, visit: &mut impl FnMut(&mut Span)) {
        for node in &mut self.nodes {
            visit(&mut node.span);
            let properties = match &mut node.expr {
                Expr::Object(properties) => properties,
                Expr::Element(element) => &mut element.attributes,
                Expr::Text(_)
                | Expr::Literal(_)
                | Expr::RegExp(_)
                | Expr::Concat(_)
                | Expr::Symbol(_)
                | Expr::Global(_)
                | Expr::Member(..)
                | Expr::Index(..)
                | Expr::Call { .. }
                | Expr::Array(_)
                | Expr::Spread(_)
                | Expr::Function(_)
                | Expr::Union(_)
                | Expr::ImportMeta
                | Expr::Import(_)
                | Expr::Caught { .. }
                | Expr::Other => continue,
            };
            properties.iter_mut().for_each(|it| visit(&mut it.span));
        }
        self.symbols.iter_mut().for_each(|it| visit(&mut it.span));
        self.functions.iter_mut().for_each(|it| visit(&mut it.span));
        for class in &mut self.classes {
            visit(&mut class.span);
            class.members.iter_mut().for_each(|it| visit(&mut it.span));
        }
        self.holes.iter_mut().for_each(|it| visit(&mut it.span));
        self.conditions.iter_mut().for_each(|it| visit(&mut it.span));
    }
}
