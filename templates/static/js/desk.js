// The issue page, made quicker: forms without a reload, keys, drag and drop, and what others do.
// Without this file every button works all the same.

const POLL_MS = 3000;
const parser = new DOMParser();
let page = document.querySelector(".issue[data-version]");
let busy = Promise.resolve();
let chosen = null;

const say = (words) => { document.getElementById("said").textContent = words; };
const story = (id) => document.querySelector(`[data-story="${id}"]`);
const stories = () => [...document.querySelectorAll("#outline [data-story]")];

// ---------------------------------------------------------------- showing what the server says

// Puts the new page's parts in the place of the old ones; focus, scrolling, open details and half-written
// words stay. spent: the form whose words were sent. others: only what others did; a warning stays.
// False where it is no issue's page.
function swap(fresh, spent = null, others = false) {
  const next = fresh.querySelector(".issue[data-version]");
  if (!next) return false;
  const held = focusHeld(), still = sightHeld();
  const half = halfWritten().filter((one) => one.form !== spent).map((one) => [one.id, one.value]);
  const open = new Set([...document.querySelectorAll("details[open][id], [data-story]:has(> details[open])")].map((one) => one.id));
  for (const id of [...(others ? [] : ["warning"]), "about", "mail-head", "edition"]) {
    const mine = document.getElementById(id), theirs = fresh.getElementById(id);
    if (mine && theirs) mine.replaceChildren(...theirs.childNodes);
  }
  const forms = document.getElementById("forms"), theirForms = fresh.getElementById("forms");
  if (forms && theirForms && forms.innerHTML !== theirForms.innerHTML) forms.replaceChildren(...theirForms.childNodes);
  const changed = page.dataset.checksum !== next.dataset.checksum;
  for (const name of ["version", "status", "checksum", "progress"]) page.dataset[name] = next.dataset[name];
  if (changed) for (const frame of document.querySelectorAll(".frame iframe")) frame.src = fresh.getElementById(frame.id).getAttribute("src");
  for (const id of open) {
    const found = id && document.getElementById(id);
    const details = found && (found.matches("details") ? found : found.querySelector(":scope > details"));
    if (details) details.open = true;
  }
  prepare();
  for (const [id, value] of half) {
    const field = document.getElementById(id);
    if (field) { field.value = value; field.dispatchEvent(new Event("input")); }
  }
  held();
  still();
  return true;
}

// Remembers where the stories stand that are in sight; gives back what scrolls until the first one that is
// still there stands so again. What was just moved is no measure.
function sightHeld() {
  if (scrollY === 0) return () => {};
  const top = (one) => one.getBoundingClientRect().top;
  const seen = stories().filter((one) => top(one) >= 0 && top(one) < innerHeight && one.dataset.story !== chosen).map((one) => [one.dataset.story, top(one)]);
  return () => {
    const [id, was] = seen.find(([one]) => story(one)) ?? [];
    if (id) scrollBy({ top: top(story(id)) - was, behavior: "instant" });
  };
}

// Remembers where the focus was, by the story and the button's name; gives back what brings it there again.
function focusHeld() {
  const now = document.activeElement;
  const at = now?.closest?.("[data-story]")?.dataset.story;
  const value = now?.value, id = now?.id;
  return () => {
    const again = (id && document.getElementById(id)) || (value && document.querySelector(`button[value="${CSS.escape(value)}"]`)) || (at && story(at));
    again?.focus({ preventScroll: true });
    if (chosen) choose(chosen, false);
  };
}

// ---------------------------------------------------------------- changing

// One change after another, each with the version that the page shows by then. The address says which form of
// the mail is looked at. form: whose words are sent.
function send(url, fields, form = null) {
  busy = busy.then(async () => {
    fields.set("seen", page.dataset.version);
    page.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url + location.search, { method: "POST", body: new URLSearchParams(fields), headers: { "x-desk": "live" } });
      if (answer.redirected) { location.reload(); return; }
      const fresh = parser.parseFromString(await answer.text(), "text/html");
      if (!swap(fresh, form)) warn(`That was not done. ${fresh.querySelector("main p")?.textContent ?? "The desk answers strangely; try again."}`);
      say(answer.ok ? "Saved." : "Not done. Look above.");
      if (!answer.ok) document.getElementById("warning").scrollIntoView({ block: "center" });
    } catch {
      say("The desk cannot be reached. Nothing was changed; try again.");
      warn("The desk cannot be reached. Nothing was changed; try again.");
    } finally {
      page.removeAttribute("aria-busy");
    }
  });
  return busy;
}

function warn(words) {
  const box = document.createElement("div"), text = document.createElement("p");
  box.className = "message bad";
  box.setAttribute("role", "alert");
  text.textContent = words;
  box.append(text);
  document.getElementById("warning").replaceChildren(box);
}

function place(id, where, before = "") {
  const form = document.getElementById("place");
  if (!form) return;
  const fields = new FormData(form);
  fields.set("do", `${id} ${where}`);
  if (before) fields.set("before", before);
  send(form.action, fields);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-live")) return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  send(form.action, fields, form);
});

// ---------------------------------------------------------------- keys

function choose(id, move = true) {
  document.querySelectorAll(".is-chosen").forEach((one) => one.classList.remove("is-chosen"));
  const found = story(id);
  chosen = found ? id : null;
  found?.classList.add("is-chosen");
  if (found && move) { found.focus({ preventScroll: true }); found.scrollIntoView({ block: "nearest" }); }
}

function step(by) {
  const all = stories();
  const at = all.findIndex((one) => one.dataset.story === chosen);
  const next = all[Math.min(Math.max(at < 0 ? 0 : at + by, 0), all.length - 1)];
  if (next) choose(next.dataset.story);
}

const press = (id) => document.getElementById(id)?.click();
const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  l: () => chosen && place(chosen, "lead"),
  b: () => chosen && place(chosen, "briefs"),
  x: () => { if (chosen) { const gone = chosen; step(1); place(gone, "drop"); } },
  e: () => chosen && story(chosen).querySelector("a.tool")?.click(),
  u: () => press("undo"),
  r: () => press("redo"),
  p: () => press(document.getElementById("width-phone").checked ? "width-wide" : "width-phone"),
  d: () => press(document.getElementById("scheme-dark").checked ? "scheme-light" : "scheme-dark"),
};

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=radio]), textarea, select") || event.ctrlKey || event.metaKey) return;
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    if (!chosen) return;
    event.preventDefault();
    place(chosen, event.key === "ArrowUp" ? "up" : "down");
  } else if (!event.altKey && Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

document.addEventListener("focusin", (event) => {
  const found = event.target.closest?.("#outline [data-story]");
  if (found) choose(found.dataset.story, false);
});

// ---------------------------------------------------------------- drag and drop

let dragged = null;

document.addEventListener("dragstart", (event) => {
  const found = event.target.closest?.("[data-story]");
  if (!found || event.target.closest("a, button")) return;
  dragged = found.dataset.story;
  found.classList.add("is-dragged");
  event.dataTransfer.setData("text/plain", dragged);
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest?.("#outline [data-story]");
  document.querySelectorAll(".is-over").forEach((one) => one.classList.remove("is-over"));
  if (!over) return;
  event.preventDefault();
  over.classList.add("is-over");
});
document.addEventListener("drop", (event) => {
  const over = dragged && event.target.closest?.("#outline [data-story]");
  if (!over || over.dataset.story === dragged) return;
  event.preventDefault();
  const where = over.closest("[data-place]")?.dataset.place;
  if (where) place(dragged, where, over.dataset.story);
  else place(dragged, "lead");
});
document.addEventListener("dragend", () => {
  document.querySelectorAll(".is-over, .is-dragged").forEach((one) => one.classList.remove("is-over", "is-dragged"));
  dragged = null;
});

// ---------------------------------------------------------------- what others do

async function look() {
  if (document.hidden || page.hasAttribute("aria-busy") || halfWritten().length) return;
  try {
    const told = await (await fetch(`${page.dataset.path}/version`)).json();
    const same = String(told.version) === page.dataset.version && told.status === page.dataset.status && told.checksum === page.dataset.checksum && told.progress === page.dataset.progress;
    if (same || page.hasAttribute("aria-busy")) return;
    const sent = told.progress !== page.dataset.progress;
    const answer = await fetch(location.pathname + location.search);
    if (!swap(parser.parseFromString(await answer.text(), "text/html"), null, true)) return;
    say(sent ? "" : "Somebody else changed this issue. You see it as it is now.");
  } catch { /* the next look may reach it */ }
}

// Nobody's half-written words are taken away: those that differ from what stands on the server.
function halfWritten() {
  const plain = (text) => text.replace(/\s+/g, " ").trim();
  const was = (one) => one.form?.elements[`was_${one.name}`]?.value ?? one.defaultValue;
  return [...document.querySelectorAll("#about input[type=text], #about textarea")].filter((one) => plain(one.value) !== plain(was(one)));
}

// ---------------------------------------------------------------- what a fresh page needs

function prepare() {
  if (!document.getElementById("place")) return;
  document.querySelectorAll(".keys").forEach((one) => { one.hidden = false; });
  for (const one of stories()) one.draggable = true;
  for (const field of document.querySelectorAll("[data-most]")) {
    const hint = document.getElementById(field.getAttribute("aria-describedby"));
    const rest = hint.textContent.replace(/^\d+ characters/, "");
    field.addEventListener("input", () => {
      hint.textContent = `${[...field.value].length} characters${rest}`;
    });
  }
}

if (page) {
  prepare();
  setInterval(look, POLL_MS);
}

// ---------------------------------------------------------------- the countdown

// Counts by the server's clock: each countdown brings the moment at which the server made it.
const ahead = new WeakMap();
const amount = (number, word) => number && `${number} ${word}${number === 1 ? "" : "s"}`;

function countDown() {
  for (const one of document.querySelectorAll(".countdown time")) {
    if (!ahead.has(one)) ahead.set(one, Date.parse(one.dataset.now) - Date.now());
    const seconds = Math.max(0, Math.floor((Date.parse(one.dateTime) - Date.now() - ahead.get(one)) / 1000));
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    const parts = days ? [amount(days, "day"), amount(hours % 24, "hour")]
      : hours ? [amount(hours, "hour"), amount(minutes % 60, "minute")]
      : minutes >= 10 ? [amount(minutes, "minute")]
      : [amount(minutes, "minute"), amount(seconds % 60, "second")];
    const words = parts.filter(Boolean).join(" ") || "no time";
    if (one.textContent !== words) one.textContent = words;
  }
}

countDown();
setInterval(countDown, 1000);
