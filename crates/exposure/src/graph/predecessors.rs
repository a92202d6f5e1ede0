//! The steps by which bindings are reached.

use crate::graph::modules::{BindingId, Graph};
use crate::js::guard::Absence;
use crate::span::Span;

/// The step by which a binding was reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Predecessor {
    /// The binding before it; `None` for a root.
    pub(super) from: Option<BindingId>,
    /// The use or import, in the module of `from`.
    pub(super) span: Span,
    /// The way from there.
    pub(super) link: StepLink,
    /// The number of the root.
    pub(super) root: usize,
    /// The reason why builds for production lack what is reached by this step, if they do.
    pub(super) absence: Option<Absence>,
}

/// The way from one binding to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepLink {
    /// Within a module; or there is nothing before a root.
    Within,
    /// An import, by its number in the module.
    Import(usize),
    /// A name that is imported without a statement, by its number in the module.
    Named(usize),
}

/// The step by which each binding was reached first.
pub(super) struct Predecessors {
    /// For each module, the number of its first binding among those of all; last, their count.
    starts: Vec<u32>,
    /// For each binding, the number of its step, counted from 1; 0 is none.
    of: Vec<u32>,
    steps: Vec<Predecessor>,
}

impl Predecessors {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut starts = vec![0];
        let mut count = 0;
        for node in &graph.modules {
            count += node.module.bindings.len().max(1) as u32;
            starts.push(count);
        }
        Self { starts, of: vec![0; count as usize], steps: Vec::new() }
    }

    /// The number of a binding; `None` if there is no such binding.
    fn number(&self, place: BindingId) -> Option<usize> {
        let number = *self.starts.get(place.module)? as usize + place.binding;
        (number < *self.starts.get(place.module + 1)? as usize).then_some(number)
    }

    /// The step to a binding, if it was reached.
    pub(super) fn get(&self, place: BindingId) -> Option<&Predecessor> {
        let step = self.of[self.number(place)?] as usize;
        self.steps.get(step.checked_sub(1)?)
    }

    /// Records the step to a binding; false if it was reached before.
    pub(super) fn insert(&mut self, place: BindingId, step: Predecessor) -> bool {
        let Some(number) = self.number(place).filter(|&number| self.of[number] == 0) else {
            return false;
        };
        self.steps.push(step);
        self.of[number] = self.steps.len() as u32;
        true
    }
}
