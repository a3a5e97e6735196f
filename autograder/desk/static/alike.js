// One comment for a group of students. All text is set as text, never as HTML.
import { asked } from "./asking.js";

async function write(form) {
  const said = form.querySelector("[role=status]");
  const say = (message, good = false) => {
    said.className = good ? "small good" : "small";
    said.textContent = message;
  };
  const over = form.elements.over;
  const values = {
    ...form.dataset,
    comment: form.elements.comment.value,
    over: Boolean(over) && (over.type === "hidden" || over.checked),
  };
  say("Writing …");
  try {
    const { message } = await asked("/comment", values);
    say(message, true);
    // What stands there now is this comment: the next one goes over it.
    if (!over) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "over" }));
  } catch (error) {
    say(error.message);
  }
}

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write(form);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) form.requestSubmit();
  });
}
