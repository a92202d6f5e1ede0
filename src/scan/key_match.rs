//! A key in a text.

use std::ops::Range;

use super::filters::shape;
use crate::model::{EncodingLayer, KeyId, RuleIndex, Secret};
use crate::rules::Rule;

/// A key in a text.
#[derive(Debug, Clone)]
pub struct KeyMatch<'r> {
    /// Index of its rule in the rule set.
    pub rule_index: RuleIndex,
    /// Its rule.
    pub rule: &'r Rule,
    /// Range of its bytes in the text; in UTF-16, two for each character.
    pub span: Range<usize>,
    /// Its encodings, from the outside in.
    pub layers: Vec<EncodingLayer>,
    /// The key.
    pub secret: Secret,
    /// Range of the random part in the key.
    pub body: Range<usize>,
    /// The places of the pieces that a program puts it together from; empty if it stands whole.
    pub pieces: Vec<Range<usize>>,
    /// The keys of other rules that it may belong to, the nearest one first.
    pub pairs: Vec<PairedKey>,
}

/// The other key of a pair.
#[derive(Debug, Clone)]
pub struct PairedKey {
    /// Index of its rule in the rule set.
    pub rule_index: RuleIndex,
    /// Range of its bytes in the text.
    pub span: Range<usize>,
    /// The key.
    pub secret: Secret,
}

impl KeyMatch<'_> {
    /// The identity of the key during a run.
    pub fn id(&self) -> KeyId {
        KeyId::new(self.rule_index, &self.secret)
    }

    /// Its pieces that stand elsewhere, such as the values of constants, each as a key to be masked.
    pub(super) fn outer_pieces(&self) -> Vec<Self> {
        let is_inside =
            |piece: &Range<usize>| self.span.start <= piece.start && piece.end <= self.span.end;
        let outer = self.pieces.iter().filter(|piece| !is_inside(piece));
        outer.map(|piece| Self { span: piece.clone(), ..self.clone() }).collect()
    }

    /// True if its body looks drawn at random.
    pub(super) fn is_random(&self) -> bool {
        self.secret.reveal().get(self.body.clone()).is_some_and(|body| shape(body).is_random())
    }
}
