// A cell of a lesson that the reader changes and runs, in its place.
import { Draft } from "./draft.js";
import { codeField, hint } from "./editor.js";
import { button, element, fetched, styled } from "./element.js";
import { python } from "./python.js";
import { reason, shown } from "./ran.js";
import { Store } from "./store.js";

const STOP_AFTER = 700; // ms until Stop is offered

const opened = [];
const store = new Store("try", () => opened.forEach((cell) => cell.follow()));

// Open the cell in place of its button; its own code and output come back with "Start again".
export async function open(place, note) {
  const [examples] = await Promise.all([
    fetched(new URL("tryit.json", import.meta.url)),
    styled("exercise.css"),
    styled("explorer.css"),
  ]);
  const cell = new TryIt(place, examples[place.dataset.try]);
  await cell.draw(note);
  opened.push(cell);
}

class TryIt extends Draft {
  constructor(place, { before, source }) {
    super(store, place.dataset.try, source);
    Object.assign(this, { place, before });
  }

  async draw(note) {
    const { name, place } = this;
    const help = element("p", { class: "exercise-hint", id: `try-hint-${name}` }, hint("runs it"), " What matplotlib.pyplot plots is drawn.");
    const holder = element("div", { class: "exercise-editor" });
    this.status = element("p", { role: "status", class: "exercise-status" });
    this.warning = element("p", { role: "alert", class: "exercise-warning", hidden: true });
    this.results = element("div", { class: "exercise-pictures" });
    this.runner = button("run", "Run", false);
    this.stopper = button("stop", "Stop");
    this.stopper.hidden = true;
    this.resetter = button("reset", "Start again");
    this.runner.addEventListener("click", () => this.run());
    this.stopper.addEventListener("click", () => python.stop());
    this.resetter.addEventListener("click", () => this.reset());
    const buttons = element("div", { class: "exercise-buttons" }, this.runner, this.stopper, this.resetter);
    this.output = place.querySelector(".cell_output");
    place.querySelector(".cell_input").hidden = true;
    note.replaceWith(element("div", { class: "try-it-cell", role: "group", "aria-label": "Try it" }, holder, help, buttons, this.status, this.warning, this.results));
    if (this.output) place.append(this.output); // below the buttons, until it runs
    this.field = await codeField({
      parent: holder, text: this.entry?.text ?? this.given, label: "Code that you can change", describedBy: help.id,
      onChange: () => this.typed(), onRun: () => this.run(),
    });
    this.show();
    this.field.focus();
    this.status.textContent = "Python is loading …";
    python.start().then(() => { this.#say("Python is ready.", "Python is loading …"); }, (error) => { this.#say(`${error.message} Run tries again.`, "Python is loading …"); });
  }

  #say(text, instead = this.status.textContent) {
    if (this.status.textContent === instead) this.status.textContent = text;
  }

  show() {
    this.showReset(this.resetter);
    this.warning.hidden = store.isKept;
    this.warning.textContent = store.isKept ? "" : "This browser keeps nothing here (its storage is full or forbidden).";
  }

  replace(text) {
    const isNew = super.replace(text);
    if (isNew && text === this.given) this.#empty();
    return isNew;
  }

  // Show what the lesson shows.
  #empty() {
    this.results.replaceChildren();
    this.field.mark(null);
    if (this.output) this.output.hidden = false;
    this.status.textContent = "";
  }

  async run() {
    if (this.running) return;
    this.keep();
    this.running = true;
    const { runner, stopper, before } = this;
    const { text } = this.field;
    this.field.mark(null);
    runner.setAttribute("aria-disabled", "true");
    this.status.textContent = python.state === "ready" ? "Running …" : "Python is loading; then it runs …";
    const offer = setTimeout(() => { stopper.hidden = false; }, STOP_AFTER);
    try {
      const ran = await python.call("try", { before, source: text });
      this.results.replaceChildren(...shown(ran));
      if (this.output) this.output.hidden = true;
      this.field.mark(ran.broken && this.field.text === text ? ran.broken.line : null);
      this.status.textContent = ran.broken ? `${reason(ran.broken)}.` : this.results.childElementCount ? "It ran; below is what came out." : "It ran, and printed nothing.";
    } catch (error) {
      this.status.textContent = error.message;
    }
    clearTimeout(offer);
    runner.removeAttribute("aria-disabled");
    if (document.activeElement === stopper) runner.focus();
    stopper.hidden = true;
    this.running = false;
  }
}
