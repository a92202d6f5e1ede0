//! Reads the addresses of pictures and other files in markup. The build copies these files, or they are
//! served beside the page.

use std::ops::Range;

use crate::js::ir::{ImportKind, Span};
use crate::js::markup::module_source::MarkupLink;
use crate::js::markup::names::{decoded, span};
use crate::js::markup::reader::{Dialect, MarkupReader};
use crate::js::markup::tag::OpeningTag;
use crate::js::style::{WHOLE, addressed, imports, is_style, shipped_style};

/// Tags with the attributes that hold the address of a file.
const ADDRESSES: [(&str, &[&str]); 10] = [
    ("audio", &["src"]),
    ("embed", &["src"]),
    ("image", &["href", "xlink:href"]),
    ("img", &["src", "srcset"]),
    ("input", &["src"]),
    ("object", &["data"]),
    ("source", &["src", "srcset"]),
    ("track", &["src"]),
    ("use", &["href", "xlink:href"]),
    ("video", &["src", "poster"]),
];

/// Relations of a `<link>` to a file: a picture, or the manifest of the app.
const RELATIONS: [&str; 6] =
    ["apple-touch-icon", "icon", "manifest", "mask-icon", "preload", "prefetch"];

impl MarkupReader<'_> {
    /// Reads the addresses of files in a tag.
    pub(super) fn addresses(&mut self, opening: &OpeningTag) {
        let tag = self.text[opening.name.clone()].to_ascii_lowercase();
        let attributes: &[&str] = if tag == "link" && self.is_of_file(opening) {
            &["href"]
        } else {
            ADDRESSES.iter().find(|(own, _)| *own == tag).map_or(&[], |(_, names)| names)
        };
        for name in attributes {
            let Some(written) = self.attribute(opening, name) else { continue };
            // `a.png 1x, b.png 2x`
            let parts = written.split(',').map(str::trim);
            let all: Vec<&str> = if *name == "srcset" {
                parts.filter_map(|part| part.split_whitespace().next()).collect()
            } else {
                vec![written.trim()]
            };
            for address in all {
                let path = address.split(['?', '#']).next().unwrap_or_default();
                if self.is_local(path) {
                    self.links.push(MarkupLink {
                        specifier: format!("{}{WHOLE}", decoded(path)),
                        span: span(&(opening.name.start - 1..opening.end)),
                        kind: ImportKind::Style,
                    });
                }
            }
        }
    }

    /// Reads a `<style>`: the style sheet that it names, those that it imports, and the files that it
    /// names by their addresses.
    pub(super) fn style(&mut self, opening: &OpeningTag, content: Range<usize>) {
        if let Some(source) = self.attribute(opening, "src") {
            self.links.push(MarkupLink {
                specifier: decoded(source),
                span: span(&(opening.name.start - 1..opening.end)),
                kind: ImportKind::Style,
            });
        }
        let language = self.attribute(opening, "lang").unwrap_or("css");
        let text = shipped_style(&self.text[content.clone()], language);
        let offset = content.start as u32;
        for import in imports(&text).into_iter().chain(addressed(&text)) {
            let Span { start, end } = import.span;
            self.links.push(MarkupLink {
                specifier: import.specifier,
                span: Span::new(start + offset, end + offset),
                kind: ImportKind::Style,
            });
        }
    }

    fn is_of_file(&self, opening: &OpeningTag) -> bool {
        let relation = self.attribute(opening, "rel").unwrap_or_default().to_ascii_lowercase();
        let is_known = relation.split_ascii_whitespace().any(|word| RELATIONS.contains(&word));
        // Scripts and style sheets are read as such.
        let kind = self.attribute(opening, "as").unwrap_or_default();
        is_known && !matches!(kind, "script" | "style")
    }

    fn is_local(&self, path: &str) -> bool {
        let has_hole = path.contains([':', '{', '}', '%', '$', '<', '\n']);
        // In components, other addresses stay as they are.
        let is_import = path.starts_with(['.', '@', '~']);
        !path.is_empty()
            && !has_hole
            && !is_style(path)
            && !path.starts_with("//")
            && (is_import || self.dialect == Dialect::Html)
    }
}

#[cfg(test)]
mod tests {
    use crate::js::markup::cut::module_sources;

    #[test]
    fn markup_names_files() {
        let page = "<img src=a.svg><link rel='icon' href='/b.svg?x'><img srcset='c.svg 1x, ./d.svg 2x'>\
            <link rel=stylesheet href=e.css><a href=f.txt></a><img src='https://x.example/g.svg'>\
            <img src='<%= h %>'><object data=../i.svg></object><link rel=preload as=script href=j.js>";
        let names = |path: &str, text: &str| -> Vec<String> {
            let links = module_sources(path, text).swap_remove(0).links;
            links.into_iter().map(|link| link.specifier).filter(|it| it.contains('?')).collect()
        };
        let expected = ["a.svg?url", "/b.svg?url", "c.svg?url", "./d.svg?url", "../i.svg?url"];
        assert_eq!(names("a.html", page), expected);
        let component = "<template><img src='./a.svg'><img src='/b.svg'><img :src='c'></template>";
        assert_eq!(names("a.vue", component), ["./a.svg?url"]);
    }
}
