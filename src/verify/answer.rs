//! Interprets answers. Only an answer exactly as the provider documents it decides about a key.

use serde_json::Value;

use super::request::Request;
use super::transport::Reply;
use crate::model::{KeyDetails, Liveness, Time, Verification};
use crate::rules::{AccountField, Answer, ValueSource, Verdict};

/// Limits of what is kept of an account: characters of a text, and scopes.
const MAX_TEXT: usize = 200;
const MAX_SCOPES: usize = 64;

/// Interprets a reply by the rule of its request.
pub(super) fn interpret(request: &Request, reply: &Reply) -> Verification {
    let verify = &request.verify;
    // Parsed once; there is no body unless the rule inspects it.
    let json = reply.body.as_ref().and_then(|body| serde_json::from_slice(body).ok());
    let answer = verify.answers.iter().find(|answer| fits(answer, reply, json.as_ref()));
    let answer = answer.filter(|answer| is_of_the_api(answer, reply));
    let Some(answer) = answer else {
        return unknown(no_verdict(reply));
    };
    let liveness = match answer.verdict {
        Verdict::Live => Liveness::Live,
        Verdict::Dead => Liveness::Dead,
        Verdict::Unknown => Liveness::Unknown,
    };
    let is_live = liveness == Liveness::Live;
    let account = is_live.then(|| account(request, reply, json.as_ref())).flatten();
    let mut reason = answer.reason.clone();
    let scopes = account.iter().flat_map(|account| &account.scopes);
    for scope in scopes {
        for (_, why) in verify.alarms.iter().filter(|(alarming, _)| alarming == scope) {
            reason.push_str("; ");
            reason.push_str(why);
        }
    }
    Verification { liveness, reason, checked_at: Some(Time::now()), account }
}

/// The result of a missing or undocumented answer.
pub(super) fn unknown(reason: String) -> Verification {
    Verification {
        liveness: Liveness::Unknown,
        reason,
        checked_at: Some(Time::now()),
        account: None,
    }
}

fn fits(answer: &Answer, reply: &Reply, json: Option<&Value>) -> bool {
    let header = |(name, expected): &(String, String)| {
        let found = reply.header(name);
        found.is_some_and(|own| expected == "*" || own.eq_ignore_ascii_case(expected))
    };
    let pointer = |(pointer, expected): &(String, String)| {
        let found = json.and_then(|json| json.pointer(pointer));
        found.is_some_and(|own| expected == "*" || text(own).as_ref() == Some(expected))
    };
    answer.status == reply.status
        && answer.headers.iter().all(header)
        && answer.json.iter().all(pointer)
}

/// True if the reply may come from the API: other content than JSON is somebody's page, unless the
/// rule expects it.
fn is_of_the_api(answer: &Answer, reply: &Reply) -> bool {
    let is_expected =
        answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
    is_expected
        || media(reply).is_none_or(|media| media == "application/json" || media.ends_with("+json"))
}

/// The reply's media type, in lower case.
fn media(reply: &Reply) -> Option<String> {
    let media = reply.header("Content-Type")?;
    let media = media.split(';').next().unwrap_or_default().trim();
    (!media.is_empty()).then(|| media.to_ascii_lowercase())
}

/// The reason why a reply decides nothing.
fn no_verdict(reply: &Reply) -> String {
    let status = reply.status;
    match status {
        429 => "the API is rate-limiting requests (429)".to_owned(),
        500..=599 => format!("the API fails ({status})"),
        300..=399 => format!("the API redirects ({status}), and redirects are not followed"),
        _ => match media(reply).as_deref() {
            Some("text/html" | "application/xhtml+xml") => {
                format!("the answer ({status}) is an HTML page, not from the API")
            }
            _ => format!("the provider does not document this answer ({status})"),
        },
    }
}

/// The account behind the key, as far as the reply describes it.
fn account(request: &Request, reply: &Reply, json: Option<&Value>) -> Option<KeyDetails> {
    let clean = |text: &str| clean(text, request);
    let mut account = KeyDetails::default();
    for (part, place) in &request.verify.account {
        let found = match place {
            ValueSource::Header(name) => reply.header(name).map(|text| Value::from(text.trim())),
            ValueSource::Json(pointer) => json.and_then(|json| json.pointer(pointer)).cloned(),
        };
        let Some(found) = found else { continue };
        let one = || text(&found).map(|text| clean(&text)).filter(|text| !text.is_empty());
        match part {
            AccountField::Id => account.id = account.id.or_else(one),
            AccountField::Name => account.name = account.name.or_else(one),
            AccountField::Scopes if account.scopes.is_empty() => {
                account.scopes = scopes(&found).iter().map(|scope| clean(scope)).collect();
            }
            AccountField::Scopes => {}
        }
    }
    (account != KeyDetails::default()).then_some(account)
}

/// The words of a JSON list, or of a text separated by commas or spaces.
fn scopes(value: &Value) -> Vec<String> {
    let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let all: Vec<_> = all.iter().filter_map(text).collect();
    let words = all.iter().flat_map(|text| text.split([',', ' ']));
    let words = words.filter(|word| !word.is_empty()).map(ToOwned::to_owned);
    words.take(MAX_SCOPES).collect()
}

/// A plain JSON value as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Shortens a provider's text, and removes control characters and the key.
fn clean(text: &str, request: &Request) -> String {
    let mut text = text.to_owned();
    for key in [&request.secret].into_iter().chain(&request.pair) {
        text = text.replace(&*String::from_utf8_lossy(key.reveal()), &key.masked());
    }
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect()
}

#[cfg(test)]
#[cfg(feature = "verify")]
mod tests {
    use super::*;
    use crate::model::Secret;
    use crate::rules::{Rng, Ruleset};
    use crate::verify::request::plan;
    use crate::verify::{KeyToVerify, VerifyOptions, VerifySettings};

    fn request(id: &str, prefix: &str) -> Request {
        let rules = Ruleset::built_in();
        let rule = rules.by_id(id).unwrap();
        let body = Rng::new(7).text("ABCDEFGHabcdefgh01234567", 43);
        let secret = Secret::new(format!("{prefix}{body}").as_bytes(), prefix.len());
        let options = VerifyOptions::new(&VerifySettings::default(), &rules).unwrap();
        let key = KeyToVerify { rule, secret: &secret, pair: None };
        plan(&[key], &rules, &options).requests.remove(0)
    }

    fn reply(status: u16, headers: &[(&str, &str)], body: Option<&str>) -> Reply {
        Reply {
            status,
            headers: headers.iter().map(|&(n, v)| (n.to_owned(), v.to_owned())).collect(),
            body: body.map(|body| body.as_bytes().to_vec().into()),
        }
    }

    fn error(code: &str) -> String {
        format!(r#"{{"success":false,"error":{{"code":"{code}","message":"m","status":401}}}}"#)
    }

    #[test]
    fn documented_answers_decide_and_others_do_not() {
        use Liveness::{Dead, Live, Unknown};
        let magicx = r#"{"error":{"code":"INVALID_SECRET_KEY","message":"m"}}"#;
        let ai = |code: &str| Some(error(code));
        let own = |body: &str| Some(body.to_owned());
        let (first, second) = ("aimagicx-api-key", "magicx-secret-key");
        for (rule, status, body, expected) in [
            (first, 200, own(r#"{"success":true,"data":[]}"#), Live),
            (first, 200, own("[]"), Live),
            (first, 200, own(r#"{"success":false}"#), Unknown),
            (first, 200, own("<html>"), Unknown),
            (first, 200, own(""), Unknown),
            (first, 201, own("{}"), Unknown),
            (first, 403, ai("AUTH_INSUFFICIENT_SCOPE"), Live),
            (first, 403, ai("OTHER"), Unknown),
            (first, 403, own("{}"), Unknown),
            (first, 401, ai("AUTH_KEY_INVALID"), Dead),
            (first, 401, ai("AUTH_INVALID_FORMAT"), Dead),
            (first, 401, ai("AUTH_MISSING"), Unknown),
            (first, 401, ai("INVALID_SECRET_KEY"), Unknown),
            (first, 401, own("no"), Unknown),
            (first, 400, ai("AUTH_KEY_INVALID"), Unknown),
            (second, 200, None, Live),
            (second, 401, own(magicx), Dead),
            (second, 401, ai("AUTH_KEY_INVALID"), Unknown),
            (second, 404, None, Unknown),
            (second, 302, None, Unknown),
            (second, 429, None, Unknown),
            (second, 500, None, Unknown),
        ] {
            let prefix = if rule == first { "mgx-sk-" } else { "sk_v1_" };
            let request = request(rule, prefix);
            for media in [None, Some("application/json; charset=utf-8"), Some("text/html")] {
                let headers: Vec<_> =
                    media.map(|media| ("content-type", media)).into_iter().collect();
                let read = interpret(&request, &reply(status, &headers, body.as_deref()));
                let expected = if media == Some("text/html") { Unknown } else { expected };
                assert_eq!(read.liveness, expected, "{rule} {status} {body:?} {media:?}");
                assert!(!read.reason.is_empty() && read.checked_at.is_some());
            }
        }
    }

    #[test]
    fn a_live_key_has_an_account_and_alarms() {
        let request = request("aimagicx-api-key", "mgx-sk-");
        let key = String::from_utf8_lossy(request.secret.reveal()).into_owned();
        let name = format!("prod\u{1b}[31m {key}");
        let headers = [
            ("x-api-key-id", " key_7 "),
            ("X-API-Key-Name", name.as_str()),
            ("X-API-KEY-SCOPES", "models:read, credits:purchase"),
        ];
        let live = interpret(&request, &reply(200, &headers, Some("{}")));
        let account = live.account.unwrap();
        assert_eq!(account.id.as_deref(), Some("key_7"));
        assert_eq!(account.name, Some(format!("prod[31m {}", request.secret.masked())));
        assert_eq!(account.scopes, ["models:read", "credits:purchase"]);
        assert!(live.reason.contains("spend money"), "{}", live.reason);
        let plain = interpret(&request, &reply(200, &[], Some("{}")));
        assert_eq!(plain.account, None);
        assert!(!plain.reason.contains("spend money"));
        let dead = interpret(&request, &reply(401, &headers, Some(&error("AUTH_KEY_INVALID"))));
        assert_eq!((dead.liveness, dead.account), (Liveness::Dead, None));
        let body = r#"{"error":{"code":"AUTH_INSUFFICIENT_SCOPE","details":{
            "required_scope":"models:read","current_scopes":["chat:completions",7,null]}}}"#;
        let scoped = interpret(&request, &reply(403, &[], Some(body)));
        assert_eq!(scoped.account.unwrap().scopes, ["chat:completions", "7"]);
    }

    #[test]
    fn a_body_is_read_only_where_the_rule_looks_into_it() {
        let minted = request("magicx-secret-key", "sk_v1_").verify;
        let models = request("aimagicx-api-key", "mgx-sk-").verify;
        for (status, of_minted, of_models) in
            [(200, false, true), (401, true, true), (403, false, true), (500, false, false)]
        {
            assert_eq!(minted.reads_body(status), of_minted, "{status}");
            assert_eq!(models.reads_body(status), of_models, "{status}");
        }
    }
}
