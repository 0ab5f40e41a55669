// SPARQL for the editor: its grammar, and what colours it has.
import { HighlightStyle, LanguageSupport, syntaxHighlighting } from "@codemirror/language";
import { styleTags, tags } from "@lezer/highlight";
import { SparqlLanguage } from "codemirror-lang-sparql";

// The package leaves prefixed names, language tags and `a` without any tag of their own.
const language = SparqlLanguage.configure({
  props: [
    styleTags({
      "Pname_ln Pname_ns": tags.namespace,
      IriRef: tags.url,
      Langtag: tags.annotation,
      "A_predicate/...": tags.keyword,
      Blank_node_label: tags.variableName,
    }),
  ],
});

// The colours are the page's, so they change with its light and dark.
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.bool], color: "var(--code-keyword)", fontWeight: "600" },
  { tag: tags.variableName, color: "var(--code-variable)" },
  { tag: tags.namespace, color: "var(--code-name)" },
  { tag: tags.url, color: "var(--code-iri)" },
  { tag: [tags.string, tags.annotation], color: "var(--code-string)" },
  { tag: [tags.integer, tags.float], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
]);

export const queryLanguage = [new LanguageSupport(language), syntaxHighlighting(colours)];
