// The element <query-editor>: an editor around the textarea within it. Whatever fails, the textarea is still there.
import { autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { EditorState, Text } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";

import { completions } from "./completion.js";
import { fault, offset } from "./fault.js";
import { queryLanguage } from "./language.js";
import { look } from "./look.js";
import { Terms } from "./terms.js";
import { typing } from "./typing.js";

class QueryEditor extends HTMLElement {
  connectedCallback() {
    const textarea = this.querySelector("textarea");
    if (!textarea || textarea.hidden) return;
    const place = document.createElement("div");
    place.className = "editor";
    try {
      this.append(place);
      this.mount(textarea, place);
    } catch (error) {
      place.remove();
      return;
    }
    // From here on the editor stands for the textarea, which a form still sends.
    textarea.hidden = true;
    document.getElementById("editor-help").hidden = false;
    this.dataset.ready = "";
  }

  mount(textarea, place) {
    // In a shadow root the editor's own style sheets are constructed ones, which no policy forbids.
    const root = place.attachShadow({ mode: "open" });
    const view = new EditorView({ state: this.state(textarea), parent: root, root });
    const [label] = textarea.labels;
    label.removeAttribute("for");
    label.addEventListener("click", () => view.focus());
    // An id does not reach into a shadow root, an element does.
    view.contentDOM.ariaDescribedByElements = [...document.querySelectorAll("#problem, #editor-help")];
  }

  state(textarea) {
    const { line, column, terms, phrases } = this.dataset;
    const failed = line ? { line: Number(line), column: Number(column) } : null;
    const doc = Text.of(textarea.value.split("\n"));
    return EditorState.create({
      doc,
      selection: { anchor: failed ? offset(doc, failed) : 0 },
      extensions: [
        keymap.of(["Ctrl-Enter", "Mod-Enter"].map((key) => ({ key, run: () => submit(textarea.form) }))),
        lineNumbers(),
        history(),
        bracketMatching(),
        closeBrackets(),
        typing,
        queryLanguage,
        autocompletion({ override: [completions(new Terms(terms, document.documentElement.lang))], icons: false }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
        EditorState.phrases.of(JSON.parse(phrases ?? "{}")),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of(attributes(textarea)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) textarea.value = update.state.doc.toString();
        }),
        failed ? fault(failed) : [],
        look,
      ],
    });
  }
}

/** Return what says to assistive technology which field this is, and whether the query in it is at fault. */
function attributes(textarea) {
  const said = { "aria-label": textarea.labels[0].textContent.trim() };
  if (textarea.getAttribute("aria-invalid") === "true") said["aria-invalid"] = "true";
  return said;
}

function submit(form) {
  form.requestSubmit();
  return true;
}

customElements.define("query-editor", QueryEditor);
