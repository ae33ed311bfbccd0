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
};

for (const button of document.querySelectorAll("button[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    button.disabled = true;
    continue;
  }
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (!button.form.reportValidity()) return;
    try {
      const made = await ways[button.dataset.passkey](JSON.parse(button.dataset.options));
      button.form.elements.credential.value = JSON.stringify(made.toJSON());
      button.form.submit();
    } catch (fault) {
      if (fault.name !== "NotAllowedError") throw fault; // the officer changed his mind
    }
  });
}
