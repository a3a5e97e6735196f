// An element with attributes and children; text stays text.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export const button = (action, text, quiet = true) =>
  element("button", { type: "button", class: quiet ? "course-button quiet" : "course-button", "data-do": action }, text);

export async function fetched(address, options) {
  const response = await fetch(address, options);
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

const sheets = new Map();

// A promise: the style sheet beside these scripts is there.
export function styled(name) {
  if (!sheets.has(name)) {
    sheets.set(name, new Promise((resolve, reject) => {
      const link = element("link", { rel: "stylesheet", href: new URL(name, import.meta.url) });
      link.addEventListener("load", resolve);
      link.addEventListener("error", () => { sheets.delete(name); link.remove(); reject(new Error(`${name} is missing`)); });
      document.head.append(link);
    }));
  }
  return sheets.get(name);
}
