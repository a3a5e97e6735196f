// Interview questions: self-rating, the day on which a card comes back, a filter, and printing.
(() => {
  "use strict";
  const store = window.course;
  const cards = [...document.querySelectorAll("[data-interview]")];
  if (!cards.length) return;
  const RATINGS = ["not yet", "half", "well"];
  const entryOf = (card) => store.read().interview[card.dataset.interview];

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  // --- how well did I know it? ----------------------------------------------------------------------
  const comesBack = (entry) => {
    if (!entry) return "";
    return store.isDue(entry) ? "Due today." : `Comes back on ${store.dueOn(entry)}.`;
  };

  function follow(card) {
    const name = card.dataset.interview;
    const group = element("fieldset", { class: "self-rating" }, element("legend", {}, "I knew this"));
    const when = element("span", { class: "card-due", role: "status" }, comesBack(entryOf(card)));
    RATINGS.forEach((text, rating) => {
      const input = element("input", { type: "radio", name: `rating-${name}`, value: String(rating) });
      const entry = entryOf(card);
      input.checked = entry?.rating === rating && !store.isDue(entry);
      input.addEventListener("change", () => {
        store.change((state) => { state.interview[name] = store.rated(state.interview[name], rating); });
        when.textContent = comesBack(entryOf(card));
        count();
      });
      group.append(element("label", {}, input, ` ${text}`));
    });
    group.append(when);
    card.querySelector(".fold-body").append(group);
  }

  // --- which cards are shown ------------------------------------------------------------------------
  const SHOWN = {
    all: ["all questions", () => true],
    due: ["due today", (card) => store.isDue(entryOf(card))],
    new: ["not tried yet", (card) => !entryOf(card)],
  };
  const sections = [...new Set(cards.map((card) => card.closest("section")))];
  const topics = new Map(cards.map((card) => [card.dataset.topic, card.closest("section").querySelector("h2, h3")]));

  function select(label, options) {
    const made = element("select");
    for (const [value, text] of options) made.append(element("option", { value }, text));
    made.addEventListener("change", filter);
    return [made, element("label", {}, `${label} `, made)];
  }

  const heading = (place, topic) => place?.firstChild?.textContent.trim() || topic;
  const [show, showLabel] = select("Show", Object.entries(SHOWN).map(([value, [text]]) => [value, text]));
  const [topic, topicLabel] = select("Topic", [["", "all topics"], ...[...topics].map(([name, place]) => [name, heading(place, name)])]);
  const [level, levelLabel] = select("Level", [["", "all levels"], ["1", "1: first steps"], ["2", "2: core"], ["3", "3: advanced"]]);
  const message = element("p", { role: "status", class: "card-count" });

  function count() {
    const shown = cards.filter((card) => !card.hidden).length;
    const due = cards.filter((card) => store.isDue(entryOf(card))).length;
    const fresh = cards.filter((card) => !entryOf(card)).length;
    message.textContent = `${shown} of ${cards.length} questions shown; ${due} due today, ${fresh} not tried yet.`;
  }

  function filter() {
    for (const card of cards) {
      const wanted = SHOWN[show.value][1](card);
      card.hidden = !wanted || (topic.value !== "" && card.dataset.topic !== topic.value) ||
        (level.value !== "" && card.dataset.level !== level.value);
    }
    for (const section of sections) section.hidden = cards.every((card) => card.closest("section") !== section || card.hidden);
    count();
  }

  const print = element("button", { type: "button", class: "course-button quiet" }, "Print all with answers");
  print.addEventListener("click", () => window.print());
  cards.forEach(follow);
  sections[0].before(element("div", { class: "card-filter", role: "group", "aria-label": "Choose questions" },
    showLabel, topicLabel, levelLabel, print, message));
  const asked = new URLSearchParams(location.search).get("show");
  if (asked in SHOWN) show.value = asked;
  filter();

  // --- on paper: every question with its answer, whatever the filter ----------------------------------
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = cards.filter((card) => !card.open);
    for (const card of closed) card.open = true;
  });
  window.addEventListener("afterprint", () => { for (const card of closed) card.open = false; });
})();
