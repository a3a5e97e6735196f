// A student's page: one notebook in, its receipt out.
"use strict";

const page = document.getElementById("page");
const said = document.getElementById("said");
const xsrf = document.querySelector("meta[name=xsrf]").content;
const drop = document.getElementById("drop");

function say(message, good = false) {
  said.className = good ? "good" : "";
  said.textContent = message;
}

async function handIn(file) {
  if (file.size > Number(drop.dataset.max)) {
    say("The file is larger than 5 MB. Clear the outputs of the notebook (Kernel, Restart and clear outputs), save, and try again.");
    return;
  }
  say(`Handing in ${file.name} …`);
  const headers = { "X-XSRFToken": xsrf, Accept: "application/json", "Content-Type": "application/octet-stream" };
  try {
    const address = `${page.dataset.base}/file?name=${encodeURIComponent(file.name)}`;
    const response = await fetch(address, { method: "POST", headers, body: file });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.message);
    const shown = await fetch(page.dataset.base, { headers: { "X-XSRFToken": xsrf } });
    const renewed = new DOMParser().parseFromString(await shown.text(), "text/html");
    const list = document.getElementById("h-got").closest("section");
    list.replaceWith(document.importNode(renewed.getElementById("h-got").closest("section"), true));
    say(answer.message, answer.good);
  } catch (error) {
    say(error instanceof TypeError ? "The connection was lost. Nothing was handed in; try again." : error.message);
  }
}

if (drop) {
  for (const kind of ["dragover", "dragenter"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length === 1) handIn(event.dataTransfer.files[0]);
    else say("Drop one file: your notebook.");
  });
  document.getElementById("file").addEventListener("change", (event) => {
    if (event.target.files.length) handIn(event.target.files[0]);
    event.target.value = "";
  });
}
