//! Reads the frontmatter of Astro components.

use crate::js::markup::reader::MarkupReader;

impl MarkupReader<'_> {
    /// Keeps the code between the fences of an Astro component; returns where the template begins.
    pub(super) fn frontmatter(&mut self) -> usize {
        let trimmed = self.text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        let fence = self.text.len() - trimmed.len();
        if !trimmed.starts_with("---") {
            return 0;
        }
        let start = fence + 3;
        let mut at = start;
        for line in self.text[start..].split_inclusive('\n') {
            let blanks = line.len() - line.trim_start().len();
            if at > start && line[blanks..].starts_with("---") {
                self.blank.keep(start..at);
                self.blank.put(at + blanks, b';');
                return at + blanks + 3;
            }
            at += line.len();
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use crate::js::ir::{ImportKind, SourceLanguage};
    use crate::js::markup::cut::module_sources;
    use crate::js::markup::testing::{assert_source, sources};

    #[test]
    fn astro_markup_in_expressions_becomes_a_list() {
        for (text, expected) in [
            ("---\na\n---\n{b}", "a ; ;b;"),
            ("\u{feff}---\r\na\r\n---\r\n{b}", "a ; ;b;"),
            ("{a}", ";a;"),
            ("---\na", ""),
            ("{a && <p>it's {b}</p>}", ";a && [ ,b ];"),
            ("{a ? <A b={c} d=`e` {...f}/> : <></>}", ";a ? [ ,(c) ,`e` ,...f ] : [ ];"),
            ("{a.map(b => (<br>))}", ";a.map(b => ([ ]));"),
            ("{a.map(b => <i/><b>{b}</b>)}", ";a.map(b => [ ,b ]);"),
            ("{a < b && c<d}", ";a < b && c<d;"),
            ("{/* <p> */ a}", ";/* <p> */ a;"),
            ("<style define:vars={{ a }}>b {c}</style>", ";({ a })"),
        ] {
            assert_source("a.astro", text, expected);
        }
        let text = "<script>import './a'</script><script is:inline>b</script><script src='./c.ts'></script><script type='application/ld+json'>{}</script>";
        assert_eq!(sources("a.astro", text), ["", "import './a';", "b;"]);
        let sources = module_sources("a.astro", text);
        assert_eq!(sources[1].language, SourceLanguage::TypeScript);
        let kinds: Vec<ImportKind> = sources[0].links.iter().map(|link| link.kind).collect();
        assert_eq!(
            kinds,
            [ImportKind::InlineScript(0), ImportKind::InlineScript(1), ImportKind::Script]
        );
    }
}
