// What every page of the console may have on top of working without it.

/* The menu of a narrow window slides to where one is. */
document.querySelector(".menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

/* A region that was there from the beginning is not read out: say it anew. */
for (const said of document.querySelectorAll("[data-said]")) {
  const text = said.textContent;
  said.textContent = "";
  requestAnimationFrame(() => {
    said.textContent = text;
  });
}

/* A second press while the first is on its way does nothing. */
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

/* Nothing half written stays in the tab of someone who has left. */
for (const form of document.querySelectorAll("form[action='/staff/sign-out']")) {
  form.addEventListener("submit", () => sessionStorage.clear());
}

/* One key for one deed: data-key on a button, link, field or summary. Off where someone types. */
const keyed = [...document.querySelectorAll("[data-key]")];
const rows = [...document.querySelectorAll("[data-rows] tbody a")];
const list = document.querySelector("[data-keys]");
const onOff = document.querySelector("[data-keys-on]");
const KEPT = "staff-keys";
const on = () => localStorage.getItem(KEPT) !== "off";

function describe(key, text) {
  const term = document.createElement("dt");
  const shown = document.createElement("kbd");
  shown.textContent = key;
  term.append(shown);
  const description = document.createElement("dd");
  description.textContent = text;
  list.append(term, description);
}

if (list) {
  for (const one of keyed) {
    const label = one.labels?.[0]?.textContent ?? one.textContent;
    describe(one.dataset.key, (one.dataset.keyLabel ?? label).trim());
  }
  if (rows.length) {
    describe("j", list.dataset.next);
    describe("k", list.dataset.previous);
  }
  onOff.checked = on();
  onOff.addEventListener("change", () => {
    localStorage.setItem(KEPT, onOff.checked ? "on" : "off");
  });
}

function move(step) {
  const now = rows.indexOf(document.activeElement);
  const next = now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step;
  rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
}

function press(one) {
  if (one.matches("input, textarea, select")) {
    one.closest("details")?.setAttribute("open", "");
    one.focus();
  } else if (one.matches("summary")) {
    one.parentElement.open = true;
    (one.parentElement.querySelector("textarea, select, input:not([type=hidden])") ?? one).focus();
  } else {
    one.focus();
    one.click();
  }
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.target.closest?.("input, textarea, select, dialog, [contenteditable]")) return;
  if (!on() && event.key !== "?") return;
  if (rows.length && (event.key === "j" || event.key === "k")) {
    move(event.key === "j" ? 1 : -1);
    return;
  }
  const one = keyed.find((item) => item.dataset.key === event.key);
  if (!one) return;
  event.preventDefault();
  press(one);
});
