//! The places where packages take keys, as rule files write them: `createClient(1)`,
//! `new OpenAI({apiKey})`, `<DocSearch apiKey>`, `apiConfig.apiKey`.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// The forms of slots, for messages.
const FORMS: &str = "`createClient(1)`, `createClient(1.token)`, `new OpenAI({apiKey})`, \
                     `init({auth.apiKey})`, `<DocSearch apiKey>` or `apiConfig.apiKey`";

/// A place of a package's interface that takes a key.
#[derive(Clone)]
pub struct KeySlot {
    written: String,
    form: OnceLock<SlotForm>,
}

/// A slot in parts.
#[derive(Debug, Clone)]
struct SlotForm {
    owner: SlotOwner,
    parts: Vec<SlotPart>,
}

/// The part of a package's interface that has a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SlotOwner {
    /// Everything: any call, any element, and what is assigned to.
    Package,
    /// A function or class, by its name and those of the objects that it is in.
    Function(Vec<String>),
    /// A component, likewise.
    Component(Vec<String>),
}

/// A value among those that are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotPart {
    /// The position of the argument, from 0; `None` for any.
    pub(crate) argument: Option<usize>,
    /// The properties that lead to the value; none if it is the argument itself.
    pub(crate) path: Vec<String>,
}

/// A text that is no [`KeySlot`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySlotError {
    written: String,
}

impl fmt::Display for KeySlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` does not say where a key goes; write {FORMS}", self.written)
    }
}

impl std::error::Error for KeySlotError {}

/// As it is written.
impl fmt::Debug for KeySlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

impl fmt::Display for KeySlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl FromStr for KeySlot {
    type Err = KeySlotError;

    fn from_str(text: &str) -> Result<Self, KeySlotError> {
        let written = text.trim();
        let form = parsed(written).ok_or_else(|| KeySlotError { written: written.to_owned() })?;
        Ok(Self { written: written.to_owned(), form: OnceLock::from(form) })
    }
}

/// Slots are the same if they are written alike.
impl PartialEq for KeySlot {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for KeySlot {}

impl KeySlot {
    /// A slot that is known to be right. It is parsed when a package is first compared with it, as few of
    /// many ever are.
    pub fn trusted(written: String) -> Self {
        Self { written, form: OnceLock::new() }
    }

    fn form(&self) -> &SlotForm {
        self.form.get_or_init(|| parsed(&self.written).unwrap_or_else(SlotForm::of_nothing))
    }

    /// The slot as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// True if a call can fill it: of the export of this name or a method of this name, or of the
    /// package itself or its default export.
    pub(crate) fn is_of_call(&self, name: Option<&str>) -> bool {
        match &self.form().owner {
            SlotOwner::Package => true,
            SlotOwner::Function(own) => is_named(own, name),
            SlotOwner::Component(_) => false,
        }
    }

    /// True if an element can fill it, likewise.
    pub(crate) fn is_of_element(&self, name: Option<&str>) -> bool {
        match &self.form().owner {
            SlotOwner::Package => true,
            SlotOwner::Component(own) => is_named(own, name),
            SlotOwner::Function(_) => false,
        }
    }

    /// True if an assignment to these properties of something of the package fills it.
    pub(crate) fn is_assigned(&self, names: &[&str]) -> bool {
        let SlotForm { owner, parts } = self.form();
        let [SlotPart { path, .. }] = &**parts else { return false };
        let shared = path.iter().rev().zip(names.iter().rev());
        *owner == SlotOwner::Package
            && !names.is_empty()
            && shared.into_iter().all(|(own, name)| own == name)
    }

    /// The values that are keys.
    pub(crate) fn parts(&self) -> &[SlotPart] {
        &self.form().parts
    }
}

impl SlotForm {
    /// A slot that nothing fills.
    fn of_nothing() -> Self {
        Self { owner: SlotOwner::Function(Vec::new()), parts: Vec::new() }
    }
}

/// True if a chain of names ends with this one. The package itself, and its default export, may have
/// any name.
fn is_named(own: &[String], name: Option<&str>) -> bool {
    match name {
        Some(name) => own.last().is_some_and(|last| last == name),
        None => own.len() == 1,
    }
}

fn parsed(text: &str) -> Option<SlotForm> {
    if let Some(inner) = text.strip_prefix('<') {
        let (component, attribute) = inner.strip_suffix('>')?.trim().split_once(' ')?;
        let part = SlotPart { argument: None, path: names(attribute.trim())? };
        let owner = SlotOwner::Component(names(component)?);
        return Some(SlotForm { owner, parts: vec![part] });
    }
    let Some(open) = text.rfind('(') else {
        let part = SlotPart { argument: None, path: names(text)? };
        return Some(SlotForm { owner: SlotOwner::Package, parts: vec![part] });
    };
    let function = text[..open].strip_prefix("new ").unwrap_or(&text[..open]);
    // `new Box().open(1)`
    let function = names(function.trim().replace("()", "").as_str())?;
    let (arguments, rest) = text[open + 1..].split_once(')')?;
    let mut parts = Vec::new();
    for item in items(arguments)? {
        match item.strip_prefix('{') {
            Some(properties) => {
                for property in properties.strip_suffix('}')?.split(',') {
                    parts.push(SlotPart { argument: None, path: names(property.trim())? });
                }
            }
            None => {
                let (number, path) = match item.split_once('.') {
                    Some((number, path)) => (number, names(path)?),
                    None => (item, Vec::new()),
                };
                let argument = Some(usize::from(number.parse::<u8>().ok()?));
                parts.push(SlotPart { argument, path });
            }
        }
    }
    if !rest.is_empty() {
        let path = names(rest.strip_prefix('.')?)?;
        parts.iter_mut().for_each(|part| part.path.extend(path.iter().cloned()));
    }
    Some(SlotForm { owner: SlotOwner::Function(function), parts })
}

/// The arguments of a list, with braces that hold commas of their own.
fn items(text: &str) -> Option<Vec<&str>> {
    let (mut items, mut start, mut is_open) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '}' if is_open == (letter == '{') => return None,
            '{' | '}' => is_open = !is_open,
            ',' if !is_open => {
                items.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(text[start..].trim());
    (!is_open).then_some(items)
}

/// Names with dots between them.
fn names(text: &str) -> Option<Vec<String>> {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'-');
    let is_name = |name: &str| {
        name.bytes().all(is_letter)
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$'))
    };
    text.split('.').map(|name| is_name(name).then(|| name.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a slot: `1.token` for a property of the second argument, `*` for any argument.
    fn shown(text: &str) -> String {
        let slot: KeySlot = match text.parse() {
            Ok(slot) => slot,
            Err(_) => return "none".to_owned(),
        };
        assert_eq!((slot.as_str(), slot.to_string().as_str()), (text.trim(), text.trim()));
        let owner = match &slot.form().owner {
            SlotOwner::Package => "package".to_owned(),
            SlotOwner::Function(names) => format!("{}()", names.join(".")),
            SlotOwner::Component(names) => format!("<{}>", names.join(".")),
        };
        let parts = slot.parts().iter().map(|part| {
            let argument = part.argument.map_or("*".to_owned(), |number| number.to_string());
            std::iter::once(argument).chain(part.path.clone()).collect::<Vec<_>>().join(".")
        });
        format!("{owner} {}", parts.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn every_form_is_understood() {
        for (text, expected) in [
            ("apiConfig.apiKey", "package *.apiConfig.apiKey"),
            ("apiKey", "package *.apiKey"),
            ("createClient(1)", "createClient() 1"),
            ("new Stripe(0)", "Stripe() 0"),
            ("setEnvVariable(0, 1)", "setEnvVariable() 0 1"),
            ("new OpenAI({apiKey})", "OpenAI() *.apiKey"),
            ("new Chat({ accessKey, secretKey })", "Chat() *.accessKey *.secretKey"),
            ("new Client({auth.apiKey})", "Client() *.auth.apiKey"),
            ("init({headers.X-Api-Key})", "init() *.headers.X-Api-Key"),
            ("createClient(1.accessToken)", "createClient() 1.accessToken"),
            (
                "new S3Client(0).credentials.secretAccessKey",
                "S3Client() 0.credentials.secretAccessKey",
            ),
            ("connect(0,{auth.key})", "connect() 0 *.auth.key"),
            ("stripe.webhooks.constructEvent(2)", "stripe.webhooks.constructEvent() 2"),
            ("new ContentExplorer().show(1)", "ContentExplorer.show() 1"),
            ("<DocSearch apiKey>", "<DocSearch> *.apiKey"),
            ("<Provider config.sdkKey>", "<Provider> *.config.sdkKey"),
            ("<Captcha site-key>", "<Captcha> *.site-key"),
            (" apiKey ", "package *.apiKey"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_forms_that_are_not() {
        for text in [
            "",
            " ",
            "a..b",
            ".a",
            "--token",
            "1",
            "start()",
            "f(x)",
            "f(-1)",
            "f(256)",
            "f(0",
            "f(0)x",
            "f(0).",
            "f({})",
            "f({a)",
            "f({a, b: c})",
            "f({a: {b}})",
            "f(0,,1)",
            "<A>",
            "<A b",
            "A b",
            "KEY (environment)",
            "é",
        ] {
            assert_eq!(shown(text), "none", "{text}");
        }
        let fault = "f(x)".parse::<KeySlot>().unwrap_err().to_string();
        assert!(fault.starts_with("`f(x)` does not say where a key goes; write `createClient(1)`"));
    }

    #[test]
    fn slots_know_what_fills_them() {
        let slot = |text: &str| text.parse::<KeySlot>().unwrap();
        for (text, name, is_called, is_rendered) in [
            ("apiKey", Some("any"), true, true),
            ("apiKey", None, true, true),
            ("new Stripe(0)", Some("Stripe"), true, false),
            ("new Stripe(0)", None, true, false),
            ("new Stripe(0)", Some("Other"), false, false),
            ("Sentry.init({dsn})", Some("init"), true, false),
            ("Sentry.init({dsn})", None, false, false),
            ("<Box apiKey>", Some("Box"), false, true),
            ("<Box apiKey>", Some("Other"), false, false),
        ] {
            assert_eq!(slot(text).is_of_call(name), is_called, "{text} {name:?}");
            assert_eq!(slot(text).is_of_element(name), is_rendered, "{text} {name:?}");
        }
        for (text, names, is_assigned) in [
            ("mapboxgl.accessToken", &["accessToken"][..], true),
            ("accessToken", &["accessToken"], true),
            ("apiKey", &["auth", "apiKey"], true),
            ("auth.apiKey", &["auth", "apiKey"], true),
            ("auth.apiKey", &["auth"], false),
            ("auth.apiKey", &[], false),
            ("f({apiKey})", &["apiKey"], false),
        ] {
            assert_eq!(slot(text).is_assigned(names), is_assigned, "{text} {names:?}");
        }
    }
}
