//! Constants that are a piece of a key: the expressions that begin with one of them.

use std::ops::Range;

use super::join_chain::{JoinChain, JoinReach};
use super::join_formats::format_before;
use super::join_names::{is_blank, is_name, is_quote};
use super::joined::{BEFORE, JoinedTexts, MOST_STEPS};

/// The most names of words that are followed in a text.
const MOST_WORDS: usize = 8;

impl<'t> JoinedTexts<'_, 't> {
    /// Reads the expressions that begin with a constant of this name, whose `value` the text at `own` gives, a literal
    /// or another expression. True if any is a key.
    pub(super) fn follow(
        &mut self,
        name: &'t [u8],
        value: &[u8],
        (own, is_literal): (Range<usize>, bool),
        steps: usize,
    ) -> bool {
        let mut any = false;
        // What a variable is given with what it has is known only below.
        let is_added = !is_literal && self.text[own.clone()].starts_with(name);
        for place in self.names.uses(name, own.clone()) {
            let start = path_start(self.text, place.start);
            if is_literal && let Some(changed) = self.substituted(&place, &own) {
                self.found.push(changed);
                any = true;
                continue;
            }
            if self.is_compared(place.end) || is_added && place.start < own.end {
                continue;
            }
            let format = format_before(self.text, start);
            if let Some(format) = format.and_then(|(at, quote)| self.format(at, quote)) {
                self.found.push(format);
                any = true;
                continue;
            }
            let before = (BEFORE + place.start - start, place.start);
            let names = &self.names;
            let mut chain = JoinChain::new(self.text, names, self.heads, JoinReach::All, before);
            let source = is_literal.then(|| own.clone());
            chain.take_named(value, place.clone(), source);
            let end = chain.read_use(place.end, start);
            if chain.joined < 2 || chain.run().len() <= value.len() {
                continue;
            }
            let assigned = names.name_of(start);
            let is_own = assigned == Some(name);
            let left = if is_own { Some(steps) } else { steps.checked_sub(1) };
            let run = chain.run().to_vec();
            let chain = self.is_key(&run).then_some(chain).map(|chain| chain.finish(end));
            let is_longer = assigned.zip(left).is_some_and(|(name, left)| {
                self.follow(name, &run, (place.start..end, false), left)
            });
            any |= is_longer || chain.is_some();
            if let Some(chain) = chain.filter(|_| !is_longer) {
                self.found.push(chain);
            }
            // Below, the variable has the longer value.
            if is_own {
                break;
            }
        }
        any
    }

    /// True if the sign behind a name at `at` is none that joins it to anything.
    fn is_compared(&self, at: usize) -> bool {
        let blanks = self.text[at..].iter().take_while(|byte| is_blank(**byte)).count();
        matches!(self.byte(at + blanks), b'=' | b':')
    }

    /// Follows the constant with the value at `open`, which may be a word: few of these are a piece of a key.
    pub(super) fn follow_word(&mut self, open: usize, run: &'t [u8]) {
        let start = open + usize::from(is_quote(self.byte(open)));
        let place = start..start + run.len();
        if self.words < MOST_WORDS
            && let Some(name) = self.names.name_of(open)
        {
            self.words += 1;
            let known = self.found.len();
            if self.follow(name, run, (place.clone(), true), MOST_STEPS) {
                if !self.names.has_values() {
                    self.found.truncate(known);
                }
                self.named_piece(open, place.end);
            }
        }
    }
}

/// Where the path begins that ends with the name at `at`.
fn path_start(text: &[u8], at: usize) -> usize {
    let before = text[at.saturating_sub(64)..at].iter().rev();
    let is_path =
        |byte: &u8| is_name(*byte) || matches!(byte, b'.' | b':' | b'>' | b'-' | b'$' | b'@');
    at - before.take_while(|byte| is_path(byte)).count()
}
