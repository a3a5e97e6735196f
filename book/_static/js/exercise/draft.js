// A text that the reader changes: kept in the browser as it is typed, and "Start again" can be undone.
import { hash } from "./store.js";

const WRITE_AFTER = 400; // ms after the last key

export class Draft {
  // `given` is what stands there at first. Who makes one sets `field`, which has a text, and is asked to show().
  constructor(store, name, given) {
    Object.assign(this, { store, name, given, timer: 0 });
    window.addEventListener("pagehide", () => this.keep());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.keep(); });
    window.addEventListener("beforeunload", () => this.keep());
  }

  get entry() { return this.store.entry(this.name); }

  get isChanged() { return this.field.text !== this.given; }

  // Whether "Start again", or an opened notebook, can be undone.
  get canUndo() { return this.entry?.before !== undefined && this.entry.text === this.field.text; }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), WRITE_AFTER);
    this.show();
  }

  // Write down what stands there, if it is not written yet.
  keep() {
    clearTimeout(this.timer);
    if (!this.field) return;
    const { text } = this.field;
    const { entry, given } = this;
    if (text === (entry?.text ?? given)) return;
    this.write({ text, before: text === given ? entry?.before : undefined, stub: entry?.stub ?? hash(given) });
  }

  write(entry) {
    const isEmpty = entry.text === this.given && entry.before === undefined;
    this.store.write(this.name, isEmpty ? undefined : entry);
    this.show();
  }

  // Put another text there; what stood there can be brought back. Whether that changed anything.
  replace(text) {
    const before = this.field.text;
    if (before === text) return false;
    this.field.text = text;
    this.write({ text, before: before === this.given ? undefined : before, stub: hash(this.given) });
    return true;
  }

  reset() {
    this.keep();
    this.replace(this.canUndo ? this.entry.before : this.given);
    this.field.focus();
  }

  // Another tab has written.
  follow() {
    this.field.text = this.entry?.text ?? this.given;
    this.show();
  }

  // Let a button say what it does.
  showReset(button) {
    const { isChanged, canUndo } = this;
    button.textContent = canUndo ? "Bring mine back" : "Start again";
    button.disabled = !isChanged && !canUndo;
  }
}
