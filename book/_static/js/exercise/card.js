// An assignment's card: each function and each answer in prose has a part of its own.
import { Draft } from "./draft.js";
import { PlainField, codeField, hint } from "./editor.js";
import { button, element, fetched, styled } from "./element.js";
import { answersOf, bookOf, filled, leadingTo, pictures, save, setup, stubs } from "./notebook.js";
import { python, Stopped } from "./python.js";
import { reason, shown } from "./ran.js";
import { interrupted, report, say, show } from "./report.js";
import { hash, Store } from "./store.js";

const STOP_AFTER = 700; // ms until Stop is offered
const PREPARE = 40; // ms of one step that is computed ahead

// Open the card in place of its button.
export async function open(card, note) {
  python.start().catch(() => {}); // it loads while the card is drawn, which says what becomes of it
  const name = card.dataset.exercise;
  const released = card.querySelector('a[href$=".ipynb"]').href;
  const [exercise, notebook] = await Promise.all([
    fetched(new URL(`${name}.json`, import.meta.url)),
    fetched(released, { cache: "no-cache" }),
    styled("exercise.css"),
    styled("explorer.css"),
  ]);
  const assignment = new Assignment(card, exercise, leadingTo(notebook, bookOf(released)));
  await assignment.draw(note);
}

class Assignment {
  constructor(card, exercise, notebook) {
    this.card = card;
    this.exercise = exercise;
    this.notebook = notebook;
    this.setup = setup(notebook);
    const given = stubs(notebook);
    this.store = new Store(exercise.name, () => this.parts.forEach((part) => part.follow()));
    this.parts = exercise.parts.map((part) => new Part(this, part, given.get(part.name)));
    this.pictures = pictures(notebook);
    this.status = element("p", { role: "status", class: "exercise-status" });
    this.warning = element("p", { role: "alert", class: "exercise-warning", hidden: true });
  }

  async draw(note) {
    const { card, exercise } = this;
    const begin = element("h3", { class: "exercise-heading", tabindex: "-1" }, exercise.title);
    const introduction = html("div", exercise.introduction);
    const body = element("div", { class: "exercise-body" }, begin, introduction, this.status, this.warning);
    const places = new Map([...card.querySelectorAll("[data-question]")].map((place) => [place.dataset.question, place]));
    for (const part of this.parts) await part.draw(body, places.get(part.question));
    if (exercise.after) body.append(html("div", exercise.after));
    body.append(this.#tools());
    note.replaceWith(body);
    window.dispatchEvent(new Event("resize")); // wide formulas become reachable
    this.#followPython();
    this.#followLeaving();
    begin.focus();
  }

  // The cells that run before a function: the setup, and the functions above it.
  cellsOf(part) {
    const above = this.parts.slice(0, this.parts.indexOf(part) + 1).filter((each) => each.question);
    return [{ name: "setup", source: this.setup }, ...above.map((each) => ({ name: each.name, source: each.field.text }))];
  }

  // Show what the notebook draws and prints with a function that is right, below the function that it needs last.
  async picture(part) {
    const parts = new Set(this.pictures.filter(({ needs }) => needs.includes(part.question)).map((each) => this.#needed(each).at(-1)));
    for (const last of parts) {
      const whole = this.pictures.filter((each) => this.#needed(each).at(-1) === last).map((each) => ({ ...each, missing: this.#needed(each).filter((needed) => !needed.isRight) }));
      if (!(await last.showPictures(whole, (each) => this.#drawn(each)))) return; // what failed once fails again
    }
  }

  #needed({ needs }) { return this.parts.filter((part) => needs.includes(part.question)); }

  #drawn({ source, before }) {
    const texts = new Map(this.parts.map((part) => [part.name, part.field.text]));
    const above = before.map((cell) => ({ name: cell.name, source: cell.source ?? texts.get(cell.name) }));
    return python.call("picture", { cells: [{ name: "setup", source: this.setup }, ...above, { name: "picture", source }] });
  }

  // Whether all functions are right; then the exercise counts as done.
  count() {
    const functions = this.parts.filter((part) => part.question);
    if (!functions.every((part) => part.entry?.right)) return;
    const { course } = window;
    if (!course.read().exercises[this.exercise.name]) {
      course.change((state) => { state.exercises[this.exercise.name] = { done: course.today() }; });
    }
    this.message.textContent = "All functions are right; the exercise is marked as done.";
  }

  #tools() {
    const { name } = this.exercise;
    const download = button("download", `Download ${name}.ipynb with what you wrote`);
    download.addEventListener("click", () => {
      this.parts.forEach((part) => part.keep());
      const answers = new Map(this.parts.map((part) => [part.name, part.field.text]));
      save(filled(this.notebook, answers), `${name}.ipynb`);
      this.message.textContent = "Downloaded. This is the notebook to hand in.";
    });
    const file = element("input", { type: "file", accept: ".ipynb", id: `exercise-open-${name}` });
    file.addEventListener("change", () => this.#openFile(file));
    this.message = element("p", { role: "status" });
    return element("div", { class: "exercise-tools" }, download,
      element("span", {}, element("label", { for: file.id }, "Open a notebook that you began elsewhere: "), file), this.message);
  }

  async #openFile(input) {
    const [file] = input.files;
    if (!file) return;
    try {
      const answers = await answersOf(file, this.notebook);
      const changed = this.parts.filter((part) => answers.has(part.name) && part.replace(answers.get(part.name)));
      const names = changed.map((part) => part.label).join(", ");
      this.message.textContent = changed.length
        ? `Opened ${file.name}: ${names}. “Bring mine back” in each brings back what stood there.`
        : `${file.name} holds what stands here already.`;
    } catch (error) {
      this.message.textContent = error.message;
    }
    input.value = "";
  }

  // --- Python's state, and computing ahead --------------------------------------------------------
  #followPython() {
    const texts = { loading: "Python is loading; begin to write.", ready: "Python is ready.", failed: "Python is not there." };
    const follow = () => {
      if (texts[python.state] && this.status.textContent !== texts[python.state]) this.status.textContent = texts[python.state];
    };
    python.addEventListener("state", follow);
    python.start().then(() => this.#prepare(), (error) => {
      this.status.textContent = `${error.message} What you write is kept, and can be downloaded; Check tries again.`;
    });
    follow();
  }

  async #prepare() {
    for (const part of this.parts.filter((each) => each.question)) {
      try {
        while (!(await python.call("prepare", { question: part.question, milliseconds: PREPARE }, true))) {
          await new Promise((resolve) => { setTimeout(resolve, PREPARE); });
        }
      } catch { return; } // it was stopped: checks compute by themselves what they need
    }
  }

  // --- nothing that was typed is lost ---------------------------------------------------------------
  #followLeaving() { // each part keeps itself
    window.addEventListener("beforeunload", (event) => {
      if (!this.store.isKept && this.parts.some((part) => part.isChanged)) event.preventDefault();
    });
    const warn = () => {
      this.warning.hidden = this.store.isKept;
      this.warning.textContent = this.store.isKept ? "" :
        "This browser keeps nothing here (its storage is full or forbidden): download the notebook before you leave.";
    };
    this.store.addEventListener("written", warn);
    warn();
  }
}

function isSeen(thing) {
  const { top, bottom } = thing.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}

// Texts of the course's own notebooks, made while the book was built.
function html(tag, source) {
  const made = document.createElement(tag);
  made.className = "exercise-prose";
  made.innerHTML = source;
  return made;
}

class Part extends Draft {
  constructor(assignment, { name, question, points, prose }, stub) {
    super(assignment.store, name, stub);
    Object.assign(this, { assignment, question, points, prose });
    this.label = question ? name : "your answer";
  }

  get isRight() { return Boolean(this.entry?.right) && this.entry.text === this.field.text; }

  async draw(body, place) {
    const { name, question, points } = this;
    const section = place ?? element("div");
    section.className = "exercise-part";
    this.mark = element("span", { class: "exercise-mark" });
    this.hint = element("p", { class: "exercise-hint", id: `exercise-hint-${name}` }, question ? hint("checks") : "A person reads and grades it.");
    const holder = element("div", { class: "exercise-editor" });
    const title = element("p", { class: "exercise-name", id: `exercise-name-${name}` }, question ? element("code", {}, name) : "Your answer in words", ` · ${points} ${points === 1 ? "point" : "points"} `, this.mark);
    section.append(html("div", this.prose), title, holder, this.hint);
    body.append(section);
    const options = {
      parent: holder, text: this.entry?.text ?? this.given, label: question ? `Code of ${name}` : "Your answer in words",
      describedBy: this.hint.id, onChange: () => this.typed(), onRun: () => this.check(),
    };
    this.field = question ? await codeField(options) : new PlainField({ ...options, onRun: null, code: false });
    section.append(...this.#buttons());
    for (const each of section.querySelectorAll(".exercise-buttons button")) each.setAttribute("aria-describedby", title.id); // Check of what
    if (this.entry?.stub && this.entry.stub !== hash(this.given)) {
      section.append(element("p", {}, "The course has changed what is given here since you began. What you wrote is as you left it; “Start again” shows the new one."));
    }
    this.show();
  }

  #buttons() {
    this.resetter = button("reset", "Start again");
    this.resetter.addEventListener("click", () => this.reset());
    if (!this.question) return [element("div", { class: "exercise-buttons" }, this.resetter)];
    this.checker = button("check", "Check", false);
    this.stopper = button("stop", "Stop");
    this.stopper.hidden = true;
    this.checker.addEventListener("click", () => this.check());
    this.stopper.addEventListener("click", () => python.stop());
    this.report = report(this.name);
    this.drawn = element("p", { role: "status" });
    this.drawings = element("div", { class: "exercise-pictures" }, this.drawn);
    return [element("div", { class: "exercise-buttons" }, this.checker, this.stopper, this.resetter), this.report.box, this.drawings];
  }

  replace(text) {
    const isNew = super.replace(text);
    if (isNew && this.report) {
      say(this.report, "");
      this.#clear();
    }
    return isNew;
  }

  show() {
    this.mark.textContent = this.isRight ? "✓ right" : "";
    if (this.resetter) this.showReset(this.resetter);
  }

  // --- the check ------------------------------------------------------------------------------------
  async check() {
    if (this.checking) return;
    this.keep();
    this.checking = true;
    const { checker, stopper, report: place } = this;
    const { text } = this.field;
    this.field.mark(null);
    checker.setAttribute("aria-disabled", "true");
    say(place, python.state === "ready" ? "Checking …" : "Python is loading; then it is checked …");
    this.#clear();
    const offer = setTimeout(() => { stopper.hidden = false; }, STOP_AFTER);
    try {
      const checked = await python.call("check", { question: this.question, cells: this.assignment.cellsOf(this) });
      show(place, checked);
      if (isSeen(checker)) place.said.scrollIntoView({ block: "nearest" });
      this.field.mark(this.field.text === text ? checked.line : null);
      if (this.entry?.text === text && checked.verdict === "right") this.write({ ...this.entry, right: true });
      this.assignment.count();
    } catch (error) {
      if (error instanceof Stopped) interrupted(place, "stopped", error.bySelf ? `${error.message} Look for a loop that does not end.` : error.message);
      else interrupted(place, "error", `${error.message} Check tries again.`);
    }
    clearTimeout(offer);
    checker.removeAttribute("aria-disabled");
    const hadFocus = document.activeElement === stopper;
    stopper.hidden = true;
    if (hadFocus) checker.focus();
    this.checking = false;
    if (this.isRight) this.assignment.picture(this);
  }

  // --- the reward -----------------------------------------------------------------------------------
  #clear() {
    this.turn = (this.turn ?? 0) + 1; // what is still being drawn comes too late
    this.drawn.textContent = "";
    this.drawings.replaceChildren(this.drawn);
  }

  // Show pictures one after the other; of those that wait for another function, say for which. Whether all came.
  async showPictures(all, draw) {
    this.#clear();
    const { turn, stopper } = this;
    const missing = new Set(all.flatMap((each) => each.missing.map(({ name }) => name)));
    const wait = missing.size ? `More is drawn here when ${[...missing].join(" and ")} ${missing.size > 1 ? "are" : "is"} right too.` : "";
    const ready = all.filter((each) => !each.missing.length);
    this.drawn.textContent = ready.length ? "Drawing …" : wait;
    const offer = setTimeout(() => { stopper.hidden = false; }, STOP_AFTER);
    let said = `What the notebook shows with what you wrote. ${wait}`;
    try {
      for (const each of ready) {
        const ran = await draw(each);
        if (turn !== this.turn) return false;
        this.drawings.append(...shown(ran));
        if (ran.broken) {
          said = `The picture could not be drawn: ${reason({ ...ran.broken, line: null })}. Your answer is right all the same.`;
          return false;
        }
      }
      return true;
    } catch (error) {
      if (!(error instanceof Stopped)) said = `The picture is missing: ${error.message} Your answer is right all the same.`;
      else if (error.bySelf) said = `${error.message} Your answer is right all the same, and the notebook shows what it makes of it.`;
      else said = "The picture was stopped.";
      return false;
    } finally {
      clearTimeout(offer);
      if (turn === this.turn) {
        if (document.activeElement === stopper) this.checker.focus();
        stopper.hidden = true;
        if (ready.length) this.drawn.textContent = said;
      }
    }
  }
}
