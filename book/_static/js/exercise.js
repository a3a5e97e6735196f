// Exercises, live figures and cells to try: a button each, and nothing else before it is pressed.
(() => {
  "use strict";
  const why = location.protocol === "file:"
    ? "Opened as a file, this page cannot run Python. Read the book from a server, or download the notebook."
    : !window.DecompressionStream || !window.Worker ? "This browser is too old to run Python in the page." : "";

  function offer(place, before, action, script, name, says) {
    const note = document.createElement("p");
    note.className = "exercise-start";
    note.setAttribute("role", "status");
    place.insertBefore(note, before);
    if (why) {
      note.textContent = why;
      return;
    }
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "course-button", textContent: name });
    button.dataset.do = action;
    note.append(button, says);
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const { open } = await import(new URL(`${place.dataset.runtime}${script}`, location));
        await open(place, note);
      } catch {
        button.disabled = false;
        note.append(" It could not be loaded; try again, or download the notebook.");
      }
    });
  }

  // The notebook that a reader downloads leads back to this copy of the book.
  function leadHere(card) {
    const link = card.querySelector('a[href$=".ipynb"]');
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      try {
        const { bookOf, leadingTo, save } = await import(new URL(`${card.dataset.runtime}notebook.js`, location));
        const notebook = await (await fetch(link.href, { cache: "no-cache" })).json();
        save(leadingTo(notebook, bookOf(link.href)), link.textContent);
      } catch {
        location.assign(link.href);
      }
    });
  }

  for (const card of document.querySelectorAll(".exercise-card[data-runtime]")) {
    const says = " Python runs in this page (9.5 MB, once); nothing to install.";
    offer(card, card.querySelector("[data-question]"), "start", "card.js", "Write and check it here", says);
    if (!why) leadHere(card);
  }
  for (const place of document.querySelectorAll(".explorer[data-runtime]")) {
    offer(place, null, "explore", "explorer.js", "Move it yourself", "");
  }
  for (const cell of why ? [] : document.querySelectorAll("[data-try]")) {
    offer(cell, null, "try", "tryit.js", "Try it", "");
  }
})();
