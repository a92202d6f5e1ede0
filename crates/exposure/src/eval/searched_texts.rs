//! The literals of an app that were searched for keys in vain, so that each is searched once however
//! many modules and threads ask for its value.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::graph::modules::{Graph, ModuleId};
use crate::js::ir::ExprId;

/// For each module whose literals were searched, a bit for each expression.
pub(crate) struct SearchedTexts<'g> {
    graph: &'g Graph,
    without_secret: Vec<OnceLock<Box<[AtomicU64]>>>,
}

impl<'g> SearchedTexts<'g> {
    /// Nothing of an app was searched yet.
    pub(crate) fn new(graph: &'g Graph) -> Self {
        let without_secret = graph.modules.iter().map(|_| OnceLock::new());
        Self { graph, without_secret: without_secret.collect() }
    }

    /// True unless a literal is known to have no secret in it.
    pub(crate) fn may_have_secret(&self, module: ModuleId, literal: ExprId) -> bool {
        let (word, bit) = place(literal);
        let known = self.without_secret[module].get().and_then(|words| words.get(word));
        known.is_none_or(|word| word.load(Ordering::Relaxed) & bit == 0)
    }

    /// Notes that a literal has no secret in it.
    pub(crate) fn has_none(&self, module: ModuleId, literal: ExprId) {
        let words = self.without_secret[module].get_or_init(|| {
            let body = self.graph.modules[module].module.body.as_ref();
            let count = body.map_or(0, |body| body.nodes.len()).div_ceil(64);
            (0..count).map(|_| AtomicU64::new(0)).collect()
        });
        let (word, bit) = place(literal);
        if let Some(word) = words.get(word) {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }
}

/// The place of the bit of an expression.
fn place(expr: ExprId) -> (usize, u64) {
    (expr as usize / 64, 1 << (expr % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::graph;

    #[test]
    fn only_literals_that_were_searched_have_none() {
        let text = "export const all = [".to_owned() + &"'x', ".repeat(100) + "]";
        let graph = graph(&[("a.ts", &text), ("b.ts", "")]);
        let texts = SearchedTexts::new(&graph);
        assert!(texts.may_have_secret(0, 0) && texts.may_have_secret(1, 0));
        texts.has_none(0, 70);
        texts.has_none(1, 0);
        let without: Vec<ExprId> = (0..1000).filter(|id| !texts.may_have_secret(0, *id)).collect();
        assert_eq!(without, [70]);
        assert!(texts.may_have_secret(1, 0));
    }
}
