//! Parses modules: provides a stack that is large enough, retries components without the parts that
//! cannot be parsed, and lowers the syntax tree.

use std::borrow::Cow;

use oxc_allocator::Allocator;
use oxc_parser::ParseOptions;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use crate::js::conventions::CodeConventions;
use crate::js::ir::{Module, ParseDepth, ParseFault, SourceLanguage};
use crate::js::markup::module_source::ModuleSource;
use crate::js::parse::lowering::{Lowering, init_binding, markup_imports};
use crate::js::parse::nesting::{
    MAX_AMBIGUOUS_CONDITIONS, MAX_ARROWS, MAX_OPEN_BRACKETS, MAX_TOKENS, NestingEstimate,
    SAFE_TOKENS, is_plain,
};
use crate::js::parse::recovery::{without_hole, without_template};

/// Parses modules, one after the other in the same memory.
pub(crate) struct ModuleParser<'c> {
    conventions: &'c CodeConventions,
    allocator: Allocator,
    /// Nesting tokens up to which a module is parsed on the current thread.
    shallow: usize,
}

/// Bytes of stack for each nesting token. The most that was measured is 1.7 KB.
const STACK_PER_TOKEN: usize = 4 << 10;

/// Times that a component is parsed again, each time without the interpolation that failed.
const MAX_RETRIES: usize = 8;

impl<'c> ModuleParser<'c> {
    /// A parser for a thread with a stack of this many bytes, at least half of it free.
    pub(crate) fn new(stack: usize, conventions: &'c CodeConventions) -> Self {
        let shallow = (stack / 2 / STACK_PER_TOKEN).max(SAFE_TOKENS);
        Self { conventions, allocator: Allocator::default(), shallow }
    }

    /// Parses a module; a fault says why parts of it could not be read.
    pub(crate) fn parse(&mut self, source: &ModuleSource<'_>, depth: ParseDepth) -> Module {
        if is_plain(source.text.as_bytes(), self.shallow) {
            return self.parse_here(source, depth);
        }
        let nesting = NestingEstimate::of(&source.text);
        if nesting.depth > MAX_OPEN_BRACKETS || nesting.tokens > MAX_TOKENS {
            return unread("it may nest too deeply");
        }
        let has_guesses = source.language != SourceLanguage::JavaScript
            && (nesting.guesses > MAX_AMBIGUOUS_CONDITIONS || nesting.arrows > MAX_ARROWS);
        if has_guesses {
            return unread("it may be ambiguous in too many places");
        }
        if nesting.tokens <= self.shallow {
            return self.parse_here(source, depth);
        }
        // The parser and the lowering recurse as deep as the code nests. That depth cannot be known
        // without parsing, so the stack is large enough for the worst; the system provides only the
        // memory that is used.
        let stack = (nesting.tokens + SAFE_TOKENS) * STACK_PER_TOKEN;
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(stack);
            match thread.spawn_scoped(scope, || self.parse_here(source, depth)) {
                Ok(thread) => thread.join().unwrap_or_else(|_| unread("the parser gave up")),
                Err(_) => unread("there is no memory for its nesting"),
            }
        })
    }

    fn parse_here(&mut self, source: &ModuleSource<'_>, depth: ParseDepth) -> Module {
        self.allocator.reset();
        let mut text = Cow::Borrowed(source.text.as_ref());
        for _ in 0..MAX_RETRIES {
            match read(&self.allocator, source, &text, depth, self.conventions) {
                Ok(module) => return module,
                Err(fault) => match without_hole(&text, source, fault.at) {
                    Some(shorter) => text = Cow::Owned(shorter),
                    None => return Module { fault: Some(fault), ..empty(source) },
                },
            }
            self.allocator.reset();
        }
        let text = without_template(&text, source);
        read(&self.allocator, source, &text, depth, self.conventions)
            .unwrap_or_else(|fault| Module { fault: Some(fault), ..empty(source) })
    }
}

/// A module of which nothing is known.
fn unread(message: &str) -> Module {
    let fault = ParseFault { message: message.to_owned(), at: 0 };
    Module { fault: Some(fault), bindings: vec![init_binding()], ..Module::default() }
}

/// A module whose code cannot be read: only its links are known.
fn empty(source: &ModuleSource<'_>) -> Module {
    Module { bindings: vec![init_binding()], imports: markup_imports(source), ..Module::default() }
}

/// Parses and lowers a text; an error is a fault after which the parser gave up.
fn read(
    allocator: &Allocator,
    source: &ModuleSource<'_>,
    text: &str,
    depth: ParseDepth,
    conventions: &CodeConventions,
) -> Result<Module, ParseFault> {
    let options = ParseOptions {
        // The frontmatter of Astro components returns, and so do scripts of CommonJS.
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    let parser = oxc_parser::Parser::new(allocator, text, source_type(source));
    let parsed = parser.with_options(options).parse();
    let fault = parsed.diagnostics.iter().next().map(|diagnostic| ParseFault {
        message: without_quotes(&diagnostic.message),
        at: diagnostic.labels.first().map_or(0, |label| label.offset()),
    });
    if let (true, Some(fault)) = (parsed.panicked, &fault) {
        return Err(fault.clone());
    }
    let program = allocator.alloc(parsed.program);
    let scoping = SemanticBuilder::new().build(program).semantic.into_scoping();
    let mut lowering = Lowering::new(source, &scoping, depth, conventions);
    lowering.program(program);
    Ok(Module { fault, ..lowering.finish() })
}

fn source_type(source: &ModuleSource<'_>) -> SourceType {
    let source_type = match source.language {
        SourceLanguage::JavaScript => SourceType::mjs().with_jsx(true),
        SourceLanguage::TypeScript => SourceType::ts(),
        SourceLanguage::Tsx => SourceType::tsx(),
    };
    if source.is_module { source_type } else { source_type.with_unambiguous(true) }
}

/// A message without the quoted texts in it, which may come from the module.
fn without_quotes(message: &str) -> String {
    let mut kept = String::with_capacity(message.len());
    let mut quote = None;
    for letter in message.chars() {
        match quote {
            Some(end) if letter == end => quote = None,
            Some(_) => continue,
            None if matches!(letter, '`' | '"') => {
                quote = Some(letter);
                kept.push('…');
                continue;
            }
            None => kept.push(letter),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::without_quotes;
    use crate::js::ir::ParseDepth;
    use crate::js::parse::nesting::MAX_AMBIGUOUS_CONDITIONS;
    use crate::js::parse::testing::module;

    #[test]
    fn faults_contain_no_text_of_the_module() {
        let module = module("a.ts", "const secret secret = ", ParseDepth::Shape);
        let fault = module.fault.expect("invalid TypeScript has a fault");
        assert!(!fault.message.contains("secret"), "{}", fault.message);
        assert_eq!(
            without_quotes("Expected `a` but found \"b\" here"),
            "Expected … but found … here"
        );
    }

    #[test]
    fn hostile_nesting_is_refused_or_read() {
        let pieces = [
            ("(", ")"),
            ("[", "]"),
            ("{", "}"),
            ("!", ""),
            ("a+", ""),
            ("<a>", "</a>"),
            ("`${", "}`"),
            ("a?b:", ""),
            ("if(a)", ""),
            ("a=>", ""),
            ("a.", ""),
            ("a(", ")"),
            ("new ", ""),
            ("({a=", "})"),
            ("a<", ""),
            ("namespace a{", "}"),
            ("else ", ""),
            ("a:", ""),
            ("'", ""),
            ("\"(", ""),
            ("/", ""),
            ("/*(", ""),
            ("typeof ", ""),
            ("@a(", ")"),
            ("a![0]", ""),
        ];
        for (open, close) in pieces {
            for count in [300, 3000, 1_000_000 / open.len()] {
                let text = open.repeat(count) + "a" + &close.repeat(count);
                for path in ["a.tsx", "a.js"] {
                    module(path, &text, ParseDepth::Body);
                }
            }
        }
    }

    #[test]
    fn ambiguous_text_is_refused() {
        let pieces = [
            "a?(b):c=>",
            "a ?\n(b, c): d => ",
            "a?async(b):c=>",
            "(a?(b):c=>",
            "x=<T>(y)=>",
            "(a=b)=>",
            "(a=b):c=>",
        ];
        for piece in pieces {
            for (count, is_read) in [(3, true), (20_000, false)] {
                let is_open = piece.matches('(').count() > piece.matches(')').count();
                let close = if is_open { ")".repeat(count) } else { String::new() };
                let text = piece.repeat(count) + "a" + &close;
                let module = module("a.ts", &text, ParseDepth::Body);
                assert_eq!(module.fault.is_none(), is_read, "{piece} {count}");
            }
        }
        let many = "x = a ? (b) : c;\n".repeat(MAX_AMBIGUOUS_CONDITIONS);
        assert!(module("a.tsx", &many, ParseDepth::Body).fault.is_none());
        let texts = "'?(', a?.b, a ?? b, // ?(\n".repeat(3 * MAX_AMBIGUOUS_CONDITIONS);
        assert!(module("a.ts", &format!("x = [{texts}]"), ParseDepth::Body).fault.is_none());
        let script = "x = a ? (b) : c;\n".repeat(3 * MAX_AMBIGUOUS_CONDITIONS);
        assert!(module("a.js", &script, ParseDepth::Body).fault.is_none());
    }
}
