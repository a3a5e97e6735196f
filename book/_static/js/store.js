// The reader's progress, kept in this browser only. Everything else asks here.
(() => {
  "use strict";
  const KEY = "gmm-course-progress";
  const EMPTY = { version: 1, lessons: {}, quizzes: {}, exercises: {}, interview: {}, days: [], last: null };

  const two = (number) => String(number).padStart(2, "0");
  const dayName = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const today = () => dayName(new Date());

  const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

  // Any text becomes a well-formed state, or null: files may come from elsewhere.
  function parse(text) {
    let raw;
    try { raw = JSON.parse(text); } catch { return null; }
    if (!isRecord(raw) || raw.version !== 1) return null;
    const state = structuredClone(EMPTY);
    for (const part of ["lessons", "quizzes", "exercises", "interview"]) {
      if (!isRecord(raw[part])) continue;
      for (const [name, entry] of Object.entries(raw[part])) {
        if (/^[a-z0-9-]+$/.test(name) && isRecord(entry)) state[part][name] = entry;
      }
    }
    if (Array.isArray(raw.days)) state.days = raw.days.filter((day) => /^\d{4}-\d\d-\d\d$/.test(day)).sort();
    if (isRecord(raw.last) && typeof raw.last.page === "string" && /^[\w/-]+$/.test(raw.last.page)) {
      state.last = { page: raw.last.page, title: String(raw.last.title ?? "") };
    }
    return state;
  }

  function read() {
    try { return parse(localStorage.getItem(KEY) ?? "") ?? structuredClone(EMPTY); }
    catch { return structuredClone(EMPTY); }
  }

  function write(state) {
    try { localStorage.setItem(KEY, JSON.stringify(state)); } catch { /* private mode: nothing is kept */ }
    document.dispatchEvent(new CustomEvent("course:progress", { detail: state }));
  }

  function change(edit) {
    const state = read();
    edit(state);
    if (!state.days.includes(today())) state.days.push(today());
    write(state);
  }

  // Days in a row that end today or yesterday.
  function streak(days) {
    const known = new Set(days);
    const cursor = new Date(`${today()}T12:00:00`);
    if (!known.has(dayName(cursor))) cursor.setDate(cursor.getDate() - 1);
    let length = 0;
    while (known.has(dayName(cursor))) { length += 1; cursor.setDate(cursor.getDate() - 1); }
    return length;
  }

  // Leitner's boxes: a card that was known moves on by one box, one that was not goes back to the first. A card in
  // box b comes back after BOX_DAYS[b] days. Rated again on the same day, the last rating counts, from the same box.
  const BOX_DAYS = [1, 2, 4, 8, 16, 32];
  const box = (entry) => Math.min(Math.max(Math.trunc(Number(entry?.box)) || 0, 0), BOX_DAYS.length - 1);

  function rated(entry, rating) {
    const from = entry?.when === today() ? box({ box: entry.from }) : box(entry);
    const to = rating === 2 ? box({ box: from + 1 }) : rating === 1 ? from : 0;
    return { rating, when: today(), from, box: to };
  }

  // The day on which a rated card comes back, as text that sorts by date.
  function dueOn(entry) {
    const day = new Date(`${entry.when}T12:00:00`);
    if (Number.isNaN(day.getTime())) return today();
    day.setDate(day.getDate() + BOX_DAYS[box(entry)]);
    return dayName(day);
  }

  const isDue = (entry) => Boolean(entry) && dueOn(entry) <= today();

  const LESSON_POINTS = 5;
  const EXERCISE_POINTS = 10;

  function points(state) {
    const quizzes = Object.values(state.quizzes).reduce((sum, entry) => sum + (Number(entry.points) || 0), 0);
    return quizzes + LESSON_POINTS * Object.keys(state.lessons).length + EXERCISE_POINTS * Object.keys(state.exercises).length;
  }

  const LEVELS = [[0, "Newcomer"], [20, "Assigner"], [60, "Estimator"], [110, "Maximiser"], [170, "Modeller"]];

  function level(total) {
    let number = LEVELS.length;
    while (total < LEVELS[number - 1][0]) number -= 1;
    return { number, name: LEVELS[number - 1][1], next: LEVELS[number]?.[0] ?? null };
  }

  const clear = () => write(structuredClone(EMPTY));
  window.course = {
    read, write, change, clear, parse, streak, points, level, today, rated, dueOn, isDue, LESSON_POINTS, EXERCISE_POINTS,
  };
})();
