//! Workflows, compose files and settings of platforms in YAML.
//!
//! The parser's events are read one by one and nothing is built of them: neither depth nor aliases
//! of a hostile file cost anything.

use std::ops::Range;

use saphyr_parser::{Event, Parser};

use crate::variables::entry::{Assignment, is_name, moved};
use crate::variables::settings::TABLES;
use crate::variables::{dotenv, scripts};

/// Names of keys whose values are commands.
const COMMANDS: [&str; 7] =
    ["run", "script", "before_script", "command", "commands", "args", "preBuild"];

/// A scalar and where it stands.
#[derive(Debug, Clone, Default)]
struct Scalar {
    text: String,
    at: Range<usize>,
}

/// A map or list that is open.
#[derive(Debug, Default)]
struct Open {
    is_list: bool,
    /// True if its keys or elements are variables.
    is_table: bool,
    /// True if it holds commands.
    is_command: bool,
    /// Of a map, the key whose value comes next.
    key: Option<Scalar>,
    /// The variable's name of which a map says more: `X: {value: …}`, or `{name: X, value: …}`.
    name: Option<Scalar>,
    value: Option<Scalar>,
}

/// The variables of a file.
pub(crate) fn entries(text: &str) -> (Vec<Assignment>, Option<String>) {
    let places = Places::new(text);
    let mut reader = Reader { text, entries: Vec::new(), open: Vec::new() };
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else {
            let fault = "is not valid YAML, so some of its variables may be missed".to_owned();
            return (reader.entries, Some(fault));
        };
        let at = places.byte(span.start.index())..places.byte(span.end.index());
        match event {
            Event::Scalar(value, ..) => reader.scalar(Scalar { text: value.into_owned(), at }),
            Event::Alias(_) => reader.other(),
            Event::MappingStart(..) => reader.start(false),
            Event::SequenceStart(..) => reader.start(true),
            Event::MappingEnd | Event::SequenceEnd => reader.end(),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
    (reader.entries, None)
}

struct Reader<'t> {
    text: &'t str,
    entries: Vec<Assignment>,
    open: Vec<Open>,
}

impl Reader<'_> {
    fn scalar(&mut self, scalar: Scalar) {
        let Some(open) = self.open.last_mut() else { return };
        if open.is_list {
            let (is_table, is_command) = (open.is_table, open.is_command);
            if is_table {
                self.pairs(&scalar);
            } else if is_command {
                self.commands(&scalar);
            }
            return;
        }
        let Some(key) = open.key.take() else {
            open.key = Some(scalar);
            return;
        };
        if key.text == "value" {
            open.value = Some(scalar.clone());
        } else if matches!(key.text.as_str(), "name" | "key") && open.name.is_none() {
            open.name = Some(scalar.clone());
        }
        if open.is_table && is_name(&key.text) {
            self.declare(&key, &scalar);
        } else if TABLES.contains(&key.text.as_str()) {
            self.pairs(&scalar);
        } else if COMMANDS.contains(&key.text.as_str()) {
            self.commands(&scalar);
        }
    }

    /// Something that is no scalar stands in the place of a key or a value.
    fn other(&mut self) {
        if let Some(open) = self.open.last_mut().filter(|open| !open.is_list) {
            open.key = match open.key.take() {
                Some(_) => None,
                None => Some(Scalar::default()),
            };
        }
    }

    fn start(&mut self, is_list: bool) {
        let mut new = Open { is_list, ..Open::default() };
        if let Some(parent) = self.open.last() {
            let key = parent.key.as_ref().map_or("", |key| key.text.as_str());
            new.is_table = TABLES.contains(&key) || key.starts_with("x-");
            new.is_command = COMMANDS.contains(&key);
            new.name = parent.key.clone().filter(|_| parent.is_table && !parent.is_list);
        }
        self.open.push(new);
    }

    fn end(&mut self) {
        let closed = self.open.pop().filter(|closed| !closed.is_list);
        let parent = self.open.last().filter(|parent| parent.is_table);
        if let (Some(Open { name: Some(name), value, .. }), Some(parent)) = (closed, parent)
            && is_name(&name.text)
            && (value.is_some() || parent.is_list)
        {
            let nothing = Scalar { text: String::new(), at: name.at.end..name.at.end };
            self.declare(&name, &value.unwrap_or(nothing));
        }
        self.other();
    }

    fn declare(&mut self, name: &Scalar, value: &Scalar) {
        let is_empty = matches!(value.text.as_str(), "" | "~" | "null");
        self.entries.push(Assignment {
            name: name.text.clone(),
            value: (!is_empty).then(|| value.text.clone()),
            expands: true,
            name_at: name.at.clone(),
            value_at: value.at.start.max(name.at.end)..value.at.end.max(name.at.end),
        });
    }

    /// `X=…` lines, or the bare name of a variable that is passed on.
    fn pairs(&mut self, scalar: &Scalar) {
        let before = self.entries.len();
        let source = self.text.get(scalar.at.clone()).unwrap_or_default();
        let start = scalar.at.start;
        // The quotes of an element stand around name and value.
        let inner = source.trim_start_matches(['"', '\'']);
        let by = start + source.len() - inner.len();
        let inner = if by > start { inner.trim_end_matches(['"', '\'']) } else { inner };
        self.entries.extend(dotenv::entries(inner).into_iter().map(|entry| moved(entry, by)));
        let name = scalar.text.trim();
        if self.entries.len() == before && is_name(name) {
            self.entries.push(Assignment {
                name: name.to_owned(),
                value: None,
                expands: false,
                name_at: scalar.at.clone(),
                value_at: scalar.at.end..scalar.at.end,
            });
        }
    }

    fn commands(&mut self, scalar: &Scalar) {
        let source = self.text.get(scalar.at.clone()).unwrap_or_default();
        let found = scripts::entries(source);
        self.entries.extend(found.into_iter().map(|entry| moved(entry, scalar.at.start)));
    }
}

/// The parser counts characters; places are bytes.
struct Places {
    /// The byte of each character, if they are not the same.
    bytes: Vec<u32>,
    length: usize,
}

impl Places {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            let bytes = text.char_indices().map(|(at, _)| at as u32);
            bytes.chain([text.len() as u32]).collect()
        };
        Self { bytes, length: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        if self.bytes.is_empty() {
            return character.min(self.length);
        }
        self.bytes.get(character).map_or(self.length, |byte| *byte as usize)
    }
}
