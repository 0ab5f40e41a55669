// The mark on the line and at the column where the server found a fault; both count from 1, columns in characters.
import { StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

const LINE = Decoration.line({ class: "cm-fault-line" });
const PLACE = Decoration.mark({ class: "cm-fault" });

/** Return the offset of a place in `doc`; what lies outside is brought to the nearest place inside. */
export function offset(doc, { line, column }) {
  const { from, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  // The server counts characters, the editor UTF-16 code units.
  return from + [...text].slice(0, column - 1).join("").length;
}

/** Return the extension that shows the fault until its line is edited. */
export function fault(place) {
  return StateField.define({
    create: ({ doc }) => marks(doc, offset(doc, place)),
    update: (found, { docChanged, changes, startState }) => {
      if (!docChanged || found.size === 0) return found;
      const { from, to } = startState.doc.lineAt(found.iter().from);
      return changes.touchesRange(from, to) ? Decoration.none : found.map(changes);
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}

function marks(doc, at) {
  const { from, to, text } = doc.lineAt(at);
  const word = /^(?:[\p{L}\p{N}_:?$-]+|.)/u.exec(text.slice(at - from))?.[0] ?? "";
  // At the end of a line the character before it carries the mark.
  const start = word ? at : Math.max(from, to - 1);
  const end = word ? at + word.length : to;
  return Decoration.set([LINE.range(from), ...(end > start ? [PLACE.range(start, end)] : [])]);
}
