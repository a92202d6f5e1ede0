//! Generated text that looks like source code to a searcher: words of a small vocabulary in
//! several cases, punctuation, indentation. It holds no key.

use keyside::rules::Rng;

/// Words for identifiers. Many end like a keyword begins (`task_`, `format_`), as in real code.
const WORDS: &str = "access account action active add agent alert alias align alloc app apply \
    array asset async at attach attr auth back base batch before begin bench bind bit block body \
    bool boot border bound box branch bridge buffer build bulk bus byte cache call cancel chain \
    char check child chunk class clean client clock close cluster code color column command \
    commit compile config connect const context control convert copy core count cpu create \
    cursor data date debug decode default define delete depth desk detail device diff digest \
    dir disk dispatch display dock domain done draw driver drop edge edit element emit empty \
    enable encode end engine entry env error event exec exit expand export expr extend fail \
    fetch field file fill filter find first flag flat flush fold force fork format frame free \
    from func gate gen get graph group guard handle hash head heap height hint hook host id \
    image import index info init inner input insert int item iter job join key kind label last \
    layer layout lazy leaf left len level lib limit line link list load local lock log loop \
    main make map mark mask match max mem merge message meta method min mock mode model module \
    mount move name native nest net next node none note null num object off offset open option \
    order out outer owner pack page pair panel parse part pass patch path pattern pause peer \
    pick pipe pixel plan play point policy pool port post prefix print process proxy pub push \
    query queue quick raw reach read record redis ref region remove render reply report request \
    reset resolve result retry return right risk role root route row rule run safe sample save \
    scale scan schema scope score script scroll search seed select self send server session set \
    shape shard share shift show side sign size skip slice slot socket sort source span spec \
    split stack stage start stat state step stop store stream string strip style sub sum swap \
    switch sync table tag target task term test text theme thread tick time title token tool \
    top total trace track tree trim try type unit update upload url user utf valid value var \
    vec version view visit wait walk warn watch weak width window word work wrap write zone";

/// Text between identifiers.
const JOINTS: &[&str] = &[
    "(", ")", ", ", ".", " = ", "->", "::", "; ", " + ", " == ", "[", "]", " { ", " }", ": ",
    " && ", "(&", "\"", "'", " < ", " // ", " * ", " if ", " for ", " return ", " let ", "const ",
];

/// The number of identifiers that one text draws from.
const NAMES: usize = 4096;

/// Writes text from a seed.
pub(crate) struct Writer {
    rng: Rng,
    names: Vec<String>,
}

impl Writer {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let names = (0..NAMES).map(|_| identifier(&mut rng, &words)).collect();
        Self { rng, names }
    }

    /// The generator, for decisions other than the text.
    pub(crate) fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Appends about `length` bytes of lines, ending in `end`.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>, length: usize, end: u8) {
        let stop = out.len() + length;
        while out.len() < stop {
            let mut dice = self.rng.next_u64();
            let mut roll = |sides: u64| {
                let rolled = dice % sides;
                dice /= sides;
                rolled as usize
            };
            out.extend_from_slice(&b"                "[..4 * roll(5)]);
            for _ in 0..1 + roll(8) {
                // A product of two, so that some names are much more common than others.
                let name = (self.rng.below(NAMES) * self.rng.below(NAMES)) / NAMES;
                out.extend_from_slice(self.names[name].as_bytes());
                out.extend_from_slice(JOINTS[self.rng.below(JOINTS.len())].as_bytes());
            }
            out.push(end);
        }
    }
}

/// One to three words in one of the usual cases, or a number.
fn identifier(rng: &mut Rng, words: &[&str]) -> String {
    let mut name = String::new();
    let case = rng.below(10);
    if case == 0 {
        return rng.below(100_000).to_string();
    }
    for index in 0..1 + rng.below(3) {
        let word = words[rng.below(words.len())];
        match case {
            1..=4 => {
                name.push_str(if index > 0 { "_" } else { "" });
                name.push_str(word);
            }
            5 => {
                name.push_str(if index > 0 { "_" } else { "" });
                name.push_str(&word.to_ascii_uppercase());
            }
            6 => {
                name.push_str(if index > 0 { "-" } else { "" });
                name.push_str(word);
            }
            _ => {
                let (first, rest) = word.split_at(1);
                if index > 0 {
                    name.push_str(&first.to_ascii_uppercase());
                } else {
                    name.push_str(first);
                }
                name.push_str(rest);
            }
        }
    }
    name
}
