//! Verification blocks of rules: how to ask a provider whether a key is live. They are data, checked
//! when the rule is loaded.

use super::spanned::Spanned;
use super::syntax;

/// A request and its documented answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// The HTTP method.
    pub method: Method,
    /// An https address on one of the provider's hosts, maybe with `{secret}` and `{pair}` after the host,
    /// or with `{pair}` in the first label of the host.
    pub url: String,
    /// The only ends of a host with `{pair}`, each with its first point.
    pub host_suffixes: Vec<String>,
    /// The scheme that signs the request with the key and its pair.
    pub sign: Option<SigningScheme>,
    /// True if the request needs the other key of the pair.
    pub needs_pair: bool,
    /// Further hosts, to be asked in turn until one says that the key is live.
    pub hosts: Vec<String>,
    /// Header names and values with `{secret}`, `{pair}`, `{param.NAME}` and `{base64:…}` in them.
    pub headers: Vec<(String, String)>,
    /// The request's body with the same in it.
    pub body: Option<String>,
    /// The form that the secret takes in the body.
    pub body_form: Option<BodyForm>,
    /// Parameters and their default values.
    pub params: Vec<(String, String)>,
    /// The documented answers. The first that matches counts; none means unknown.
    pub answers: Vec<Answer>,
    /// Sources of the key's account in a live answer; of several for a field, the first present one
    /// counts.
    pub account: Vec<(AccountField, ValueSource)>,
    /// Scopes that make a live key worse than others, and why.
    pub alarms: Vec<(String, String)>,
}

impl Verify {
    /// True if the body of an answer with this status is read.
    pub fn reads_body(&self, status: u16) -> bool {
        let in_body = |place: &ValueSource| matches!(place, ValueSource::Json(_));
        self.answers.iter().filter(|answer| answer.status == status).any(|answer| {
            let is_live = answer.verdict == Verdict::Live;
            !answer.json.is_empty() || is_live && self.account.iter().any(|(_, at)| in_body(at))
        })
    }
}

/// A way to prove in a request that one has a key, without sending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningScheme {
    /// AWS Signature Version 4: the key is the secret access key, its pair the id.
    AwsSigV4,
}

/// The form of a body, which decides how the secret is escaped in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

/// The place of a value in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueSource {
    /// The value of a header.
    Header(String),
    /// The value at a JSON pointer.
    Json(String),
}

/// The HTTP methods of verifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Only if the provider has no request that reads.
    Post,
}

impl Method {
    /// The method as HTTP spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A documented answer of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers and their required values; `*` is anything.
    pub headers: Vec<(String, String)>,
    /// JSON pointers and the required text there; `*` is anything.
    pub json: Vec<(String, String)>,
    /// Its meaning.
    pub verdict: Verdict,
    /// The reason, for people.
    pub reason: String,
}

/// The meaning of an answer for the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Live,
    /// It does not work.
    Dead,
    /// The answer does not decide.
    Unknown,
}

/// A field of the account behind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountField {
    /// The provider's id of the key.
    Id,
    /// The name given by its owner.
    Name,
    /// Its permissions.
    Scopes,
}

/// Headers that a rule may not set: those about the connection, the sender and message framing.
const OWN_HEADERS: &[&str] = &[
    "Connection",
    "Content-Length",
    "Cookie",
    "Expect",
    "Host",
    "Proxy-Authorization",
    "TE",
    "Transfer-Encoding",
    "Upgrade",
    "User-Agent",
];

/// A fault: its byte offset in the file, and the message.
type VerifyFault = (usize, String);

/// Checks a verification block against its provider's `hosts`, and reports all faults; with any of them, the
/// result cannot be used.
pub(super) fn check(
    written: syntax::RawVerify,
    hosts: &[String],
    has_pair: bool,
    faults: &mut Vec<VerifyFault>,
) -> Option<Verify> {
    let method = match written.method.get_ref().as_str() {
        "GET" => Some(Method::Get),
        "POST" => Some(Method::Post),
        other => {
            let fault = format!("the method must be GET or POST, not `{other}`");
            faults.push((written.method.span().start, fault));
            None
        }
    };
    let suffixes: Vec<_> = written.host_suffixes.iter().map(|own| own.get_ref().clone()).collect();
    if let Err(fault) = check_url(written.url.get_ref(), hosts, &suffixes) {
        faults.push((written.url.span().start, fault));
    }
    for suffix in written.host_suffixes.iter().filter(|own| !is_host_suffix(own.get_ref())) {
        let fault = format!("`{}` is not the end of a host such as `.acme.com`", suffix.get_ref());
        faults.push((suffix.span().start, fault));
    }
    let sign = written.sign.and_then(|sign| match sign.get_ref().as_str() {
        "aws-sigv4" => Some(SigningScheme::AwsSigV4),
        other => {
            let fault = format!("the signing scheme must be aws-sigv4, not `{other}`");
            faults.push((sign.span().start, fault));
            None
        }
    });
    let mut texts = [&written.url].into_iter().chain(written.headers.values()).chain(&written.body);
    let needs_pair = sign.is_some() || texts.any(|text| text.get_ref().contains("{pair}"));
    drop(texts);
    if needs_pair && !has_pair {
        let fault = "a request with `{pair}` or a signature needs a [rule.pair]".to_owned();
        faults.push((written.url.span().start, fault));
    }
    let params: Vec<_> = written.params.into_iter().collect();
    for (name, value) in &written.headers {
        if let Err(fault) = check_header(name, value.get_ref(), &params) {
            faults.push((value.span().start, fault));
        }
    }
    for host in written.hosts.iter().filter(|host| !hosts.contains(host.get_ref())) {
        let fault = format!("`{}` is not one of the provider's hosts", host.get_ref());
        faults.push((host.span().start, fault));
    }
    let body_form = written.headers.iter().find_map(|(name, value)| {
        let is_type = name.eq_ignore_ascii_case("Content-Type");
        is_type.then(|| body_form(value.get_ref())).flatten()
    });
    if let Some(body) = &written.body {
        let known = check_places(body.get_ref(), &params);
        let has_key = ["{secret}", "{pair}"].iter().any(|own| body.get_ref().contains(own));
        let is_unclear = has_key && body_form.is_none();
        let fault = known.err().or_else(|| {
            is_unclear.then(|| {
                "a secret in a body needs the header `Content-Type`: application/json or \
                 application/x-www-form-urlencoded"
                    .to_owned()
            })
        });
        faults.extend(fault.map(|fault| (body.span().start, fault)));
    }
    let answers = written.answers.into_iter().map(|answer| check_answer(answer, faults)).collect();
    let mut account = Vec::new();
    for (what, from) in [
        (AccountField::Id, written.account.id),
        (AccountField::Name, written.account.name),
        (AccountField::Scopes, written.account.scopes),
    ] {
        let Some(from) = from else { continue };
        for written in from.get_ref().split_whitespace() {
            match place(written) {
                Some(place) => account.push((what, place)),
                None => {
                    let fault =
                        "an account value must be `header:NAME` or `json:/POINTER`".to_owned();
                    faults.push((from.span().start, fault));
                }
            }
        }
    }
    Some(Verify {
        method: method?,
        url: written.url.into_inner(),
        host_suffixes: suffixes,
        sign,
        needs_pair,
        hosts: written.hosts.into_iter().map(Spanned::into_inner).collect(),
        headers: written.headers.into_iter().map(|(n, v)| (n, v.into_inner())).collect(),
        body: written.body.map(Spanned::into_inner),
        body_form,
        params,
        answers,
        account,
        alarms: written.alarms.into_iter().collect(),
    })
}

fn check_answer(written: syntax::RawAnswer, faults: &mut Vec<VerifyFault>) -> Answer {
    let status = *written.status.get_ref();
    if !(100..=599).contains(&status) {
        let fault = format!("an HTTP status must be 100 to 599, not {status}");
        faults.push((written.status.span().start, fault));
    }
    let verdict = match written.verdict.get_ref().as_str() {
        "live" => Verdict::Live,
        "dead" => Verdict::Dead,
        "unknown" => Verdict::Unknown,
        other => {
            let fault = format!("the verdict must be live, dead or unknown, not `{other}`");
            faults.push((written.verdict.span().start, fault));
            Verdict::Unknown
        }
    };
    for pointer in written.json.keys().filter(|pointer| !is_pointer(pointer.get_ref())) {
        let fault = "a JSON pointer must begin with `/`, as in `/error/code`".to_owned();
        faults.push((pointer.span().start, fault));
    }
    for name in written.headers.keys().filter(|name| !is_header_name(name.get_ref())) {
        faults.push((name.span().start, format!("`{}` is not a header name", name.get_ref())));
    }
    let headers = written.headers.into_iter().map(|(name, v)| (name.into_inner(), v)).collect();
    let json = written.json.into_iter().map(|(p, v)| (p.into_inner(), v)).collect();
    Answer { status, headers, json, verdict, reason: written.reason }
}

fn body_form(content_type: &str) -> Option<BodyForm> {
    match content_type.split(';').next().unwrap_or_default().trim() {
        "application/json" => Some(BodyForm::Json),
        "application/x-www-form-urlencoded" => Some(BodyForm::Form),
        _ => None,
    }
}

/// Checks that `url` uses https, has one of the `hosts`, and is literal except for the keys. Its first
/// label may have the other key of a pair if the host ends with one of `suffixes`.
fn check_url(url: &str, hosts: &[String], suffixes: &[String]) -> Result<(), String> {
    let rest =
        url.strip_prefix("https://").ok_or("a verification address must begin with https://")?;
    let literal = url.replace("{secret}", "").replace("{pair}", "");
    if literal.contains(['{', '}']) || url.bytes().any(|b| !b.is_ascii_graphic()) {
        return Err(
            "a verification address must be literal, except for `{secret}` and `{pair}` in its \
             path or query"
                .to_owned(),
        );
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((before, rest)) = host.split_once("{pair}") {
        let is_label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_literal = before.bytes().all(is_label)
            && !rest.contains('{')
            && (rest.is_empty() || suffixes.iter().any(|suffix| rest.ends_with(suffix)));
        return if is_literal && !suffixes.is_empty() {
            Ok(())
        } else {
            Err("a host with `{pair}` must end with one of `host-suffixes`".to_owned())
        };
    }
    if !suffixes.is_empty() {
        return Err("host-suffixes are for a host with `{pair}` in its first label".to_owned());
    }
    if hosts.iter().any(|known| known == host) {
        Ok(())
    } else {
        Err(format!("`{host}` is not one of the provider's hosts"))
    }
}

/// True for a point and a host of two labels or more.
fn is_host_suffix(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.strip_prefix('.').is_some_and(|host| host.contains('.') && host.split('.').all(is_label))
}

fn check_header(name: &str, value: &str, params: &[(String, String)]) -> Result<(), String> {
    if !is_header_name(name) {
        return Err(format!("`{name}` is not a header name"));
    }
    if OWN_HEADERS.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Err(format!("a rule may not set `{name}`"));
    }
    if value.bytes().any(|b| !(b' '..=b'~').contains(&b)) {
        return Err(format!("the value of `{name}` is not visible ASCII"));
    }
    check_places(value, params)
}

/// Checks that every `{…}` that looks like a placeholder is known.
fn check_places(text: &str, params: &[(String, String)]) -> Result<(), String> {
    let known = |name: &str| {
        matches!(name, "secret" | "pair")
            || name.strip_prefix("param.").is_some_and(|n| params.iter().any(|(p, _)| p == n))
    };
    for place in text_parts(text) {
        let is_place = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'.';
        match place {
            TextPart::Text(_) => {}
            TextPart::Base64(inner) => check_places(inner, params)?,
            TextPart::Named(name)
                if known(name) || name.is_empty() || !name.bytes().all(is_place) => {}
            TextPart::Named(name) => {
                return Err(format!(
                    "`{{{name}}}` is neither {{secret}} nor {{pair}} nor one of the params"
                ));
            }
        }
    }
    Ok(())
}

/// A part of a text with places to fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextPart<'t> {
    /// Text as it is.
    Text(&'t str),
    /// `{NAME}`. What no name is known for stays as it is, braces included.
    Named(&'t str),
    /// `{base64:TEXT}`: the text, in which places are filled in first, in base64.
    Base64(&'t str),
}

/// The parts of a text with places to fill in.
pub fn text_parts(text: &str) -> Vec<TextPart<'_>> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, after) = (&rest[..open], &rest[open + 1..]);
        let inner = after.strip_prefix("base64:").and_then(|inner| Some((inner, closing(inner)?)));
        let place = match inner {
            Some((inner, end)) => Some((TextPart::Base64(&inner[..end]), &inner[end + 1..])),
            // The innermost braces are the place: `{"id":{secret}}`.
            None => after
                .find(['{', '}'])
                .filter(|&end| after[end..].starts_with('}'))
                .map(|end| (TextPart::Named(&after[..end]), &after[end + 1..])),
        };
        let (text, place, after) = match place {
            Some((place, after)) => (before, Some(place), after),
            None => (&rest[..=open], None, after),
        };
        if !text.is_empty() {
            all.push(TextPart::Text(text));
        }
        all.extend(place);
        rest = after;
    }
    if !rest.is_empty() {
        all.push(TextPart::Text(rest));
    }
    all
}

/// The index of the brace that closes a text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.bytes().position(|byte| {
        let is_end = byte == b'}' && depth == 0;
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            _ => {}
        }
        is_end
    })
}

fn place(written: &str) -> Option<ValueSource> {
    if let Some(name) = written.strip_prefix("header:") {
        return is_header_name(name).then(|| ValueSource::Header(name.to_owned()));
    }
    let pointer = written.strip_prefix("json:").filter(|pointer| is_pointer(pointer))?;
    Some(ValueSource::Json(pointer.to_owned()))
}

/// RFC 9110, section 5.6.2: a token.
fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// RFC 6901, section 3.
fn is_pointer(text: &str) -> bool {
    text.is_empty() || text.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_literal_and_of_a_known_host() {
        let hosts = ["api.example.com".to_owned()];
        for good in ["v1/models?x=1", "bot{secret}/me", "me?key={secret}"] {
            assert_eq!(check_url(&format!("https://api.example.com/{good}"), &hosts, &[]), Ok(()));
        }
        for bad in [
            "http://api.example.com/",
            "https://api.example.com.evil.org/",
            "https://api.example.com@evil.org/",
            "https://api.example.com:8443/",
            "https://evil.org/{secret}",
            "https://{secret}.example.com/",
            "https://api.example.com{secret}/",
            "https://api.example.com/{param.a}",
            "https://{pair}/",
            "https://{pair}.example.com/",
            "https://",
        ] {
            assert!(check_url(bad, &hosts, &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_has_the_other_key_only_before_a_literal_end() {
        let suffixes = [".example.com".to_owned(), ".example.org".to_owned()];
        let check = |url: &str| check_url(url, &["api.example.com".to_owned()], &suffixes);
        for good in
            ["{pair}", "{pair}.example.com", "{pair}-dsn.example.org", "x-{pair}.example.com"]
        {
            assert_eq!(check(&format!("https://{good}/me?x={{pair}}")), Ok(()), "{good}");
        }
        for bad in [
            "{pair}.evil.org",
            "{pair}.example.com.evil.org",
            "x.{pair}.example.com",
            "{pair}{pair}.example.com",
            "{secret}.example.com",
            "{pair}{secret}.example.com",
            "api.example.com",
            "{pair}.example.com:8443",
            "{pair}@evil.org",
        ] {
            assert!(check(&format!("https://{bad}/")).is_err(), "{bad}");
        }
        for (suffix, is_good) in
            [(".a.example", true), (".com", false), ("a.example", false), (".a..b", false)]
        {
            assert_eq!(is_host_suffix(suffix), is_good, "{suffix}");
        }
    }

    #[test]
    fn places_must_be_known() {
        let params = [("product_id".to_owned(), String::new())];
        assert_eq!(check_places(r#"{"product_id":"{param.product_id}"}"#, &params), Ok(()));
        assert_eq!(check_places("Bearer {secret}", &params), Ok(()));
        assert!(check_places("{param.other}", &params).is_err());
        assert!(check_places("{env.HOME}", &params).is_err());
        assert_eq!(check_places("Basic {base64:{secret}:x}", &params), Ok(()));
        assert!(check_places("Basic {base64:{param.other}:}", &params).is_err());
    }

    #[test]
    fn a_text_has_places() {
        use TextPart::{Base64, Named, Text};
        for (text, expected) in [
            ("Bearer {secret}", &[Text("Bearer "), Named("secret")][..]),
            ("Basic {base64:a:{secret}}", &[Text("Basic "), Base64("a:{secret}")]),
            ("{base64:{secret}:}", &[Base64("{secret}:")]),
            (
                r#"{"id":"{param.a}"}"#,
                &[Text("{"), Text(r#""id":""#), Named("param.a"), Text("\"}")],
            ),
            ("{base64:a", &[Text("{"), Text("base64:a")]),
            ("{", &[Text("{")]),
            ("", &[]),
        ] {
            assert_eq!(text_parts(text), expected, "{text}");
        }
    }

    #[test]
    fn a_rule_sets_neither_host_nor_framing() {
        assert_eq!(check_header("Authorization", "Bearer {secret}", &[]), Ok(()));
        for (name, value) in
            [("host", "evil.org"), ("Cookie", "{secret}"), ("a b", ""), ("A", "x\r\nB: y")]
        {
            assert!(check_header(name, value, &[]).is_err(), "{name}");
        }
    }

    #[test]
    fn a_place_is_a_header_or_a_pointer() {
        assert_eq!(place("header:X-Id"), Some(ValueSource::Header("X-Id".to_owned())));
        assert_eq!(place("json:/a/b"), Some(ValueSource::Json("/a/b".to_owned())));
        for bad in ["X-Id", "header:", "json:a", "body:/a"] {
            assert_eq!(place(bad), None, "{bad}");
        }
    }
}
