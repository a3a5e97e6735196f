// A verdict as the reader sees it: what was found, then the call that fails, then where to read, then the checks.
import { element } from "./element.js";
import { book } from "./python.js";

const MISTAKE = "This mistake is known as";
const BESIDE = 36; // characters of a line that fits beside another one
const SHORT = 300; // characters that are shown unfolded

// `said` is announced when it changes; `rest` is what follows.
export function report(name) {
  const said = element("div", { role: "status", class: "exercise-said" });
  const rest = element("div", { class: "exercise-found" });
  const box = element("div", { class: "exercise-report", role: "group", "aria-label": `Check of ${name}` }, said, rest);
  return { box, said, rest };
}

// Say that something goes on: no verdict.
export function say(place, text) {
  for (const attribute of ["data-verdict", "data-misconception"]) place.box.removeAttribute(attribute);
  place.said.replaceChildren(...(text ? [element("p", {}, text)] : []));
  place.rest.replaceChildren();
}

// Say that there is no verdict because it was stopped or failed.
export function interrupted(place, verdict, text) {
  say(place, text);
  place.box.dataset.verdict = verdict;
}

export function show(place, { verdict, content }) {
  say(place, "");
  place.box.dataset.verdict = verdict;
  if (content.misconception) place.box.dataset.misconception = content.misconception;
  place.said.append(element("p", { class: "exercise-headline" }, content.headline));
  if (content.diagnosis) place.said.append(element("p", {}, content.diagnosis));
  place.rest.append(...[
    named(content.misconception), call(content.example, verdict), ...content.notes.map((note) => element("p", {}, note)),
    reading(content.read), checks(content, verdict), printed(content.printed),
  ].filter(Boolean));
}

const named = (misconception) => misconception && element("p", { class: "exercise-named" },
  `${MISTAKE} `, element("em", {}, misconception.replaceAll(/[_-]/g, " ")), ".");

const block = (title, text) => [element("p", { class: "exercise-label" }, title), element("pre", {}, text)];

function call(example, verdict) {
  if (!example) return null;
  const inputs = element("details", {}, element("summary", {}, "The call"), element("pre", {}, example.call));
  const width = Math.max(...`${example.returned}\n${example.expected}`.split("\n").map((line) => line.length));
  return element("div", { class: "exercise-call" },
    element("p", { class: "exercise-label" }, `The first call that does not come out right: ${example.case}`),
    element("div", { class: width > BESIDE ? "exercise-compared" : "exercise-compared beside" },
      element("div", {}, ...block(verdict === "error" ? "Error" : "Returned", example.returned)), element("div", {}, ...block("Expected", example.expected))),
    inputs);
}

// Whether an address is one of the book's. A notebook's code may have put any other there: a script, for example.
function isOfTheBook(address) {
  try { return new URL(address).href.startsWith(`${book}/`); } catch { return false; }
}

function reading(all) {
  const places = all.filter((place) => isOfTheBook(place.address));
  if (!places.length) return null;
  const links = places.flatMap((place, number) => [number ? ", " : "", element("a", { href: place.address }, place.label.replaceAll("-", " "))]);
  return element("p", {}, "Read again: ", ...links);
}

function checks({ checks: all, right }, verdict) {
  if (!all.length || (verdict !== "right" && all.every((check) => !check.passed))) return null;
  const items = all.map((check) => element("li", {},
    element("span", { class: check.passed ? "exercise-passed" : "exercise-failed" }, check.mark), " ", check.title,
    ...check.reasons.map((reason) => element("div", { class: "exercise-reason" }, reason))));
  const passed = all.filter((check) => check.passed).length;
  return element("details", {}, element("summary", {}, right ? "What was checked" : `What was checked: ${passed} of ${all.length} pass`),
    element("ul", {}, ...items));
}

const printed = (text) => text && element("details", { open: text.length < SHORT }, element("summary", {}, "What your code printed"), element("pre", {}, text));
