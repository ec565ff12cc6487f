// Long work of the desk: looks again every second until it is over. Without this file a link does it.

const LOOK_MS = 1000;
const parser = new DOMParser();

async function look() {
  const mine = document.getElementById("errand");
  if (mine?.dataset.busy !== "yes") return;
  try {
    const answer = await fetch(location.href);
    const next = parser.parseFromString(await answer.text(), "text/html").getElementById("errand");
    if (next && mine.innerHTML !== next.innerHTML) {
      mine.replaceChildren(...next.childNodes);
      mine.dataset.busy = next.dataset.busy;
    }
    if (answer.redirected && !next) { location.reload(); return; }
  } catch {
    // the desk cannot be reached for a moment: the next look may
  }
  setTimeout(look, LOOK_MS);
}

setTimeout(look, LOOK_MS);
