// A file goes in pieces, and goes on where the line was cut. Where pieces are refused the form brings the file, and
// its page tells what is wrong.
const MOST_BYTES = 64 * 1024;
const LEAST_BYTES = 8 * 1024;
const PATIENCE_MS = 60_000;
const LONGEST_PAUSE_MS = 30_000;

class Refused extends Error {}
class Busy extends Error {}
class SignedOut extends Error {}

const pause = (cuts) => new Promise((go) => setTimeout(go, Math.min(500 * 2 ** cuts, LONGEST_PAUSE_MS)));
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

// Returns where the file is and how far it has come; "" when nothing is known of it.
async function ask(token, method, address, headers, body) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const said = { "form-token": token, ...headers };
  const answer = await fetch(address, { method, body, headers: said, redirect: "manual", signal });
  if (answer.type === "opaqueredirect") throw new SignedOut();
  const offset = answer.headers.get("upload-offset");
  if (offset !== null) return { address: answer.headers.get("location") ?? address, offset: Number(offset) };
  if (answer.status === 404 && method !== "POST") return { address: "", offset: 0 };
  if (answer.status === 403) throw new SignedOut();
  if (answer.status === 429) throw new Busy();
  if ([502, 503, 504].includes(answer.status)) throw new TypeError("the console does not answer now");
  throw new Refused();
}

// Returns the address of the file when the whole of it is there.
async function send(file, token, show) {
  show("sent", 0, file.size);
  const content = await file.arrayBuffer();
  const digest = base64(await crypto.subtle.digest("SHA-256", content));
  const announced = { "upload-length": file.size, "repr-digest": `sha-256=:${digest}:` };
  let there = { address: "", offset: 0 };
  for (let most = MOST_BYTES, cuts = 0; ; cuts += 1) {
    try {
      if (there.address) there = await ask(token, "HEAD", there.address);
      if (!there.address) there = await ask(token, "POST", "/uploads", announced);
      while (there.address) {
        show("sent", there.offset, file.size);
        if (there.offset >= file.size) return there.address;
        const piece = content.slice(there.offset, there.offset + most);
        there = await ask(token, "PATCH", there.address, { "upload-offset": there.offset }, piece);
        cuts = 0;
        most = Math.min(most + LEAST_BYTES, MOST_BYTES);
      }
    } catch (fault) {
      if (fault instanceof Refused || fault instanceof SignedOut) throw fault;
      if (!(fault instanceof Busy)) {
        most = Math.max(most / 2, LEAST_BYTES);
        show("cut");
      }
    }
    await pause(cuts);
  }
}

function shower(box) {
  const [bar, words] = [box.querySelector("progress"), box.querySelector("[role=status]")];
  let told = "";
  return (what, sent, all) => {
    box.hidden = false;
    if (all) [bar.max, bar.value] = [all, sent];
    const now = what === "sent" ? Math.floor((10 * sent) / all) : what;
    if (now === told) return; // a reader of the screen hears each tenth
    told = now;
    const text = words.dataset[what];
    words.textContent = all ? text.replace("{sent}", Math.ceil(sent / 1024)).replace("{all}", Math.ceil(all / 1024)) : text;
  };
}

for (const box of document.querySelectorAll("[data-upload]")) {
  const form = box.closest("form");
  const { file, upload, form_token } = form.elements;
  const choices = [...form.elements].filter((one) => ["checkbox", "file", "radio"].includes(one.type));
  const hold = (now) => { for (const one of choices) one.disabled = now; }; // what is shown is what is sent
  let busy = false;
  hold(false); // a browser may remember how the page was left
  form.addEventListener("submit", async (event) => {
    if (busy) return event.preventDefault();
    const [chosen] = file.files;
    upload.value = "";
    if (!chosen?.size || chosen.size > Number(box.dataset.most) || !AbortSignal.timeout) return;
    event.preventDefault();
    busy = true;
    hold(true);
    const show = shower(box);
    try {
      upload.value = (await send(chosen, form_token.value, show)).split("/").at(-1);
      file.value = "";
    } catch (fault) {
      if (fault instanceof SignedOut) {
        hold(busy = false);
        return show("ended");
      }
    }
    hold(false); // the form leaves out what is disabled
    addEventListener("pageshow", () => { busy = false; }, { once: true });
    form.submit();
  });
}
