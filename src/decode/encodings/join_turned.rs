//! Runs that are written backwards, or whose letters are shifted.

use std::ops::Range;

use super::decoded_text::{DecodedText, PieceForm};
use super::joined::{BEFORE, JoinedTexts, NAMED_BEFORE};
use super::key_heads::shifted;
use crate::model::EncodingLayer;
use crate::rules::{SHORTEST_VALUE, is_value};

/// The longest run that is written backwards or shifted: all of it is read at once.
const LONGEST_CHANGED: usize = 512;

impl JoinedTexts<'_, '_> {
    /// Passes on a run that ends at `end` and is written backwards.
    pub(super) fn reversed(&mut self, end: usize) {
        let before = self.text[end.saturating_sub(LONGEST_CHANGED)..end].iter().rev();
        let length = before.take_while(|byte| is_value(**byte)).count();
        if length < SHORTEST_VALUE {
            return;
        }
        let place = end - length..end;
        let run: Vec<u8> = self.text[place.clone()].iter().rev().copied().collect();
        if self.heads.tells(&run) {
            self.changed(&run, place, EncodingLayer::Reversed, PieceForm::Reversed);
        }
    }

    /// True if what ends before `at` is written backwards by the program: `"…"[::-1]`, `"…".reverse`.
    pub(super) fn is_turned(&self, at: usize) -> bool {
        let rest = &self.text[at..];
        match rest.first() {
            Some(b'[') => rest.starts_with(b"[::-1]"),
            Some(b'.') => {
                rest.starts_with(b".reverse")
                    || rest.starts_with(b".chars().rev()")
                    || rest.starts_with(b".split(") && {
                        let near = &rest[..rest.len().min(NAMED_BEFORE)];
                        memchr::memmem::find(near, b").reverse").is_some()
                    }
            }
            _ => false,
        }
    }

    /// Passes on a run that ends at `end` and that the program turns round.
    pub(super) fn turned(&mut self, end: usize) {
        let before = self.text[end.saturating_sub(LONGEST_CHANGED)..end].iter().rev();
        let is_run = |byte: &&u8| is_value(**byte) || **byte == b'=';
        let run: Vec<u8> = before.take_while(is_run).copied().collect();
        if run.len() >= SHORTEST_VALUE {
            let place = end - run.len()..end;
            self.changed(&run, place, EncodingLayer::Reversed, PieceForm::Reversed);
        }
    }

    /// Passes on a run that begins at `start` and whose letters are shifted.
    pub(super) fn shifted(&mut self, start: usize) {
        let rest = self.text[start..].iter().take(LONGEST_CHANGED);
        let length = rest.take_while(|byte| is_value(**byte)).count();
        if length < SHORTEST_VALUE {
            return;
        }
        let place = start..start + length;
        let run: Vec<u8> = self.text[place.clone()].iter().map(|byte| shifted(*byte)).collect();
        if self.heads.tells(&run) {
            self.changed(&run, place, EncodingLayer::Rot13, PieceForm::Changed);
        }
    }

    fn changed(&mut self, run: &[u8], place: Range<usize>, layer: EncodingLayer, form: PieceForm) {
        let mut out = DecodedText::of_pieces(layer);
        let before = place.start.saturating_sub(BEFORE)..place.start;
        let after = place.end..self.text.len().min(place.end + BEFORE);
        out.add(&self.text[before.clone()], before, PieceForm::Plain);
        out.add(run, place, form);
        out.add(&self.text[after.clone()], after, PieceForm::Plain);
        self.found.push(out);
    }
}
