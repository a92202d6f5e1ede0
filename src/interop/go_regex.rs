//! Converts Go's regular expressions into patterns of keyside: the same matches, bounded, with the
//! key in a group `secret`.
//!
//! The two syntaxes are close: constructs that are only spelled differently are rewritten, those
//! with another meaning are refused. Two differences remain: keyside counts bytes where Go counts
//! characters, and its `\s` also matches a vertical tab.

use regex_syntax::ParserBuilder;
use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::print::Printer;
use regex_syntax::ast::{
    AssertionKind, Ast, CaptureName, ClassSet, ClassSetItem, Concat, Flag, Flags, FlagsItemKind,
    Group, GroupKind, Literal, LiteralKind, RepetitionKind, RepetitionRange, Span,
};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::rules::{Pattern, keywords};

/// Upper bounds to try for unbounded repetitions, longest first. A lower bound could cut keys.
const BOUNDS: &[u32] = &[4000, 2000, 1300, 1000, 500, 250];

/// The most branches of one pattern that are tried as rules of their own.
const MAX_CHOICES: usize = 256;

/// A converted pattern, and how it differs from the original.
pub(super) struct Converted {
    /// The pattern.
    pub(super) source: String,
    /// Its syntax tree.
    pub(super) hir: Hir,
    /// Keywords: every match contains one of them.
    pub(super) keywords: Vec<String>,
    /// The bound put on unbounded repetitions.
    pub(super) bound: Option<u32>,
    /// Set if the key is the whole match although there are groups.
    pub(super) is_whole: bool,
}

/// Converts an expression whose group `secret_group` is the key; 0 is the first group that took part
/// in the match, as in gitleaks. If every branch has a group of its own, each becomes a pattern.
///
/// # Errors
/// The reason why it cannot be converted.
pub(super) fn convert(source: &str, secret_group: u32) -> Result<Vec<Converted>, String> {
    let mut rules = Vec::new();
    convert_choices(source, secret_group, &mut { MAX_CHOICES }, &mut rules)?;
    Ok(rules)
}

/// Adds the patterns of an expression to `rules`; `left` branches may still be tried.
fn convert_choices(
    source: &str,
    secret_group: u32,
    left: &mut usize,
    rules: &mut Vec<Converted>,
) -> Result<(), String> {
    *left = left.checked_sub(1).ok_or_else(|| {
        format!("it has more than {MAX_CHOICES} branches with a key of their own")
    })?;
    let mut ast = Parser::new()
        .parse(&braces(source))
        .map_err(|error| format!("the pattern is not a regular expression: {}", error.kind()))?;
    same_meaning(&mut ast)?;
    let mut groups = Vec::new();
    groups_of(&ast, GroupContext::default(), &mut groups);
    if secret_group > 0 {
        if !groups.iter().any(|group| group.index == secret_group) {
            return Err(format!("the pattern has no group {secret_group}"));
        }
        rules.push(with_secret(ast, Some(secret_group), false)?);
        return Ok(());
    }
    // A repeated group serves the repetition: it would hold only the key's last piece.
    let is_repeated = groups.iter().any(|group| group.standing.is_repeated);
    let mut named = groups.iter().filter(|group| !group.standing.is_repeated);
    let first = named.find(|group| !is_delimiter(group.inside));
    match first.map(|group| (group.index, group.standing.is_optional)) {
        None => rules.push(with_secret(ast, None, is_repeated)?),
        Some((index, false)) => rules.push(with_secret(ast, Some(index), false)?),
        Some((_, true)) => {
            let all = choices(&ast).ok_or("the text decides which of its groups holds the key")?;
            for choice in all {
                convert_choices(&print(&choice), 0, left, rules)?;
            }
        }
    }
    Ok(())
}

/// Converts an expression over keys.
///
/// # Errors
/// The reason why it cannot be converted.
pub(super) fn allowed(source: &str) -> Result<String, String> {
    let mut ast = Parser::new()
        .parse(&braces(source))
        .map_err(|error| format!("it is not a regular expression: {}", error.kind()))?;
    same_meaning(&mut ast)?;
    Ok(print(&ast))
}

/// Writes out the first branches that have groups, be they in the middle of an expression: `a(?:(b)|(c))`
/// is `a(b)` or `a(c)`.
fn choices(ast: &Ast) -> Option<Vec<Ast>> {
    if !has_groups(ast) {
        return None;
    }
    match ast {
        Ast::Alternation(all) => Some(branches(&all.asts)),
        Ast::Group(group) if matches!(group.kind, GroupKind::NonCapturing(_)) => {
            let each = choices(&group.ast)?.into_iter();
            let again = |choice| Ast::group(Group { ast: Box::new(choice), ..(**group).clone() });
            Some(each.map(again).collect())
        }
        Ast::Concat(all) => {
            let (at, each) = all
                .asts
                .iter()
                .enumerate()
                .find_map(|(at, part)| choices(part).map(|each| (at, each)))?;
            let whole = |choice| {
                let mut parts = all.asts.clone();
                parts[at] = choice;
                concat(parts)
            };
            Some(each.into_iter().map(whole).collect())
        }
        Ast::Empty(_)
        | Ast::Flags(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_)
        | Ast::Repetition(_)
        | Ast::Group(_) => None,
    }
}

/// Separates the branches. A flag set in one also holds in the branches after it.
fn branches(branches: &[Ast]) -> Vec<Ast> {
    let mut flags: Vec<Ast> = Vec::new();
    let each = branches.iter().map(|branch| {
        let mut parts = flags.clone();
        let own = if let Ast::Concat(concat) = branch {
            &concat.asts[..]
        } else {
            std::slice::from_ref(branch)
        };
        flags.extend(own.iter().filter(|part| matches!(part, Ast::Flags(_))).cloned());
        parts.extend_from_slice(own);
        concat(parts)
    });
    each.collect()
}

/// Escapes braces that are not repetition counts, which Go takes literally.
fn braces(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '\\' => {
                // `\x{…}` and `\p{…}` have their own braces.
                let escaped = rest[1..].chars().next().map_or(0, char::len_utf8);
                let has_braces =
                    ["\\x{", "\\p{", "\\P{"].iter().any(|start| rest.starts_with(start));
                length = match rest.find('}') {
                    Some(end) if has_braces => end + 1,
                    _ => 1 + escaped,
                };
            }
            '{' if !is_count(rest) => text.push('\\'),
            _ => {}
        }
        text.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    text
}

/// True if a text begins with `{9}`, `{9,}` or `{9,12}`.
fn is_count(text: &str) -> bool {
    let inside = text[1..].split_once('}').map_or("", |(inside, _)| inside);
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && is_number(least) && is_number(most)
}

/// Rewrites or refuses constructs that mean something else in Go.
fn same_meaning(ast: &mut Ast) -> Result<(), String> {
    match ast {
        Ast::Empty(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_) => Ok(()),
        Ast::Flags(set) => known_flags(&set.flags),
        Ast::Assertion(assertion) => {
            let c = match assertion.kind {
                AssertionKind::StartLine
                | AssertionKind::EndLine
                | AssertionKind::StartText
                | AssertionKind::EndText
                | AssertionKind::WordBoundary
                | AssertionKind::NotWordBoundary => return Ok(()),
                AssertionKind::WordBoundaryStartAngle => '<',
                AssertionKind::WordBoundaryEndAngle => '>',
                AssertionKind::WordBoundaryStart
                | AssertionKind::WordBoundaryEnd
                | AssertionKind::WordBoundaryStartHalf
                | AssertionKind::WordBoundaryEndHalf => {
                    return Err("`\\b{…}` means something else in Go".to_owned());
                }
            };
            *ast = Ast::literal(Literal { span: assertion.span, kind: LiteralKind::Verbatim, c });
            Ok(())
        }
        Ast::ClassBracketed(class) => plain_class(&class.kind),
        Ast::Repetition(repetition) => same_meaning(&mut repetition.ast),
        Ast::Group(group) => {
            if let GroupKind::NonCapturing(flags) = &group.kind {
                known_flags(flags)?;
            }
            same_meaning(&mut group.ast)
        }
        Ast::Alternation(all) => all.asts.iter_mut().try_for_each(same_meaning),
        Ast::Concat(all) => all.asts.iter_mut().try_for_each(same_meaning),
    }
}

fn known_flags(flags: &Flags) -> Result<(), String> {
    for item in &flags.items {
        match item.kind {
            FlagsItemKind::Negation
            | FlagsItemKind::Flag(
                Flag::CaseInsensitive | Flag::MultiLine | Flag::DotMatchesNewLine | Flag::SwapGreed,
            ) => {}
            FlagsItemKind::Flag(Flag::Unicode | Flag::CRLF | Flag::IgnoreWhitespace) => {
                return Err("the pattern has a flag that Go does not have".to_owned());
            }
        }
    }
    Ok(())
}

fn plain_class(set: &ClassSet) -> Result<(), String> {
    let is_plain = |item: &ClassSetItem| !matches!(item, ClassSetItem::Bracketed(_));
    let good = match set {
        ClassSet::BinaryOp(_) => false,
        ClassSet::Item(ClassSetItem::Union(union)) => union.items.iter().all(is_plain),
        ClassSet::Item(item) => is_plain(item),
    };
    let error = "a class in it contains `[`, `&&`, `--` or `~~`, which are plain characters in Go: \
                 escape them";
    if good { Ok(()) } else { Err(error.to_owned()) }
}

/// The constructs around a group.
#[derive(Debug, Clone, Copy, Default)]
struct GroupContext {
    is_optional: bool,
    is_repeated: bool,
}

/// A capturing group.
struct CaptureGroup<'a> {
    index: u32,
    standing: GroupContext,
    inside: &'a Ast,
}

fn groups_of<'a>(ast: &'a Ast, standing: GroupContext, found: &mut Vec<CaptureGroup<'a>>) {
    match ast {
        Ast::Empty(_)
        | Ast::Flags(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_) => {}
        Ast::Repetition(repetition) => {
            let (least, most) = counts(&repetition.op.kind);
            let is_optional = standing.is_optional || least == 0;
            let is_repeated = standing.is_repeated || most != Some(1);
            groups_of(&repetition.ast, GroupContext { is_optional, is_repeated }, found);
        }
        Ast::Group(group) => {
            if let Some(index) = index(&group.kind) {
                found.push(CaptureGroup { index, standing, inside: &group.ast });
            }
            groups_of(&group.ast, standing, found);
        }
        Ast::Alternation(all) => {
            let standing = GroupContext { is_optional: true, ..standing };
            all.asts.iter().for_each(|branch| groups_of(branch, standing, found));
        }
        Ast::Concat(all) => all.asts.iter().for_each(|part| groups_of(part, standing, found)),
    }
}

fn index(kind: &GroupKind) -> Option<u32> {
    match kind {
        GroupKind::CaptureIndex(index) => Some(*index),
        GroupKind::CaptureName { name, .. } => Some(name.index),
        GroupKind::NonCapturing(_) => None,
    }
}

fn counts(kind: &RepetitionKind) -> (u32, Option<u32>) {
    match kind {
        RepetitionKind::ZeroOrOne => (0, Some(1)),
        RepetitionKind::ZeroOrMore => (0, None),
        RepetitionKind::OneOrMore => (1, None),
        RepetitionKind::Range(RepetitionRange::Exactly(n)) => (*n, Some(*n)),
        RepetitionKind::Range(RepetitionRange::AtLeast(n)) => (*n, None),
        RepetitionKind::Range(RepetitionRange::Bounded(n, m)) => (*n, Some(*m)),
    }
}

/// Bounds the pattern and names the group `secret`; no other group captures.
fn with_secret(mut ast: Ast, secret: Option<u32>, is_whole: bool) -> Result<Converted, String> {
    rename(&mut ast, secret);
    match secret {
        None => ast = concat(key_parts(ast)),
        Some(_) => without_lead(&mut ast),
    }
    let is_open = has_open(&ast);
    let bounds = if is_open { BOUNDS } else { &BOUNDS[..1] };
    let mut failure = String::new();
    for &bound in bounds {
        let mut bounded = ast.clone();
        if !bind(&mut bounded, bound) {
            continue;
        }
        let source = print(&bounded);
        match Pattern::hir(&source) {
            Err(error) => failure = error,
            Ok(hir) if is_maybe_empty(&hir) => {
                return Err("the key's group can be empty".to_owned());
            }
            Ok(hir) => {
                let keywords = keywords(&hir).ok_or(
                    "its matches share no literal text of at least three characters, which \
                     keyside needs to look for them",
                )?;
                let bound = is_open.then_some(bound);
                return Ok(Converted { source, hir, keywords, bound, is_whole });
            }
        }
    }
    Err(failure)
}

/// Names the key's group, and makes all others non-capturing.
fn rename(ast: &mut Ast, secret: Option<u32>) {
    match ast {
        Ast::Empty(_)
        | Ast::Flags(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_) => {}
        Ast::Repetition(repetition) => rename(&mut repetition.ast, secret),
        Ast::Group(group) => {
            rename(&mut group.ast, secret);
            match index(&group.kind) {
                None => {}
                own if own == secret => {
                    let inside = std::mem::replace(&mut *group.ast, Ast::empty(nowhere()));
                    let mut parts = key_parts(inside);
                    *ast = match &parts[..] {
                        [_] => parts.remove(0),
                        // It may be part of a larger expression, to which its flags do not apply.
                        _ => Ast::group(Group {
                            span: nowhere(),
                            kind: GroupKind::NonCapturing(no_flags()),
                            ast: Box::new(concat(parts)),
                        }),
                    };
                }
                Some(_) => {
                    group.kind = GroupKind::NonCapturing(no_flags());
                }
            }
        }
        Ast::Alternation(all) => all.asts.iter_mut().for_each(|part| rename(part, secret)),
        Ast::Concat(all) => all.asts.iter_mut().for_each(|part| rename(part, secret)),
    }
}

fn no_flags() -> Flags {
    Flags { span: nowhere(), items: Vec::new() }
}

/// Puts a group `secret` around a key, without what only delimits it: `k[a-z]{9}(?:[^a-z]|$)` asks for
/// something after the key that is no part of it.
fn key_parts(ast: Ast) -> Vec<Ast> {
    let Ast::Concat(all) = &ast else { return vec![named("secret", with_body(ast))] };
    let mut parts = all.asts.clone();
    let is_lead = |part: &Ast| matches!(part, Ast::Flags(_)) || is_delimiter(part);
    let lead = parts.iter().take_while(|part| is_lead(part)).count();
    let tail = parts[lead..].iter().rev().take_while(|part| is_delimiter(part)).count();
    if lead + tail == parts.len() {
        return vec![named("secret", with_body(concat(parts)))];
    }
    let after = parts.split_off(parts.len() - tail);
    let key = named("secret", with_body(concat(parts.split_off(lead))));
    parts.push(key);
    parts.extend(after);
    parts
}

/// True if a part of a pattern only says what stands beside a key: the line's beginning or end, white
/// space, a quote.
fn is_delimiter(part: &Ast) -> bool {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    let Ok(hir) = parser.parse(&print(part)) else { return false };
    is_beside_key(&hir)
}

fn is_beside_key(hir: &Hir) -> bool {
    let has = |class: &Class, byte: u8| match class {
        Class::Bytes(class) => class.iter().any(|r| (r.start()..=r.end()).contains(&byte)),
        Class::Unicode(class) => {
            class.iter().any(|r| (r.start()..=r.end()).contains(&char::from(byte)))
        }
    };
    let has_any = |class: &Class, bytes: &[u8]| bytes.iter().any(|byte| has(class, *byte));
    let has_letters =
        |class: &Class| (b'0'..=b'z').any(|b| b.is_ascii_alphanumeric() && has(class, b));
    let is_space =
        |class: &Class| has_any(class, b"\n ") || has_any(class, b"\"'`") && !has_letters(class);
    match hir.kind() {
        HirKind::Look(_) | HirKind::Empty => true,
        HirKind::Class(class) => is_space(class),
        HirKind::Literal(literal) => literal.0.iter().all(|byte| b"\n\r\t \"'`".contains(byte)),
        HirKind::Capture(group) => is_beside_key(&group.sub),
        HirKind::Alternation(all) => {
            all.iter().all(|branch| is_beside_key(branch) || is_short(branch))
                && all.iter().any(is_beside_key)
        }
        HirKind::Concat(all) => all.iter().all(is_beside_key),
        HirKind::Repetition(repetition) => {
            if let HirKind::Class(class) = repetition.sub.kind() {
                // Keys themselves may be any text but white space, or but quotes.
                is_space(class) && !has_letters(class)
            } else {
                repetition.max == Some(1) && is_beside_key(&repetition.sub)
            }
        }
    }
}

/// True for two characters at most, such as a `;` or `\n` written out among other delimiters.
fn is_short(hir: &Hir) -> bool {
    hir.properties().maximum_len().is_some_and(|longest| longest <= 2)
}

/// Puts a group `body` around what follows the literal beginning of a key.
fn with_body(secret: Ast) -> Ast {
    let Ast::Concat(parts) = &secret else { return secret };
    let is_fixed = |part: &&Ast| match part {
        Ast::Literal(_) | Ast::Flags(_) => true,
        Ast::Assertion(_) => true,
        Ast::Empty(_)
        | Ast::Dot(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_)
        | Ast::Repetition(_)
        | Ast::Group(_)
        | Ast::Alternation(_)
        | Ast::Concat(_) => false,
    };
    let fixed = parts.asts.iter().take_while(is_fixed).count();
    let (head, body) = parts.asts.split_at(fixed);
    if body.is_empty() || !head.iter().any(|part| matches!(part, Ast::Literal(_))) {
        return secret;
    }
    let mut all = head.to_vec();
    all.push(named("body", concat(body.to_vec())));
    concat(all)
}

/// Removes leading parts that may be empty: keys stay the same, and matches then begin with their
/// keyword.
fn without_lead(ast: &mut Ast) {
    match ast {
        Ast::Concat(all) => {
            while let Some(first) = all.asts.iter().position(|part| !matches!(part, Ast::Flags(_)))
            {
                let may_be_empty = if let Ast::Repetition(own) = &all.asts[first] {
                    counts(&own.op.kind).0 == 0 && !has_groups(&own.ast)
                } else {
                    false
                };
                if !may_be_empty {
                    without_lead(&mut all.asts[first]);
                    break;
                }
                all.asts.remove(first);
            }
        }
        Ast::Group(group) if matches!(group.kind, GroupKind::NonCapturing(_)) => {
            without_lead(&mut group.ast);
        }
        Ast::Empty(_)
        | Ast::Flags(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_)
        | Ast::Repetition(_)
        | Ast::Group(_)
        | Ast::Alternation(_) => {}
    }
}

fn has_groups(ast: &Ast) -> bool {
    let mut groups = Vec::new();
    groups_of(ast, GroupContext::default(), &mut groups);
    !groups.is_empty()
}

fn has_open(ast: &Ast) -> bool {
    // A bound of 0 fails for every unbounded repetition.
    !bind(&mut ast.clone(), 0)
}

/// Bounds unbounded repetitions; `false` if one needs more than `bound` times.
fn bind(ast: &mut Ast, bound: u32) -> bool {
    match ast {
        Ast::Empty(_)
        | Ast::Flags(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_) => true,
        Ast::Repetition(repetition) => {
            if let (least, None) = counts(&repetition.op.kind) {
                if bound <= least {
                    return false;
                }
                let range = RepetitionRange::Bounded(least, bound);
                repetition.op.kind = RepetitionKind::Range(range);
            }
            bind(&mut repetition.ast, bound)
        }
        Ast::Group(group) => bind(&mut group.ast, bound),
        Ast::Alternation(all) => all.asts.iter_mut().all(|part| bind(part, bound)),
        Ast::Concat(all) => all.asts.iter_mut().all(|part| bind(part, bound)),
    }
}

/// True if the group `secret` can be empty.
fn is_maybe_empty(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
        HirKind::Capture(group) if group.name.as_deref() == Some("secret") => {
            group.sub.properties().minimum_len() == Some(0)
        }
        HirKind::Capture(group) => is_maybe_empty(&group.sub),
        HirKind::Repetition(repetition) => is_maybe_empty(&repetition.sub),
        HirKind::Concat(all) | HirKind::Alternation(all) => all.iter().any(is_maybe_empty),
    }
}

fn named(name: &str, ast: Ast) -> Ast {
    let name = CaptureName { span: nowhere(), name: name.to_owned(), index: 0 };
    let kind = GroupKind::CaptureName { starts_with_p: true, name };
    Ast::group(Group { span: nowhere(), kind, ast: Box::new(ast) })
}

fn concat(asts: Vec<Ast>) -> Ast {
    Concat { span: nowhere(), asts }.into_ast()
}

/// The span of generated nodes, which no text contains.
fn nowhere() -> Span {
    Span::splat(regex_syntax::ast::Position::new(0, 1, 1))
}

fn print(ast: &Ast) -> String {
    let mut text = String::new();
    Printer::new().print(ast, &mut text).expect("a String takes all that is written");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts that the patterns of an expression take for keys in a text.
    fn keys(expression: &str, text: &str) -> Vec<String> {
        let patterns = convert(expression, 0).unwrap_or_else(|why| panic!("{expression}: {why}"));
        let keys = patterns.iter().flat_map(|pattern| {
            let mut builder = regex::bytes::RegexBuilder::new(&pattern.source);
            let regex = builder.unicode(false).size_limit(64 << 20).build().unwrap();
            let found = regex.captures_iter(text.as_bytes());
            let found = found.map(|groups| groups.name("secret").unwrap().as_bytes().to_vec());
            found.map(|key| String::from_utf8(key).unwrap()).collect::<Vec<_>>()
        });
        keys.collect()
    }

    #[test]
    fn what_delimits_a_key_is_no_part_of_it() {
        for end in [
            "$",
            r"\b",
            "(?:[^a-z]|$)",
            r"(?:\s|$)",
            r"(\s|$)",
            r"[\s'\x22]",
            r"(?:[\x60'\x22\s;]|\\[nr]|$)",
            r"\s*",
            "'?",
            r"\s{0,3}(?:;|$)",
        ] {
            for start in ["", r"\b", r"(?:^|\s)", "(?i)", "[^a-z]", r"'{0,1}\b"] {
                let expression = format!("{start}kk_[a-z]{{8}}{end}");
                for after in ["\n", "\r\n", " ", "'"] {
                    let text = format!(" kk_abcdefgh{after}");
                    let found = keys(&expression, &text);
                    let is_good = found.iter().all(|key| key == "kk_abcdefgh");
                    assert!(is_good, "{expression} {after:?}: {found:?}");
                }
            }
        }
        // Part of the key itself.
        assert_eq!(keys(r"kk_[^\s]{8}={0,2}", "kk_abcdefgh=="), ["kk_abcdefgh=="]);
        assert_eq!(keys("kk_([a-z]{8}(?:[^a-z]|$))", "kk_abcdefgh\n"), ["abcdefgh"]);
    }

    #[test]
    fn branches_with_keys_are_told_apart_anywhere() {
        let text = "aa_11 bbb_22 ccc_33 ddd_44";
        for (expression, expected) in [
            (r"aaa_(\d+)|bbb_(\d+)", &["22"][..]),
            (r"(?:bbb_(\d+)|ccc_(\d+))", &["22", "33"]),
            (r"\b(?:bbb_(\d+)|ccc_(\d+))\b", &["22", "33"]),
            (r"\b(?:(?:bbb_(\d+)|ccc_(\d+))|ddd_(\d+))\b", &["22", "33", "44"]),
            (r"(?i)(?:BBB_(\d+)|CCC_(\d+))", &["22", "33"]),
            (r"(?:bbb_(\d+)|ccc_\d+)", &["22", "ccc_33"]),
            (r"(?:bb|cc)(?:b_(\d+)|c_(\d+))", &["22", "33"]),
        ] {
            assert_eq!(keys(expression, text), expected, "{expression}");
        }
        let many = "(?:a|b|(c))".repeat(40);
        for expression in ["kkk_(a)?(b)?", &format!("kkk_{many}")] {
            assert!(convert(expression, 0).is_err(), "{expression}");
        }
    }
}
