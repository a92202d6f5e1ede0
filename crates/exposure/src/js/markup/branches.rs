//! The branches of templates: markup that is there only if a test holds, `{#if x}` and `v-if="x"`.

use std::ops::Range;

use crate::js::ir::Span;
use crate::js::markup::names::{is_name_byte, span};
use crate::js::markup::reader::MarkupReader;
use crate::js::markup::tag::{AttributeValue, OpeningTag};
use crate::js::markup::template_branch::{OpenBlock, TemplateBranch};

/// The most bytes in which the ends of elements are searched, as a multiple of the file's length.
const MAX_SEARCH: usize = 16;

/// The most tests of one choice that count.
const MAX_TESTS: usize = 32;

impl MarkupReader<'_> {
    /// Reads the word after the brace of a Svelte block: `#if`, `:else`, `/if`. `block` is the whole
    /// brace, `test` its code.
    pub(super) fn svelte_branch(&mut self, word: &str, block: Range<usize>, test: Range<usize>) {
        let is_if = word == "#if";
        if word.starts_with('#') {
            let tests = if is_if { vec![span(&test)] } else { Vec::new() };
            self.open_blocks.push(OpenBlock { tests, start: block.end, is_else: false });
            return;
        }
        if !word.starts_with([':', '/']) {
            return;
        }
        let Some(mut open) = self.open_blocks.pop() else { return };
        self.add_branch(&open.tests, span(&(open.start..block.start)), open.is_else);
        if word.starts_with(':') {
            let has_test = !test.is_empty();
            if has_test && !open.tests.is_empty() {
                open.tests.push(span(&test));
            }
            open.tests.truncate(MAX_TESTS);
            let is_else = !has_test;
            self.open_blocks.push(OpenBlock { start: block.end, is_else, ..open });
        }
    }

    /// Reads `v-if`, `v-else-if` and `v-else` of an element of a Vue template.
    pub(super) fn vue_branch(&mut self, opening: &OpeningTag, start: usize) {
        let value = |name: &str| {
            let is_it = |own: &Range<usize>| &self.text[own.clone()] == name;
            let found = opening.attributes.iter().find(|one| is_it(&one.name))?;
            match &found.value {
                AttributeValue::Text(value, _) => Some(value.clone()),
                AttributeValue::None | AttributeValue::Braces(_) | AttributeValue::Backticks(_) => {
                    Some(0..0)
                }
            }
        };
        let (first, next, last) = (value("v-if"), value("v-else-if"), value("v-else"));
        if first.is_none() && next.is_none() && last.is_none() {
            return;
        }
        let end = if opening.is_closed {
            opening.end
        } else {
            let name = &self.text[opening.name.clone()];
            let Some(end) = self.element_end(opening.end, name) else { return };
            end
        };
        let mut choice = std::mem::take(&mut self.choice);
        let is_next = self.text.get(choice.end..start).is_some_and(|text| text.trim().is_empty());
        if first.is_some() || !is_next {
            choice.tests.clear();
        }
        let own = first.or(next);
        choice.tests.extend(own.as_ref().map(span));
        choice.tests.truncate(MAX_TESTS);
        choice.end = end;
        self.add_branch(&choice.tests, span(&(start..end)), own.is_none());
        self.choice = choice;
    }

    /// Reads `<DevOnly>` of Nuxt.
    pub(super) fn vue_dev_only(&mut self, opening: &OpeningTag) {
        let name = &self.text[opening.name.clone()];
        if !opening.is_closed
            && matches!(name, "DevOnly" | "dev-only")
            && let Some(end) = self.element_end(opening.end, name)
        {
            self.for_development.push(span(&(opening.end..end)));
        }
    }

    /// Adds the markup of a branch: all tests before it fail, and its own holds, unless it has none.
    fn add_branch(&mut self, tests: &[Span], content: Span, is_else: bool) {
        for (index, &test) in tests.iter().enumerate() {
            let holds = index + 1 == tests.len() && !is_else;
            self.branches.push(TemplateBranch { test, content, holds });
        }
    }

    /// One past the closing tag of an element whose content begins at `from`.
    fn element_end(&mut self, from: usize, name: &str) -> Option<usize> {
        const VOID: [&str; 4] = ["br", "hr", "img", "input"];
        if VOID.contains(&name) {
            return Some(from);
        }
        let mut depth = 1_usize;
        let mut at = from;
        loop {
            let found = at + memchr::memchr(b'<', &self.bytes[at..])?;
            self.searched += found + 1 - at;
            if self.searched > MAX_SEARCH * self.bytes.len() {
                return None;
            }
            at = found + 1;
            let is_close = self.bytes.get(at) == Some(&b'/');
            let own = at + usize::from(is_close);
            let rest = self.bytes.get(own..)?;
            let is_it = rest.starts_with(name.as_bytes())
                && rest.get(name.len()).is_none_or(|next| !is_name_byte(*next));
            if !is_it {
                continue;
            }
            let end = own + memchr::memchr(b'>', rest)?;
            if is_close {
                depth -= 1;
                if depth == 0 {
                    return Some(end + 1);
                }
            } else if self.bytes.get(end - 1) != Some(&b'/') {
                depth += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::js::markup::cut::module_sources;

    /// The branches of a template: test, `!` if it fails, content.
    fn branches(path: &str, text: &str) -> Vec<String> {
        let part = |span: crate::js::ir::Span| &text[span.start as usize..span.end as usize];
        let mut sources = module_sources(path, text);
        let source = sources.swap_remove(0);
        let all = source.branches.iter().map(|branch| {
            let sign = if branch.holds { "" } else { "!" };
            format!("{sign}{}: {}", part(branch.test).trim(), part(branch.content))
        });
        all.collect()
    }

    #[test]
    fn branches_have_their_tests() {
        let svelte = "{#if a}1{#each b as c}2{:else}3{/each}{:else if d}4{:else}5{/if}{@html e}";
        assert_eq!(
            branches("a.svelte", svelte),
            ["a: 1{#each b as c}2{:else}3{/each}", "!a: 4", "!a: 5", "d: 4", "!d: 5"]
        );
        let vue = "<template><p v-if=\"a\"><p>1</p></p> <b v-else-if='b' /><i v-else>2</i><i v-else>3</i><u v-if=\"c\">4</template>";
        assert_eq!(
            branches("a.vue", vue),
            [
                "a: <p v-if=\"a\"><p>1</p></p>",
                "!a: <b v-else-if='b' />",
                "!a: <i v-else>2</i>",
                "!a: <i v-else>3</i>",
                "b: <b v-else-if='b' />",
                "!b: <i v-else>2</i>",
                "!b: <i v-else>3</i>",
            ]
        );
        assert!(branches("a.svelte", "{/if}{:else}{#if").is_empty());
    }
}
