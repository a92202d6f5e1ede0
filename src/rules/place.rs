//! Conditions on the place of a key: the file it is in, and where in the file if that is JSON.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::Regex;

/// The place of a rule's keys.
#[derive(Debug)]
pub struct RulePlace {
    /// Path patterns in the syntax of `.gitignore`, one of which must match from some folder on.
    files: Vec<String>,
    regex: OnceLock<Option<Regex>>,
    /// The names and indices of JSON pointers, one of which must lead to the key; `*` is any one of them.
    json: Vec<Vec<String>>,
}

impl RulePlace {
    /// A place.
    ///
    /// # Errors
    /// The fault of its patterns or its pointer, and the remedy.
    pub(super) fn new(files: Vec<String>, json: &[String]) -> Result<Self, String> {
        if files.is_empty() && json.is_empty() {
            return Err("a place needs `files`, `json` or both".to_owned());
        }
        for pattern in &files {
            if pattern.is_empty() || pattern.starts_with(['/', '!', '#']) || pattern.ends_with('/')
            {
                return Err(format!(
                    "`{pattern}` is not a pattern for files such as `.npmrc`, `*.tfvars` or \
                     `**/.docker/config.json`"
                ));
            }
        }
        let names = |pointer: &String| {
            let rest = pointer.strip_prefix('/')?;
            Some(rest.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect())
        };
        let json: Option<Vec<_>> = json.iter().map(names).collect();
        let json = json.ok_or("the JSON pointer in `json` must begin with `/`")?;
        Ok(Self { files, regex: OnceLock::new(), json })
    }

    /// Checks the patterns as expressions, which takes far longer than all else.
    ///
    /// # Errors
    /// The pattern that cannot be used, and why.
    pub(super) fn check(&self) -> Result<(), String> {
        self.files.iter().try_for_each(|pattern| match expression(std::slice::from_ref(pattern)) {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("`{pattern}` is not a path pattern: {error}")),
        })
    }

    /// The conditions, for a digest of the rules.
    pub(super) fn written(&self) -> impl std::fmt::Debug {
        (&self.files, &self.json)
    }

    /// The patterns and the pointers, for people.
    pub fn shown(&self) -> String {
        let pointers = self.json.iter().map(|names| format!("JSON /{}", names.join("/")));
        self.files.iter().cloned().chain(pointers).collect::<Vec<_>>().join(", ")
    }

    /// True if a key at `at` of the file `path` is in this place; keys must come in order.
    pub fn holds(&self, path: &[u8], text: &mut JsonCursor<'_>, at: usize) -> bool {
        let regex = || self.regex.get_or_init(|| expression(&self.files).ok()).as_ref();
        (self.files.is_empty() || regex().is_some_and(|regex| regex.is_match(path)))
            && (self.json.is_empty() || text.is_at(at, &self.json))
    }
}

/// The expression for path patterns.
fn expression(patterns: &[String]) -> Result<Regex, String> {
    let all: Vec<_> = patterns.iter().map(|pattern| translated(pattern)).collect();
    let source = format!("^(?s-u:.*/)?(?:{})$", all.join("|"));
    Regex::new(&source)
        .map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned())
}

/// A pattern as an expression: `*` and `?` do not match `/`, `**` does.
fn translated(pattern: &str) -> String {
    let mut source = String::from("(?-u)");
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**/") {
            source.push_str("(?:.*/)?");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("**") {
            source.push_str(".*");
            rest = after;
        } else {
            rest = &rest[first.len_utf8()..];
            match first {
                '*' => source.push_str("[^/]*"),
                '?' => source.push_str("[^/]"),
                '[' => match rest.split_once(']').filter(|(class, _)| !class.is_empty()) {
                    Some((class, after)) => {
                        let class = class.replacen('!', "^", usize::from(class.starts_with('!')));
                        source.push_str(&format!("[{class}]"));
                        rest = after;
                    }
                    None => source.push('['),
                },
                other => source.push_str(&regex_syntax::escape(&other.to_string())),
            }
        }
    }
    source
}

/// A position that moves through a JSON text from its beginning to its end and knows where it is.
#[derive(Debug)]
pub struct JsonCursor<'t> {
    text: &'t [u8],
    at: usize,
    /// The objects and lists around the position.
    around: Vec<JsonNesting>,
    /// The last text that ended before the position, without its quotes.
    last: Range<usize>,
}

/// An object or a list around a position.
#[derive(Debug)]
enum JsonNesting {
    /// The name that was read last.
    Object(Range<usize>),
    /// The index.
    List(usize),
}

impl<'t> JsonCursor<'t> {
    /// The beginning of a text.
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, around: Vec::new(), last: 0..0 }
    }

    /// Moves to `at`, and tells whether the names and indices up to there are those of a pointer.
    fn is_at(&mut self, at: usize, pointers: &[Vec<String>]) -> bool {
        self.advance(at);
        let is_name = |(around, name): (&JsonNesting, &String)| {
            name == "*"
                || match around {
                    JsonNesting::Object(own) => &self.text[own.clone()] == name.as_bytes(),
                    JsonNesting::List(index) => *name == index.to_string(),
                }
        };
        pointers.iter().any(|names| {
            self.around.len() == names.len() && self.around.iter().zip(names).all(is_name)
        })
    }

    fn advance(&mut self, to: usize) {
        while self.at < to.min(self.text.len()) {
            let byte = self.text[self.at];
            match byte {
                b'"' => {
                    let end = self.string_end();
                    // The position is in this text, which may hold more than one key.
                    if end >= to {
                        return;
                    }
                    self.last = self.at + 1..end;
                    self.at = end;
                }
                b':' => {
                    if let Some(JsonNesting::Object(name)) = self.around.last_mut() {
                        *name = self.last.clone();
                    }
                }
                b',' => {
                    if let Some(JsonNesting::List(index)) = self.around.last_mut() {
                        *index += 1;
                    }
                }
                b'{' => self.around.push(JsonNesting::Object(0..0)),
                b'[' => self.around.push(JsonNesting::List(0)),
                b'}' | b']' => drop(self.around.pop()),
                _ => {}
            }
            self.at += 1;
        }
    }

    /// The closing quote of the text that begins at the position, or the end of everything.
    fn string_end(&self) -> usize {
        let mut at = self.at + 1;
        while let Some(&byte) = self.text.get(at) {
            match byte {
                b'"' => break,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        at.min(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(files: &[&str], json: &[&str]) -> RulePlace {
        let owned = |all: &[&str]| all.iter().map(|own| (*own).to_owned()).collect::<Vec<_>>();
        RulePlace::new(owned(files), &owned(json)).unwrap()
    }

    #[test]
    fn files_match_from_some_folder_on() {
        for (pattern, path, expected) in [
            (".npmrc", ".npmrc", true),
            (".npmrc", "a/b/.npmrc", true),
            (".npmrc", "a/x.npmrc", false),
            (".npmrc", ".npmrc/x", false),
            ("**/.docker/config.json", ".docker/config.json", true),
            (".docker/config.json", "home/.docker/config.json", true),
            (".docker/config.json", "home/x.docker/config.json", false),
            ("*.tfvars", "a/prod.tfvars", true),
            ("*.tfvars", "a/prod.tfvars.json", false),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/b/c", false),
            ("a/**/c", "x/a/b/b/c", true),
            ("a/**/c", "a/c", true),
            ("mcp?.js[o-p]n", "mcp1.json", true),
            ("mcp[!1].json", "mcp1.json", false),
        ] {
            let holds = place(&[pattern], &[]).holds(path.as_bytes(), &mut JsonCursor::new(b""), 0);
            assert_eq!(holds, expected, "{pattern} {path}");
        }
    }

    #[test]
    fn pointers_tell_where_a_text_is() {
        let text = br#"{"auths": {"https://x/y": {"auth": "@", "a\"b": ["n", {"auth": "@"}]}}, "auth": "@"}"#;
        let places: Vec<_> = memchr::memchr_iter(b'@', text).collect();
        for (pointer, expected) in [
            ("/auths/*/auth", [true, false, false]),
            ("/auths/https:~1~1x~1y/auth", [true, false, false]),
            ("/auths/*/*/1/auth", [false, true, false]),
            ("/auths/*/*/0/auth", [false, false, false]),
            ("/auth", [false, false, true]),
            ("/*", [false, false, true]),
        ] {
            let mut cursor = JsonCursor::new(text);
            let place = place(&[], &["/nowhere", pointer]);
            let found = places.iter().map(|&at| place.holds(b"x", &mut cursor, at));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{pointer}");
        }
    }

    #[test]
    fn faulty_places_are_refused() {
        for (files, json) in [
            (&[][..], &[][..]),
            (&[""], &[]),
            (&["/etc/x"], &[]),
            (&["folder/"], &[]),
            (&["[z-a]"], &[]),
            (&[], &["/a", "auths"]),
        ] {
            let owned = |all: &[&str]| all.iter().map(|own| (*own).to_owned()).collect::<Vec<_>>();
            let place = RulePlace::new(owned(files), &owned(json)).and_then(|own| own.check());
            assert!(place.is_err(), "{json:?}");
        }
    }
}
