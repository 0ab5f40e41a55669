// The prefixes that a query declares, and the declaration that a name in it would need.
import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";

/** Return the change that declares the prefix of `name`, null where it is declared or is none of `prefixes`. */
export function declaration(state, name, prefixes) {
  const prefix = name.slice(0, name.indexOf(":"));
  if (name.startsWith("<") || !(prefix in prefixes)) return null;
  const { names, end } = prologue(state);
  if (names.has(prefix)) return null;
  const line = `PREFIX ${prefix}: <${prefixes[prefix]}>`;
  return { from: end, insert: end ? `\n${line}` : `${line}\n` };
}

/** Return the prefixes that a query declares, and where the last declaration ends (0 where there is none). */
function prologue(state) {
  const found = { names: new Set(), end: 0 };
  const tree = ensureSyntaxTree(state, state.doc.length, 100) ?? syntaxTree(state);
  tree.iterate({
    enter: ({ name, from, to }) => {
      if (name === "BaseDecl" || name === "PrefixDecl") found.end = to;
      if (name === "PrefixDecl") found.names.add(/\s([^\s:]*):/.exec(state.sliceDoc(from, to))?.[1]);
    },
  });
  return found;
}
