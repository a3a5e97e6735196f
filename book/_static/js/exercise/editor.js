// A field for code: CodeMirror, or a plain text area where that cannot be loaded; and a field for prose.
//
// Each has: text, focus(), mark(line) (none: null); it calls onChange() after typing and onRun() for Ctrl+Enter.
// Tab: who comes by Tab leaves by Tab until something is typed; after typing it indents, and Escape, then Tab leaves.
import { CORE } from "./addresses.js";
import { element } from "./element.js";

const INDENT = "    ";
export const hint = (does) => `Tab indents once you type; Escape, then Tab leaves the field. Ctrl+Enter ${does}.`;

export async function codeField(options) {
  try {
    return new CodeMirrorField(await import(new URL(`${CORE}codemirror.js`, import.meta.url)), options);
  } catch {
    return new PlainField({ ...options, code: true });
  }
}

class CodeMirrorField {
  #marking;
  #silent = false;

  constructor(library, { parent, text, label, describedBy, onChange, onRun }) {
    const { EditorState, EditorView, keymap } = library;
    let tabIndents = false;
    const setMark = (this.#marking = library.StateEffect.define());
    const lineMark = library.Decoration.line({ class: "exercise-error-line" });
    const marks = library.StateField.define({
      create: () => library.Decoration.none,
      update(value, transaction) {
        for (const effect of transaction.effects) {
          if (effect.is(setMark)) return effect.value === null ? library.Decoration.none : library.Decoration.set([lineMark.range(effect.value)]);
        }
        return transaction.docChanged ? library.Decoration.none : value;
      },
      provide: (field) => EditorView.decorations.from(field),
    });
    const indent = (view) => {
      if (!tabIndents) return false;
      if (!view.state.selection.main.empty) return library.indentMore(view);
      const { from } = view.state.selection.main;
      const column = from - view.state.doc.lineAt(from).from;
      view.dispatch(view.state.replaceSelection(" ".repeat(INDENT.length - (column % INDENT.length))), { userEvent: "input" });
      return true;
    };
    const keys = [
      { key: "Mod-Enter", run: () => { onRun(); return true; } },
      { key: "Escape", run: () => { tabIndents = false; return false; } },
      { key: "Tab", run: indent, shift: (view) => tabIndents && library.indentLess(view) },
    ];
    const colours = library.HighlightStyle.define([
      [library.tags.keyword, "keyword"], [library.tags.string, "string"], [library.tags.comment, "comment"],
      [library.tags.number, "number"], [library.tags.function(library.tags.definition(library.tags.variableName)), "name"],
      [[library.tags.bool, library.tags.null], "number"],
    ].map(([tag, name]) => ({ tag, class: `exercise-${name}` })));
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          library.lineNumbers(), library.highlightSpecialChars(), library.history(), library.drawSelection(),
          library.indentOnInput(), library.bracketMatching(), library.highlightActiveLine(), library.python(),
          ...(matchMedia("(max-width: 600px)").matches ? [EditorView.lineWrapping] : []), library.syntaxHighlighting(colours), library.indentUnit.of(INDENT), EditorState.tabSize.of(4),
          keymap.of([...keys, ...library.historyKeymap, ...library.defaultKeymap]), marks,
          EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy, tabindex: "0", spellcheck: "false" }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            if (update.transactions.some((each) => each.isUserEvent("input") || each.isUserEvent("delete"))) tabIndents = true;
            if (!this.#silent) onChange();
          }),
          EditorView.domEventHandlers({
            pointerdown: () => { tabIndents = true; },
            blur: () => { tabIndents = false; },
          }),
        ],
      }),
    });
  }

  get text() { return this.view.state.doc.toString(); }

  set text(text) {
    if (text === this.text) return;
    this.#silent = true;
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    this.#silent = false;
  }

  focus() { this.view.focus(); }

  mark(line) {
    const lines = this.view.state.doc.lines;
    const place = line === null || line < 1 || line > lines ? null : this.view.state.doc.line(line).from;
    this.view.dispatch({ effects: this.#marking.of(place) });
  }
}

export class PlainField {
  constructor({ parent, text, label, describedBy, onChange, onRun, code }) {
    this.area = element("textarea", {
      "aria-label": label, "aria-describedby": describedBy, spellcheck: String(!code), class: code ? "exercise-plain" : "exercise-words",
      autocapitalize: code ? "off" : null, autocomplete: "off", wrap: code ? "off" : "soft",
    });
    this.text = text;
    this.onChange = onChange;
    let tabIndents = false;
    this.area.addEventListener("input", () => { tabIndents = true; this.#fit(); onChange(); });
    this.area.addEventListener("blur", () => { tabIndents = false; });
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); onRun?.(); return; }
      if (!code || event.isComposing) return;
      if (event.key === "Escape") tabIndents = false;
      else if (event.key === "Tab" && tabIndents && !event.shiftKey) { event.preventDefault(); this.#insert(INDENT); }
      else if (event.key === "Enter") { event.preventDefault(); this.#insert(`\n${this.#indentation()}`); }
    });
    parent.append(this.area);
    this.#fit();
  }

  get text() { return this.area.value; }

  set text(text) {
    if (this.area.value !== text) this.area.value = text;
    this.#fit();
  }

  focus() { this.area.focus(); }

  mark(line) {
    if (line === null) return;
    const before = this.text.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    this.area.setSelectionRange(before, before + (this.text.split("\n")[line - 1] ?? "").length);
  }

  #fit() { this.area.rows = Math.min(Math.max(this.text.split("\n").length + 1, 6), 40); }

  #insert(text) {
    this.area.setRangeText(text, this.area.selectionStart, this.area.selectionEnd, "end");
    this.area.dispatchEvent(new Event("input"));
  }

  #indentation() {
    const line = this.text.slice(0, this.area.selectionStart).split("\n").at(-1);
    const indentation = line.match(/^\s*/)[0];
    return /:\s*(#.*)?$/.test(line) ? indentation + INDENT : indentation;
  }
}
