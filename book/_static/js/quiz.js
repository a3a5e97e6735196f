// Questions of the quick checks: reveal the feedback of what was chosen, keep the score.
(() => {
  "use strict";

  // The veil of book/_ext/gmm_book/quiz.py: UTF-8, reversed, base64.
  function unveil(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).reverse();
    return new TextDecoder().decode(bytes);
  }

  const number = (text) => {
    const plain = text.trim().replace(",", ".").replace("−", "-");
    return plain === "" ? NaN : Number(plain);
  };

  // The verdict on what the form holds now, or null if it holds nothing.
  function judge(form, key) {
    const veils = [...form.querySelectorAll(".quiz-veil")].map((veil) => unveil(veil.dataset.feedback));
    if (key.kind === "numeric") {
      const value = number(form.querySelector(".quiz-numeric input").value);
      if (Number.isNaN(value)) return null;
      const right = Math.abs(value - key.answer) <= key.tolerance;
      const close = (text) => Math.abs(value - Number(text)) <= key.tolerance;
      let which = key.numbers.findIndex(close);
      if (which < 0) which = key.numbers.length - 1;
      return { right, notes: [{ right, html: veils[which] }] };
    }
    const inputs = [...form.querySelectorAll(".quiz-choice input")];
    const chosen = inputs.map((input) => input.checked);
    if (!chosen.some(Boolean)) return null;
    const right = chosen.every((is, position) => is === key.right[position]);
    const notes = inputs.flatMap((input, position) =>
      chosen[position] ? [{ right: key.right[position], html: veils[position], choice: input.closest(".quiz-choice") }] : []);
    return { right, notes };
  }

  function show(form, verdict, key) {
    for (const choice of form.querySelectorAll(".quiz-choice")) delete choice.dataset.verdict;
    const feedback = form.querySelector(".quiz-feedback");
    feedback.replaceChildren();
    if (verdict === null) {
      feedback.textContent = key.kind === "numeric" ? "Type a number first, for example 0.25." : "Choose an answer first.";
      return;
    }
    const incomplete = !verdict.right && key.kind === "multiple" && verdict.notes.every((note) => note.right);
    for (const note of verdict.notes) {
      if (note.choice) note.choice.dataset.verdict = note.right ? "right" : "wrong";
      const part = document.createElement("div");
      part.className = note.right ? "right" : "wrong";
      const word = document.createElement("p");
      word.className = "quiz-verdict";
      word.textContent = note.right ? "Right." : "Not quite.";
      const text = document.createElement("div");
      text.innerHTML = note.html; // from the page's own source
      part.append(word, text);
      feedback.append(part);
    }
    if (incomplete) {
      const more = document.createElement("p");
      more.textContent = "All that you chose is right, but something is missing.";
      feedback.append(more);
    }
  }

  // The full points at the first try, half of them later; never taken away again.
  function keep(form, key, verdict) {
    const name = form.dataset.quiz;
    window.course.change((state) => {
      const entry = state.quizzes[name] ?? { tries: 0, points: 0 };
      if (!entry.done) {
        entry.tries = (Number(entry.tries) || 0) + 1;
        if (verdict.right) {
          entry.done = true;
          entry.points = entry.tries === 1 ? key.points : key.points / 2;
        }
      }
      state.quizzes[name] = entry;
    });
    showScore(form);
  }

  function showScore(form) {
    const entry = window.course.read().quizzes[form.dataset.quiz];
    const score = form.querySelector(".quiz-score");
    score.textContent = entry?.done ? `Answered: ${entry.points} point${entry.points === 1 ? "" : "s"}` : "";
  }

  for (const form of document.querySelectorAll("form.quiz")) {
    const key = JSON.parse(unveil(form.dataset.key));
    const score = document.createElement("span");
    score.className = "quiz-score";
    form.querySelector(".quiz-actions").append(score);
    showScore(form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const verdict = judge(form, key);
      show(form, verdict, key);
      if (verdict) keep(form, key, verdict);
    });
  }
})();
