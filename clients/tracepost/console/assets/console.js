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
