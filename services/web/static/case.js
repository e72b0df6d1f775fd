// The page of a case: who else looks at it, whether it has changed, and a reply half written.
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

/* Another form on the page takes the reader away: what stands in the reply waits in this tab. */
const editor = document.getElementById("editor");
const kept = `reply-${page.dataset.case}`;
const sent = `${kept}-sent`;
/* A reply that was sent is forgotten when the next page says that it was taken. */
if (document.querySelector("[data-said]") && sessionStorage.getItem(sent)) {
  sessionStorage.removeItem(kept);
}
sessionStorage.removeItem(sent);
if (editor) {
  const fields = [...editor.querySelectorAll("textarea, select, input:not([type=hidden])")];
  const before = sessionStorage.getItem(kept);
  const untouched = !document.querySelector("[data-error-summary]") && !fields[0].value;
  if (before && untouched) {
    const values = JSON.parse(before);
    for (const field of fields) field.value = values[field.name] ?? field.value;
  }
  editor.addEventListener("input", () => {
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    sessionStorage.setItem(kept, JSON.stringify(values));
  });
  editor.addEventListener("submit", () => sessionStorage.setItem(sent, "yes"));
}
