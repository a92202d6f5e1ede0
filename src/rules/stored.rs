//! Reads the rest of a rule of the binary when it is first asked for.

use std::ops::Deref;

use super::compile;
use super::ruleset::{Rule, RuleBody};

impl Deref for Rule {
    type Target = RuleBody;

    fn deref(&self) -> &RuleBody {
        self.body.get_or_init(|| Box::new(compile::stored(self.stored)))
    }
}
