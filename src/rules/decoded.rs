//! Conditions on what a key says when it is decoded: a claim can tell a secret from a public key of the
//! same form, and a key that has expired from one that has not.

use std::sync::OnceLock;

use data_encoding::{BASE32_NOPAD, Encoding, HEXLOWER_PERMISSIVE, Specification};
use regex::bytes::Regex;
use serde_json::Value;

/// The form of the encoded part of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EncodedForm {
    /// Base64 in either alphabet, padded or not.
    Base64,
    /// Base58 in Bitcoin's alphabet.
    Base58,
    /// Base32 (RFC 4648), in either case.
    Base32,
    /// Hexadecimal digits.
    Hex,
    /// A JSON Web Token (RFC 7519), of which the payload counts. Its header must be JSON, too.
    Jwt,
}

/// The names of forms in rule files.
const FORMS: &[(&str, EncodedForm)] = &[
    ("base64", EncodedForm::Base64),
    ("base58", EncodedForm::Base58),
    ("base32", EncodedForm::Base32),
    ("hex", EncodedForm::Hex),
    ("jwt", EncodedForm::Jwt),
];

/// A condition on what a key says when it is decoded.
#[derive(Debug)]
pub struct Decoded {
    form: EncodedForm,
    /// A regular expression over the decoded bytes.
    matches: Option<String>,
    regex: OnceLock<Option<Regex>>,
    /// JSON pointers and the texts there; `*` is any text.
    json: Vec<(String, String)>,
    /// JSON pointer to the end of the key's life, in seconds since 1970.
    expires: Option<String>,
}

/// The content of the decoded part of a key, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodedKey {
    /// The end of its life, in seconds since 1970, if it says one.
    pub expires: Option<i64>,
}

impl Decoded {
    /// A condition.
    ///
    /// # Errors
    /// The fault of its form or pointers, and the remedy.
    pub(super) fn new(
        form: &str,
        matches: Option<String>,
        json: Vec<(String, String)>,
        expires: Option<String>,
    ) -> Result<Self, String> {
        let Some((_, form)) = FORMS.iter().find(|(name, _)| *name == form) else {
            let names: Vec<_> = FORMS.iter().map(|(name, _)| *name).collect();
            return Err(format!("`{form}` is not a form; known forms: {}", names.join(", ")));
        };
        let pointers = json.iter().map(|(pointer, _)| pointer).chain(&expires);
        for pointer in pointers {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                return Err(format!("the JSON pointer `{pointer}` must begin with `/`"));
            }
        }
        Ok(Self { form: *form, matches, regex: OnceLock::new(), json, expires })
    }

    /// Checks the expression, which takes far longer than all else.
    ///
    /// # Errors
    /// The reason why it cannot be used.
    pub(super) fn check(&self) -> Result<(), String> {
        let checked = self.matches.as_deref().map_or(Ok(()), |own| expression(own).map(drop));
        checked.map_err(|error| format!("`matches` is no expression: {error}"))
    }

    /// The fields that decide whether it holds, for a digest of the rules.
    pub(super) fn written(&self) -> impl std::fmt::Debug {
        (self.form, &self.matches, &self.json, &self.expires)
    }

    /// Decodes the encoded part of a key; `None` if it does not hold.
    pub fn decode(&self, encoded: &[u8]) -> Option<DecodedKey> {
        let bytes = self.form.decode(encoded)?;
        if let Some(source) = &self.matches {
            let regex = self.regex.get_or_init(|| expression(source).ok()).as_ref()?;
            regex.find(&bytes)?;
        }
        if self.json.is_empty() && self.expires.is_none() {
            return Some(DecodedKey { expires: None });
        }
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        let is_there = |(pointer, expected): &(String, String)| {
            value.pointer(pointer).is_some_and(|found| match found.as_array() {
                Some(all) => all.iter().any(|one| is_text(one, expected)),
                None => is_text(found, expected),
            })
        };
        let expires = self.expires.as_ref().and_then(|pointer| value.pointer(pointer));
        let decoded = DecodedKey { expires: expires.and_then(Value::as_i64) };
        self.json.iter().all(is_there).then_some(decoded)
    }
}

impl EncodedForm {
    fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => base64(text),
            Self::Base58 => bs58::decode(text).into_vec().ok(),
            Self::Base32 => BASE32_NOPAD.decode(&text.to_ascii_uppercase()).ok(),
            Self::Hex => HEXLOWER_PERMISSIVE.decode(text).ok(),
            Self::Jwt => {
                let mut parts = text.split(|&byte| byte == b'.');
                let header = base64(parts.next()?)?;
                serde_json::from_slice::<serde_json::Map<_, _>>(&header).ok()?;
                base64(parts.next()?)
            }
        }
    }
}

/// Decodes base64 in either alphabet.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    static EITHER: OnceLock<Option<Encoding>> = OnceLock::new();
    let either = EITHER.get_or_init(|| {
        let mut specification = Specification::new();
        let symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        specification.symbols.push_str(symbols);
        specification.translate.from.push_str("-_");
        specification.translate.to.push_str("+/");
        specification.check_trailing_bits = false;
        specification.encoding().ok()
    });
    let length = text.iter().rposition(|&byte| byte != b'=').map_or(0, |at| at + 1);
    either.as_ref()?.decode(&text[..length]).ok()
}

fn expression(source: &str) -> Result<Regex, String> {
    let built = regex::bytes::RegexBuilder::new(source).unicode(false).build();
    built.map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned())
}

/// True if a text, or a number or truth value as JSON writes it, is the expected one.
fn is_text(value: &Value, expected: &str) -> bool {
    value.as_str().map_or_else(|| fits(&value.to_string(), expected), |text| fits(text, expected))
}

/// True if a text is the expected one, in which `*` stands for any text.
fn fits(text: &str, expected: &str) -> bool {
    let mut parts = expected.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(
        form: &str,
        matches: Option<&str>,
        json: &[(&str, &str)],
        expires: Option<&str>,
    ) -> Decoded {
        let json = json.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Decoded::new(form, matches.map(str::to_owned), json, expires.map(str::to_owned)).unwrap()
    }

    fn jwt(payload: &str) -> Vec<u8> {
        let part = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
        format!("{}.{}.sig", part("{\"alg\":\"HS256\"}"), part(payload)).into_bytes()
    }

    #[test]
    fn claims_of_a_token_decide() {
        let service =
            decoded("jwt", None, &[("/role", "service_role"), ("/iss", "supa*")], Some("/exp"));
        let of = |text: &str| service.decode(&jwt(text));
        let good = r#"{"role":"service_role","iss":"supabase","exp":2000000000}"#;
        assert_eq!(of(good), Some(DecodedKey { expires: Some(2_000_000_000) }));
        assert_eq!(of(r#"{"role":"anon","iss":"supabase"}"#), None);
        assert_eq!(of(r#"{"role":"service_role"}"#), None);
        assert_eq!(of("no json"), None);
        assert_eq!(service.decode(b"eyJ.eyJ.x"), None);
        let aud = decoded("jwt", None, &[("/aud", "https://*.example/api/")], None);
        assert!(aud.decode(&jwt(r#"{"aud":["x","https://a.example/api/"]}"#)).is_some());
        assert!(aud.decode(&jwt(r#"{"aud":"https://a.example/"}"#)).is_none());
    }

    #[test]
    fn every_form_is_decoded() {
        for (form, text) in [
            ("base64", "dG9rOmFiYw=="),
            ("base64", "dG9rOmFiYw"),
            ("base32", "ORXWWOTBMJRQ"),
            ("base32", "orxwwotbmjrq"),
            ("hex", "746f6b3a616263"),
        ] {
            let condition = decoded(form, Some("^tok:[a-c]{3}$"), &[], None);
            assert!(condition.decode(text.as_bytes()).is_some(), "{form} {text}");
            let other = decoded(form, Some("^toc:"), &[], None);
            assert!(other.decode(text.as_bytes()).is_none(), "{form} {text}");
        }
        let text = bs58::encode(b"tok:abc").into_string();
        assert!(decoded("base58", Some("^tok:"), &[], None).decode(text.as_bytes()).is_some());
        assert!(decoded("base58", Some("^tok:"), &[], None).decode(b"0OIl").is_none());
    }

    #[test]
    fn faults_say_what_is_allowed() {
        let fault = |form: &str, matches: Option<&str>, json: &[(&str, &str)]| {
            let json = json.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            let decoded = Decoded::new(form, matches.map(str::to_owned), json, None);
            decoded.and_then(|own| own.check()).unwrap_err()
        };
        assert!(fault("rot13", None, &[]).contains("base64, base58, base32, hex, jwt"));
        assert!(fault("hex", Some("("), &[]).contains("unclosed group"));
        assert!(fault("jwt", None, &[("role", "x")]).contains("must begin with `/`"));
    }

    #[test]
    fn a_star_is_any_text() {
        for (text, expected, result) in [
            ("abc", "abc", true),
            ("abc", "ab", false),
            ("abc", "*", true),
            ("", "*", true),
            ("abc", "a*c", true),
            ("abc", "*b*", true),
            ("abc", "a*b", false),
            ("aXbXc", "a*X*c", true),
        ] {
            assert_eq!(fits(text, expected), result, "{text} {expected}");
        }
    }
}
