// What can be completed from our own data: prefixes, and classes and properties with their labels.

/** Return `text` as it is searched: without capitals and accents. */
export function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** The prefixes and terms of the release, fetched once, when they are first wanted. */
export class Terms {
  constructor(address, lang) {
    this.address = address;
    this.lang = lang;
  }

  /** Return `{prefixes, terms}`; nothing in them where the server does not answer. */
  load() {
    this.loading ??= this.fetched().catch(() => ({ prefixes: {}, terms: [] }));
    return this.loading;
  }

  async fetched() {
    const response = await fetch(this.address);
    if (!response.ok) throw new Error(response.statusText);
    const { prefixes, terms } = await response.json();
    return { prefixes, terms: terms.map((term) => this.prepared(term)) };
  }

  /** Return a term with what it is found by, and its label in the reader's language where there is one. */
  prepared(term) {
    const labels = Object.values(term.labels);
    const local = term.name.slice(term.name.indexOf(":") + 1);
    return {
      ...term,
      label: term.labels[this.lang] ?? labels[0] ?? "",
      searched: { name: folded(term.name), local: folded(local), labels: labels.map(folded) },
    };
  }
}

/** Return how well `typed` (folded) fits a term: 0 not at all, 4 best. */
export function fit({ searched }, typed) {
  if (searched.name.startsWith(typed)) return 4;
  if (typed.includes(":")) return 0;
  if (searched.local.startsWith(typed)) return 3;
  if (typed.length < 2) return 0;
  if (searched.labels.some((label) => label.startsWith(typed))) return 2;
  return searched.labels.some((label) => label.split(/[\s'’(-]+/).some((word) => word.startsWith(typed))) ? 1 : 0;
}
