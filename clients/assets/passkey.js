// Passkeys: asks the browser's own dialogue, puts its answer into the form, and sends the form.
const ways = {
  create: async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  },
  get: async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return navigator.credentials.get({ publicKey });
  },
  words: async (all, signed) => {
    while (signed.length < all.length) signed.push(await ways.get(all[signed.length]));
    return signed;
  },
};

for (const button of document.querySelectorAll("button[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    button.disabled = true;
    continue;
  }
  const signed = []; // stays: a browser may want a press of the button for each touch
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (!button.form.reportValidity()) return;
    try {
      const made = await ways[button.dataset.passkey](JSON.parse(button.dataset.options), signed);
      button.form.elements.credential.value = JSON.stringify(made);
      button.form.submit();
    } catch (fault) {
      if (fault.name !== "NotAllowedError") throw fault; // the officer changed his mind
      const said = button.form.querySelector("[data-signed]");
      const { length } = JSON.parse(button.dataset.options);
      if (said) said.textContent = said.dataset.signed.replace("{n}", signed.length).replace("{all}", length);
    }
  });
}
