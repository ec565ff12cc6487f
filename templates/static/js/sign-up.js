/* Signing up: solves the task that keeps bots out, while the address is being written.

   For every form with data-sign-up="(address of the API)". On our own page it adds the solution to
   the form. On another site (data-sign-up-here) it sends the wish itself and puts the answer in
   the form's place. No cookies, no storage, and not a word to anybody but the server of the form:
   without this script, or where anything fails, the form is sent as any form is. */
(() => {
  "use strict";

  const FRESH_MS = 25 * 60 * 1000;
  const SLICE_MS = 10;
  const MOST = 5_000_000;

  /* SHA-256 of one block (FIPS 180-4): crypto.subtle is slower for so little and wants https. */
  const K = new Uint32Array(64);
  const H = new Uint32Array(8);
  (() => {
    let found = 0;
    for (let n = 2; found < 64; n++) {
      let prime = true;
      for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
      if (!prime) continue;
      if (found < 8) H[found] = (Math.sqrt(n) % 1) * 2 ** 32;
      K[found++] = (Math.cbrt(n) % 1) * 2 ** 32;
    }
  })();

  const W = new Uint32Array(64);
  function hash(block, out) {
    W.set(block);
    for (let i = 16; i < 64; i++) {
      const x = W[i - 15], y = W[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
    }
    let a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
    for (let i = 0; i < 64; i++) {
      const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + S1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    out[0] = H[0] + a; out[1] = H[1] + b; out[2] = H[2] + c; out[3] = H[3] + d;
    out[4] = H[4] + e; out[5] = H[5] + f; out[6] = H[6] + g; out[7] = H[7] + h;
  }

  const hex = (words) => Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
  const words = (text) => text.match(/.{8}/g).map((part) => parseInt(part, 16));

  /* The counter whose hash begins as the task says, in slices, so that the page stays awake. */
  async function solve(challenge) {
    const task = challenge.parameters, out = new Uint32Array(8), block = new Uint32Array(16);
    if (task.algorithm !== "SHA-256" || task.cost !== 1) throw new Error("another kind of task");
    block.set([...words(task.salt), ...words(task.nonce), 0, 0x80000000]);
    block[15] = 36 * 8;
    const first = parseInt(task.keyPrefix.slice(0, 8), 16);
    let until = performance.now() + SLICE_MS;
    for (let counter = 0; counter < MOST; counter++) {
      block[8] = counter;
      hash(block, out);
      if (out[0] === first && hex(out).startsWith(task.keyPrefix)) {
        const solution = { counter, derivedKey: hex(out) };
        return btoa(JSON.stringify({ challenge, solution }));
      }
      if ((counter & 255) === 0 && performance.now() > until) {
        await new Promise((wake) => setTimeout(wake));
        until = performance.now() + SLICE_MS;
      }
    }
    throw new Error("no solution");
  }

  const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "";

  function field(form, name) {
    let input = form.elements.namedItem(name);
    if (!input) {
      input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      form.append(input);
    }
    return input;
  }

  function say(form, text, role) {
    let line = form.querySelector("[data-answer]");
    if (!line) {
      line = document.createElement("p");
      line.dataset.answer = "";
      form.append(line);
    }
    line.setAttribute("role", role);
    line.textContent = text;
  }

  function enhance(form) {
    const api = form.dataset.signUp, here = "signUpHere" in form.dataset;
    let work = null, begun = 0, sent = false;

    function prepare() {
      if (!work || Date.now() - begun > FRESH_MS) {
        begun = Date.now();
        work = fetch(api, { credentials: "omit" })
          .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
          .then((offer) => {
            const shown = form.querySelector("[data-wording]");
            if (here && shown) shown.textContent = offer.wording;
            return solve(offer.challenge);
          });
        work.catch(() => { work = null; });
      }
      return work;
    }

    async function send(again) {
      const altcha = await prepare();
      work = null; // it is good once
      const value = (name) => (form.elements.namedItem(name) || {}).value || "";
      const given = { address: value("address"), nothing: value("nothing") };
      const wish = { ...given, altcha, timezone: zone(), by: "embed" };
      const answer = await fetch(api, {
        method: "POST",
        credentials: "omit",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(wish),
      });
      if (answer.status === 403 && again) return send(false);
      const told = await answer.json();
      if (!answer.ok) return say(form, told.detail, "alert");
      const line = document.createElement("p");
      line.setAttribute("role", "status");
      line.tabIndex = -1;
      line.textContent = told.message;
      form.replaceChildren(line);
      line.focus();
    }

    form.addEventListener("focusin", () => prepare().catch(() => {}), { once: true });
    form.addEventListener("submit", (event) => {
      if (sent) return;
      event.preventDefault();
      const button = form.querySelector("button, [type=submit]");
      if (button) button.disabled = true;
      say(form, form.dataset.wait || "…", "status");
      const plainly = () => { sent = true; form.submit(); };
      if (here) {
        send(true).catch(plainly).finally(() => { if (button) button.disabled = false; });
      } else {
        prepare().then((altcha) => {
          field(form, "altcha").value = altcha;
          field(form, "zone").value = zone();
        }).catch(() => {}).finally(plainly);
      }
    });
    /* Back from the next page: what was sent is good once, and the button is to be pressed again. */
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      sent = false;
      work = null;
      const button = form.querySelector("button, [type=submit]");
      if (button) button.disabled = false;
      say(form, "", "status");
    });
  }

  document.querySelectorAll("form[data-sign-up]").forEach(enhance);
})();
