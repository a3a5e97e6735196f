// Steppers: one drawing in several states. What changes carries its states in data-steps-… (book/figures/merge.py).
(() => {
  "use strict";
  const PREFIX = "data-steps-";

  // Every changing attribute once: [element, attribute, states].
  function changes(svg) {
    const found = [];
    for (const element of [svg, ...svg.querySelectorAll("*")]) {
      for (const { name, value } of [...element.attributes]) {
        if (!name.startsWith(PREFIX)) continue;
        const states = value.split("|");
        states.forEach((state, step) => { if (state === "=") states[step] = states[step - 1]; });
        found.push([element, name.slice(PREFIX.length), states]);
      }
    }
    return found;
  }

  function button(text, label) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "course-button quiet";
    made.textContent = text;
    if (label) made.setAttribute("aria-label", label);
    return made;
  }

  function start(stepper) {
    const last = Number(stepper.dataset.steps) - 1;
    const svg = stepper.querySelector("svg");
    const moving = changes(svg);
    const parts = [...svg.querySelectorAll("[data-step]")];
    const captions = [...stepper.querySelectorAll(".stepper-captions > li")].map((item) => item.textContent);

    const controls = document.createElement("div");
    controls.className = "stepper-controls";
    const back = button("Back", "Step back");
    const next = button("Next", "Next step");
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: 0, max: last, step: 1 });
    range.setAttribute("aria-label", `Step of: ${stepper.getAttribute("aria-label")}`);
    const count = document.createElement("span");
    count.className = "stepper-count";
    controls.append(back, next, range, count);
    const caption = document.createElement("p");
    caption.className = "stepper-caption";
    caption.setAttribute("role", "status");
    stepper.querySelector(".picture").after(controls, caption);

    function go(step) {
      for (const [element, name, states] of moving) {
        if (name === "text") element.textContent = states[step];
        else element.setAttribute(name, states[step]);
      }
      for (const part of parts) part.setAttribute("visibility", Number(part.dataset.step) === step ? "visible" : "hidden");
      range.value = String(step);
      range.setAttribute("aria-valuetext", `Step ${step + 1} of ${last + 1}`);
      count.textContent = `${step + 1} / ${last + 1}`;
      caption.textContent = captions[step];
      // Not `disabled`: a button that vanishes from under the keyboard loses the focus.
      back.setAttribute("aria-disabled", String(step === 0));
      next.setAttribute("aria-disabled", String(step === last));
    }
    const move = (by) => go(Math.min(last, Math.max(0, Number(range.value) + by)));
    back.addEventListener("click", () => move(-1));
    next.addEventListener("click", () => move(1));
    range.addEventListener("input", () => go(Number(range.value)));
    stepper.classList.add("ready");
    go(0);
    // On paper: the last state, and all captions.
    let shown = 0;
    window.addEventListener("beforeprint", () => { shown = Number(range.value); go(last); });
    window.addEventListener("afterprint", () => go(shown));
  }

  document.querySelectorAll(".stepper").forEach(start);
})();
