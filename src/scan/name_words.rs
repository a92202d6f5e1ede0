//! Finds the words of rules whose keys only their names tell, in the text before a value and in the lines
//! around it.
//!
//! Only the lines on which a value is assigned are read, each once: whatever stands between two values
//! of a line is read when the second one is reached. Case and separators do not count, so a word is
//! recognised by its last four letters and digits, and then compared backwards.

use super::assigned;
use super::enclosing::Enclosing;
use super::split_words::SplitWords;
use crate::model::{KeyClass, RuleIndex};
use crate::rules::{MIN_WORD, Rule, Ruleset, begins_word};

/// Bits of a hash of four letters; the words are few in so large a table.
const HASH_BITS: u32 = 16;

/// How far before a header the host may stand to which it is sent, and the most letters of one.
const HOST_WITHIN: usize = 160;
const LONGEST_HOST: usize = 48;

/// Letters and digits in lower case, and 0 for all other bytes.
const LETTERS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if (byte as u8).is_ascii_alphanumeric() {
            table[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// The words of all rules whose keys only their names tell.
#[derive(Debug, Default)]
pub(super) struct NameWords {
    words: Vec<NameWord>,
    /// For each hash, one bit: set if a word ends with four letters of that hash.
    marks: Vec<u64>,
    /// The last four letters of each word and its index, in order.
    endings: Vec<(u32, u32)>,
    /// The words that may begin in the lines around a value.
    split: SplitWords,
    /// The greatest distance of a word.
    within: usize,
}

#[derive(Debug)]
struct NameWord {
    /// Lower-case letters and digits.
    text: Vec<u8>,
    /// The rules that it belongs to, and the distance in bytes at which it is near their keys.
    rules: Vec<(RuleIndex, usize)>,
    /// True if its first part has three letters.
    is_short: bool,
    /// True for the host of a provider, which tells the keys that are sent to it in headers.
    is_host: bool,
}

impl NameWords {
    /// The words of the rules that are searched for and told by names on their lines.
    pub(super) fn new(rules: &Ruleset, is_searched: fn(&Rule) -> bool) -> Self {
        let mut words: Vec<(&[u8], RuleIndex, usize, bool)> = Vec::new();
        let mut hosts: Vec<(Vec<u8>, RuleIndex)> = Vec::new();
        for (index, rule) in (0..).map(RuleIndex).zip(&rules.rules) {
            let is_told = rule.keywords.is_empty() && is_searched(rule);
            if let Some(nearby) = rule.nearby.as_ref().filter(|_| is_told)
                && !nearby.looks_far()
            {
                let own =
                    nearby.words.iter().enumerate().filter(|(_, word)| word.len() >= MIN_WORD);
                words.extend(own.map(|(nth, word)| {
                    (word.as_bytes(), index, nearby.within, nearby.begins_shortly(nth))
                }));
                if rule.class == KeyClass::Secret && !rule.is_generic {
                    let own = rules.provider(rule).hosts.iter().filter_map(|host| letters(host));
                    hosts.extend(own.map(|host| (host, index)));
                }
            }
        }
        if words.is_empty() {
            return Self::default();
        }
        words.sort_unstable();
        let mut own = Self { marks: vec![0; 1 << (HASH_BITS - 6)], ..Self::default() };
        for (text, rule, within, is_short) in words {
            own.within = own.within.max(within);
            match own.words.last_mut() {
                Some(last) if last.text == text => {
                    last.rules.push((rule, within));
                    last.is_short |= is_short;
                }
                _ => {
                    let rules = vec![(rule, within)];
                    let (text, is_host) = (text.to_vec(), false);
                    own.words.push(NameWord { text, rules, is_short, is_host });
                }
            }
        }
        hosts.sort_unstable();
        for (text, rule) in hosts {
            let rules = vec![(rule, HOST_WITHIN)];
            match own.words.last_mut() {
                Some(last) if last.is_host && last.text == text => last.rules.extend(rules),
                _ => own.words.push(NameWord { text, rules, is_short: false, is_host: true }),
            }
            own.within = own.within.max(HOST_WITHIN);
        }
        for (index, word) in own.words.iter().enumerate() {
            let ending = word.text.iter().fold(0, |ending, &byte| ending << 8 | u32::from(byte));
            own.marks[hash(ending) >> 6] |= 1 << (hash(ending) & 63);
            own.endings.push((ending, index as u32));
        }
        own.endings.sort_unstable();
        own.split = SplitWords::new(own.words.iter().map(|word| (&*word.text, word.is_short)));
        own
    }

    /// Passes on the rules with a word in the lines around a value, each once, with the number of the
    /// nearest line in which a word of it begins.
    pub(super) fn rules_around(
        &self,
        text: &[u8],
        around: &Enclosing,
        mut each: impl FnMut(RuleIndex, usize),
    ) {
        let mut seen = Vec::new();
        let is_sent = assigned::is_header(&text[around.own.clone()]);
        self.split.find(text, around, |word, line| {
            let word = &self.words[word as usize];
            for &(rule, _) in word.rules.iter().filter(|_| is_sent || !word.is_host) {
                if !seen.contains(&rule) {
                    seen.push(rule);
                    each(rule, line);
                }
            }
        });
    }

    /// True if no rule needs a name.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The greatest distance in bytes of a word and its value.
    pub(super) fn within(&self) -> usize {
        self.within
    }

    /// A reader of one text.
    pub(super) fn reader<'w, 't>(&'w self, text: &'t [u8]) -> NameReader<'w, 't> {
        NameReader { words: self, text, at: 0, ending: 0, seen: Vec::new() }
    }

    fn is_marked(&self, ending: u32) -> bool {
        let hash = hash(ending);
        self.marks[hash >> 6] >> (hash & 63) & 1 == 1
    }
}

/// Reads the names before the values of a text, which are given in order.
pub(super) struct NameReader<'w, 't> {
    words: &'w NameWords,
    text: &'t [u8],
    /// End of what has been read.
    at: usize,
    /// The last four letters and digits before it on its line, in lower case.
    ending: u32,
    /// The words there, each once, with the offset of its last occurrence.
    seen: Vec<(u32, usize)>,
}

impl NameReader<'_, '_> {
    /// Passes on the rules with a word near the value at `start`, and the offset of the word; the
    /// value's line begins at `line`.
    pub(super) fn rules_near(
        &mut self,
        line: usize,
        start: usize,
        mut each: impl FnMut(RuleIndex, usize),
    ) {
        let from = line.max(start.saturating_sub(self.words.within));
        if from > self.at {
            (self.at, self.ending) = (from, 0);
            self.seen.clear();
        }
        let (unread, mut ending) = (self.at..start, self.ending);
        for at in unread {
            let byte = self.text[at];
            let letter = LETTERS[usize::from(byte)];
            // No processor foresees where a word ends.
            let longer = ending << 8 | u32::from(letter);
            ending = if letter == 0 { ending } else { longer };
            if (letter != 0) & self.words.is_marked(ending) {
                self.add(at, ending);
            } else if byte == b'\n' {
                ending = 0;
            }
        }
        (self.at, self.ending) = (self.at.max(start), ending);
        let is_host = |word: u32| self.words.words[word as usize].is_host;
        if self.seen.iter().any(|&(word, _)| is_host(word))
            && !assigned::is_header(&self.text[assigned::name(self.text, line, start)])
        {
            self.seen.retain(|&(word, _)| !is_host(word));
        }
        for (nth, &(word, at)) in self.seen.iter().enumerate() {
            for &(rule, within) in self.rules(word) {
                let is_near = at >= from && start - at <= within;
                if is_near
                    && !self.seen[..nth].iter().any(|seen| self.is_of(seen, rule, from, start))
                {
                    each(rule, at);
                }
            }
        }
    }

    fn rules(&self, word: u32) -> &[(RuleIndex, usize)] {
        &self.words.words[word as usize].rules
    }

    /// True if a word in `from..start` is one of `rule` and near `start`.
    fn is_of(
        &self,
        &(word, at): &(u32, usize),
        rule: RuleIndex,
        from: usize,
        start: usize,
    ) -> bool {
        let is_near = |within| at >= from && start - at <= within;
        self.rules(word).iter().any(|&(own, within)| own == rule && is_near(within))
    }

    /// Notes the words that end with this `ending` at the byte at `last`.
    #[cold]
    fn add(&mut self, last: usize, ending: u32) {
        let endings = &self.words.endings;
        let first = endings.partition_point(|&(own, _)| own < ending);
        for &(_, word) in endings[first..].iter().take_while(|(own, _)| *own == ending) {
            let Some(start) = self.start_of(&self.words.words[word as usize].text, last) else {
                continue;
            };
            match self.seen.iter_mut().find(|(seen, _)| *seen == word) {
                Some((_, at)) => *at = start,
                None => self.seen.push((word, start)),
            }
        }
    }

    /// The offset of a word that ends at the byte at `last`; other characters may stand in it.
    fn start_of(&self, word: &[u8], last: usize) -> Option<usize> {
        let mut letters = word.iter().rev();
        let mut letter = letters.next()?;
        let floor = last.saturating_sub(self.words.within);
        for at in (floor..=last).rev() {
            let byte = self.text[at];
            if byte == b'\n' {
                return None;
            }
            if !byte.is_ascii_alphanumeric() {
                continue;
            }
            if byte.to_ascii_lowercase() != *letter {
                return None;
            }
            match letters.next() {
                Some(next) => letter = next,
                None => return begins_word(self.text, at).then_some(at),
            }
        }
        None
    }
}

/// The letters and digits of a host, as a word has them. `None` for one that is too short to tell a provider, or long.
fn letters(host: &str) -> Option<Vec<u8>> {
    let letters = host.bytes().filter(u8::is_ascii_alphanumeric);
    let letters: Vec<u8> = letters.map(|byte| byte.to_ascii_lowercase()).collect();
    (2 * MIN_WORD..=LONGEST_HOST).contains(&letters.len()).then_some(letters)
}

/// Multiplicative hashing, the upper bits.
fn hash(ending: u32) -> usize {
    (ending.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::{NearText, RuleFile};

    /// Rules that each have two of the words.
    fn rules(words: &[&str], within: usize) -> Ruleset {
        let rule = |(nth, pair): (usize, &[&str])| {
            format!(
                "[[rule]]\nid = \"r-{nth}\"\npattern = '[0-9a-f]{{32}}'\n\
                 nearby = {{ words = {pair:?}, within = {within} }}\n"
            )
        };
        let text: String = words.windows(2).enumerate().map(rule).collect();
        Ruleset::only(&[RuleFile { name: "r.toml".to_owned(), text }]).unwrap()
    }

    proptest! {
        #[test]
        fn the_rules_are_those_whose_words_are_in_the_text_before(
            text in "(acme|Ac_me|ACME_API|api_key|Key-ab|[a-c_ \n.é]){0,30}",
            values in prop::collection::btree_set(0..200usize, 1..6),
            within in 4..60usize,
        ) {
            let rules = rules(&["acme", "acme_api", "api_key", "keyab"], within);
            let names = NameWords::new(&rules, Rule::is_searched);
            let mut reader = names.reader(text.as_bytes());
            for start in values.into_iter().filter(|start| *start <= text.len()) {
                let before = &text.as_bytes()[..start];
                let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
                let mut found = Vec::new();
                reader.rules_near(line, start, |rule, _| found.push(rule));
                found.sort_unstable();
                let mut near = NearText::default();
                near.add(text.as_bytes(), line.max(start.saturating_sub(within))..start);
                let all = (0..).map(RuleIndex).zip(&rules.rules);
                let is_near = |rule: &Rule| rule.nearby.as_ref().unwrap().holds(&near);
                let expected: Vec<_> =
                    all.filter(|(_, rule)| is_near(rule)).map(|(index, _)| index).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
