//! The filters above the findings.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::escape::escaped;
use super::words::{answer, capitalised, in_head, severity_heading};
use crate::model::{Finding, Liveness, Side};
use crate::report::kinds;

/// The filters of findings. They need a script, and stay hidden without one.
pub(super) fn write_filters(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<form id=\"filters\" class=\"filters\" role=\"search\" hidden>\n\
         <input type=\"search\" name=\"words\" placeholder=\"Filter: file, author, id, words\" \
         aria-label=\"Filter by words\" autocomplete=\"off\" spellcheck=\"false\">"
    )?;
    let severities: BTreeSet<_> = findings.iter().map(|own| own.severity).collect();
    if severities.len() > 1 {
        writeln!(out, "<fieldset><legend>Severities</legend>")?;
        for severity in severities.into_iter().rev() {
            let name = severity.name();
            writeln!(
                out,
                "<label class=\"chip {name}\"><input type=\"checkbox\" name=\"severity\" \
                 value=\"{name}\" checked><span>{}</span></label>",
                severity_heading(severity)
            )?;
        }
        writeln!(out, "</fieldset>")?;
    }
    let rule = |finding: &Finding| {
        let id = kinds::id(&finding.rule_id, finding.kind);
        (id.clone(), id)
    };
    write_select(findings, "rule", "every rule", rule, out)?;
    let side = |finding: &Finding| {
        let side = finding.exposure.side;
        let words = match side {
            Side::Client => "reaches clients",
            Side::Server => "on a server",
            Side::Unknown => "side unknown",
        };
        (side.name().to_owned(), words.to_owned())
    };
    write_select(findings, "side", "either side", side, out)?;
    let head = |finding: &Finding| {
        let is_in_head = in_head(finding);
        let words = match is_in_head {
            Some(true) => "in HEAD",
            Some(false) => "not in HEAD",
            None => "HEAD unknown",
        };
        (answer(is_in_head).to_owned(), words.to_owned())
    };
    write_select(findings, "head", "in HEAD or not", head, out)?;
    let live = |finding: &Finding| {
        let words = match finding.verification.liveness {
            Liveness::Live => "live",
            Liveness::Dead => "dead",
            Liveness::Unknown => "unknown",
            Liveness::NotChecked => "not checked",
        };
        (finding.verification.liveness.name().to_owned(), words.to_owned())
    };
    write_select(findings, "live", "live or not", live, out)?;
    writeln!(
        out,
        "<div class=\"status\"><output aria-live=\"polite\"></output>\
         <button type=\"button\" id=\"unfold\">Unfold all</button>\
         <button type=\"button\" id=\"fold\">Fold all</button>\
         <button type=\"reset\">Reset</button></div>\n</form>"
    )
}

/// Writes a choice between the findings' values, if there are several.
fn write_select(
    findings: &[Finding],
    name: &str,
    all: &str,
    value: impl Fn(&Finding) -> (String, String),
    out: &mut dyn Write,
) -> io::Result<()> {
    let values: BTreeSet<_> = findings.iter().map(value).collect();
    if values.len() < 2 {
        return Ok(());
    }
    write!(
        out,
        "<select name=\"{name}\" aria-label=\"{all}\"><option value=\"\">{}</option>",
        capitalised(all)
    )?;
    for (value, words) in values {
        write!(out, "<option value=\"{}\">{}</option>", escaped(&value), escaped(&words))?;
    }
    writeln!(out, "</select>")
}
