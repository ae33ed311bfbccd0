// What makes a page better that is whole without it.
import { initAll } from "./govuk-frontend.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// What is asked below an answer is shown when that answer is chosen. Nothing that was typed is taken away.
for (const below of document.querySelectorAll("[data-under]")) {
  const boxes = [...document.getElementsByName(below.dataset.under)];
  const show = () => { below.hidden = !boxes.some((one) => one.checked && one.value === below.dataset.code); };
  boxes.forEach((one) => one.addEventListener("change", show));
  if (!below.querySelector(".govuk-error-message")) show();
}

// A second typing is not pasted from the first.
for (const again of document.querySelectorAll("input[name^='~'].console-code")) {
  again.addEventListener("paste", (event) => event.preventDefault());
}

// While a mark is typed: signs that are taken for others, and where the two typings part. The server says it again.
const said = (name) => [...document.getElementsByName(name)].find((one) => one.type !== "radio" || one.checked)?.value ?? "";
const signsOf = (name) => [...said(name).trim().normalize("NFC")];

function wordsOfTypings({ typed, role, roles, signs, alike, differ, same }, whole) {
  if (!roles.split(" ").includes(said(role))) return "";
  const [first, second] = [signsOf(typed), signsOf(`~${typed}`)];
  const found = [...new Set(first)].filter((one) => signs.includes(one.toUpperCase()));
  const told = found.length ? [alike.replace("{signs}", found.join(" "))] : [];
  const parted = second.findIndex((one, place) => one !== first[place]);
  const cut = whole && second.length < first.length ? second.length : -1;
  const place = parted < 0 ? cut : parted;
  if (second.length && place >= 0) told.push(differ.replace("{limit}", place + 1));
  else if (second.length && second.length === first.length) told.push(same);
  return told.join(" ");
}

for (const region of document.querySelectorAll("[data-typed]")) {
  const { typed, role } = region.dataset;
  const say = (event) => {
    const words = wordsOfTypings(region.dataset, event.type === "change");
    if (words === region.textContent) return; // a reader of the screen hears it once
    region.className = words ? "govuk-hint" : "";
    region.textContent = words;
  };
  for (const name of [typed, `~${typed}`, role]) {
    for (const one of document.getElementsByName(name)) ["input", "change"].forEach((what) => one.addEventListener(what, say));
  }
}
