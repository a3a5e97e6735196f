// Lessons read, the way back, exercises done, and the progress page.
(() => {
  "use strict";
  const store = window.course;
  const root = document.documentElement.dataset.content_root ?? "./";
  const page = document.querySelector("article.bd-article");
  if (!page) return;
  const lesson = page.querySelector("[data-lesson]")?.dataset.lesson;
  const here = document.body.dataset.page ?? "";
  const title = () => (page.querySelector("h1")?.firstChild?.textContent ?? document.title).trim();

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const button = (text, quiet) => element("button", { type: "button", class: quiet ? "course-button quiet" : "course-button" }, text);
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  // --- a lesson: remember where the reader was; a button marks it as read -------------------------
  function followLesson() {
    store.change((state) => { state.last = { page: here, title: title() }; });
    const mark = button("");
    const show = () => {
      const read = store.read().lessons[lesson];
      mark.textContent = read ? "Lesson read ✓ (press to undo)" : "Mark this lesson as read";
      mark.setAttribute("aria-pressed", String(Boolean(read)));
    };
    mark.addEventListener("click", () => {
      store.change((state) => {
        if (state.lessons[lesson]) delete state.lessons[lesson];
        else state.lessons[lesson] = { read: store.today() };
      });
      show();
    });
    show();
    const end = element("div", { class: "lesson-end" }, mark);
    page.append(end);
  }

  // --- an exercise card: done or not, by the reader's own word ------------------------------------
  function followExercise(card) {
    const name = card.dataset.exercise;
    const box = element("input", { type: "checkbox" });
    box.checked = Boolean(store.read().exercises[name]);
    box.addEventListener("change", () => store.change((state) => {
      if (box.checked) state.exercises[name] = { done: store.today() };
      else delete state.exercises[name];
    }));
    document.addEventListener("course:progress", (event) => { box.checked = Boolean(event.detail.exercises[name]); });
    card.append(element("label", { class: "exercise-done" }, box, " I have done this exercise"));
  }

  // --- the way back ------------------------------------------------------------------------------
  function offerReturn() {
    const { last } = store.read();
    if (!last || last.page === here) return;
    const link = element("a", { href: `${root}${last.page}.html` }, last.title || "your last lesson");
    const progress = element("a", { href: `${root}book/progress.html` }, "your progress");
    page.prepend(element("p", { class: "course-note" }, "Welcome back. Continue with ", link, " or see ", progress, "."));
  }

  // --- the progress page --------------------------------------------------------------------------
  function meter(label, value, max) {
    const bar = element("progress", { value: String(value), max: String(Math.max(max, 1)), "aria-label": label });
    return element("p", { class: "progress-line" }, element("span", {}, label), bar, element("span", {}, `${value} of ${max}`));
  }

  function summary(state) {
    const total = store.points(state);
    const level = store.level(total);
    const next = level.next === null ? "the highest level" : `${level.next - total} to the next level`;
    const days = store.streak(state.days);
    return element("p", { class: "progress-summary" },
      element("strong", {}, `Level ${level.number}: ${level.name}`), ` · ${total} points, ${next} · ${plural(days, "day")} in a row`);
  }

  function lessonTable(state, lessons) {
    const body = element("tbody");
    for (const entry of lessons) {
      const right = entry.quizzes.filter((name) => state.quizzes[name]?.done).length;
      const exercises = entry.exercises.map((name) => (state.exercises[name] ? "done" : "open")).join(", ");
      body.append(element("tr", {},
        element("th", { scope: "row" }, element("a", { href: `${root}${entry.page}.html` }, entry.title)),
        element("td", {}, state.lessons[entry.lesson] ? "✓ read" : "open"),
        element("td", {}, entry.quizzes.length ? `${right} of ${entry.quizzes.length}` : "–"),
        element("td", {}, exercises || "–")));
    }
    const head = element("tr", {}, ...["Lesson", "Read", "Quick check", "Exercise"].map((text) => element("th", { scope: "col" }, text)));
    return element("div", { class: "progress-table" }, element("table", { class: "table" }, element("thead", {}, head), body));
  }

  function download(state) {
    const blob = new Blob([JSON.stringify(state, null, 2)], { type: "application/json" });
    const link = element("a", { href: URL.createObjectURL(blob), download: "gmm-course-progress.json" });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function fileTools(say) {
    const save = button("Export to a file");
    save.addEventListener("click", () => { download(store.read()); say("Exported."); });
    const input = element("input", { type: "file", accept: "application/json,.json", id: "progress-file" });
    input.addEventListener("change", async () => {
      const file = input.files[0];
      if (!file) return;
      const state = file.size < 1e6 ? store.parse(await file.text()) : null;
      if (state) store.write(state);
      say(state ? "Imported." : "This file holds no progress of this course; nothing was changed.");
      input.value = "";
    });
    const clear = button("Forget everything", true);
    clear.addEventListener("click", () => {
      if (window.confirm("Forget all progress kept in this browser?")) { store.clear(); say("Forgotten."); }
    });
    const label = element("label", { for: "progress-file" }, "Import from a file: ");
    return element("div", { class: "progress-tools" }, save, element("span", {}, label, input), clear);
  }

  function drawProgress(place) {
    const { lessons, interview } = window.courseData ?? { lessons: [], interview: 0 };
    const report = element("div");
    const message = element("p", { role: "status", class: "progress-message" });
    const draw = () => {
      const state = store.read();
      const quizzes = lessons.flatMap((entry) => entry.quizzes);
      const exercises = lessons.flatMap((entry) => entry.exercises);
      const rated = Object.values(state.interview);
      const known = rated.filter((entry) => entry.rating === 2).length;
      report.replaceChildren(
        summary(state),
        meter("Lessons read", lessons.filter((entry) => state.lessons[entry.lesson]).length, lessons.length),
        meter("Quick checks answered", quizzes.filter((name) => state.quizzes[name]?.done).length, quizzes.length),
        meter("Exercises done", exercises.filter((name) => state.exercises[name]).length, exercises.length),
        meter("Interview questions known well", known, interview),
        meter("Interview questions due today, of those tried", rated.filter(store.isDue).length, rated.length),
        element("p", {}, element("a", { href: `${root}book/interview.html?show=due` }, "Practise the questions that are due")),
        lessonTable(state, lessons));
    };
    document.addEventListener("course:progress", draw);
    draw();
    place.replaceChildren(report, fileTools((text) => { message.textContent = text; }), message);
  }

  if (lesson) followLesson();
  page.querySelectorAll("[data-exercise]").forEach(followExercise);
  if (!lesson && !document.getElementById("progress-page") && here.endsWith("intro")) offerReturn();
  const place = document.getElementById("progress-page");
  if (place) drawProgress(place);
})();
