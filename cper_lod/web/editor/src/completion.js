// What the editor proposes at a place of a query: variables, prefixes, terms of our data, keywords.
import { startCompletion } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";

import { KEYWORDS } from "./keywords.js";
import { declaration } from "./prologue.js";
import { fit, folded } from "./terms.js";

const VARIABLE = /[?$][\p{L}\p{N}_]*/u;
const VARIABLES = /[?$][\p{L}\p{N}_]+/gu;
const WORD = /[\p{L}\p{N}_:-]+/u;
const UNCLOSED = /<[^>\s]*/; // an IRI being typed
const CLOSED = ["Comment", "String", "IriRef"]; // where nothing is proposed
const MOST = 60;

/** Return the completion source that knows `terms`. */
export function completions(terms) {
  return async (context) => {
    if (CLOSED.includes(syntaxTree(context.state).resolveInner(context.pos, -1).name)) return null;
    if (context.matchBefore(UNCLOSED)) return null;
    const variable = context.matchBefore(VARIABLE);
    const word = variable ?? context.matchBefore(WORD);
    if (!word && !context.explicit) return null;
    const typed = word?.text ?? "";
    const from = word?.from ?? context.pos;
    const options = variable
      ? variables(context.state, variable)
      : propose(await terms.load(), context, from, folded(typed));
    // After a whole word Enter begins a line.
    if (!context.explicit && options.some((each) => isWhole(each, typed))) return null;
    return { from, options: options.slice(0, MOST), filter: false };
  };
}

function isWhole({ label, type }, typed) {
  return label === (type === "keyword" ? typed.toUpperCase() : typed);
}

/** Return the variables of the query that begin as the one being typed, which itself does not count. */
function variables({ doc }, { from, to, text }) {
  const others = `${doc.sliceString(0, from)} ${doc.sliceString(to)}`;
  const known = [...new Set(others.match(VARIABLES))].sort();
  return known.filter((name) => name.startsWith(text)).map((label) => ({ label, type: "variable" }));
}

/** Return what fits `typed`, the best first: only prefixes where one is declared, only classes after `a`. */
function propose({ prefixes, terms }, { state }, from, typed) {
  const before = state.doc.lineAt(from).text.slice(0, from - state.doc.lineAt(from).from);
  if (/\bPREFIX\s+$/i.test(before)) {
    return names(prefixes, typed).map((option) => ({ ...option, apply: `${option.label}${option.detail}` }));
  }
  const classesOnly = /(?:^|[\s;{])(?:a|rdf:type)\s+$/.test(before);
  const fitting = terms
    .filter((term) => !classesOnly || term.kind === "class")
    .map((term) => ({ score: fit(term, typed), term }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score || other.term.count - one.term.count)
    .map(({ term }) => option(term, prefixes));
  if (classesOnly) return fitting;
  if (!typed) return fitting;
  const keywords = KEYWORDS.filter((word) => folded(word).startsWith(typed));
  const spaces = declaring(names(prefixes, typed), prefixes);
  return [...keywords.map((label) => ({ label, type: "keyword" })), ...spaces, ...fitting];
}

function names(prefixes, typed) {
  const found = Object.keys(prefixes).filter((prefix) => `${prefix}:`.startsWith(typed) && typed !== `${prefix}:`);
  return found.map((prefix) => ({ label: `${prefix}:`, detail: ` <${prefixes[prefix]}>`, type: "namespace" }));
}

/** Return prefixes as options after which the terms of the prefix are proposed. */
function declaring(options, prefixes) {
  return options.map((each) => ({
    ...each,
    apply: (view, _, from, to) => {
      insert(view, each.label, from, to, prefixes);
      startCompletion(view);
    },
  }));
}

function option({ name, kind, label, count }, prefixes) {
  return {
    label: name,
    type: kind,
    detail: ` ${[label, count || ""].filter(Boolean).join(" · ")}`, // the space parts it from the name, read aloud
    apply: (view, _, from, to) => insert(view, name, from, to, prefixes),
  };
}

/** Put `name` into the query, and before it the declaration of its prefix where there is none. */
function insert(view, name, from, to, prefixes) {
  const declared = declaration(view.state, name, prefixes);
  const changes = [...(declared ? [declared] : []), { from, to, insert: name }];
  const end = from + name.length + (declared?.insert.length ?? 0);
  view.dispatch({ changes, selection: { anchor: end }, userEvent: "input.complete", scrollIntoView: true });
}
