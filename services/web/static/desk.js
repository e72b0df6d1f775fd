// Number keys press the choices, while the checkbox says so (WCAG 2.1, 2.1.4).
const wanted = document.querySelector("[data-keys]");
const KEPT = "minwon-number-keys";

if (wanted) {
  wanted.checked = localStorage.getItem(KEPT) !== "off";
  wanted.addEventListener("change", () => {
    localStorage.setItem(KEPT, wanted.checked ? "on" : "off");
  });
  let pressed = false;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (!wanted.checked || pressed || typing || event.repeat) return;
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
    const choice = document.querySelector(`[data-key="${event.key}"]`);
    if (!choice) return;
    pressed = true;
    choice.click();
  });
}

for (const link of document.querySelectorAll("a[data-key]")) {
  link.addEventListener("click", () => {
    const target = document.querySelector(new URL(link.href).hash);
    const folded = target?.closest("details");
    if (folded) folded.open = true;
  });
}
