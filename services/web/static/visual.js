// The place of the telephone, only when it is asked for; and the call's next screen as it comes.
// All else works without this.
function arm() {
  for (const form of document.querySelectorAll("[data-place]")) {
    const said = form.querySelector("[data-located]");
    form.querySelector("[data-locate]").addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          form.elements.lat.value = coords.latitude.toFixed(5);
          form.elements.lon.value = coords.longitude.toFixed(5);
          said.textContent = form.dataset.found;
        },
        () => {
          said.textContent = form.dataset.failed;
        },
        { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
      );
    });
  }
}

const FIRST_WAIT = 500; // milliseconds
const LONGEST_WAIT = 8000;

/** Put the page as it is now in the place of the old one, unless it is the same screen.
 * Without an answer it asks again: the line may be away while the news of a screen came through. */
async function renew(rev, wait = FIRST_WAIT) {
  const old = document.querySelector("[data-rev]");
  if (old.dataset.rev === rev) return;
  const answer = await fetch(location.pathname).catch(() => null);
  if (!answer || answer.status >= 500) {
    setTimeout(renew, wait, rev, Math.min(2 * wait, LONGEST_WAIT));
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.querySelector("[data-rev]");
  if (next) document.querySelector("[data-rev]").replaceWith(document.adoptNode(next));
  arm();
}

arm();
const live = document.querySelector("[data-events]");
if (live) {
  const events = new EventSource(live.dataset.events);
  events.addEventListener("screen", ({ data }) => renew(data));
}
