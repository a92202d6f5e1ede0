//! Checks the pattern or the block of a rule, and finds the keywords.

use regex_syntax::hir::Hir;

use super::super::block::Block;
use super::super::coverage::coverage;
use super::super::keywords;
use super::super::pattern::Pattern;
use super::super::spanned::Spanned;
use super::super::surroundings::KeywordPlaces;
use super::super::syntax::RawBlock;
use super::super::value_bytes::SHORTEST_VALUE;
use super::checker::RuleChecker;
use super::names::MIN_KEYWORD;

/// The keywords of a pattern, and where they stand in its matches.
pub(super) type PlacedKeywords = (Vec<String>, KeywordPlaces);

impl RuleChecker<'_> {
    /// Checks a pattern. Returns the keywords, which the pattern gives if none are written. If there are
    /// words near the key, it need not have any.
    pub(super) fn pattern(
        &mut self,
        written: &Spanned<String>,
        keywords: &[Spanned<String>],
        has_words: bool,
    ) -> Option<PlacedKeywords> {
        let at = written.span().start;
        for keyword in keywords {
            let length = keyword.get_ref().len();
            self.expect(length >= MIN_KEYWORD, keyword.span().start, || {
                format!("a keyword must have at least {MIN_KEYWORD} bytes, or it hits everywhere")
            });
        }
        let hir = self.good(at, Pattern::hir(written.get_ref()))?;
        let placed = |keywords: Vec<String>| {
            let places = KeywordPlaces::of(&hir, &keywords);
            Some((keywords, places))
        };
        if !keywords.is_empty() {
            self.coverage(&hir, at, keywords);
            return placed(keywords.iter().map(|keyword| keyword.get_ref().clone()).collect());
        }
        match keywords::keywords(&hir) {
            Some(keywords) => placed(keywords),
            None if has_words => {
                let shortest = hir.properties().minimum_len().unwrap_or(0);
                self.expect(shortest >= SHORTEST_VALUE, at, || {
                    format!(
                        "a key that is found by the words near it has {SHORTEST_VALUE} characters or \
                         more, and this pattern matches {shortest}"
                    )
                });
                placed(Vec::new())
            }
            None => {
                let message = format!(
                    "the pattern spells out no text of {MIN_KEYWORD} bytes or more that every \
                     match has; add one, or [rule.nearby] with words that stand near the key"
                );
                self.fault(at, message);
                None
            }
        }
    }

    /// Checks a block and the keywords for it, which are by default the texts that it begins with.
    pub(super) fn block(
        &mut self,
        written: RawBlock,
        keywords: &[Spanned<String>],
    ) -> Option<Block> {
        let RawBlock { begin, end, form, encrypted } = written;
        let at = form.span().start;
        let block = Block::new(begin, end.as_deref(), form.get_ref(), encrypted);
        let block = self.good(at, block)?;
        for keyword in keywords {
            let text = keyword.get_ref();
            let good = text.len() >= MIN_KEYWORD && block.begins().any(|own| own.contains(text));
            self.expect(good, keyword.span().start, || {
                format!("the keyword `{text}` is in none of the texts that the block begins with")
            });
        }
        let has_keyword = |begin: &&str| keywords.iter().any(|own| begin.contains(own.get_ref()));
        if let Some(begin) = block.begins().find(|own| !keywords.is_empty() && !has_keyword(own)) {
            self.fault(at, format!("no keyword is in `{begin}`, which would be missed"));
        }
        Some(block)
    }

    fn coverage(&mut self, hir: &Hir, at: usize, keywords: &[Spanned<String>]) {
        let bytes: Vec<_> = keywords.iter().map(|keyword| keyword.get_ref().as_bytes()).collect();
        let coverage = coverage(hir, &bytes);
        for (keyword, occurs) in keywords.iter().zip(&coverage.occurs) {
            self.expect(*occurs, keyword.span().start, || {
                format!("the pattern cannot contain the keyword `{}`", keyword.get_ref())
            });
        }
        self.expect(coverage.complete || keywords.is_empty(), at, || {
            "the pattern can match text without any of the keywords, which would be missed; \
             each of its branches must spell out a keyword in the same case"
                .to_owned()
        });
    }
}
