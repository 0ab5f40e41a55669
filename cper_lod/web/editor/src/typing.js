// Typing over a selection, done without the browser: it would put `style="…"` into the text, against the policy.
import { EditorView } from "@codemirror/view";

export const typing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || !event.data || view.composing) return false;
    const { from, to } = selected(view);
    if (from === to) return false;
    const change = () =>
      view.state.update({
        changes: { from, to, insert: event.data },
        selection: { anchor: from + event.data.length },
        userEvent: "input.type",
        scrollIntoView: true,
      });
    // Brackets are closed by a handler that is asked first, as the editor itself does.
    const handlers = view.state.facet(EditorView.inputHandler);
    if (!handlers.some((handle) => handle(view, from, to, event.data, change))) view.dispatch(change());
    event.preventDefault();
    return true;
  },
});

/** Return what is selected in the page; of a selection just made by script the editor's state knows nothing yet. */
function selected(view) {
  const selection = view.root.getSelection?.(); // not every browser has it on a shadow root
  if (!selection?.rangeCount) return view.state.selection.main;
  const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
  return { from: view.posAtDOM(startContainer, startOffset), to: view.posAtDOM(endContainer, endOffset) };
}
