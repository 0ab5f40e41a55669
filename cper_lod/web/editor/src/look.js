// How the editor looks: the tokens of the page's own style sheet, which reach into the shadow root.
import { EditorView } from "@codemirror/view";

export const look = EditorView.theme({
  "&": {
    color: "var(--text)",
    backgroundColor: "var(--soft)",
    border: "1px solid var(--muted)",
    borderRadius: ".4rem",
  },
  "&.cm-focused": { outline: "none" }, // the page outlines the element around it
  ".cm-scroller": {
    font: '.95rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace',
    minHeight: "14rem",
    maxHeight: "70vh",
    overflow: "auto",
  },
  ".cm-content": { caretColor: "var(--text)", padding: ".5rem 0" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--muted)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 .4rem 0 .6rem" },
  ".cm-fault-line": { backgroundColor: "var(--warn-paper)" },
  ".cm-fault": { textDecoration: "underline wavy var(--warn) 2px", textUnderlineOffset: "3px" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--muted)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--warn)" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--text)", border: "1px solid var(--muted)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: 'ui-monospace, "DejaVu Sans Mono", monospace',
    maxHeight: "16rem",
    minWidth: "min(16rem, 80vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".25rem .5rem", lineHeight: "1.3" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--link)", color: "var(--paper)" },
  "@media (forced-colors: active)": {
    ".cm-tooltip-autocomplete ul li[aria-selected]": { outline: "2px solid CanvasText", outlineOffset: "-2px" },
  },
  ".cm-completionDetail": { fontFamily: 'system-ui, "DejaVu Sans", sans-serif', fontStyle: "normal" },
});
