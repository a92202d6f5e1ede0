//! The part of a rule that each run needs: what it is looked for by, and whose keys count. `build.rs`
//! uses this file, too.

use serde::{Deserialize, Serialize};

use super::nearby::Nearby;
use super::pair::Pair;
use super::surroundings::KeywordPlaces;
use super::syntax::RawRule;
use crate::model::KeyClass;

/// The part of a rule that is read when the program starts; the fields are those of [`super::Rule`].
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RuleHead {
    pub(super) id: String,
    pub(super) class: KeyClass,
    pub(super) is_experimental: bool,
    pub(super) is_only_paired: bool,
    pub(super) is_generic: bool,
    pub(super) is_block: bool,
    pub(super) keywords: Vec<String>,
    pub(super) keyword_places: KeywordPlaces,
    pub(super) begins_word: bool,
    pub(super) env: Vec<String>,
    pub(super) nearby: Option<Nearby>,
    pub(super) pair: Option<Pair>,
}

impl RuleHead {
    /// The head of a rule with these keywords, which stand at `keyword_places`. `line_of` gives the line of
    /// an offset in the rule's file.
    pub(super) fn of(
        written: &RawRule,
        keywords: Vec<String>,
        keyword_places: KeywordPlaces,
        line_of: impl Fn(usize) -> usize,
    ) -> Self {
        let word_start = written.constraints.word_start.unwrap_or(true);
        let pair = written.pair.as_ref().map(|pair| Pair::of(pair, line_of));
        Self {
            id: written.id.get_ref().clone(),
            class: written.class.unwrap_or(KeyClass::Secret),
            is_experimental: written.experimental,
            is_only_paired: written.only_paired,
            is_generic: written.generic,
            is_block: written.block.is_some(),
            begins_word: keyword_places.at_start && word_start,
            keyword_places,
            env: written.env.iter().map(|name| name.get_ref().clone()).collect(),
            nearby: written.nearby.as_ref().map(Nearby::of),
            // A key with a text of its own needs no other one to tell it.
            pair: pair.map(|pair| Pair { tells: pair.tells && keywords.is_empty(), ..pair }),
            keywords,
        }
    }
}
