//! Reads expressions that begin without a quote: with a literal in other signs, with the parts of a list in
//! YAML, with the words of a command.

use std::slice;

use super::join_chain::{JoinChain, JoinReach};
use super::join_lists::joins_list;
use super::join_names::{default_value, is_blank, is_quote};
use super::join_raw::{may_be_raw, raw_literal};
use super::join_words::joined_items;
use super::joined::{BEFORE, JoinedTexts, NAMED_BEFORE, anchor};

/// A part of a list that is as long may be a key.
const WHOLE: usize = 24;

/// The first bytes of literals in other signs, and of functions that join words.
const OTHER: [bool; 256] = {
    let mut all = [false; 256];
    let bytes = b"q%~[{$jE\"";
    let mut nth = 0;
    while nth < bytes.len() {
        all[bytes[nth] as usize] = true;
        nth += 1;
    }
    all
};

impl JoinedTexts<'_, '_> {
    /// False for most values that are not a literal in other signs, nor joined words.
    #[inline]
    pub(super) fn may_be_other(&self, at: usize) -> bool {
        let first = self.byte(at);
        OTHER[usize::from(first)] && {
            let second = self.byte(at + 1);
            may_be_raw(first, second)
                || matches!(
                    (first, second),
                    (b'j', b'o') | (b'E', b'n') | (b'$', b'{') | (b'"', b'$')
                )
        }
    }

    /// True if a value at `start` is a list of CloudFormation that is joined.
    pub(super) fn is_list(&self, at: usize, start: usize) -> bool {
        self.text[start..].starts_with(b"!Join")
            || self.byte(start) == b'[' && self.text[..at].ends_with(b"Fn::Join")
    }

    /// Reads the list whose function or first sign is at `at`.
    pub(super) fn list(&mut self, at: usize) {
        let items = joined_items(self.text, at + if self.byte(at) == b'!' { 5 } else { 0 });
        let Some(first) = items.first().filter(|_| items.len() > 1) else { return };
        let before = (BEFORE, first.start);
        if !self.is_head(self.run(first.start)) && !self.is_short_head(self.run(first.start)) {
            return;
        }
        let mut chain = JoinChain::new(self.text, &self.names, self.heads, JoinReach::All, before);
        chain.take_all(&items);
        if self.is_key(chain.run()) {
            let end = items.last().map_or(first.end, |last| last.end);
            self.found.push(chain.finish(end));
        }
    }

    /// Looks at a value that is a literal in other signs, or words that are joined.
    pub(super) fn other(&mut self, start: usize) {
        let rest = &self.text[start..self.text.len().min(start + NAMED_BEFORE)];
        if rest.starts_with(b"join") || rest.starts_with(b"Enum.join") {
            let list = rest.windows(2).position(|own| own == b"qw" || own == b"~w");
            if let Some(at) = list {
                self.raw(start + at);
            }
        } else if rest.starts_with(b"${") {
            self.default(start + 2, None);
        } else if rest.starts_with(b"\"${") {
            self.default(start + 3, Some(b'"'));
        } else if self.may_be_other(start) {
            self.raw(start);
        }
    }

    /// Reads what goes on with the default of a variable, whose name is at `at`: `${A:-sk_}v1_…`.
    fn default(&mut self, at: usize, quote: Option<u8>) {
        let Some(length) = default_value(&self.text[at..]) else { return };
        let first = at + length;
        let run = self.run(first);
        let close = first + run.len();
        if self.byte(close) != b'}' || run.len() >= WHOLE || !self.is_head(run) {
            return;
        }
        let before = (BEFORE, first);
        let mut chain = JoinChain::new(self.text, &self.names, self.heads, JoinReach::All, before);
        chain.take_all(slice::from_ref(&(first..close)));
        let end = chain.read_literal(close + 1, quote);
        self.found.extend(anchor(self.text, at - 2, chain.name_end()));
        if chain.run().len() > run.len() && self.is_key(chain.run()) {
            self.found.push(chain.finish(end));
        }
    }

    /// Reads the expression that begins with the literal in other signs at `at`.
    pub(super) fn raw(&mut self, at: usize) {
        let Some(raw) = raw_literal(self.text, at) else { return };
        let texts = raw.texts(self.text);
        let Some(first) = texts.first().cloned() else { return };
        let run = &self.text[first.clone()];
        let is_list = raw.is_words && (run.len() >= WHOLE || !joins_list(self.text, at, raw.end));
        let is_head = self.is_head(run) || self.is_short_head(run);
        if is_list || !is_head || first.start < self.keys_settled {
            return;
        }
        let before = (BEFORE, at);
        let mut chain = JoinChain::new(self.text, &self.names, self.heads, JoinReach::All, before);
        let end = chain.read_raw(&raw);
        self.found.extend(anchor(self.text, at, chain.name_end()));
        if chain.joined > 1 && self.is_key(chain.run()) {
            let (joint, settled) = (chain.joint, chain.settled);
            self.found.push(chain.finish(end));
            self.settle_key(first.start, joint, settled);
        }
    }

    /// Reads the words behind the format `%s%s` of a `printf`, whose second hole is at `at`.
    pub(super) fn printed(&mut self, at: usize) {
        let start = at - 2;
        let before = &self.text[start.saturating_sub(32)..start];
        if !before.windows(6).any(|own| own == b"printf") {
            return;
        }
        let holes = self.text[start..].chunks_exact(2).take_while(|own| own == b"%s").count();
        let mut end = start + 2 * holes;
        end += if self.text[end..].starts_with(b"\\n") { 2 } else { 0 };
        end += usize::from(is_quote(self.byte(end)));
        let blanks = self.text[end..].iter().take_while(|byte| is_blank(**byte)).count();
        let quote = Some(self.byte(end + blanks)).filter(|byte| is_quote(*byte));
        let first = end + blanks + usize::from(quote.is_some());
        if blanks == 0 || first < self.keys_settled || !self.is_head(self.run(first)) {
            return;
        }
        let before = (BEFORE, first);
        let mut chain = JoinChain::new(self.text, &self.names, self.heads, JoinReach::All, before);
        let end = chain.read_words(end + blanks);
        self.found.extend(anchor(self.text, start, chain.name_end()));
        if chain.joined > 1 && self.is_key(chain.run()) {
            self.keys_settled = end;
            self.found.push(chain.finish(end));
        }
    }
}
