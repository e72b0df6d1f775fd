// The page of a case: who else looks at it, and whether it has changed meanwhile.
const page = document.querySelector("[data-case]");
const others = document.querySelector("[data-others]");
const stale = document.querySelector("[data-stale]");
const EVERY_MS = 10_000;

async function ask() {
  if (document.hidden) return;
  const answer = await fetch(`/staff/cases/${page.dataset.case}/presence`, {
    method: "POST",
    headers: { "X-CSRF-Token": page.dataset.csrf },
  });
  if (!answer.ok) return;
  const told = await answer.json();
  const text = `${others.dataset.one} ${told.others.join(", ")}`;
  others.hidden = !told.others.length;
  if (told.others.length && others.textContent !== text) others.textContent = text;
  stale.hidden = String(told.version) === page.dataset.version;
}

setInterval(() => ask().catch(() => {}), EVERY_MS);
document.addEventListener("visibilitychange", () => ask().catch(() => {}));
