// Exercises of an assignment: a button, and nothing else before it is pressed.
(() => {
  "use strict";
  for (const card of document.querySelectorAll(".exercise-card[data-runtime]")) {
    const note = document.createElement("p");
    note.className = "exercise-start";
    note.setAttribute("role", "status");
    card.querySelector("[data-question]").before(note);
    if (location.protocol === "file:") {
      note.textContent = "Opened as a file, this page cannot run Python. Download the notebook, or read the book from a server.";
      continue;
    }
    if (!window.DecompressionStream || !window.Worker) {
      note.textContent = "This browser is too old to run Python in the page. Download the notebook instead.";
      continue;
    }
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "course-button", textContent: "Write and check it here" });
    button.dataset.do = "start";
    note.append(button, " Python runs in this page (9.5 MB, once); nothing to install.");
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const { open } = await import(new URL(`${card.dataset.runtime}card.js`, location));
        await open(card, note);
      } catch {
        button.disabled = false;
        note.append(" The exercise could not be loaded; try again, or download the notebook.");
      }
    });
  }
})();
