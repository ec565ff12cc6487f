/* Passkeys: asks the server for a challenge, has the browser answer it, and sends the answer as any form.

   A form with data-passkey="get" logs in, one with data-passkey="create" adds a passkey; data-ask is where the
   challenge comes from. Where a browser has no passkeys the form stays hidden: a mailed link works without. */
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const base64url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// What goes to the browser: the server's base64url as bytes.
function options(told) {
  const list = (found) => (found || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const made = { ...told, challenge: bytes(told.challenge) };
  if (told.user) made.user = { ...told.user, id: bytes(told.user.id) };
  if (told.excludeCredentials) made.excludeCredentials = list(told.excludeCredentials);
  if (told.allowCredentials) made.allowCredentials = list(told.allowCredentials);
  return { publicKey: made };
}

// What comes back from it, as JSON (WebAuthn level 3, §5.1: toJSON, which older browsers lack).
function answer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = base64url(credential.response[name]);
  }
  const transports = credential.response.getTransports ? credential.response.getTransports() : [];
  if (response.attestationObject) response.transports = transports;
  return JSON.stringify({
    id: credential.id, rawId: base64url(credential.rawId), type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment, clientExtensionResults: {}, response,
  });
}

async function challenge(form) {
  const body = new URLSearchParams();
  if (form.elements.csrf) body.set("csrf", form.elements.csrf.value);
  const got = await fetch(form.dataset.ask, { method: "POST", body, credentials: "same-origin" });
  if (got.redirected) { location.href = got.url; return null; }
  if (!got.ok) throw new Error(got.status === 429 ? "Too many logins were begun here. Try again later." : "The server did not answer. Load the page again.");
  return options(await got.json());
}

async function go(form, said) {
  said.textContent = "";
  try {
    const wanted = await challenge(form);
    if (!wanted) return;
    const made = await navigator.credentials[form.dataset.passkey](wanted);
    form.elements.credential.value = answer(made);
    form.submit();
  } catch (error) {
    const known = { NotAllowedError: "It was cancelled, or took too long.", InvalidStateError: "This device has a passkey for you already." };
    said.textContent = known[error.name] || error.message || "That did not work.";
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  const said = form.querySelector("[data-said]");
  form.hidden = false;
  form.addEventListener("submit", (event) => { event.preventDefault(); go(form, said); });
}
