/* Tables that sort by their headings, filter by what is typed, and show a hundred rows at first. Without this
   script they stand there whole. */
"use strict";
{
  const FIRST = 100;
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell === undefined ? "" : cell.dataset.value ?? cell.textContent.trim();
  };

  const enhance = (table) => {
    const body = table.tBodies[0];
    let rows = [...body.rows];
    if (rows.length < 2) return;
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const noun = table.dataset.noun;
    let limit = FIRST;

    const bar = make("div", { className: "controls" });
    const label = make("label", { textContent: "Filter " });
    const field = make("input", { type: "search" });
    label.append(field);
    const status = make("span", { className: "quiet" });
    status.setAttribute("role", "status");
    const all = make("button", { type: "button" });
    bar.append(label, status, all);
    table.parentElement.before(bar);

    const show = () => {
      const wanted = field.value.trim().toLowerCase().split(/\s+/);
      let found = 0;
      for (const row of rows) {
        const fits = wanted.every((word) => texts.get(row).includes(word));
        row.hidden = !fits || found >= limit;
        found += fits;
      }
      const shown = Math.min(found, limit);
      status.textContent = shown < found ? `${shown} of ${found} ${noun}` : `${found} ${noun}`;
      all.hidden = shown === found;
      all.textContent = `Show all ${found}`;
    };
    all.addEventListener("click", () => { limit = Infinity; show(); field.focus(); });
    field.addEventListener("input", show);

    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.tagName !== "TH") return;
      const numeric = head.classList.contains("number");
      const button = make("button", { type: "button", className: "sort" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const order = (a, b) => numeric ? a - b : a.localeCompare(b, undefined, { numeric: true });
        const keyed = rows.map((row) => {
          const text = value(row, column);
          return { row, key: numeric ? parseFloat(text) : text };
        });
        const empty = ({ key }) => key === "" || Number.isNaN(key);
        keyed.sort((a, b) => empty(a) - empty(b) || (down ? order(b.key, a.key) : order(a.key, b.key)) || 0);
        rows = keyed.map(({ row }) => row);
        show();
        body.append(...rows);
      });
    });
    show();
  };

  for (const table of document.querySelectorAll("table.sortable")) enhance(table);
}
