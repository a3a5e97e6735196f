// A live figure in its place: controls, pictures, and a sentence that says what they show.
import { element, styled } from "./element.js";
import { EXPLORERS } from "./explorers.js";
import { python, Stopped } from "./python.js";

const SAY_AFTER = 400; // ms of rest until a screen reader is told

// Asks Python for the latest wish only: what is answered meanwhile and what was wished before are dropped.
export class Live {
  #wanted = null;
  #busy = false;
  #timer = 0;

  constructor(status) { this.status = status; }

  ask(name, settings, show) {
    this.#wanted = { name, settings, show };
    if (!this.#busy) this.#answer();
  }

  // One answer, whatever else is asked.
  get(name, settings) { return python.call("explore", { name, settings }); }

  async #answer() {
    this.#busy = true;
    while (this.#wanted) {
      const { name, settings, show } = this.#wanted;
      this.#wanted = null;
      try {
        const answer = await this.get(name, settings);
        if (!this.#wanted) show(answer);
      } catch (error) {
        this.say(error instanceof Stopped ? error.message : `${error.message} Move a control to try again.`);
      }
    }
    this.#busy = false;
  }

  say(sentence) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.status.textContent = sentence; }, SAY_AFTER);
  }
}

export async function open(place, note) {
  const loading = element("p", { role: "status" }, "Python is loading …");
  note.replaceWith(loading);
  try {
    await Promise.all([styled("explorer.css"), python.start()]);
    const status = element("p", { role: "status", class: "explorer-sentence" });
    const parts = await EXPLORERS[place.dataset.explorer](new Live(status));
    loading.remove();
    place.append(...parts, status);
    place.querySelector("input, select, button")?.focus({ preventScroll: true });
  } catch (error) {
    loading.replaceWith(note);
    throw error;
  }
}
