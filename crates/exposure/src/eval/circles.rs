//! Questions that are being answered, so that circles end, and the answers that hold only while they
//! are: a variable is its first value while its later ones are worked out.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::eval::value::Value;
use crate::graph::modules::ModuleId;
use crate::js::ir::ExprId;

/// The subject of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// An expression that is not the name of a symbol.
    Expr(ExprId),
    /// A symbol, wherever it is named.
    Symbol(u32),
    /// A property of `this`, by the target of its first assignment.
    Property(ExprId),
    /// The errors that a function throws.
    Thrown(u32),
}

/// The value of a subject of a module, at a depth of calls.
pub(super) type Question = (ModuleId, Subject, u32);

/// Functions whose parameters a value depends on, a bit for some functions each: with other arguments,
/// it may differ. Functions that share a bit are taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct UsedParameters(u64);

impl UsedParameters {
    /// The element of a loop.
    pub(super) const ELEMENT: Self = Self(1);

    /// The object that a method is called on.
    pub(super) const THIS: Self = Self(2);

    /// The parameters of a function.
    pub(super) fn of(module: ModuleId, function: u32) -> Self {
        let mixed =
            (module as u64 ^ (u64::from(function) << 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self(4 << (mixed >> 58).min(61))
    }

    /// These and others.
    pub(super) fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// True if some of them may be among others.
    pub(super) fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

/// A known value.
#[derive(Debug, Clone)]
pub(super) struct KnownValue {
    pub(super) value: Value,
    /// The parameters that it depends on.
    pub(super) uses: UsedParameters,
}

/// The open questions that an answer depends on, by their places in the stack.
type Needs = u128;

/// A question that is being answered.
struct OpenQuestion {
    question: Question,
    /// The answer as far as it is known.
    so_far: KnownValue,
    /// Tells it from others that had its place.
    serial: u64,
}

/// An answer that is complete only as far as an open question allows.
struct Provisional {
    answer: KnownValue,
    needs: Needs,
    /// The place and the serial number of the innermost question that it needs.
    innermost: (usize, u64),
}

/// The questions that are being answered, outer ones first.
///
/// An answer that met an open question may lack what this question still finds. It is kept while the
/// question is open, so that circles through several variables do not take forever, and forgotten
/// then, so that others get the whole answer.
#[derive(Default)]
pub(super) struct Circles {
    open: RefCell<Vec<OpenQuestion>>,
    /// The open questions that were met since this was cleared.
    met: Cell<Needs>,
    provisional: RefCell<HashMap<Question, Provisional, RandomState>>,
    serial: Cell<u64>,
}

/// The state to go back to when a question is answered.
#[must_use]
pub(super) struct OuterNeeds(Needs);

impl Circles {
    /// The answer, as far as it is known, to a question that is open or met an open one. `given` are the
    /// parameters with known arguments.
    pub(super) fn known(&self, question: &Question, given: UsedParameters) -> Option<KnownValue> {
        let open = self.open.borrow();
        if let Some(place) = open.iter().rposition(|open| open.question == *question) {
            self.met.set(self.met.get() | bit(place));
            return Some(open[place].so_far.clone());
        }
        let provisional = self.provisional.borrow();
        let Provisional { answer, needs, innermost: (place, serial) } =
            provisional.get(question)?;
        let is_valid = open.get(*place).is_some_and(|open| open.serial == *serial)
            && !answer.uses.meets(given);
        is_valid.then(|| {
            self.met.set(self.met.get() | needs);
            answer.clone()
        })
    }

    /// Opens a question, of whose answer nothing is known.
    pub(super) fn begin(&self, question: Question) -> OuterNeeds {
        let serial = self.serial.get();
        self.serial.set(serial + 1);
        let so_far = KnownValue { value: Value::Unknown, uses: UsedParameters::default() };
        self.open.borrow_mut().push(OpenQuestion { question, so_far, serial });
        OuterNeeds(self.met.replace(0))
    }

    /// Gives whoever meets the innermost question this answer from now on.
    pub(super) fn so_far(&self, value: &Value, uses: UsedParameters) {
        if let Some(open) = self.open.borrow_mut().last_mut() {
            open.so_far = KnownValue { value: value.clone(), uses };
        }
    }

    /// Closes the innermost question. True if its answer is complete; else it is kept as long as it
    /// holds, if `is_kept`.
    pub(super) fn end(&self, outer: OuterNeeds, answer: &KnownValue, is_kept: bool) -> bool {
        let mut open = self.open.borrow_mut();
        let Some(closed) = open.pop() else { return false };
        let needs = self.met.get() & (bit(open.len()) - 1);
        self.met.set(outer.0 | needs);
        let Some(innermost) = needs.checked_ilog2() else { return true };
        let place = innermost as usize;
        if let Some(needed) = open.get(place).filter(|_| is_kept) {
            let innermost = (place, needed.serial);
            let answer = answer.clone();
            let known = Provisional { answer, needs, innermost };
            self.provisional.borrow_mut().insert(closed.question, known);
        }
        false
    }

    /// Begins to note which open questions are met.
    pub(super) fn watch(&self) -> OuterNeeds {
        OuterNeeds(self.met.replace(0))
    }

    /// True if none of the questions that are open was met since then.
    pub(super) fn met_none(&self, outer: OuterNeeds) -> bool {
        let met = self.met.get();
        self.met.set(outer.0 | met);
        let open = self.open.borrow().len();
        met & (bit(open) - 1) == 0
    }

    /// Forgets all answers.
    pub(super) fn clear(&mut self) {
        self.provisional.get_mut().clear();
    }
}

/// The bit of a place in the stack. Expressions are not followed so deep that places share one.
fn bit(place: usize) -> Needs {
    1 << place.min(Needs::BITS as usize - 1)
}
