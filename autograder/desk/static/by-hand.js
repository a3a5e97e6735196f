// One question over all students. What a student wrote arrives as HTML that the desk made of it, without a
// name, an address or a style in it (autograder/reports/markdown.py), and stays in its frame.
import { asked, base } from "./asking.js";

const page = document.getElementById("page");
const top_ = Number(page.dataset.top);
const element = (id) => document.getElementById(id);
const items = [...document.querySelectorAll(".rubric input")];
let groups = [];
let here = 0;
let texts = new Map(); // by key: a promise of the answer

function say(message, good = false) {
  element("said").className = good ? "good" : "";
  element("said").textContent = message;
}

async function ask(path, values) {
  try {
    return await asked(path, values);
  } catch (error) {
    say(error.message);
    return null;
  }
}

const textOf = (group) => {
  if (!texts.has(group.key)) texts.set(group.key, ask(`/answer/${group.key}`));
  return texts.get(group.key);
};

async function load(keep) {
  const anonymous = element("anonymous").checked ? "?anonymous=1" : "";
  const answer = await ask(`/answers${anonymous}`);
  if (!answer) return;
  groups = answer.groups;
  const again = element("again");
  const options = answer.comments.map((comment) => {
    const words = comment.length > 90 ? `${comment.slice(0, 90)}…` : comment;
    return Object.assign(document.createElement("option"), { value: comment, textContent: words });
  });
  again.replaceChildren(again.options[0], ...options);
  const same = groups.findIndex((group) => group.key === keep);
  const first = groups.findIndex((group) => group.waiting);
  await go(same >= 0 ? same : Math.max(first, 0), false);
}

/** Say how many answers wait. */
function count() {
  const left = groups.filter((group) => group.waiting).length;
  element("waiting").disabled = left === 0;
  element("counted").textContent =
    `Answer ${here + 1} of ${groups.length}; ${left === 0 ? "none waits" : left === 1 ? "one waits" : `${left} wait`}`;
}

async function go(index, focus = true) {
  const form = element("marks");
  const nothing = groups.length === 0;
  for (const control of form.elements) control.disabled = nothing && control.id !== "anonymous" && control.id !== "keys";
  for (const id of ["previous", "next", "waiting", "as-typed"]) element(id).disabled = nothing;
  if (nothing) {
    element("counted").textContent = "Nobody has written an answer that was graded by the machine before. Grade the assignment first.";
    return;
  }
  here = Math.min(Math.max(index, 0), groups.length - 1);
  const group = groups[here];
  count();
  element("h-answer").textContent = `Answer ${here + 1}`;
  element("previous").disabled = here === 0;
  element("next").disabled = here === groups.length - 1;
  const who = group.names.length ? group.names.join(", ") : group.count === 1 ? "one student" : `${group.count} students`;
  const alike = group.count > 1 ? ` wrote the same: what you give goes to all ${group.count}.` : "";
  const differ = group.differ ? " They have different points or comments now." : "";
  const changed = group.changed ? " Points were given before the answer was graded again: look whether it changed." : "";
  element("whose").textContent = `${who}${alike}${differ}${changed}`;
  for (const item of items) item.checked = false;
  element("points").value = group.score ?? "";
  element("comment").value = group.comment;
  element("again").value = "";
  // Now, not when the text has come: somebody may be typing points by then. And no text of somebody else's.
  if (focus) element("h-answer").focus();
  await show(group);
}

/** Give the pictures of an answer, which the grader drew anew; each leads to its full size. */
function drawn(key, digests) {
  return digests.map((digest, number) => {
    const src = `${base}/answer/${key}/${digest}`;
    const which = digests.length > 1 ? `Picture ${number + 1} of ${digests.length}` : "The picture";
    const link = Object.assign(document.createElement("a"), { href: src, target: "_blank", rel: "noopener" });
    link.append(Object.assign(new Image(), { src, alt: `${which} that the student put into this answer; in full size` }));
    return link;
  });
}

/** Put the text of a group into its frame, and its pictures below. */
async function show(group) {
  const frame = element("answer");
  for (const part of [frame, element("pictures"), element("lost")]) part.replaceChildren();
  const answer = await textOf(group);
  if (groups[here] !== group) return;
  frame.scrollTop = 0;
  if (answer) {
    element("pictures").replaceChildren(...drawn(group.key, answer.pictures));
    const told = answer.lost.map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
    element("lost").replaceChildren(...told.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
  }
  if (!answer) frame.textContent = "";
  else if (element("as-typed").getAttribute("aria-pressed") === "true") {
    frame.replaceChildren(Object.assign(document.createElement("pre"), { textContent: answer.typed }));
  } else frame.innerHTML = answer.html;
  if (here + 1 < groups.length) textOf(groups[here + 1]);
}

function add() {
  const sum = items.filter((item) => item.checked).reduce((total, item) => total + Number(item.dataset.points), 0);
  element("points").value = Math.min(sum, top_);
}

const nextWaiting = () => {
  const order = [...groups.keys()].map((step) => (here + 1 + step) % groups.length);
  return order.find((index) => groups[index].waiting) ?? here;
};

let saving = 0; // points on their way to the desk

/** Go on at once, so that no key that is pressed meanwhile goes to the answer before; say when it is saved. */
async function save(points) {
  const group = groups[here];
  const comment = element("comment").value.trim();
  Object.assign(group, { score: points, comment, waiting: points === null, changed: false, differ: false });
  const again = element("again");
  if (comment && ![...again.options].some((option) => option.value === comment)) {
    again.add(Object.assign(document.createElement("option"), { value: comment, textContent: comment.slice(0, 90) }));
  }
  saving += 1;
  say("Saving …");
  const shown = go(points === null ? here : nextWaiting());
  try {
    const { message } = await asked("/points", { key: group.key, points, comment });
    const all = points !== null && groups.every(({ waiting }) => !waiting);
    if (saving === 1) say(all ? `${message} No answer waits any more.` : message, true);
  } catch (error) {
    group.waiting = true; // what was typed stands there still, to be saved again
    count();
    say(`Answer ${groups.indexOf(group) + 1} was not saved: ${error.message}`);
  }
  saving -= 1;
  await shown;
}
addEventListener("beforeunload", (event) => {
  if (saving) event.preventDefault();
});

element("marks").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = element("points").value.trim().replace(",", ".");
  const points = Number(typed);
  if (typed === "" || !Number.isFinite(points) || points < 0 || points > top_) {
    say(`Type points from 0 to ${top_}.`);
    element("points").focus();
    return;
  }
  save(points);
});
element("clear").addEventListener("click", () => save(null));
for (const item of items) item.addEventListener("change", add);
element("again").addEventListener("change", (event) => {
  const comment = element("comment");
  const chosen = event.target.value;
  if (!comment.value.includes(chosen)) comment.value = comment.value ? `${comment.value}\n\n${chosen}` : chosen;
  event.target.value = "";
});
element("previous").addEventListener("click", () => go(here - 1));
element("next").addEventListener("click", () => go(here + 1));
element("waiting").addEventListener("click", () => go(nextWaiting()));
element("as-typed").addEventListener("click", (event) => {
  const pressed = event.target.getAttribute("aria-pressed") !== "true";
  event.target.setAttribute("aria-pressed", String(pressed));
  show(groups[here]);
});
element("rubric").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await ask("/rubric", { text: element("text").value });
  if (!answer) return;
  sessionStorage.setItem("desk-said", "The rubric is saved.");
  location.reload();
});

// ------------------------------------------------------------------- keys

for (const id of ["anonymous", "keys"]) {
  const kept = localStorage.getItem(`desk-${id}`);
  if (kept !== null) element(id).checked = kept === "yes";
  element(id).addEventListener("change", (event) => {
    localStorage.setItem(`desk-${id}`, event.target.checked ? "yes" : "no");
    if (id === "anonymous") load(groups[here]?.key);
  });
}
const typing = (target) => target.matches("textarea, select, input:not([type=checkbox])");
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    element("marks").requestSubmit();
  } else if (event.key === "Escape" && typing(event.target)) {
    element("h-answer").focus();
  } else if (element("keys").checked && !typing(event.target) && !event.ctrlKey && !event.altKey && !event.metaKey) {
    const press = { j: "next", k: "previous", u: "waiting" }[event.key];
    if (press && !element(press).disabled) element(press).click();
    else if (event.key === "p") element("points").select(); // what is typed takes the place of what stands there
    else if (event.key === "c") element("comment").focus();
    else if (/^[1-9]$/.test(event.key) && items[event.key - 1]) items[event.key - 1].click();
    else return;
    event.preventDefault();
  }
});

if (sessionStorage.getItem("desk-said")) {
  say(sessionStorage.getItem("desk-said"), true);
  sessionStorage.removeItem("desk-said");
  element("h-answer").focus();
}
load();
